// SPDX-License-Identifier: Apache-2.0
// Ridges: places that stand above what lies over and under them, followed from column to column,
// and chained over the gaps between lanes.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "immunoblot/find_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr std::array<double, 5> sigmas{1.5, 2.5, 4.0, 7.0, 11.0};
constexpr double along_sigma = 3.0;  ///< Smoothing along the ridge: less than the gap of lanes.
constexpr double over_noise = 6.0;   ///< Height over its standard error.
constexpr int shortest = 10;         ///< Columns of a track.
constexpr int longest_gap = 3;       ///< Columns that a track may miss.

/// Height above the higher of the two sides, 2.5 sigma away, and the scale where it is greatest
/// after the scale's own curvature: an edge has one side as high as itself and scores 0.
struct Ridges {
  Plane height, scale;
};

Ridges ridges_of(const Plane& plane) {
  Plane along_rows = plane;
  smooth_x(along_rows, along_sigma);
  Ridges out{Plane(plane.width, plane.height), Plane(plane.width, plane.height)};
  Plane best(plane.width, plane.height);
  for (const double sigma : sigmas) {
    const Plane level = smoothed_y(along_rows, 0.5 * sigma, 0);
    const Plane bent = smoothed_y(along_rows, sigma, 2);
    const int reach = static_cast<int>(std::lround(2.5 * sigma));
    const auto square = static_cast<float>(sigma * sigma);
    for (int y = 0; y < plane.height; ++y) {
      const int above = std::max(0, y - reach), below = std::min(plane.height - 1, y + reach);
      for (int x = 0; x < plane.width; ++x) {
        const float curvature = -square * bent.at(x, y);
        if (curvature <= best.at(x, y)) continue;
        best.at(x, y) = curvature;
        const float h = level.at(x, y) - std::max(level.at(x, above), level.at(x, below));
        out.height.at(x, y) = h;
        out.scale.at(x, y) = static_cast<float>(sigma);
      }
    }
  }
  // A track follows curvature; its height only says whether it is one.
  for (std::size_t i = 0; i < best.v.size(); ++i) {
    if (out.height.v[i] < 0.3F * best.v[i]) out.height.v[i] = 0.0F;
  }
  return {std::move(out.height), std::move(out.scale)};
}

/// Medians of blocks: what the membrane is without bands.
class Ground {
 public:
  explicit Ground(const Plane& plane) : width_((plane.width + size - 1) / size) {
    const int rows = (plane.height + size - 1) / size;
    std::vector<double> raw(static_cast<std::size_t>(width_ * rows));
    for (int j = 0; j < rows; ++j) {
      for (int i = 0; i < width_; ++i) {
        std::vector<double> values;
        for (int y = j * size; y < std::min((j + 1) * size, plane.height); y += 2) {
          for (int x = i * size; x < std::min((i + 1) * size, plane.width); x += 2) {
            values.push_back(static_cast<double>(plane.at(x, y)));
          }
        }
        raw[cell(j, i)] = quantile_of(std::move(values), 0.4);
      }
    }
    levels_ = raw;
    for (int j = 0; j < rows; ++j) {
      for (int i = 0; i < width_; ++i) {
        std::vector<double> near;
        for (int dj = -1; dj <= 1; ++dj) {
          for (int di = -1; di <= 1; ++di) {
            const int a = std::clamp(j + dj, 0, rows - 1), b = std::clamp(i + di, 0, width_ - 1);
            near.push_back(raw[cell(a, b)]);
          }
        }
        levels_[cell(j, i)] = median_of(std::move(near));
      }
    }
  }
  [[nodiscard]] double at(int x, int y) const { return levels_[cell(y / size, x / size)]; }

 private:
  [[nodiscard]] std::size_t cell(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(width_) +
           static_cast<std::size_t>(column);
  }
  static constexpr int size = 32;
  int width_;
  std::vector<double> levels_;
};

/// Standard error of a height at this level: the smoothing averages the noise of many pixels.
double height_error(const PixelNoise& noise, double level, double sigma) {
  const double pixels = 2.0 * std::sqrt(M_PI) * along_sigma * 2.0 * std::sqrt(M_PI) * 0.5 * sigma;
  return std::sqrt(2.0 * noise.variance(level) / std::max(pixels, 1.0));
}

