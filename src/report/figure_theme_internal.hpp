// SPDX-License-Identifier: Apache-2.0
/// \file How do all figures look? The shared Vega-Lite configuration, axes and small parts.
/// Mark names given here (`reference`, `muted`, ...) are what web/report.css recolours in the dark.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "report/figure_internal.hpp"
#include "report/json_internal.hpp"

namespace kinescape::report {

inline constexpr int figure_width_px = 640;

/// A spec with everything but its data and layers. `height_px` is of the whole figure.
[[nodiscard]] Json base_spec(const std::string& title,
                             const std::string& subtitle,
                             const std::string& description,
                             int height_px);

/// {"field": field, "type": "quantitative"}.
[[nodiscard]] Json quantitative(const std::string& field);
[[nodiscard]] Json nominal(const std::string& field);

/// Decades and their minor ticks inside [low, high]; where that holds fewer than two decades, 1-2-5
/// steps are labelled as well.
struct LogTicks {
  std::vector<double> values;
  std::string labelled;  ///< Vega expression on datum.value: is this tick labelled?
};
[[nodiscard]] LogTicks log_ticks(double low, double high);

/// An axis for them; `label` is the Vega expression for a labelled tick.
[[nodiscard]] Json log_axis(const std::string& title,
                            const LogTicks& ticks,
                            const std::string& label);

/// Where an estimate stands on a log axis from `low` to `high`, and which of its ends run out of
/// it.
struct Span {
  double at = 0.0, from = 0.0, to = 0.0;
  bool open_low = false, open_high = false;  ///< Drawn as an arrow.
  bool exact = false;                        ///< An estimate, not a bound, and inside the axis.
};
/// A bound's arrow reaches `reach` times as far as the bound (infinite: to the frame). Nothing when
/// there is no positive value.
[[nodiscard]] std::optional<Span> span_of(const Estimated& e,
                                          double low,
                                          double high,
                                          double reach = std::numeric_limits<double>::infinity());

/// Writes a span as drawn_from, drawn, drawn_to, open_low, open_high and exact.
void add_span(Json& row, const std::optional<Span>& span);

/// Writes value, ends, relation, status and n of an IC50 as ic50_nM, low_nM, high_nM, ...
void add_ic50(Json& row, const Estimated& ic50_nM);

/// A field on a log axis from `low` to `high`.
struct LogPosition {
  double low = 1.0, high = 10.0;
  Json axis;
  [[nodiscard]] Json operator()(const char* field) const;
};

/// The axis of names down the left of a figure that has a band for each.
[[nodiscard]] Json name_axis();

/// Layers over one data set; each takes the shared encodings that it does not set itself.
class SharedLayers {
 public:
  SharedLayers(std::string data, Json shared);
  /// `test`: a Vega expression that rows must pass; empty: all.
  void add(const char* layer_name, const char* test, Json mark, Json encoding);
  /// The interval of each span as a bar, and an arrow at each open end.
  /// Two lines of text right of each row, the upper in bold; names are what the theme recolours.
  /// `colour`: of the ink; empty: the shared one.
  struct RightLabel {
    const char *layer_name, *field;
  };
  void add_right_labels(RightLabel upper, RightLabel lower, const char* colour = "#1f2933");
  void add_spans(const LogPosition& x, int bar_px, double opacity, int arrow_size);

  Json layers = Json::array();

 private:
  std::string data_;
  Json shared_;
};

/// Colour and shape scales that give each line its own look.
[[nodiscard]] Json colour_of_lines(const std::vector<LineStyle>& styles);
[[nodiscard]] Json shape_of_lines(const std::vector<LineStyle>& styles);

/// One tooltip row: a field and the name a reader sees.
[[nodiscard]] Json tip(const std::string& field, const std::string& shown_as);

}  // namespace kinescape::report
