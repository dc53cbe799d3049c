// SPDX-License-Identifier: Apache-2.0
// The interval ends of the batched fit. The profile is the lowest of several branches, one for each
// valley in the slope: an end found along one of them counts once no other branch is inside there.
#include "dose_response/batch_run_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response::batch {
namespace {

/// How far beyond an end the other branches are asked, in decades.
constexpr double beyond_end = 1e-5;
/// And how far the search for what is outside goes at once.
constexpr double outward_step = 0.05;

}  // namespace

/// From the farthest row of the grid that is inside for certain (else a parabola's guess), and from
/// the row beyond it if another slope is best there.
void Run::first_ends(const Work& w,
                     std::size_t i,
                     const Solution& best,
                     double between,
                     double limit,
                     std::vector<EndTask>& tasks) const {
  const int rows = w.own[i] != 0 ? own_midpoints : shared_midpoints;
  const double low = w.b.low[i], step = (w.b.high[i] - low) / (rows - 1);
  const double reach =
      best.curvature > 0.0 ? std::sqrt(2.0 * (limit - between) / best.curvature) : 1e9;
  for (const double direction : {-1.0, 1.0}) {
    const double end = direction > 0.0 ? w.b.high[i] : low;
    if (best.midpoint == end) continue;  // open: the optimum is at the end of the window
    EndTask task{static_cast<int>(i),
                 direction,
                 best.midpoint,
                 best.log_slope,
                 between,
                 limit,
                 best.midpoint};
    const auto shift = static_cast<int>(direction);
    int row = direction > 0.0 ? rows - 1 : 0;
    for (; row >= 0 && row < rows; row -= shift) {
      if (direction * (low + step * row - best.midpoint) <= 0.0) break;
      if (w.b.between[i] * (1.0 - static_cast<double>(w.b.row_share[row_cell(i, row)])) < limit) {
        const Task at = task_at(w, i, row);
        task.midpoint = task.inner = at.midpoint;
        task.log_slope = at.log_slope;
        break;
      }
    }
    if (task.midpoint == best.midpoint) {
      const double away = std::min({0.95 * reach, step, direction * (end - best.midpoint)});
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

/// Ends by halving, on the whole profile: slow and certain. Each task's `inner` is inside.
std::vector<EndSolution> Run::halved(const Work& w, const std::vector<EndTask>& tasks) const {
  struct Bracket {
    double in, out;
    bool closed = false;  // `out` is outside
  };
  std::vector<EndSolution> ends(tasks.size());
  std::vector<Bracket> brackets;
  for (const EndTask& task : tasks) brackets.push_back({task.inner, task.inner});
  std::vector<std::size_t> asked(tasks.size());
  for (std::size_t j = 0; j < asked.size(); ++j) asked[j] = j;
  const auto end_of = [&](const EndTask& task) {
    const auto i = static_cast<std::size_t>(task.curve);
    return task.direction > 0.0 ? w.b.high[i] : w.b.low[i];
  };
  while (!asked.empty()) {
    std::vector<Probe> probes;
    for (const std::size_t j : asked) {
      const EndTask& task = tasks[j];
      Bracket& b = brackets[j];
      const double end = end_of(task);
      double at = b.closed ? 0.5 * (b.in + b.out) : b.in + task.direction * outward_step;
      if (task.direction * (at - end) > 0.0) at = end;
      probes.push_back({task.curve, at});
    }
    std::vector<ProbeSolution> found(probes.size());
    kernels_->profile(w.b, probes.data(), static_cast<int>(probes.size()), found.data());
    std::vector<std::size_t> rest;
    for (std::size_t p = 0; p < probes.size(); ++p) {
      const std::size_t j = asked[p];
      Bracket& b = brackets[j];
      const double between = w.b.between[static_cast<std::size_t>(tasks[j].curve)];
      const bool inside = between + found[p].sum <= tasks[j].limit;
      (inside ? b.in : b.out) = probes[p].midpoint;
      b.closed = b.closed || !inside;
      const bool open = !b.closed && b.in == end_of(tasks[j]);
      if (open || (b.closed && std::fabs(b.out - b.in) < 1e-7)) {
        ends[j] = {0.5 * (b.in + (open ? b.in : b.out)), open, true};
      } else {
        rest.push_back(j);
      }
    }
    asked = std::move(rest);
  }
  return ends;
}

/// Follows all tasks; two ends for each curve, low and high: the farther where a curve has two
/// tasks on a side. An end where another branch of the profile is inside, and one that does not
/// settle, is found by halving.
std::vector<EndSolution> Run::follow(const Work& w, const std::vector<EndTask>& tasks) const {
  std::vector<EndSolution> found(tasks.size());
  kernels_->ends(w.b, tasks.data(), static_cast<int>(tasks.size()), found.data());
  std::vector<EndSolution> ends(2 * static_cast<std::size_t>(w.b.curves));
  const auto place = [](const EndTask& t) {
    return 2 * static_cast<std::size_t>(t.curve) + (t.direction > 0.0 ? 1U : 0U);
  };
  std::vector<EndTask> sides;  // one task for each end
  for (std::size_t j = 0; j < tasks.size(); ++j) {
    EndSolution& now = ends[place(tasks[j])];
    const bool again = j > 0 && place(tasks[j]) == place(tasks[j - 1]);
    if (!again) sides.push_back(tasks[j]);
    const bool farther = tasks[j].direction * (found[j].midpoint - now.midpoint) > 0.0;
    if (found[j].converged && (!now.converged || found[j].open || (!now.open && farther))) {
      now = found[j];
    }
  }
  std::vector<Probe> probes;
  std::vector<EndTask> asked, unsettled;
  for (EndTask& side : sides) {
    const EndSolution& now = ends[place(side)];
    const auto i = static_cast<std::size_t>(side.curve);
    const double midpoint = now.midpoint + side.direction * beyond_end;
    if (!now.converged) {
      unsettled.push_back(side);
    } else if (!now.open && midpoint > w.b.low[i] && midpoint < w.b.high[i]) {
      probes.push_back({side.curve, midpoint});
      side.inner = now.midpoint;
      asked.push_back(side);
    }
  }
  std::vector<ProbeSolution> there(probes.size());
  kernels_->profile(w.b, probes.data(), static_cast<int>(probes.size()), there.data());
  for (std::size_t j = 0; j < asked.size(); ++j) {
    const double between = w.b.between[static_cast<std::size_t>(asked[j].curve)];
    if (between + there[j].sum < asked[j].limit) unsettled.push_back(asked[j]);
  }
  const std::vector<EndSolution> settled = halved(w, unsettled);
  for (std::size_t j = 0; j < unsettled.size(); ++j) ends[place(unsettled[j])] = settled[j];
  return ends;
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
    first_ends(w, i, best[i], between, between + out_.residual_sum[c] * f, tasks);
  }
  const std::vector<EndSolution> ends = follow(w, tasks);
  for (std::size_t i = 0; i < best.size(); ++i) {
    const std::size_t c = first + i;
    const auto at = [&](const EndSolution& e) {
      return e.converged && !e.open ? w.middle[i] + e.midpoint : unknown;
    };
    out_.log10_ec50_low[c] = at(ends[2 * i]);
    out_.log10_ec50_high[c] = at(ends[2 * i + 1]);
    if (out_.status[c] != Status::ok) continue;
    const bool low = std::isnan(out_.log10_ec50_low[c]), high = std::isnan(out_.log10_ec50_high[c]);
    if (low && high) out_.status[c] = Status::interval_open;
    if (low && !high) out_.status[c] = Status::interval_open_low;
    if (!low && high) out_.status[c] = Status::interval_open_high;
  }
}

}  // namespace kinescape::dose_response::batch