/// The height that a ridge must have: eight times the usual height of what stands above its sides
/// where no band is, and a fiftieth of the picture's highest bands (the sidelobes of those, and
/// marks).
double least_height(const Plane& plane,
                    const PixelNoise& noise,
                    const Ground& ground,
                    const Plane& height) {
  std::vector<double> all, quiet;
  const std::size_t step = std::max<std::size_t>(1, height.v.size() / 100'000);
  for (std::size_t i = 0; i < height.v.size(); i += step) {
    if (height.v[i] <= 0.0F) continue;
    all.push_back(static_cast<double>(height.v[i]));
    const int x = int(i) % plane.width, y = int(i) / plane.width;
    const double level = ground.at(x, y);
    if (double(plane.v[i]) - level > 6.0 * std::sqrt(noise.variance(level))) continue;
    quiet.push_back(all.back());
  }
  const double texture = quiet.empty() ? 0.0 : quantile_of(std::move(quiet), 0.5);
  const double highest = all.empty() ? 0.0 : quantile_of(std::move(all), 0.99);
  return std::max(8.0 * texture, 0.02 * highest);
}

struct Crest {
  int y;
  double height, sigma;
};

std::vector<std::vector<Crest>> crests_of(const Plane& plane, const PixelNoise& noise) {
  const Ridges ridges = ridges_of(plane);
  const Ground ground(plane);
  const double least = least_height(plane, noise, ground, ridges.height);
  std::vector<std::vector<Crest>> out(static_cast<std::size_t>(plane.width));
  for (int x = 0; x < plane.width; ++x) {
    for (int y = 1; y + 1 < plane.height; ++y) {
      const float h = ridges.height.at(x, y);
      if (h <= 0.0F || h < ridges.height.at(x, y - 1) || h <= ridges.height.at(x, y + 1)) continue;
      const double level = static_cast<double>(plane.at(x, y)), height = static_cast<double>(h);
      const double sigma = static_cast<double>(ridges.scale.at(x, y));
      if (height < std::max(least, over_noise * height_error(noise, level, sigma))) continue;
      if (level - ground.at(x, y) < 0.5 * height) continue;  // between two light marks
      out[static_cast<std::size_t>(x)].push_back({y, height, sigma});
    }
  }
  return out;
}

}  // namespace

std::vector<Track> follow_ridges(const Plane& plane, const PixelNoise& noise) {
  const auto crests = crests_of(plane, noise);
  std::vector<Track> active, done;
  for (int x = 0; x < plane.width; ++x) {
    const auto& here = crests[static_cast<std::size_t>(x)];
    std::vector<bool> used(here.size(), false);
    std::vector<Track> next;
    for (Track& track : active) {
      std::size_t best = here.size();
      double nearest = 2.5;
      for (std::size_t i = 0; i < here.size(); ++i) {
        const double d = std::abs(here[i].y - track.y.back());
        if (!used[i] && d < nearest) nearest = d, best = i;
      }
      if (best < here.size()) {
        used[best] = true;
        track.x.push_back(x);
        track.y.push_back(here[best].y);
        track.height.push_back(here[best].height);
        track.sigma.push_back(here[best].sigma);
        next.push_back(std::move(track));
      } else if (x - track.last() <= longest_gap) {
        next.push_back(std::move(track));
      } else if (static_cast<int>(track.x.size()) >= shortest) {
        done.push_back(std::move(track));
      }
    }
    for (std::size_t i = 0; i < here.size(); ++i) {
      if (used[i]) continue;
      next.push_back({{x}, {double(here[i].y)}, {here[i].height}, {here[i].sigma}});
    }
    active = std::move(next);
  }
  for (Track& track : active) {
    if (static_cast<int>(track.x.size()) >= shortest) done.push_back(std::move(track));
  }
  for (Track& track : done) track.y = smoothed(track.y, 3.0);
  return done;
}

int Row::covered() const {
  int n = 0;
  for (const Track& t : tracks) n += static_cast<int>(t.x.size());
  return n;
}

