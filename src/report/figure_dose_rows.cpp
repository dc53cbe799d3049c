// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figure_dose_rows_internal.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

constexpr double vehicle_gap_decades = 0.55;  ///< Between the vehicle and the lowest dose.
constexpr double dodge_decades = 0.028;       ///< Between repeats at one dose.

double dodged(double dose_nM, const DoseWindow& w, std::size_t index, std::size_t count) {
  const double at = dose_nM > 0.0 ? dose_nM : w.vehicle_nM;
  const double step = static_cast<double>(index) - (static_cast<double>(count) - 1.0) / 2.0;
  return at * std::pow(10.0, dodge_decades * step);
}

std::vector<std::string> repeats_of(const Curves& curves) {
  std::vector<std::string> repeats;
  for (const viability::CurveResult* c : curves) {
    for (const viability::DoseMean& m : c->means) {
      if (std::find(repeats.begin(), repeats.end(), m.repeat) == repeats.end()) {
        repeats.push_back(m.repeat);
      }
    }
  }
  return repeats;
}

}  // namespace

DoseWindow dose_window(const Curves& curves) {
  DoseWindow w;
  bool has_vehicle = false;
  double low = 0.0, high = 1.05;
  const auto see_dose = [&](double dose_nM) {
    if (dose_nM == 0.0) has_vehicle = true;
    if (!(dose_nM > 0.0)) return;
    w.lowest_nM = std::min(w.lowest_nM, dose_nM);
    w.highest_nM = std::max(w.highest_nM, dose_nM);
  };
  const auto see_viability = [&](double viability) {
    if (!std::isfinite(viability)) return;
    low = std::min(low, std::max(viability, -0.5));  // one wild well must not flatten the curves
    high = std::max(high, std::min(viability, 2.0));
  };
  for (const viability::CurveResult* c : curves) {
    for (const viability::DoseMean& m : c->means) {
      see_dose(m.dose_nM);
      see_viability(m.viability - (std::isfinite(m.se) ? m.se : 0.0));
      see_viability(m.viability + (std::isfinite(m.se) ? m.se : 0.0));
    }
    for (const viability::BandPoint& b : c->band) {
      if (b.dose_nM > 0.0) see_dose(b.dose_nM);
      see_viability(b.viability);
    }
  }
  if (!(w.highest_nM > 0.0)) w.lowest_nM = 1.0, w.highest_nM = 10.0;  // nothing but controls
  if (has_vehicle) w.vehicle_nM = w.lowest_nM * std::pow(10.0, -vehicle_gap_decades);
  w.left_nM = (has_vehicle ? w.vehicle_nM : w.lowest_nM) / 1.35;
  w.right_nM = w.highest_nM * 1.25;
  w.bottom = low < 0.0 ? std::floor(low * 10.0) / 10.0 : 0.0;
  w.top = std::ceil(high * 20.0) / 20.0;
  w.strip = 0.062 * (w.top - w.bottom);
  return w;
}

Json curve_rows(const Curves& curves, const DoseWindow& w) {
  Json rows = Json::array();
  for (const viability::CurveResult* c : curves) {
    for (const viability::BandPoint& b : c->band) {
      if (!(b.dose_nM > 0.0) || !std::isfinite(b.viability)) continue;
      // A band without an end is drawn to the frame: it is open, not absent.
      const auto end = [&](double x, double open) {
        return std::isfinite(x) ? std::clamp(x, w.bottom, w.top) : open;
      };
      rows.push_back({{"line", c->line},
                      {"dose_nM", b.dose_nM},
                      {"viability", b.viability},
                      {"low", number_or_null(b.low)},
                      {"high", number_or_null(b.high)},
                      {"drawn_low", end(b.low, w.bottom)},
                      {"drawn_high", end(b.high, w.top)}});
    }
  }
  return rows;
}

