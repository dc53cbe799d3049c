// SPDX-License-Identifier: Apache-2.0
// The search of the batched fit: which valleys of the grid are followed, and the interval ends.
#include <bit>

#include "dose_response/batch_run_internal.hpp"
#include "numeric/distribution.hpp"

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
  const auto peaks = [&](const float* share, const std::uint8_t* other, int n, bool by_row) {
    // Which rows are peaks, without a branch for each.
    static_assert(shared_midpoints <= 64 && own_midpoints <= shared_midpoints);
    std::uint64_t peak = n > 1 ? std::uint64_t{share[0] > share[1]} : 1U;
    for (int r = 1; r + 1 < n; ++r) {
      const unsigned is =
          (share[r] >= share[r - 1] ? 1U : 0U) & (share[r] > share[r + 1] ? 1U : 0U);
      peak |= std::uint64_t{is} << static_cast<unsigned>(r);
    }
    if (n > 1) peak |= std::uint64_t{share[n - 1] >= share[n - 2]} << static_cast<unsigned>(n - 1);
    for (; peak != 0; peak &= peak - 1) {
      const int r = std::countr_zero(peak);
      add(by_row ? Cell{r, other[r], share[r]} : Cell{other[r], r, share[r]});
    }
  };
  const bool own = w.own[i] != 0;
  const std::size_t rows = i * shared_midpoints, columns = i * shared_slopes;
  peaks(w.b.row_share.data() + rows,
        w.b.row_slope.data() + rows,
        own ? own_midpoints : shared_midpoints,
        true);
  peaks(w.b.column_share.data() + columns,
        w.b.column_row.data() + columns,
        own ? own_slopes : shared_slopes,
        false);
  return found;
}

/// How much more of the sum of squares a valley of the grid may hold than its best cell shows, as a
/// multiple of what the first valley's floor showed, and of what is unexplained.
constexpr double deeper_times = 4.0, deeper_share = 0.03;

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
  }
  std::vector<Solution> others(more.size());
  kernels_->solve(w.b, more.data(), static_cast<int>(more.size()), others.data());
  for (std::size_t j = 0; j < more.size(); ++j) {
    Solution& now = best[static_cast<std::size_t>(more[j].curve)];
    if (others[j].converged && (others[j].sum < now.sum || !now.converged)) now = others[j];
  }
}

void Run::intervals(const Work& w, std::size_t first, const std::vector<Solution>& best) {
  std::vector<EndTask> tasks;
  std::vector<double> factor(data_.wells + 1, unknown);  // F / (n - 4), by the wells there are
  for (std::size_t i = 0; i < best.size(); ++i) {
    const std::size_t c = first + i;
    if (w.rows[i] < 4 || out_.wells[c] <= 4) continue;
    double& f = factor[static_cast<std::size_t>(out_.wells[c])];
    if (std::isnan(f))
      f = numeric::f_quantile(options_.level, 1, out_.wells[c] - 4) / (out_.wells[c] - 4);
    const double between = out_.residual_sum[c] - w.b.within[i];
    const double limit = between + out_.residual_sum[c] * f;
    const int rows = w.own[i] != 0 ? own_midpoints : shared_midpoints;
    const float* share = w.b.row_share.data() + i * shared_midpoints;
    const double low = w.b.low[i], step = (w.b.high[i] - low) / (rows - 1);
    const double reach =
        best[i].curvature > 0.0 ? std::sqrt(2.0 * (limit - between) / best[i].curvature) : 1e9;
    for (const double direction : {-1.0, 1.0}) {
      const double end = direction > 0.0 ? w.b.high[i] : low;
      if (best[i].midpoint == end) continue;  // open: the optimum is at the end of the window
      EndTask task{static_cast<int>(i),
                   direction,
                   best[i].midpoint,
                   best[i].log_slope,
                   between,
                   limit,
                   best[i].midpoint};
      // From the farthest row of the grid that is inside for certain (else a parabola's guess), and
      // from the row beyond it if another slope is best there: the farther end counts.
      const auto shift = static_cast<int>(direction);
      int row = direction > 0.0 ? rows - 1 : 0;
      for (; row >= 0 && row < rows; row -= shift) {
        if (direction * (low + step * row - best[i].midpoint) <= 0.0) break;
        if (w.b.between[i] * (1.0 - static_cast<double>(share[row])) < limit) {
          const Task at = task_at(w, i, row);
          task.midpoint = at.midpoint;
          task.log_slope = at.log_slope;
          break;
        }
      }
      if (task.midpoint == best[i].midpoint) {
        const double away = std::min({0.95 * reach, step, direction * (end - best[i].midpoint)});
        task.midpoint += direction * away;
      }
      tasks.push_back(task);
      const int beyond = row + shift;
      if (row < 0 || row >= rows || beyond < 0 || beyond >= rows) continue;
      const Task other = task_at(w, i, beyond);
      if (other.log_slope == task.log_slope) continue;
      task.midpoint = other.midpoint;
      task.log_slope = other.log_slope;
      tasks.push_back(task);
    }
  }
  std::vector<EndSolution> ends(tasks.size());
  kernels_->ends(w.b, tasks.data(), static_cast<int>(tasks.size()), ends.data());
  for (std::size_t j = 0; j < tasks.size(); ++j) {
    const auto i = static_cast<std::size_t>(tasks[j].curve);
    const bool again = j > 0 && tasks[j - 1].curve == tasks[j].curve &&
                       tasks[j - 1].direction == tasks[j].direction;
    auto& end = tasks[j].direction > 0.0 ? out_.log10_ec50_high : out_.log10_ec50_low;
    double& now = end[first + i];
    // An end that does not settle (about 1 in 10,000, where the best slope jumps) counts as open.
    const auto open = [](const EndSolution& e) { return e.open || !e.converged; };
    if (again && (open(ends[j - 1]) || !ends[j].converged)) continue;
    const double at = open(ends[j]) ? unknown : w.middle[i] + ends[j].midpoint;
    const bool farther = std::isnan(at) || std::isnan(now) || tasks[j].direction * (at - now) > 0.0;
    if (!again || farther) now = at;
  }
  for (std::size_t c = first; c < first + best.size(); ++c) {
    if (out_.status[c] != Status::ok) continue;
    const bool low = std::isnan(out_.log10_ec50_low[c]), high = std::isnan(out_.log10_ec50_high[c]);
    if (low && high) out_.status[c] = Status::interval_open;
    if (low && !high) out_.status[c] = Status::interval_open_low;
    if (!low && high) out_.status[c] = Status::interval_open_high;
  }
}

}  // namespace kinescape::dose_response::batch
