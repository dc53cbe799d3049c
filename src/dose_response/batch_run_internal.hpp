// SPDX-License-Identifier: Apache-2.0
/// \file One run of the batched fit: blocks of curves are reduced, scanned, solved and read out.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "dose_response/batch_fit.hpp"
#include "dose_response/batch_internal.hpp"
#include "dose_response/flat_null.hpp"
#include "dose_response/simd_internal.hpp"

namespace kinescape::dose_response::batch {

inline constexpr std::size_t block_curves = 512;
inline constexpr double no_drug = -1e5;  // log10 of dose 0, far enough to be flat at every slope

inline double log10_of(double dose) {
  return dose > 0.0 ? simd::log(dose) * (1.0 / ln10) : no_drug;
}

/// Wells of one row sorted by dose, and where each distinct dose begins.
struct Layout {
  std::vector<std::size_t> order, begins;  // begins has one more entry than there are doses
  std::vector<double> log10_dose;
  double middle = 0.0, first = 0.0, last = 0.0;  // of doses above zero, log10

  void make(std::span<const double> dose) {
    const std::size_t n = dose.size();
    order.resize(n);
    for (std::size_t i = 0; i < n; ++i) order[i] = i;
    // Insertion: rows are short and mostly sorted already.
    for (std::size_t i = 1; i < n; ++i) {
      const std::size_t moved = order[i];
      std::size_t j = i;
      for (; j > 0 && dose[order[j - 1]] > dose[moved]; --j) order[j] = order[j - 1];
      order[j] = moved;
    }
    begins.clear();
    log10_dose.clear();
    for (std::size_t i = 0; i < n; ++i) {
      if (i > 0 && dose[order[i]] == dose[order[i - 1]]) continue;
      begins.push_back(i);
      log10_dose.push_back(log10_of(dose[order[i]]));
    }
    begins.push_back(n);
    first = last = log10_dose.empty() ? 0.0 : log10_dose.back();
    for (const double x : log10_dose) {
      if (x > no_drug) {
        first = x;
        break;
      }
    }
    middle = 0.5 * (first + last);
  }
  [[nodiscard]] int doses() const { return static_cast<int>(log10_dose.size()); }
};

/// Null distributions of the flat test by design, made when first asked for and shared.
class Nulls {
 public:
  /// `shared`: the layout if it is that of all curves; else designs of one range, told apart to a
  /// tenth of a decade, are taken as evenly spaced.
  std::shared_ptr<const FlatNull> get(
      const BatchOptions& o, int doses, int wells, double range, const Layout* shared) {
    const int tenths = static_cast<int>(std::lround(10.0 * range));
    const bool exact = shared != nullptr && shared->doses() == doses;
    const std::lock_guard lock(guard_);
    auto& entry = made_[{doses, exact ? -1 : tenths, wells}];
    if (entry || doses < 4 || wells <= 4) return entry;
    auto& design =
        made_[{doses, exact ? -1 : tenths, 0}];  // its directions serve any number of wells
    if (!design) design = make(o, doses, tenths, exact ? shared : nullptr);
    return entry = std::make_shared<FlatNull>(design->with_wells(wells));
  }

 private:
  static std::shared_ptr<const FlatNull> make(const BatchOptions& o,
                                              int doses,
                                              int tenths,
                                              const Layout* exact) {
    std::vector<double> x, weight;
    for (int i = 0; i < doses; ++i) {
      const auto d = static_cast<std::size_t>(i);
      x.push_back(exact ? exact->log10_dose[d] : 0.1 * std::max(tenths, 1) * i / (doses - 1));
      weight.push_back(exact ? static_cast<double>(exact->begins[d + 1] - exact->begins[d]) : 1.0);
    }
    const double first = exact ? exact->first : x.front(), last = x.back();
    return std::make_shared<FlatNull>(x,
                                      weight,
                                      0,
                                      o.lowest_log10_nM.value_or(first - o.decades_below),
                                      o.highest_log10_nM.value_or(last + o.decades_above),
                                      o.lowest_slope,
                                      o.highest_slope);
  }

  std::mutex guard_;
  std::map<std::tuple<int, int, int>, std::shared_ptr<const FlatNull>> made_;
};

class Run {
 public:
  Run(const BatchData& data, const BatchOptions& options);

