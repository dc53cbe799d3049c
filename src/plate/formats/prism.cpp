// SPDX-License-Identifier: Apache-2.0
// GraphPad Prism .pzfx: XML with XY tables; X is the dose or its logarithm, each Y column a data
// set with its replicates side by side.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <pugixml.hpp>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/columns_internal.hpp"
#include "plate/formats/formats_internal.hpp"
#include "plate/tidy_internal.hpp"

namespace kinescape::plate {
namespace {

/// All text below a node: titles may be dressed in <TextAlign> and <b>.
std::string text_of(const pugi::xml_node& node) {
  std::string text;
  struct Walk : pugi::xml_tree_walker {
    std::string* into = nullptr;
    bool for_each(pugi::xml_node& at) override {
      if (at.type() == pugi::node_pcdata || at.type() == pugi::node_cdata) *into += at.value();
      return true;
    }
  } walk;
  walk.into = &text;
  pugi::xml_node copy = node;
  copy.traverse(walk);
  return std::string(trimmed(text));
}

struct Dose {
  double factor = unknown;  ///< To nM.
  bool log10 = false;
};

class Prism {
 public:
  Prism(const Source& source, const ReadOptions& options) : source_(source), options_(options) {}

  Checked<PlateSet> read() {
    pugi::xml_document document;
    const auto parsed =
        document.load_buffer(source_.text.data(), source_.text.size(), pugi::parse_default);
    if (!parsed) {
      refuse("",
             std::string("the Prism file is broken: ") + parsed.description(),
             "Save it from Prism again as .pzfx.");
      return std::move(result_);
    }
    for (const pugi::xml_node& table : document.child("GraphPadPrismFile").children("Table")) {
      if (std::strcmp(table.attribute("TableType").value(), "XY") == 0) read_table(table);
    }
    if (result_.value.wells.empty() && result_.problems.empty()) {
      refuse(
          "", "the Prism file holds no XY table", "Save the dose-response table as an XY table.");
    }
    if (!has_errors(result_.problems)) settle();
    return std::move(result_);
  }

 private:
  void say(Severity severity, const std::string& item, std::string what, std::string fix) {
    result_.problems.push_back(
        {{source_.file, 0, 0, item, ""}, std::move(what), std::move(fix), severity});
  }
  void refuse(const std::string& item, std::string what, std::string fix) {
    say(Severity::error, item, std::move(what), std::move(fix));
  }

  static std::vector<std::string> cells(const pugi::xml_node& subcolumn) {
    std::vector<std::string> all;
    for (const pugi::xml_node& d : subcolumn.children("d")) {
      all.push_back((d.attribute("Excluded").as_bool() ? "!" : "") + text_of(d));
    }
    return all;
  }

  /// The unit and scale of X from its title ("log[drug], M", "Dose (nM)"), else from the option.
  Dose dose_of(const std::string& title, const std::string& item, bool negative) {
    Dose dose;
    std::string spelled = lower(title);
    dose.log10 = spelled.starts_with("log");
    if (const auto column = recognise(title); column && !column->unit.empty()) {
      dose.factor = nanomolar_per(column->unit).value_or(unknown);
    }
    const auto cut = title.find_last_of(" ,([_");
    if (std::isnan(dose.factor) && cut != std::string::npos) {
      std::string tail = title.substr(cut + 1);
      while (!tail.empty() && (tail.back() == ')' || tail.back() == ']')) tail.pop_back();
      dose.factor = nanomolar_per(tail).value_or(unknown);
    }
    if (std::isnan(dose.factor)) {
      dose.factor = nanomolar_per(options_.dose_unit).value_or(unknown);
    }
    if (std::isnan(dose.factor)) {
      refuse(item,
             "the X title \"" + printable(title) + "\" names no unit of dose",
             "Write it as \"log[drug], M\" or \"Dose (nM)\", or give the dose unit as an option: " +
                 std::string(dose_units_allowed) + ".");
    }
    if (negative && !dose.log10) {
      refuse(item,
             "X has negative values, but its title \"" + printable(title) + "\" does not say log",
             "Write \"log[drug], M\" if X is log10 of the dose.");
    }
    return dose;
  }

