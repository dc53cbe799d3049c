// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/columns_internal.hpp"

namespace kinescape::plate {
namespace {

struct Spelling {
  std::string_view compact;
  Field field;
};

/// In the order of preference where a table has several columns of one field; the first of each
/// field is the name that the documentation uses.
constexpr auto spellings = std::to_array<Spelling>({
    {"plate", Field::plate},
    {"plateid", Field::plate},
    {"platename", Field::plate},
    {"upid", Field::plate},
    {"assayplate", Field::plate},
    {"platebarcode", Field::plate},
    {"barcode", Field::plate},
    {"platenumber", Field::plate},
    {"blockid", Field::plate},
    {"pairindex", Field::plate},
    {"well", Field::well},
    {"wellid", Field::well},
    {"wellname", Field::well},
    {"wellposition", Field::well},
    {"position", Field::well},
    {"pos", Field::well},
    {"row", Field::row},
    {"wellrow", Field::row},
    {"platerow", Field::row},
    {"rowletter", Field::row},
    {"column", Field::column},
    {"col", Field::column},
    {"wellcolumn", Field::column},
    {"wellcol", Field::column},
    {"platecolumn", Field::column},
    {"platecol", Field::column},
    {"line", Field::line},
    {"cellline", Field::line},
    {"celllinename", Field::line},
    {"clid", Field::line},
    {"celltype", Field::line},
    {"cell", Field::line},
    {"cells", Field::line},
    {"drug", Field::drug},
    {"druga", Field::drug},
    {"drug1", Field::drug},
    {"drugrow", Field::drug},
    {"drugname", Field::drug},
    {"compound", Field::drug},
    {"compoundname", Field::drug},
    {"compoundid", Field::drug},
    {"inhibitor", Field::drug},
    {"agent", Field::drug},
    {"agent1", Field::drug},
    {"treatment", Field::drug},
    {"treatment1", Field::drug},
    {"perturbagen", Field::drug},
    {"substance", Field::drug},
    {"gnumber", Field::drug},
    {"dose", Field::dose},
    {"dosea", Field::dose},
    {"dose1", Field::dose},
    {"drugdose", Field::dose},
    {"drugconcentration", Field::dose},
    {"drug1conc", Field::dose},
    {"concentration", Field::dose},
    {"concentration1", Field::dose},
    {"conc", Field::dose},
    {"conc1", Field::dose},
    {"concr", Field::dose},
    {"conca", Field::dose},
    {"doseunit", Field::dose_unit},
    {"doseunits", Field::dose_unit},
    {"drug1units", Field::dose_unit},
    {"drugunits", Field::dose_unit},
    {"concunit", Field::dose_unit},
    {"concunits", Field::dose_unit},
    {"concrunit", Field::dose_unit},
    {"concunit1", Field::dose_unit},
    {"concentrationunit", Field::dose_unit},
    {"concentrationunits", Field::dose_unit},
    {"unit", Field::dose_unit},
    {"units", Field::dose_unit},
    {"drugb", Field::drug_b},
    {"drug2", Field::drug_b},
    {"drugcol", Field::drug_b},
    {"compoundb", Field::drug_b},
    {"compound2", Field::drug_b},
    {"agentb", Field::drug_b},
    {"agent2", Field::drug_b},
    {"treatment2", Field::drug_b},
    {"gnumber2", Field::drug_b},
    {"doseb", Field::dose_b},
    {"dose2", Field::dose_b},
    {"drug2conc", Field::dose_b},
    {"concentrationb", Field::dose_b},
    {"concentration2", Field::dose_b},
    {"concb", Field::dose_b},
    {"conc2", Field::dose_b},
    {"concc", Field::dose_b},
    {"dosebunit", Field::dose_b_unit},
    {"drug2units", Field::dose_b_unit},
    {"conccunit", Field::dose_b_unit},
    {"concunit2", Field::dose_b_unit},
    {"role", Field::role},
    {"wellrole", Field::role},
    {"welltype", Field::role},
    {"control", Field::role},
    {"controltype", Field::role},
    {"sampletype", Field::role},
    {"content", Field::role},
    {"type", Field::role},
    {"repeat", Field::repeat},
    {"biologicalrepeat", Field::repeat},
    {"biologicalreplicate", Field::repeat},
    {"biorep", Field::repeat},
    {"bioreplicate", Field::repeat},
    {"biorepeat", Field::repeat},
    {"experiment", Field::repeat},
    {"exptid", Field::repeat},
    {"run", Field::repeat},
    {"culture", Field::repeat},
    {"replicate", Field::replicate},
    {"rep", Field::replicate},
    {"technicalreplicate", Field::technical},
    {"technicalrepeat", Field::technical},
    {"techrep", Field::technical},
    {"time", Field::time},
    {"timepoint", Field::time},
    {"hours", Field::time},
    {"hour", Field::time},
    {"elapsed", Field::time},
    {"elapsedtime", Field::time},
    {"duration", Field::time},
    {"exposure", Field::time},
    {"treatmentduration", Field::time},
    {"timeunit", Field::time_unit},
    {"timeunits", Field::time_unit},
    {"channel", Field::channel},
    {"wavelength", Field::channel},
    {"wavelengthnm", Field::channel},
    {"label", Field::channel},
    {"readlabel", Field::channel},
    {"signal", Field::signal},
    {"value", Field::signal},
    {"rawvalue", Field::signal},
    {"rawsignal", Field::signal},
    {"raw", Field::signal},
    {"readout", Field::signal},
    {"readoutvalue", Field::signal},
    {"reading", Field::signal},
    {"measurement", Field::signal},
    {"measuredvalue", Field::signal},
    {"absorbance", Field::signal},
    {"abs", Field::signal},
    {"od", Field::signal},
    {"fluorescence", Field::signal},
    {"luminescence", Field::signal},
    {"lum", Field::signal},
    {"rlu", Field::signal},
    {"rfu", Field::signal},
    {"cps", Field::signal},
    {"intensity", Field::signal},
    {"count", Field::signal},
    {"counts", Field::signal},
    {"cellcount", Field::signal},
    {"backgroundvalue", Field::background},
    {"backgroundsignal", Field::background},
    {"viability", Field::viability},
    {"viabilitypercent", Field::viability},
    {"percentviability", Field::viability},
    {"pctviability", Field::viability},
    {"cellviability", Field::viability},
    {"relativeviability", Field::viability},
    {"relviability", Field::viability},
    {"viabilityfraction", Field::viability},
    {"fractionviable", Field::viability},
    {"fractionofvehicle", Field::viability},
    {"fractionofcontrol", Field::viability},
    {"percentviable", Field::viability},
    {"percentofcontrol", Field::viability},
    {"percentcontrol", Field::viability},
    {"percentofvehicle", Field::viability},
    {"percentsurvival", Field::viability},
    {"survival", Field::viability},
    {"survivalfraction", Field::viability},
    {"inhibition", Field::inhibition},
    {"inhibitionpercent", Field::inhibition},
    {"percentinhibition", Field::inhibition},
    {"pctinhibition", Field::inhibition},
    {"growthinhibition", Field::inhibition},
    {"response", Field::response},
    {"exclude", Field::exclude},
    {"excluded", Field::exclude},
    {"masked", Field::exclude},
    {"flagged", Field::exclude},
    {"cellcountctrl", Field::signal_control},
    {"cellcountcontrol", Field::signal_control},
    {"cellcounttime0", Field::signal_day0},
    {"layout", Field::layout_file},
    {"template", Field::layout_file},
    {"platemap", Field::layout_file},
    {"topdose", Field::top_dose},
    {"topconc", Field::top_dose},
    {"topconcentration", Field::top_dose},
    {"startdose", Field::top_dose},
    {"dilutionfactor", Field::dilution_factor},
    {"dilution", Field::dilution_factor},
    {"fold", Field::dilution_factor},
    {"dilutionstep", Field::dilution_step},
    {"step", Field::dilution_step},
    {"dilutionnumber", Field::dilution_step},
});

bool takes_dose_unit(Field field) {
  return field == Field::dose || field == Field::dose_b || field == Field::top_dose;
}

bool takes_share(Field field) {
  return field == Field::viability || field == Field::inhibition || field == Field::response;
}

/// Whether `unit` may follow the name of `field`.
bool fits(Field field, std::string_view unit) {
  if (takes_dose_unit(field)) return nanomolar_per(unit).has_value();
  if (field == Field::time) return hours_per(unit).has_value();
  if (takes_share(field)) {
    const std::string spelled = compact(unit);
    return spelled == "percent" || spelled == "pct" || spelled == "fraction" || spelled == "frac";
  }
  if (field == Field::channel) return iequal(unit, "nm");
  return false;
}

std::optional<Column> look_up(std::string_view spelled) {
  for (std::size_t i = 0; i < spellings.size(); ++i) {
    if (spellings[i].compact != spelled) continue;
    Column column;
    column.field = spellings[i].field;
    column.rank = static_cast<int>(i);
    column.canonical = i == 0 || spellings[i - 1].field != spellings[i].field;
    if (takes_share(column.field)) {
      const bool percent = spelled.find("percent") != std::string_view::npos ||
                           spelled.find("pct") != std::string_view::npos;
      if (percent) column.unit = "%";
      if (spelled.find("fraction") != std::string_view::npos) column.unit = "fraction";
    }
    if (spelled == "hours" || spelled == "hour") column.unit = "h";
    return column;
  }
  return std::nullopt;
}

/// "OD490", "A450", "Abs 570 nm": a signal whose wavelength is in the name.
std::optional<Column> absorbance_at(std::string_view spelled) {
  if (spelled.ends_with("nm")) spelled.remove_suffix(2);
  if (spelled.size() < 4) return std::nullopt;
  const auto digits = spelled.substr(spelled.size() - 3);
  const auto name = spelled.substr(0, spelled.size() - 3);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  if (digits.front() < '2' || digits.front() > '9') return std::nullopt;
  if (name != "od" && name != "a" && name != "abs" && name != "absorbance") return std::nullopt;
  auto column = look_up("absorbance");
  column->channel = std::string(digits) + " nm";
  return column;
}

/// The title as (name, unit) at each place where a unit may begin.
std::vector<std::pair<std::string_view, std::string_view>> splits(std::string_view title) {
  std::vector<std::pair<std::string_view, std::string_view>> found;
  if (title.ends_with(')') || title.ends_with(']')) {
    const auto open = title.find_last_of("([");
    if (open != std::string_view::npos && open > 0) {
      found.emplace_back(title.substr(0, open), title.substr(open + 1, title.size() - open - 2));
    }
  }
  const auto cut = title.find_last_of(" _.-,/:");
  if (cut != std::string_view::npos && cut > 0) {
    found.emplace_back(title.substr(0, cut), title.substr(cut + 1));
  }
  return found;
}

std::string without(std::string_view text, std::string_view tail) {
  std::string spelled(text);
  if (spelled.ends_with(tail)) spelled.resize(spelled.size() - tail.size());
  return spelled;
}

std::optional<Column> recognise_plain(std::string_view title) {
  if (auto column = look_up(compact(title))) return column;
  if (auto column = absorbance_at(compact(title))) return column;
  for (const auto& [name, unit_text] : splits(title)) {
    const auto unit = trimmed(unit_text);
    auto column = look_up(compact(name));
    if (!column) column = look_up(without(compact(name), "in"));
    if (!column || !fits(column->field, unit)) continue;
    column->unit = takes_share(column->field) ? (compact(unit).starts_with("f") ? "fraction" : "%")
                                              : std::string(unit);
    return column;
  }
  // "Viability (% of control)" and the like.
  const std::string spelled = compact(title);
  if (spelled.starts_with("viability") && spelled.find("percent") != std::string::npos) {
    return look_up("viabilitypercent");
  }
  if (nanomolar_per(trimmed(title)) && trimmed(title).size() > 1) {
    auto column = look_up("dose");
    column->unit = std::string(trimmed(title));
    column->canonical = false;
    return column;
  }
  return std::nullopt;
}

}  // namespace

bool Header::has_value() const {
  return has(Field::signal) || has(Field::viability) || has(Field::inhibition) ||
         has(Field::response);
}

std::optional<Column> recognise(std::string_view title) {
  title = trimmed(title);
  if (title.empty() || title.size() > 80) return std::nullopt;
  auto column = recognise_plain(title);
  if (!column && title.size() > 3 && iequal(title.substr(0, 3), "log")) {
    auto rest = title.substr(3);
    if (rest.starts_with("10")) rest.remove_prefix(2);
    while (!rest.empty() && (rest.front() == '_' || rest.front() == ' ' || rest.front() == '.')) {
      rest.remove_prefix(1);
    }
    column = recognise_plain(rest);
    if (column && !takes_dose_unit(column->field)) column.reset();
    if (column) column->log10 = true;
  }
  if (column) column->title = std::string(title);
  return column;
}

namespace {

/// Keeps one column for each field and says where the table is ambiguous.
void settle(Header& header, const Grid& grid) {
  header.at.fill(-1);
  for (std::size_t i = 0; i < header.columns.size(); ++i) {
    const Column& column = header.columns[i];
    int& slot = header.at[static_cast<std::size_t>(column.field)];
    if (slot < 0) {
      slot = static_cast<int>(i);
      continue;
    }
    const Column& other = header.columns[static_cast<std::size_t>(slot)];
    if (other.rank == column.rank) {
      header.problems.push_back(
          {grid.where(header.row, column.index),
           "the columns \"" + other.title + "\" and \"" + column.title + "\" mean the same",
           "Keep one of them, or rename the other.",
           Severity::error});
    } else if (column.rank < other.rank) {
      slot = static_cast<int>(i);
    }
  }
}

Header header_of(const Grid& grid, std::size_t row) {
  Header header;
  header.row = row;
  for (std::size_t c = 0; c < grid.columns(row); ++c) {
    const auto title = grid.at(row, c);
    if (title.empty()) continue;
    if (auto column = recognise(title)) {
      column->index = c;
      header.columns.push_back(std::move(*column));
    } else {
      header.others.push_back(c);
    }
  }
  header.at.fill(-1);
  for (std::size_t i = 0; i < header.columns.size(); ++i) {
    header.at[static_cast<std::size_t>(header.columns[i].field)] = static_cast<int>(i);
  }
  return header;
}

bool is_header(const Header& header, bool data) {
  if (header.columns.size() < 2) return false;
  if (data) {
    const bool about = header.has_position() || header.has(Field::drug) ||
                       header.has(Field::dose) || header.has(Field::role) ||
                       header.has(Field::line);
    return header.has_value() && about;
  }
  if (header.has(Field::layout_file)) return header.has(Field::plate);
  return header.has_position() && header.columns.size() > (header.has(Field::well) ? 1U : 2U);
}

}  // namespace

std::optional<Header> find_header(const Grid& grid, bool data) {
  constexpr int most_rows_above = 40;
  int seen = 0;
  for (std::size_t row = 0; row < grid.rows() && seen < most_rows_above; ++row) {
    if (grid.blank(row) || grid.at(row, 0).starts_with('#')) continue;
    ++seen;
    Header header = header_of(grid, row);
    if (!is_header(header, data)) continue;
    settle(header, grid);
    return header;
  }
  return std::nullopt;
}

}  // namespace kinescape::plate