  BatchFit fit() {
    const std::size_t blocks = (data_.curves + block_curves - 1) / block_curves;
    if (most_doses_ >= 4) {
      parallel_for(blocks, options_.threads, [&](std::size_t i) { work(i); });
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::span<const double> doses_of(std::size_t curve) const {
    return shared_ ? data_.dose_nM : data_.dose_nM.subspan(curve * data_.wells, data_.wells);
  }

  void resize() {
    for (auto* v : {&out_.log10_ec50,
                    &out_.hill_slope,
                    &out_.top,
                    &out_.bottom,
                    &out_.residual_sum,
                    &out_.flat_p,
                    &out_.log10_ec50_low,
                    &out_.log10_ec50_high}) {
      v->assign(data_.curves, unknown);
    }
    out_.wells.assign(data_.curves, 0);
    out_.status.assign(data_.curves, Status::too_few_data);
  }

  /// Window of the midpoint relative to the middle of the doses.
  void window(const Layout& layout, double& low, double& high) const {
    low = layout.first - options_.decades_below;
    high = layout.last + options_.decades_above;
    if (options_.lowest_log10_nM) low = *options_.lowest_log10_nM;
    if (options_.highest_log10_nM) high = *options_.highest_log10_nM;
    low -= layout.middle;
    high -= layout.middle;
  }

  [[nodiscard]] double grid_slope(int j, int slopes) const {
    return low_slope_ + (high_slope_ - low_slope_) * j / (slopes - 1);
  }

  /// Unit curves of the shared design with all wells present.
  void make_basis();

  /// Means, weights and sums of squares of one curve into row `at` of the block.
  void reduce(Block& b, std::size_t curve, std::size_t at, const Layout& layout, int& doses);

  struct Work {
    Block b;
    std::vector<int> rows;          // distinct doses of each curve
    std::vector<double> middle;     // of its doses
    std::vector<std::uint8_t> own;  // it has a grid of its own
  };

  void prepare(Work& w, std::size_t first, std::size_t count);

  struct Cell {
    int row = 0, slope = 0;
    float share = 0.0F;
  };
  [[nodiscard]] Task task_at(const Work& w, std::size_t i, int row, int slope) const {
    const bool own = w.own[i] != 0;
    const int rows = own ? own_midpoints : shared_midpoints;
    const int slopes = own ? own_slopes : shared_slopes;
    const double low = w.b.low[i], high = w.b.high[i];
    return {static_cast<int>(i), low + (high - low) * row / (rows - 1), grid_slope(slope, slopes)};
  }
  [[nodiscard]] Task task_at(const Work& w, std::size_t i, int row) const {
    return task_at(w, i, row, static_cast<int>(w.b.row_slope[row_cell(i, row)]));
  }

  static constexpr int most_valleys = 5;
  /// Cells of the grid where the best of their row is no worse than that of the rows beside, or the
  /// best of their column than that of the columns beside; best first.
  static int valleys(const Work& w, std::size_t i, Cell* cells);

  void work(std::size_t block);
  void add_steps(const Work& w, std::size_t i, double reached, std::vector<Task>& tasks) const;
  void add_tight_steps(const Work& w,
                       std::size_t i,
                       double reached,
                       std::vector<Task>& tasks) const;
  void add_gentler(const Work& w,
                   std::size_t i,
                   const Solution& steepest,
                   std::vector<Task>& tasks) const;
  void optimise(Work& w, std::vector<Solution>& best) const;
  void finish(const Work& w, std::size_t first, const std::vector<Solution>& best);
  void intervals(const Work& w, std::size_t first, const std::vector<Solution>& best);
  void first_ends(const Work& w,
                  std::size_t i,
                  const Solution& best,
                  double between,
                  double limit,
                  std::vector<EndTask>& tasks) const;
  [[nodiscard]] std::vector<EndSolution> halved(const Work& w,
                                                const std::vector<EndTask>& tasks) const;
  [[nodiscard]] std::vector<EndSolution> follow(const Work& w,
                                                const std::vector<EndTask>& tasks) const;

  const BatchData& data_;
  const BatchOptions& options_;
  bool shared_;
  const Kernels* kernels_;
  double low_slope_ = 0.0, high_slope_ = 0.0;
  Layout layout_;
  std::vector<double> full_;
  Basis basis_;
  int most_doses_ = 0;
  Nulls nulls_;
  BatchFit out_;
};

}  // namespace kinescape::dose_response::batch
