// SPDX-License-Identifier: Apache-2.0
// The search of the batched fit: which valleys of the grid are followed.
#include <bit>

#include "dose_response/batch_run_internal.hpp"

namespace kinescape::dose_response::batch {

int Run::valleys(const Work& w, std::size_t i, Cell* cells) {
  int found = 0;
  const auto add = [&](Cell cell) {
    for (int v = 0; v < found; ++v) {
      if (cells[v].row == cell.row && cells[v].slope == cell.slope) return;
    }
    int at = std::min(found, most_valleys - 1);
    if (found == most_valleys && cells[at].share >= cell.share) return;
    found = std::min(found + 1, most_valleys);
    for (; at > 0 && cells[at - 1].share < cell.share; --at) cells[at] = cells[at - 1];
    cells[at] = cell;
  };
  for (std::uint64_t peak = w.b.row_peaks[i]; peak != 0; peak &= peak - 1) {
    const int row = std::countr_zero(peak);
    const std::size_t at = row_cell(i, row);
    add({row, static_cast<int>(w.b.row_slope[at]), w.b.row_share[at]});
  }
  for (std::uint64_t peak = w.b.column_peaks[i]; peak != 0; peak &= peak - 1) {
    const int slope = std::countr_zero(peak);
    const std::size_t at = column_cell(i, slope);
    add({static_cast<int>(w.b.column_row[at]), slope, w.b.column_share[at]});
  }
  return found;
}

/// How much more of the sum of squares a valley of the grid may hold than its best cell shows, as a
/// multiple of what the first valley's floor showed, and of what is unexplained.
constexpr double deeper_times = 4.0, deeper_share = 0.03;

/// Steps that fall within one dose or between two are narrower than the grid. What each could
/// explain at most is known from three means; those that hold more than what was reached are
/// followed, the best few.
void Run::add_steps(const Work& w, std::size_t i, double reached, std::vector<Task>& tasks) const {
  const auto k = static_cast<std::size_t>(w.b.doses);
  const double* x = w.b.x.data() + i * k;
  const double* weight = w.b.weight.data() + i * k;
  const double* weighted = w.b.weighted.data() + i * k;
  constexpr std::size_t most = 3;
  struct Step {
    double share = 0.0, midpoint = 0.0;
  } steps[most];
  const double steep = simd::exp(high_slope_), total = w.b.total_weight[i];
  const double least = reached * w.b.between[i];
  double before = 0.0, sum = 0.0;  // of the lower doses
  for (std::size_t d = 0; d < k; ++d) {
    const double here = weight[d], after = total - before - here;
    const double rest = -sum - weighted[d];
    if (here > 0.0 && before > 0.0 && after > 0.0) {
      const double share =
          sum * sum / before + rest * rest / after + weighted[d] * weighted[d] / here;
      if (share > std::max(least, steps[most - 1].share)) {
        const double low = sum / before, high = rest / after;
        const double part = (weighted[d] / here - high) / (low - high);
        if (part > 0.0 && part < 1.0) {
          std::size_t at = most - 1;
          for (; at > 0 && steps[at - 1].share < share; --at) steps[at] = steps[at - 1];
          steps[at] = {share, x[d] - simd::log((1.0 - part) / part) / (ln10 * steep)};
        }
      }
    }
    before += here;
    sum += weighted[d];
  }
  for (const Step& step : steps) {
    if (step.share <= 0.0) continue;
    const double midpoint = std::clamp(step.midpoint, w.b.low[i], w.b.high[i]);
    tasks.push_back({static_cast<int>(i), midpoint, high_slope_});
  }
}

/// Doses that lie closer than the steepest curve is wide are passed two at a time.
void Run::add_tight_steps(const Work& w,
                          std::size_t i,
                          double reached,
                          std::vector<Task>& tasks) const {
  const auto k = static_cast<std::size_t>(w.b.doses);
  const double* x = w.b.x.data() + i * k;
  const double* weight = w.b.weight.data() + i * k;
  const double* weighted = w.b.weighted.data() + i * k;
  const double steep = simd::exp(high_slope_), total = w.b.total_weight[i];
  double before = 0.0, sum = 0.0;
  for (std::size_t d = 0; d + 1 < k; ++d) {
    const double a = weight[d], b = weight[d + 1], after = total - before - a - b;
    if (a > 0.0 && b > 0.0 && (x[d + 1] - x[d]) * steep < 2.0) {
      const double rest = -sum - weighted[d] - weighted[d + 1];
      double share = weighted[d] * weighted[d] / a + weighted[d + 1] * weighted[d + 1] / b;
      if (before > 0.0) share += sum * sum / before;
      if (after > 1e-9 * total) share += rest * rest / after;
      if (share > reached * w.b.between[i])
        tasks.push_back({static_cast<int>(i), 0.5 * (x[d] + x[d + 1]), high_slope_});
    }
    before += a;
    sum += weighted[d];
  }
}

/// A step through one dose may be the end of a ridge: gentler slopes through the same loss at that
/// dose fit about as well, and along wide gaps better again after worse. Two of them are tried.
void Run::add_gentler(const Work& w,
                      std::size_t i,
                      const Solution& steepest,
                      std::vector<Task>& tasks) const {
  if (steepest.log_slope < high_slope_ - 0.7) return;
  const auto k = static_cast<std::size_t>(w.b.doses);
  const double steep = simd::exp(high_slope_);
  for (std::size_t d = 0; d < k; ++d) {
    if (!(w.b.weight[i * k + d] > 0.0)) continue;
    const double away = steep * (w.b.x[i * k + d] - steepest.midpoint);
    if (away < -2.0 || away > 2.0) continue;
    for (const double gentler : {2.5, 6.0}) {
      const double midpoint = w.b.x[i * k + d] - away * gentler / steep;
      tasks.push_back({static_cast<int>(i),
                       std::clamp(midpoint, w.b.low[i], w.b.high[i]),
                       high_slope_ - simd::log(gentler)});
    }
    return;
  }
}

void Run::optimise(Work& w, std::vector<Solution>& best) const {
  const auto count = static_cast<std::size_t>(w.b.curves);
  std::vector<Cell> cells(count * most_valleys);
  std::vector<int> found(count);
  std::vector<Task> tasks(count);
  for (std::size_t i = 0; i < count; ++i) {
    Cell* own = cells.data() + i * most_valleys;
    found[i] = valleys(w, i, own);
    tasks[i] = task_at(w, i, own[0].row, own[0].slope);
  }
  best.resize(count);
  kernels_->solve(w.b, tasks.data(), static_cast<int>(count), best.data());
  // Other valleys that could be deeper than the first.
  std::vector<Task> more;
  for (std::size_t i = 0; i < count; ++i) {
    const Cell* own = cells.data() + i * most_valleys;
    const double between = w.b.between[i];
    if (!(between > 0.0)) continue;
    const double reached = -best[i].sum / between;
    const double gained = std::max(0.0, reached - static_cast<double>(own[0].share));
    const double hope = deeper_times * gained + deeper_share * (1.0 - reached);
    for (int v = 1; v < found[i]; ++v) {
      if (static_cast<double>(own[v].share) + hope <= reached) continue;
      more.push_back(task_at(w, i, own[v].row, own[v].slope));
    }
    add_steps(w, i, reached, more);
    add_tight_steps(w, i, reached, more);
    add_gentler(w, i, best[i], more);
  }
  std::vector<Solution> others(more.size());
  kernels_->solve(w.b, more.data(), static_cast<int>(more.size()), others.data());
  for (std::size_t j = 0; j < more.size(); ++j) {
    Solution& now = best[static_cast<std::size_t>(more[j].curve)];
    if (others[j].converged && (others[j].sum < now.sum || !now.converged)) now = others[j];
  }
}

}  // namespace kinescape::dose_response::batch
