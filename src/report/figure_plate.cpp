// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/figure_theme_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

constexpr double aspect = 0.62;

/// One letter in a well says its role where that is not "sample".
std::string letter(plate::Role role) {
  switch (role) {
    case plate::Role::vehicle:
      return "V";
    case plate::Role::blank:
      return "B";
    case plate::Role::positive:
      return "P";
    case plate::Role::day0:
      return "0";
    case plate::Role::sample:
    case plate::Role::unused:
      return "";
  }
  return "";
}

std::string contents(const plate::Well& well) {
  if (well.role != plate::Role::sample) return std::string(plate::name(well.role));
  std::string text = fmt::format("{} {} nM", well.drug, number(well.dose_nM, 4));
  if (!well.drug_b.empty())
    text += fmt::format(" + {} {} nM", well.drug_b, number(well.dose_b_nM, 4));
  return text;
}

struct Flag {
  std::string kind, why;  ///< "excluded", "censored", "outlier" or nothing.
};

using Reasons = std::map<plate::Position, std::string>;

Flag flag_of(const plate::Well& well, const Reasons& outliers, const Reasons& excluded) {
  if (!well.excluded.empty()) return {"excluded", well.excluded};
  const auto out = excluded.find(well.position);
  if (out != excluded.end()) return {"excluded", out->second};
  switch (well.reading) {
    case plate::Reading::masked:
      return {"excluded", "masked"};
    case plate::Reading::missing:
      return {"excluded", "no reading"};
    case plate::Reading::saturated:
      return {"censored", "saturated: " + well.printed};
    case plate::Reading::below:
      return {"censored", "below what the reader counts: " + well.printed};
    case plate::Reading::measured:
      break;
  }
  const auto found = outliers.find(well.position);
  return found == outliers.end() ? Flag{} : Flag{"outlier", found->second};
}

/// The wells of one plate at one read: the last time point of the first channel.
std::vector<const plate::Well*> wells_of(const plate::PlateSet& data, const std::string& plate) {
  std::vector<const plate::Well*> all;
  for (const plate::Well& well : data.wells) {
    if (well.plate == plate && well.placed) all.push_back(&well);
  }
  if (all.empty()) return all;
  const std::string channel = all[0]->channel;
  std::erase_if(all, [&](const plate::Well* well) { return well->channel != channel; });
  double last_h = unknown;
  for (const plate::Well* well : all) {
    if (!(well->time_h <= last_h)) last_h = std::isnan(well->time_h) ? last_h : well->time_h;
  }
  std::erase_if(all, [&](const plate::Well* well) {
    return well->time_h < last_h && well->role != plate::Role::day0;
  });
  return all;
}

Json positions(int count, bool letters) {
  Json all = Json::array();
  for (int i = 0; i < count; ++i) {
    const std::string well = plate::name(plate::Position{letters ? i : 0, letters ? 0 : i});
    const auto digit = well.find_first_of("0123456789");
    all.push_back(letters ? well.substr(0, digit) : std::to_string(i + 1));
  }
  return all;
}

Json well_rows(const std::vector<const plate::Well*>& wells,
               const plate::Quality& quality,
               const std::vector<viability::Exclusion>& exclusions,
               const Json& rows,
               const Json& columns) {
  Reasons outliers, excluded;
  for (const viability::Exclusion& e : exclusions) {
    const auto at = plate::parse_position(e.well);
    if (e.plate == quality.plate && at) excluded[*at] = e.reason;
  }
  for (const plate::FlaggedWell& well : quality.outliers) outliers[well.position] = well.what;
  Json all = Json::array();
  for (const plate::Well* well : wells) {
    const auto row = static_cast<std::size_t>(well->position.row);
    const auto column = static_cast<std::size_t>(well->position.column);
    if (row >= rows.size() || column >= columns.size()) continue;
    const Flag flag = flag_of(*well, outliers, excluded);
    all.push_back(
        {{"well", plate::name(well->position)},
         {"row", rows[row]},
         {"column", columns[column]},
         {"role", plate::name(well->role)},
         {"line", well->line},
         {"contents", contents(*well)},
         {"signal", number_or_null(well->signal)},
         {"shown_signal",
          well->reading == plate::Reading::measured ? number(well->signal, 4)
                                                    : std::string(plate::name(well->reading))},
         {"letter", letter(well->role)},
         {"flag", flag.kind},
         {"why", flag.why}});
  }
  return all;
}

}  // namespace

