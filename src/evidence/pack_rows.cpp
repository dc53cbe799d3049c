// SPDX-License-Identifier: Apache-2.0
// The rows of the potency, outcome, mechanism and exposure tables.
#include <cmath>
#include <numbers>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "evidence/pack_names_internal.hpp"
#include "evidence/pack_rows_internal.hpp"

namespace kinescape::evidence {
namespace {

/// The columns that all potency tables share.
Row common_row(const Pack& pack, const NamedTable& t, std::size_t r, Problems& problems) {
  Row row;
  row.id = t.text(r, "row");
  row.fact = t.text(r, "fact");
  if (row.fact.empty()) row.fact = pack.name + ":" + row.id;
  row.pack = pack.name;
  row.source = t.text(r, "source");
  row.agent = t.text(r, "agent");
  row.gene = t.text(r, "gene");
  row.variant_as_printed = t.text(r, "variant");
  row.fusion = t.text(r, "fusion");
  row.system = t.text(r, "system");
  row.assay = t.text(r, "assay");
  row.endpoint = t.text(r, "endpoint");
  row.as_printed = t.text(r, "as_printed");
  row.read = word_of(t, r, "read", read_words, Read::no, problems);
  row.confidence = t.text(r, "confidence");
  row.read_in = t.text(r, "read_in");
  row.note = t.text(r, "note");
  row.cites = split_list(t.text(r, "cites"));
  row.supersedes = split_list(t.text(r, "supersedes"));
  row.disputes = split_list(t.text(r, "disputes"));
  row.where = t.where(r, "row");
  if (row.id.empty())
    problems.push_back(
        {t.where(r, "row"), "the row has no id", "Give every row an id of its own."});
  if (row.agent.empty()) problems.push_back({t.where(r, "agent"), "no agent is named", "Name it."});
  if (row.variant_as_printed.empty())
    problems.push_back(
        {t.where(r, "variant"), "no variant is named", "Name it; WT for the wild type."});
  return row;
}

/// A number that must be positive where the relation needs one.
void read_values(Row& row,
                 const NamedTable& t,
                 std::size_t r,
                 const char* low,
                 const char* high,
                 Problems& problems) {
  row.relation = word_of(t, r, "relation", relation_words, PrintedRelation::missing, problems);
  row.low = t.number(r, low, problems);
  row.high = t.number(r, high, problems);
  const auto positive = [&](double value, const char* column) {
    if (!(value > 0) && value == value) {
      problems.push_back({t.where(r, column),
                          "a potency is above 0",
                          "Check the cell; a value below the assay is written with <."});
    }
  };
  positive(row.low, low);
  positive(row.high, high);
  const bool wants = row.relation != PrintedRelation::missing,
             interval = row.relation == PrintedRelation::interval;
  if (wants && std::isnan(row.low) && t.text(r, low).empty()) {
    problems.push_back(
        {t.where(r, low),
         "the relation \"" + std::string(name(row.relation)) + "\" needs a number here",
         "Write the number, or the relation \"missing\"."});
  }
  if (!wants && !std::isnan(row.low)) {
    problems.push_back({t.where(r, low),
                        "a number stands beside the relation \"missing\"",
                        "Write the relation of the number."});
  }
  if (interval && !(row.high > row.low)) {
    problems.push_back({t.where(r, high),
                        "an interval needs an upper end above its lower one",
                        "Write both ends."});
  }
}

std::string one_of(const NamedTable& t,
                   std::size_t r,
                   const char* column,
                   const std::vector<std::string>& words,
                   Problems& problems) {
  std::string cell = t.text(r, column), allowed;
  for (const auto& word : words) {
    if (word == cell) return cell;
    if (!word.empty()) allowed += (allowed.empty() ? "" : ", ") + word;
  }
  problems.push_back({t.where(r, column),
                      "\"" + printable(cell) + "\" is not a word for this column",
                      "Write one of: " + allowed + "; or nothing."});
  return "";
}

/// Of log10 value, by the delta method; a spread whose kind is not stated tells nothing.
double standard_error(const Row& row) {
  if (!(row.spread_nM > 0) || !(row.low > 0)) return unknown;
  double se = row.spread_nM / row.low / std::numbers::ln10;
  if (row.spread_kind == "sd" && row.replicates > 1) {
    se /= std::sqrt(static_cast<double>(row.replicates));
  } else if (row.spread_kind != "se") {
    return unknown;
  }
  return se;
}

/// What is printed and what the pack says it means must be the same number.
void check_printed(const Row& row, const NamedTable& t, std::size_t r, Problems& problems) {
  if (row.kind != RowKind::measurement || row.relation == PrintedRelation::missing ||
      row.relation == PrintedRelation::interval)
    return;
  std::string_view printed = row.as_printed;
  while (!printed.empty() && (printed.front() == '<' || printed.front() == '>' ||
                              printed.front() == '=' || printed.front() == '~')) {
    printed.remove_prefix(1);
  }
  const ParsedNumber number = parse_number(printed, Decimal::point);
  const auto unit = nanomolar_per(row.unit);
  if (number.kind != NumberKind::number || !unit) return;
  const double meant = number.value * *unit;
  if (std::abs(meant - row.low) > 1e-6 * meant) {
    problems.push_back(
        {t.where(r, "value_nM"),
         "\"" + row.as_printed + "\" in " + row.unit + " is not " + exact(row.low) + " nM",
         "Check the unit and the value."});
  }
}

/// Ends that are there must lie on their sides of the value.
void check_interval(const NamedTable& t,
                    std::size_t r,
                    const char* column,
                    double low,
                    double value,
                    double high,
                    Problems& problems) {
  if (low > value || high < value || low > high)
    problems.push_back({t.where(r, column),
                        "the printed value does not lie in its interval",
                        "Check the value and both ends."});
}

}  // namespace

void read_potency(Pack& pack, std::string_view table, const NamedTable& t, Problems& problems) {
  for (std::size_t r = 0; r < t.rows(); ++r) {
    Row row = common_row(pack, t, r, problems);
    if (table == "measurement") {
      row.kind = RowKind::measurement;
      row.unit = t.text(r, "unit");
      if (!nanomolar_per(row.unit) && row.unit != "not stated") {
        problems.push_back({t.where(r, "unit"),
                            "\"" + printable(row.unit) + "\" is no unit of concentration",
                            "Write nM, uM, pM, ...; \"not stated\" where the source gives none."});
      }
      read_values(row, t, r, "value_nM", "high_nM", problems);
      check_printed(row, t, r, problems);
      row.spread_nM = t.number(r, "spread_nM", problems);
      row.spread_kind = one_of(t, r, "spread_kind", {"", "se", "sd", "unstated"}, problems);
      row.curve = one_of(t, r, "curve", {"", "absolute", "relative", "unstated"}, problems);
      row.dose_low_nM = t.number(r, "dose_low_nM", problems);
      row.dose_high_nM = t.number(r, "dose_high_nM", problems);
      const double n = t.number(r, "replicates", problems);
      if (n == n) row.replicates = n >= 1 && n < 1e6 ? static_cast<int>(n) : 0;
      row.se_log10 = standard_error(row);
    } else if (table == "fold") {
      row.kind = RowKind::fold;
      row.over = t.text(r, "over");
      read_values(row, t, r, "fold", "high_fold", problems);
    } else {
      row.kind = RowKind::statement;
      row.word = t.text(r, "word");
      if (row.as_printed.empty()) row.as_printed = row.word;
    }
    pack.rows.push_back(std::move(row));
  }
}

void read_clinical(Pack& pack, std::string_view table, const NamedTable& t, Problems& problems) {
  for (std::size_t r = 0; r < t.rows(); ++r) {
    const auto number = [&](const char* column) {
      const double value = t.number(r, column, problems);
      if (value < 0)
        problems.push_back({t.where(r, column), "this cannot be below 0", "Check the cell."});
      return value;
    };
    const Read read = word_of(t, r, "read", read_words, Read::no, problems);
    if (table == "outcome") {
      Outcome o;
      o.id = t.text(r, "row"), o.pack = pack.name, o.source = t.text(r, "source"),
      o.regimen = t.text(r, "regimen");
      o.mechanism = t.text(r, "mechanism"), o.setting = t.text(r, "setting"),
      o.phase = t.text(r, "phase");
      o.as_printed = t.text(r, "as_printed"), o.safety = t.text(r, "safety"),
      o.read_in = t.text(r, "read_in");
      o.note = t.text(r, "note"), o.cites = split_list(t.text(r, "cites")), o.read = read,
      o.where = t.where(r, "row");
      o.n = number("n"), o.responders = number("responders"), o.orr_percent = number("orr_percent"),
      o.pfs_months = number("pfs_months");
      o.orr_low_percent = number("orr_low_percent"),
      o.orr_high_percent = number("orr_high_percent"), o.pfs_low_months = number("pfs_low_months"),
      o.pfs_high_months = number("pfs_high_months"), o.level = number("level");
      check_interval(
          t, r, "orr_low_percent", o.orr_low_percent, o.orr_percent, o.orr_high_percent, problems);
      check_interval(
          t, r, "pfs_low_months", o.pfs_low_months, o.pfs_months, o.pfs_high_months, problems);
      if (o.level <= 0 || o.level >= 1)
        problems.push_back({t.where(r, "level"),
                            "the level of an interval lies between 0 and 1",
                            "Write 0.95 for 95 %."});
      if (o.responders > o.n)
        problems.push_back(
            {t.where(r, "responders"), "more responders than patients", "Check both cells."});
      pack.outcomes.push_back(std::move(o));
    } else if (table == "mechanism") {
      MechanismCount m;
      m.id = t.text(r, "row"), m.pack = pack.name, m.source = t.text(r, "source"),
      m.setting = t.text(r, "setting");
      m.prior_agent = t.text(r, "prior_agent"), m.mechanism = t.text(r, "mechanism"),
      m.kind = t.text(r, "class");
      m.as_printed = t.text(r, "as_printed"), m.read_in = t.text(r, "read_in"),
      m.note = t.text(r, "note");
      m.cites = split_list(t.text(r, "cites")), m.read = read, m.where = t.where(r, "row");
      m.positive = number("positive"), m.total = number("total"), m.percent = number("percent");
      if (m.positive > m.total)
        problems.push_back(
            {t.where(r, "positive"), "more positive than tested", "Check both cells."});
      if (m.percent > 100)
        problems.push_back({t.where(r, "percent"), "above 100 %", "Check the cell."});
      pack.mechanisms.push_back(std::move(m));
    } else {
      Exposure e;
      e.id = t.text(r, "row"), e.pack = pack.name, e.source = t.text(r, "source"),
      e.agent = t.text(r, "agent");
      e.regimen = t.text(r, "regimen"), e.read_in = t.text(r, "read_in"),
      e.note = t.text(r, "note"), e.read = read;
      e.where = t.where(r, "row");
      e.cmax_ng_per_mL = number("cmax_ng_per_mL"),
      e.ctrough_ng_per_mL = number("ctrough_ng_per_mL");
      e.auc_ng_h_per_mL = number("auc_ng_h_per_mL"), e.tau_h = number("tau_h");
      e.fraction_unbound = number("fraction_unbound"),
      e.fraction_unbound_low = number("fraction_unbound_low");
      e.fraction_unbound_high = number("fraction_unbound_high"),
      e.molar_mass_g_per_mol = number("molar_mass_g_per_mol");
      if (e.fraction_unbound > 1)
        problems.push_back(
            {t.where(r, "fraction_unbound"), "a fraction is at most 1", "Divide percent by 100."});
      pack.exposures.push_back(std::move(e));
    }
  }
}

}  // namespace kinescape::evidence