  void read_table(const pugi::xml_node& table) {
    const std::string title = text_of(table.child("Title"));
    const std::string item = "table \"" + title + "\"";
    pugi::xml_node x_node = table.child("XColumn");
    if (!x_node) x_node = table.child("XAdvancedColumn");
    const auto x = cells(x_node.child("Subcolumn"));
    std::vector<double> values(x.size(), unknown);
    bool negative = false;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (x[i].empty() || x[i].front() == '!') continue;
      const auto number = parse_number(x[i], Decimal::point);
      if (number.kind != NumberKind::number) {
        refuse(item + ", X row " + std::to_string(i + 1),
               "\"" + printable(x[i]) + "\" is not a dose",
               "Correct the cell.");
        continue;
      }
      values[i] = number.value;
      negative = negative || number.value < 0.0;
    }
    const Dose dose = dose_of(text_of(x_node.child("Title")), item, negative);
    const std::string_view format = table.attribute("YFormat").value();
    if (!format.empty() && format != "replicates" && !format.starts_with("upper")) {
      if (format != "replicates" && format != "none" && format != "SingleValue") {
        refuse(item,
               "the table holds means with " + printable(format) + ", not replicates",
               "Enter the replicates side by side.");
        return;
      }
    }
    for (const pugi::xml_node& y : table.children("YColumn")) read_y(y, title, item, values, dose);
  }

  void read_y(const pugi::xml_node& y,
              const std::string& table,
              const std::string& item,
              const std::vector<double>& x,
              const Dose& dose) {
    const std::string title = text_of(y.child("Title"));
    int replicate = 0;
    for (const pugi::xml_node& sub : y.children("Subcolumn")) {
      ++replicate;
      const auto printed = cells(sub);
      for (std::size_t i = 0; i < printed.size(); ++i) {
        const bool excluded = printed[i].starts_with('!');
        const std::string text = excluded ? printed[i].substr(1) : printed[i];
        if (text.empty() || i >= x.size() || std::isnan(x[i])) continue;
        Well well;
        well.line = options_.line.empty() ? title : options_.line;
        well.drug = options_.line.empty() ? table : title;
        well.repeat = options_.repeat.empty() ? std::to_string(replicate) : options_.repeat;
        well.dose_nM = (dose.log10 ? std::pow(10.0, x[i]) : x[i]) * dose.factor;
        if (well.dose_nM == 0.0) {
          well.role = Role::vehicle;
          well.drug.clear();
        }
        const std::string where = item + ", " + title + ":Y" + std::to_string(replicate) + " row " +
                                  std::to_string(i + 1);
        const SignalCell cell = read_signal(text, Decimal::point, Printer::person);
        if (!cell.understood) refuse(where, cell.why, cell.fix);
        put_signal(well, cell, text);
        if (excluded) well.excluded = "excluded in Prism";
        well.origin = {source_.file, where};
        result_.value.wells.push_back(std::move(well));
      }
    }
  }

  /// Prism says neither whether Y is a fraction or percent, nor what the replicates are.
  void settle() {
    std::vector<double> values;
    for (const Well& w : result_.value.wells) {
      if (w.reading == Reading::measured) values.push_back(w.signal);
    }
    if (values.empty()) return;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 9 / 10);
    std::nth_element(values.begin(), at, values.end());
    if (*at > 300.0) {
      refuse("",
             "Y reaches " + rounded(*at) + ": raw signals, but the file has no controls",
             "Normalise to vehicle in Prism, or give a tidy table with the controls.");
      return;
    }
    Column column;
    column.field = Field::viability;
    column.unit = *at > 5.0 ? "%" : "fraction";
    column.title = "Y";
    const bool inhibition = options_.response == "inhibition";
    result_.value.scale = inhibition ? Scale::percent_inhibition : Scale::fraction_of_vehicle;
    to_fraction(result_.value, column, inhibition, {source_.file, 0, 0, "", ""}, result_.problems);
    say(Severity::warning,
        "",
        "Y was read as " + std::string(inhibition ? "inhibition" : "viability") + " in " +
            (column.unit == "%" ? "percent" : "fractions") + " of vehicle, " +
            (options_.line.empty() ? "tables as drugs and data sets as lines"
                                   : "data sets as drugs of line " + options_.line) +
            ", replicates as biological repeats",
        "Give the options line, response and repeat if that is not so.");
  }

  const Source& source_;
  const ReadOptions& options_;
  Checked<PlateSet> result_;
};

}  // namespace

int score_prism(const Source& source) {
  const std::string_view head = std::string_view(source.text).substr(0, 2000);
  return head.find("<GraphPadPrismFile") == std::string_view::npos ? 0 : 100;
}

Checked<PlateSet> read_prism(const Source& source, const ReadOptions& options) {
  return Prism(source, options).read();
}

}  // namespace kinescape::plate