std::optional<Figure> plate_figure(const viability::Estimate& estimate,
                                   const plate::Quality& quality) {
  const std::vector<const plate::Well*> wells = wells_of(estimate.data, quality.plate);
  if (wells.empty()) return std::nullopt;
  const Json row_names = positions(quality.format.rows, true);
  const Json column_names = positions(quality.format.columns, false);
  const bool raw = estimate.data.scale == plate::Scale::signal;

  Figure figure{"plate_" + slug(quality.plate), "Plate " + quality.plate, "", ""};
  figure.caption =
      "Letters: V vehicle, B blank, P kill control, 0 day 0. Cross: kept out. Triangle: beyond the "
      "reader's range. Ring: outlier, kept.";
  Json spec = base_spec(figure.title,
                        std::string(words(quality.verdict)),
                        "Signal of each well of plate " + quality.plate,
                        static_cast<int>(figure_width_px * aspect));
  spec["usermeta"] = {{"aspect", aspect}};
  const Json data = well_rows(wells, quality, estimate.exclusions, row_names, column_names);
  spec["datasets"] = {{"wells", data}};

  const int wells_wide = quality.format.columns;
  const auto axis = [&](const char* field, const Json& domain, bool top) {
    Json at = nominal(field);
    at["scale"] = {{"domain", domain},
                   {"paddingInner", wells_wide > 24 ? 0.04 : 0.08},
                   {"paddingOuter", 0.02}};
    at["axis"] = {{"title", nullptr},
                  {"domain", false},
                  {"ticks", false},
                  {"labelAngle", 0},
                  {"labelPadding", 5},
                  {"labelOverlap", "parity"},
                  {"orient", top ? "top" : "left"}};
    return at;
  };
  const std::string channel = wells[0]->channel;
  // What the reader could not count must not set the scale for what it could.
  double least = 0.0, most = 0.0;
  for (const plate::Well* well : wells) {
    if (well->reading != plate::Reading::measured || !std::isfinite(well->signal)) continue;
    least = std::min(least, well->signal);
    most = std::max(most, well->signal);
  }
  if (most <= least) most = least + 1.0;
  Json colour = quantitative("signal");
  colour["scale"] = {{"scheme", "viridis"}, {"domain", {least, most}}, {"clamp", true}};
  colour["legend"] = {
      {"title", raw ? (channel.empty() ? "signal" : "signal, " + channel) : "fraction of vehicle"},
      {"orient", "bottom"},
      {"direction", "horizontal"},
      {"gradientLength", 200},
      {"gradientThickness", 10},
      {"offset", 8}};
  const Json x = axis("column", column_names, true), y = axis("row", row_names, false);
  const Json tooltip{tip("well", "well"),
                     tip("line", "line"),
                     tip("contents", "contents"),
                     tip("shown_signal", raw ? "signal" : "fraction of vehicle"),
                     tip("why", "flag")};

  Json layers = Json::array();
  const auto layer = [&](const char* layer_name, const char* test, Json mark, Json more) {
    Json made{{"name", layer_name}, {"data", {{"name", "wells"}}}};
    if (*test) made["transform"] = Json::array({Json{{"filter", test}}});
    made["mark"] = std::move(mark);
    made["encoding"] = {{"x", x}, {"y", y}, {"tooltip", tooltip}};
    for (auto& [key, value] : more.items()) made["encoding"][key] = value;
    layers.push_back(std::move(made));
  };
  layer("no_reading",
        "!isValid(datum.signal)",
        {{"type", "rect"}, {"color", "#d5dbe1"}, {"cornerRadius", 2}},
        Json::object());
  layer("wells",
        "isValid(datum.signal)",
        {{"type", "rect"}, {"cornerRadius", 2}},
        {{"color", colour}});
  // Viridis runs from dark to light: ink on the wells turns where its lightness does.
  const Json ink{{"condition",
                  {{"test", fmt::format("datum.signal > {}", least + 0.6 * (most - least))},
                   {"value", "#1f2933"}}},
                 {"value", "white"}};
  if (wells_wide <= 24) {
    layer("roles",
          "datum.letter != '' && datum.flag != 'excluded'",
          {{"type", "text"}, {"fontSize", wells_wide <= 12 ? 12 : 9}, {"baseline", "middle"}},
          {{"text", nominal("letter")}, {"color", ink}});
  }
  const double size = wells_wide <= 12 ? 110 : wells_wide <= 24 ? 45 : 16;
  layer("flag_excluded",
        "datum.flag == 'excluded'",
        {{"type", "point"},
         {"shape", "M-1,-1L1,1M-1,1L1,-1"},
         {"size", size * 0.7},
         {"strokeWidth", 2.4},
         {"opacity", 1}},
        {{"color", {{"value", "#D55E00"}}}});
  layer("flag_censored",
        "datum.flag == 'censored'",
        {{"type", "point"},
         {"shape", "triangle-up"},
         {"filled", true},
         {"size", size},
         {"opacity", 1}},
        {{"color", {{"value", "#D55E00"}}}});
  layer("flag_outlier",
        "datum.flag == 'outlier'",
        {{"type", "point"},
         {"shape", "circle"},
         {"filled", false},
         {"size", size * 2.2},
         {"strokeWidth", 2.2},
         {"opacity", 1}},
        {{"color", {{"value", "#D55E00"}}}});
  spec["layer"] = std::move(layers);
  figure.spec = text_of(spec);
  return figure;
}

}  // namespace kinescape::report
