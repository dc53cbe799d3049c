// SPDX-License-Identifier: Apache-2.0
// From boxes to volumes: each lane's fit, the other backgrounds for comparison, bounds where the
// camera was full or nothing rises from the noise.
#include "immunoblot/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/stream.hpp"
#include "immunoblot/background_internal.hpp"
#include "immunoblot/find_internal.hpp"
#include "immunoblot/fit_internal.hpp"

namespace kinescape::immunoblot {
namespace {

struct Clipping {
  int value = -1;  ///< Raw; -1: none.
};

/// The camera is full where it gave its largest value, or where the largest value of the image is
/// found far too often to be chance (12 bits kept in 16, or an exposure that was scaled).
Clipping clipping_of(const Image& image, bool inverted) {
  int extreme = inverted ? image.largest() : 0;
  for (const std::uint16_t v : image.pixels) {
    extreme = inverted ? std::min<int>(extreme, v) : std::max<int>(extreme, v);
  }
  const int full = inverted ? 0 : image.largest();
  std::size_t n = 0, near = 0;
  const int window = std::max(2, image.largest() / 200);
  for (const std::uint16_t v : image.pixels) {
    n += v == extreme;
    near += v != extreme && std::abs(int(v) - extreme) <= window;
  }
  const bool piled_up = n >= 25 && n * 4 > near;
  if (extreme == full ? n >= 2 : piled_up) return {extreme};
  return {};
}

int clipped_in(const Image& image, const LaneBox& lane, const BandBox& band, int value) {
  if (value < 0) return 0;
  int n = 0;
  const double middle = 0.5 * (lane.box.x0 + lane.box.x1),
               mid_y = 0.5 * (lane.box.y0 + lane.box.y1);
  for (int x = int(band.box.x0); x < int(band.box.x1); ++x) {
    const double off = x + 0.5 - middle, drop = lane.tilt * off + lane.bend * off * off;
    for (int y = int(band.box.y0); y < int(band.box.y1); ++y) {
      const int column = int(std::lround(x + lane.shear * (y - mid_y))),
                row = int(std::lround(y + drop));
      if (column < 0 || row < 0 || column >= image.width || row >= image.height) continue;
      n += image.at(column, row) == value;
    }
  }
  return n;
}

constexpr const char* fit_method = "joint fit of skewed peaks of one shape on a smooth background";

Estimated volume_of(double value, double se, int clipped, const MeasureOptions& options) {
  Estimated e;
  e.level = options.level;
  e.n = 1;
  e.method = fit_method;
  const double z = normal_quantile(0.5 + 0.5 * options.level);
  if (clipped > 0) {
    e.relation = Relation::greater;
    e.value = std::max(value - z * se, 0.0);
    e.low = e.value;
    e.status = Status::interval_open_high;
    e.why = fmt::format("{} pixels of the band are as bright as the camera can show", clipped);
    return e;
  }
  if (!(value >= options.censor_sd * se)) {
    e.relation = Relation::less;
    e.value = std::max(options.censor_sd * se, value + z * se);
    e.high = e.value;
    e.status = Status::interval_open_low;
    e.why = fmt::format("the band does not rise {} standard errors above the background",
                        options.censor_sd);
    return e;
  }
  e.value = value;
  e.low = value - z * se;
  e.high = value + z * se;
  e.status = Status::ok;
  return e;
}

double fold_of(const Estimated& volume, const Alternatives& a) {
  if (!volume.exact()) return unknown;
  double low = volume.value, high = volume.value;
  for (const double v : {a.rolling_ball, a.ring_median, a.inter_lane, a.valley_line}) {
    if (std::isnan(v)) continue;
    if (v <= 0.0) return unknown;
    low = std::min(low, v), high = std::max(high, v);
  }
  return high / low;
}

struct Task {
  LaneBox lane;
  std::vector<BandBox> bands;
  Beside side;
  bool clear = false;
};

/// What is measured of one lane.
struct LaneWork {
  LaneProfile profile;
  std::vector<double> level;  ///< Beside the lane, counts a pixel; or empty.
  /// The same without the lane's own light, also where the gaps are too narrow for a fit but show
  /// some membrane: better than none under a whole lane, whose ends may lie off the membrane.
  std::vector<double> narrow_level;
  LaneData data;
  LaneFit fit;
};

LaneWork first_fit(const Signal& signal, const Task& task) {
  LaneWork work;
  work.profile = lane_profile(signal, task.lane);
  if (task.clear && task.side.any()) {
    work.level = level_beside(signal.plane, task.lane, work.profile, task.side);
  }
  constexpr int few_columns = 3;
  const Beside& side = task.side;
  if (!work.level.empty()) {
    work.narrow_level = without_leak(work.level, work.profile);
  } else if (std::max(side.left1 - side.left0, side.right1 - side.right0) >= few_columns) {
    work.narrow_level =
        without_leak(level_beside(signal.plane, task.lane, work.profile, side), work.profile);
  }
  work.data = {work.profile.sum, work.profile.variance, {}, {}, {}, {}, {}, {}, 0.0};
  for (const double l : work.level) work.data.beside.push_back(l * work.profile.columns);
  for (const BandBox& b : task.bands) {
    work.data.centre.push_back(b.centre - work.profile.top);
    work.data.sigma.push_back(b.sigma);
    work.data.seen.push_back(b.seen);
  }
  work.fit = fit_lane(work.data);
  return work;
}

BandResult band_result(const Image& image,
                       const Task& task,
                       const LaneWork& work,
                       const std::vector<double>& ball,
                       std::size_t b,
                       int clip,
                       const MeasureOptions& options) {
  BandResult r;
  const LaneFit& fit = work.fit;
  r.where = task.bands[b];
  r.clipped_pixels = clipped_in(image, task.lane, r.where, clip);
  r.alternatives = alternatives_of(work.profile, ball, work.level, r.where);
  if (b < fit.volume.size() && fit.converged && std::isfinite(fit.se[b])) {
    r.volume = volume_of(fit.volume[b], fit.se[b], r.clipped_pixels, options);
    r.snr = fit.volume[b] / fit.se[b];
    r.sigma_px = fit.sigma[b];
    r.background = 0.0;
    for (std::size_t i = 0; i < fit.background.size(); ++i) {
      const double y = work.profile.top + double(i);
      if (y >= r.where.box.y0 && y < r.where.box.y1) r.background += fit.background[i];
    }
  } else {
    r.volume.status = Status::failed;
    r.volume.method = fit_method;
    r.volume.why = "the fit of the lane did not converge";
  }
  r.choice_fold = fold_of(r.volume, r.alternatives);
  return r;
}

/// All that stands in a lane: over the level beside it where there is one, else over a straight
/// line between its ends.
Estimated total_of(const LaneWork& work, const MeasureOptions& options) {
  Estimated e;
  e.level = options.level, e.n = 1;
  const auto& sum = work.profile.sum;
  const std::size_t n = sum.size(), end = std::max<std::size_t>(3, n / 20);
  if (n < 3 * end) {
    e.status = Status::too_few_data;
    e.why = "the lane is too short";
    return e;
  }
  e.method = work.narrow_level.empty() ? "whole lane over a straight line between its ends"
                                       : "whole lane over the level beside it";
  std::vector<double> top(sum.begin(), sum.begin() + std::ptrdiff_t(end)),
      bottom(sum.end() - std::ptrdiff_t(end), sum.end());
  const double from = median_of(std::move(top)), to = median_of(std::move(bottom));
  double total = 0.0, variance = 0.0, ground_variance = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double ground = work.narrow_level.empty() ? from + (to - from) * double(i) / double(n - 1)
                                                    : work.narrow_level[i] * work.profile.columns;
    total += sum[i] - ground;
    variance += work.profile.variance[i];
    ground_variance += work.profile.variance[i] / double(end);  // of a median of so many rows
  }
  const double se = std::sqrt(variance + double(n) * ground_variance);
  Estimated v = volume_of(total, se, 0, options);
  v.method = e.method;
  if (v.relation == Relation::less) v.why = "the lane does not rise above its ground";
  return v;
}

LaneResult lane_result(const Task& task, const LaneWork& work, const MeasureOptions& options) {
  LaneResult lane;
  lane.total = total_of(work, options);
  lane.where = task.lane;
  lane.converged = work.fit.converged;
  lane.profile = work.profile.sum;
  lane.background = work.fit.background;
  for (std::size_t i = 0; i < work.profile.sum.size(); ++i) {
    lane.y.push_back(work.profile.top + double(i) + 0.5);
    if (i < work.fit.peaks.size())
      lane.fitted.push_back(work.fit.background[i] + work.fit.peaks[i]);
  }
  if (!lane.background.empty()) {
    lane.background_per_px = median_of(lane.background) / work.profile.columns;
  }
  return lane;
}

std::vector<double> ball_under(const LaneWork& work) {
  std::vector<double> mean;
  for (const double s : work.profile.sum) mean.push_back(s / work.profile.columns);
  return rolled(smoothed(mean, 1.0), ball_radius(work.data.sigma));
}

std::vector<Task> tasks_of(const Layout& layout, int width) {
  std::vector<Task> tasks;
  for (const StripBox& strip : layout.strips) {
    std::vector<LaneBox> lanes;
    for (const LaneBox& l : layout.lanes) {
      if (l.strip == strip.strip) lanes.push_back(l);
    }
    const bool clear = gaps_are_clear(lanes);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      Task task{lanes[i], {}, beside(lanes, i, width), clear};
      for (const BandBox& b : layout.bands) {
        if (b.strip == strip.strip && b.lane == lanes[i].lane) task.bands.push_back(b);
      }
      std::ranges::sort(task.bands, {}, &BandBox::centre);
      tasks.push_back(std::move(task));
    }
  }
  return tasks;
}

}  // namespace