Json mean_rows(const Curves& curves, const DoseWindow& w) {
  const std::vector<std::string> repeats = repeats_of(curves);
  Json rows = Json::array();
  for (const viability::CurveResult* c : curves) {
    for (const viability::DoseMean& m : c->means) {
      if (!std::isfinite(m.viability)) continue;
      const auto at = std::find(repeats.begin(), repeats.end(), m.repeat) - repeats.begin();
      const double se = std::isfinite(m.se) ? m.se : 0.0;
      const auto inside = [&](double x) { return std::clamp(x, w.bottom, w.top); };
      rows.push_back(
          {{"line", c->line},
           {"repeat", m.repeat},
           {"dose_nM", m.dose_nM},
           {"viability", m.viability},
           {"se", number_or_null(m.se)},
           {"wells", m.wells},
           {"drawn_dose_nM", dodged(m.dose_nM, w, static_cast<std::size_t>(at), repeats.size())},
           {"drawn", inside(m.viability)},
           {"drawn_low", inside(m.viability - se)},
           {"drawn_high", inside(m.viability + se)},
           {"shown_dose", m.dose_nM > 0.0 ? number(m.dose_nM, 4) + " nM" : "vehicle"},
           {"shown",
            fmt::format("{} % ± {} SE, {}",
                        number(100.0 * m.viability),
                        number(100.0 * m.se, 2),
                        counted(static_cast<std::size_t>(m.wells), "well"))}});
    }
  }
  return rows;
}

Json marked_rows(const Curves& curves, const DoseWindow& w) {
  Json rows = Json::array();
  for (const viability::CurveResult* c : curves) {
    for (const viability::Point& p : c->points) {
      const bool out = !p.excluded.empty();
      const bool censored =
          p.reading == plate::Reading::saturated || p.reading == plate::Reading::below;
      if ((!out && !censored) || !std::isfinite(p.viability)) continue;
      if (p.dose_nM == 0.0 && std::isnan(w.vehicle_nM)) continue;
      rows.push_back({{"line", c->line},
                      {"repeat", p.repeat},
                      {"plate", p.plate},
                      {"well", p.well},
                      {"dose_nM", p.dose_nM},
                      {"viability", p.viability},
                      {"mark", out ? "excluded" : std::string(plate::name(p.reading))},
                      {"reason", out ? p.excluded : "beyond what the reader can count"},
                      {"drawn_dose_nM", dodged(p.dose_nM, w, 0, 1)},
                      {"drawn", std::clamp(p.viability, w.bottom, w.top)}});
    }
  }
  return rows;
}

Json ic50_rows(const Curves& curves, const DoseWindow& w) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const Estimated& e = curves[i]->ic50_nM;
    const double y = w.bottom - w.strip * (static_cast<double>(i) + 0.75);
    Json row{{"line", curves[i]->line}};
    add_ic50(row, e);
    row["shown"] = in_line(e, "nM");
    row["y"] = y;
    add_span(row, span_of(e, w.lowest_nM / 1.2, w.right_nM));
    rows.push_back(std::move(row));
  }
  return rows;
}

Json label_rows(const Curves& curves, const DoseWindow& w) {
  struct Label {
    const viability::CurveResult* curve;
    double y;
  };
  std::vector<Label> labels;
  for (const viability::CurveResult* c : curves) {
    double y = unknown;
    if (!c->band.empty()) y = c->band.back().viability;
    if (!std::isfinite(y) && !c->means.empty()) y = c->means.back().viability;
    if (std::isfinite(y)) labels.push_back({c, std::clamp(y, w.bottom, w.top)});
  }
  std::stable_sort(labels.begin(), labels.end(), [](auto& a, auto& b) { return a.y < b.y; });
  const double range = w.top - w.bottom + w.strip * (static_cast<double>(curves.size()) + 0.5);
  const double apart = range * 38.0 / (dose_response_height_px - 60);
  for (std::size_t i = 1; i < labels.size(); ++i) {
    labels[i].y = std::max(labels[i].y, labels[i - 1].y + apart);
  }
  double ceiling = w.top;
  for (std::size_t i = labels.size(); i-- > 0; ceiling = labels[i].y - apart) {
    labels[i].y = std::min(labels[i].y, ceiling);
  }
  Json rows = Json::array();
  for (const Label& label : labels) {
    const Wording words = wording(label.curve->ic50_nM);
    const bool none = std::isnan(label.curve->ic50_nM.value);
    rows.push_back({{"line", label.curve->line},
                    {"y", label.y},
                    {"ic50", none ? words.flag : "IC50 " + words.value + " nM"}});
  }
  return rows;
}

}  // namespace kinescape::report