double Row::y_at(double x) const {
  double x_before = std::numeric_limits<double>::quiet_NaN(), y_before = x_before;
  for (const Track& t : tracks) {
    if (x < t.first()) {
      if (std::isnan(x_before)) return t.y.front() + slope() * (x - t.first());
      const double share = (x - x_before) / (t.first() - x_before);
      return y_before + share * (t.y.front() - y_before);
    }
    if (x <= t.last()) {
      const auto at = std::ranges::lower_bound(t.x, static_cast<int>(std::lround(x)));
      const auto i = std::min<std::ptrdiff_t>(at - t.x.begin(), std::ssize(t.x) - 1);
      return t.y[static_cast<std::size_t>(i)];
    }
    x_before = t.last(), y_before = t.y.back();
  }
  return y_before + slope() * (x - x_before);
}

double Row::slope() const {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (const Track& t : tracks) {
    for (std::size_t i = 0; i < t.x.size(); ++i) {
      n += 1, sx += t.x[i], sy += t.y[i], sxx += double(t.x[i]) * t.x[i], sxy += t.x[i] * t.y[i];
    }
  }
  const double determinant = n * sxx - sx * sx;
  return determinant > 0.0 ? std::clamp((n * sxy - sx * sy) / determinant, -0.2, 0.2) : 0.0;
}

double Row::sigma() const {
  std::vector<double> all;
  for (const Track& t : tracks) all.insert(all.end(), t.sigma.begin(), t.sigma.end());
  return median_of(std::move(all));
}

double Row::height() const {
  std::vector<double> all;
  for (const Track& t : tracks) all.insert(all.end(), t.height.begin(), t.height.end());
  return median_of(std::move(all));
}

namespace {

/// Slope of a track at one end, over as much of it as a lane is wide.
double end_slope(const Track& t, bool right) {
  const std::size_t n = std::min<std::size_t>(t.x.size(), 60);
  Row end;
  const std::size_t from = right ? t.x.size() - n : 0;
  Track part;
  part.x.assign(t.x.begin() + std::ptrdiff_t(from), t.x.begin() + std::ptrdiff_t(from + n));
  part.y.assign(t.y.begin() + std::ptrdiff_t(from), t.y.begin() + std::ptrdiff_t(from + n));
  end.tracks.push_back(std::move(part));
  return n < 15 ? 0.0 : end.slope();
}

/// How badly `right` continues `left`; above 1: it does not.
double mismatch(const Track& left, const Track& right, int width) {
  const double gap = right.first() - left.last(), most = 0.2 * width;
  if (gap < -3.0 || gap > most) return 2.0;
  const double slope = 0.5 * (end_slope(left, true) + end_slope(right, false));
  const double off =
      right.y.front() - left.y.back() - std::clamp(slope, -0.1, 0.1) * std::max(gap, 0.0);
  const double reach = 3.0 + 0.06 * std::max(gap, 0.0);
  return std::abs(off) / reach + 0.3 * gap / most;
}

}  // namespace

std::vector<Row> chain(std::vector<Track> tracks, int width) {
  std::vector<double> weight;
  for (const Track& t : tracks) weight.push_back(median_of(t.height) * double(t.x.size()));
  std::vector<std::size_t> order(tracks.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return weight[a] > weight[b]; });
  std::vector<bool> used(tracks.size(), false);
  std::vector<Row> rows;
  for (const std::size_t seed : order) {
    if (used[seed]) continue;
    used[seed] = true;
    std::vector<std::size_t> members{seed};
    for (const bool right : {true, false}) {
      for (;;) {
        const Track& end = tracks[right ? members.back() : members.front()];
        std::size_t best = tracks.size();
        double least = 1.0;
        for (std::size_t i = 0; i < tracks.size(); ++i) {
          if (used[i]) continue;
          const double m =
              right ? mismatch(end, tracks[i], width) : mismatch(tracks[i], end, width);
          if (m < least) least = m, best = i;
        }
        if (best == tracks.size()) break;
        used[best] = true;
        members.insert(right ? members.end() : members.begin(), best);
      }
    }
    Row row;
    for (const std::size_t i : members) row.tracks.push_back(tracks[i]);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace kinescape::immunoblot
