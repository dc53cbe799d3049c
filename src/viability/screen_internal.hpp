// SPDX-License-Identifier: Apache-2.0
/// \file The steps of a screen: rows to curves, curves to lines of results.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "viability/screen.hpp"

namespace kinescape::viability {

/// The rows of one line and drug.
struct ScreenCurve {
  std::string line, drug;
  std::vector<double> dose_nM, viability;  ///< In file order; NaN: nothing was measured.
  std::vector<std::uint32_t> repeat;       ///< Index of the repeat of each row.
  std::uint32_t repeats = 0;
};

/// Rows to curves. Faults are collected while reading goes on; after the first, curves are no
/// longer handed out.
class ScreenReader {
 public:
  ScreenReader(std::string path, const ScreenOptions& options);

  /// Calls `curve` for each curve in file order.
  /// \param progress bytes of the input that were read; called now and then.
  void read(const std::function<void(ScreenCurve&&)>& curve,
            const std::function<void(std::uint64_t)>& progress);

  [[nodiscard]] bool ok() const { return faults_ == 0; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t missing() const { return missing_; }
  /// All that was found: the first most_problems, then how many more there were.
  [[nodiscard]] Problems problems() const;

 private:
  struct Columns {
    int line = -1, drug = -1, dose = -1, viability = -1, repeat = -1;
    double dose_factor = 1.0, viability_factor = 1.0;
  };

  bool head(const StreamedRow& row);
  void data(const StreamedRow& row);
  void begin_curve(std::string_view line, std::string_view drug, const StreamedRow& row);
  void end_curve();
  std::uint32_t repeat_index(std::string_view name);
  void complain(const StreamedRow* row, int column, std::string what, std::string fix);
  bool number(const StreamedRow& row, int column, std::string_view cell, double& value);

  std::string path_;
  const ScreenOptions& options_;
  std::function<void(ScreenCurve&&)> curve_done_;
  bool have_head_ = false;
  Columns at_;
  std::size_t width_ = 0;
  ScreenCurve curve_;
  std::vector<std::string> repeat_names_;
  std::uint32_t last_repeat_ = 0;
  bool open_ = false;
  std::vector<std::uint64_t> seen_;  ///< Hash table of the curves that were begun (0: free).
  std::size_t seen_count_ = 0;
  std::uint64_t rows_ = 0, missing_ = 0, high_ = 0, faults_ = 0;
  Problems problems_;
};

/// Whether the head of a table has the columns that a screen needs.
[[nodiscard]] bool has_screen_columns(std::span<const std::string_view> head);

/// Results of one curve, and of many as lines of CSV.
struct ScreenResult {
  CurveClass curve_class = CurveClass::failed;
  Estimated log10_ic50_nM;  ///< As log10; its status says what kind of curve it is.
  double hill_slope = unknown, top = unknown, bottom = unknown, auc = unknown;
  double flat_p = unknown, residual_sd = unknown;
  std::uint32_t wells = 0, doses = 0, repeats = 0;
  double lowest_nM = unknown, highest_nM = unknown;
};

[[nodiscard]] std::string screen_head();
void append_line(const ScreenCurve& curve, const ScreenResult& result, std::string& out);

/// Fits the curves of one chunk; their rows are put in the order of doses on the way.
[[nodiscard]] std::vector<ScreenResult> fit_screen(std::span<ScreenCurve> curves,
                                                   const ScreenOptions& options);

}  // namespace kinescape::viability