std::string_view name(LinearPlace place) {
  switch (place) {
    case LinearPlace::untested:
      return "untested";
    case LinearPlace::inside:
      return "inside";
    case LinearPlace::above:
      return "above";
    case LinearPlace::below:
      return "below";
  }
  return "";
}

Measured measure_in(const Signal& signal,
                    const Image& image,
                    const Layout& layout,
                    const MeasureOptions& options) {
  Measured out;
  out.layout = layout;
  out.width = image.width, out.height = image.height, out.bits = image.bits;
  out.noise_floor = signal.noise.floor;
  out.noise_gain = signal.noise.gain;
  out.dust_pixels = signal.dust;
  const Clipping clip = clipping_of(image, signal.inverted);
  if (clip.value >= 0) out.clipped_at = clip.value;
  const auto tasks = tasks_of(layout, image.width);
  std::vector<LaneWork> works(tasks.size());
  parallel_for(tasks.size(), options.threads, [&](std::size_t i) {
    works[i] = first_fit(signal, tasks[i]);
  });
  std::vector<LaneWork> shaped = works;
  std::vector<FittedLane> fitted;
  for (std::size_t i = 0; i < tasks.size(); ++i)
    fitted.push_back({tasks[i].lane.strip, &works[i].data, &works[i].fit});
  parallel_for(tasks.size(), options.threads, [&](std::size_t i) {
    add_common(fitted, i, shaped[i].data);
    if (!shaped[i].data.shape.empty()) shaped[i].fit = fit_lane(shaped[i].data);
  });
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    out.lanes.push_back(lane_result(tasks[i], shaped[i], options));
    const auto ball = ball_under(shaped[i]);
    for (std::size_t b = 0; b < tasks[i].bands.size(); ++b) {
      out.bands.push_back(band_result(image, tasks[i], shaped[i], ball, b, clip.value, options));
    }
  }
  add_masses(out, options.level);
  out.methods = {
      "Bands were found as ridges that stand above both their sides, followed from column to "
      "column; "
      "lanes as the dips along them. Every box is in the layout file and can be changed there.",
      "Volumes are those of a joint fit to each lane's profile: skew-normal peaks of one shape, "
      "whose "
      "width changes smoothly down the lane, on a polynomial background over the level beside the "
      "lane where lanes do not touch.",
      "Beside each volume stand those that other backgrounds give (rolling ball, median of a ring, "
      "level beside the lane, straight line between valleys).",
      "Bands with clipped pixels are lower bounds; bands under three standard errors are upper "
      "bounds."};
  out.citations = {
      "Azzalini A. A class of distributions which includes the normal ones. Scand J Stat "
      "1985;12:171-178.",
      "Sternberg SR. Biomedical image processing. Computer 1983;16:22-34. "
      "doi:10.1109/MC.1983.1654163"};
  if (!out.masses.empty()) {
    out.methods.push_back(
        "Masses: log mass of the marker's bands as a polynomial of their place (degree 1 to 3 by "
        "AICc, falling all the way), with a prediction interval; places are freed of tilt and "
        "smile "
        "by the rows that lanes share. Bands beyond the marker's are bounds.");
  }
  return out;
}

Measured measure(const Image& image, const Layout& layout, const MeasureOptions& options) {
  return measure_in(signal_of(image, layout.polarity == "dark" ? Polarity::dark : Polarity::bright),
                    image,
                    layout,
                    options);
}

}  // namespace kinescape::immunoblot
