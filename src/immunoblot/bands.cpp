// SPDX-License-Identifier: Apache-2.0
// Bands: peaks of a lane's profile, and which of them are the same band in all lanes of a strip.
#include <algorithm>
#include <array>
#include <cmath>

#include "immunoblot/find_internal.hpp"
#include "immunoblot/fit_internal.hpp"

namespace kinescape::immunoblot {
namespace {

struct Peak {
  std::size_t lane;  ///< Index in the strip.
  double y, sigma, snr, height;
  double level_y;  ///< y on the scale that all lanes share.
};

constexpr std::array<double, 9> sigmas{1.2, 1.7, 2.4, 3.4, 4.8, 6.8, 9.6, 13.5, 19.0};

/// Standard error of sigma^2 x the second derivative of white noise of variance 1.
double curvature_error(double sigma) {
  return sigma * sigma * std::sqrt(3.0 / (8.0 * std::sqrt(M_PI))) * std::pow(sigma, -2.5);
}

/// Curvature of a profile at one scale, and its standard error.
struct Scale {
  double sigma;
  std::vector<double> bent, error;
};

std::vector<Scale> scales_of(const LaneProfile& profile) {
  std::vector<Scale> out;
  const std::size_t n = profile.sum.size();
  double excess = 1.0;  // the membrane's texture makes curvature, too
  for (const double sigma : sigmas) {
    if (8.0 * sigma > static_cast<double>(n)) break;
    Scale scale{sigma, smoothed(profile.sum, sigma, 2), std::vector<double>(n)};
    for (std::size_t i = 0; i < n; ++i) {
      scale.bent[i] *= -sigma * sigma;
      scale.error[i] = curvature_error(sigma) * std::sqrt(profile.variance[i]);
    }
    if (out.empty()) {
      std::vector<double> size;
      for (std::size_t i = 0; i < n; ++i) size.push_back(std::abs(scale.bent[i]) / scale.error[i]);
      excess = std::max(1.0, quantile_of(std::move(size), 0.3) / 0.385);  // normal: 0.385 SD
    }
    for (double& e : scale.error) e *= excess;
    out.push_back(std::move(scale));
  }
  return out;
}

/// Peaks of one lane, from fine to coarse: a coarse one counts where no finer one stands, and a
/// fine one where it is no ripple on a coarse one.
std::vector<Peak> peaks_of(const LaneProfile& profile, std::size_t lane, double least_snr) {
  std::vector<Peak> out;
  const std::size_t n = profile.sum.size();
  if (n < 12) return out;
  const auto steady = smoothed(profile.sum, 1.0);
  const auto scales = scales_of(profile);
  std::vector<double> best(n, 0.0);
  for (const Scale& s : scales) {
    for (std::size_t i = 0; i < n; ++i) best[i] = std::max(best[i], s.bent[i]);
  }
  const double highest = *std::ranges::max_element(best);
  for (const Scale& s : scales) {
    for (std::size_t i = 2; i + 2 < n; ++i) {
      const double c = s.bent[i], snr = c / s.error[i];
      if (c <= 0.0 || c < s.bent[i - 1] || c <= s.bent[i + 1]) continue;
      if (snr < least_snr || c < 0.3 * best[i] || c < 0.004 * highest) continue;
      const auto reach = static_cast<std::size_t>(std::lround(1.8 * s.sigma));
      const double side =
          std::max(steady[i > reach ? i - reach : 0], steady[std::min(n - 1, i + reach)]);
      if (steady[i] - side < 0.1 * c) continue;  // an edge, or a shoulder without a top
      const double y = profile.top + double(i);
      const bool taken = std::ranges::any_of(
          out, [&](const Peak& p) { return std::abs(p.y - y) < std::max(2.0, 1.3 * s.sigma); });
      if (!taken) out.push_back({lane, y, s.sigma, snr, steady[i] - side, 0.0});
    }
  }
  // Its width: the scale at which it is strongest, as far as its neighbours let one see.
  for (Peak& p : out) {
    double room = 1e300;
    for (const Peak& q : out) {
      if (&q != &p) room = std::min(room, std::abs(q.y - p.y));
    }
    const auto i = static_cast<std::size_t>(p.y - profile.top);
    double most = 0.0;
    for (const Scale& s : scales) {
      if (s.sigma > p.sigma && s.sigma > 0.5 * room) break;
      if (s.bent[i] > most)
        most = s.bent[i], p.sigma = s.sigma, p.snr = std::max(p.snr, s.bent[i] / s.error[i]);
    }
  }
  return out;
}

/// How far each lane's bands lie below those of the first lane: the shift at which the profiles of
/// neighbours agree best, added up.
std::vector<double> shifts_of(const std::vector<LaneProfile>& profiles,
                              const std::vector<const LaneBox*>& lanes,
                              const std::vector<std::vector<Peak>>& peaks) {
  std::vector<double> out(profiles.size(), 0.0);
  // Each lane as marks at its peaks, so that a strong band does not decide alone.
  const auto marks = [&](std::size_t i) {
    std::vector<double> m(profiles[i].sum.size(), 0.0);
    for (const Peak& p : peaks[i]) {
      const double weight = std::sqrt(std::min(p.snr, 400.0));
      for (std::size_t k = 0; k < m.size(); ++k) {
        const double z = (profiles[i].top + double(k) - p.y) / std::max(p.sigma, 2.0);
        if (std::abs(z) < 4.0) m[k] += weight * std::exp(-0.5 * z * z);
      }
    }
    return m;
  };
  std::vector<double> before = marks(0);
  std::size_t last = 0;
  for (std::size_t i = 1; i < profiles.size(); ++i) {
    const auto here = marks(i);
    const LaneBox &a = *lanes[last], &b = *lanes[i];
    const double distance = 0.5 * (b.box.x0 + b.box.x1 - a.box.x0 - a.box.x1);
    const double expected = 0.5 * (a.tilt + b.tilt) * distance;
    const int most = static_cast<int>(4.0 + 0.15 * std::abs(distance));
    double best = -1.0, best_shift = expected;
    for (int s = -most; s <= most; ++s) {
      double sum = 0.0;
      for (std::size_t k = 0; k < before.size(); ++k) {
        const double at = double(k) + profiles[last].top + s - profiles[i].top;
        if (at < 0.0 || at >= double(here.size())) continue;
        sum += before[k] * here[static_cast<std::size_t>(at)];
      }
      sum *= 1.0 - 0.2 * std::abs(s - expected) / (most + 1.0);
      if (sum > best) best = sum, best_shift = s;
    }
    out[i] = out[last] + (best > 0.0 ? best_shift : expected);
    if (best > 0.0) before = here, last = i;
  }
  return out;
}

/// The same band in several lanes.
struct Cluster {
  std::vector<Peak> peaks;
  double level_y = 0.0, sigma = 0.0;
};

/// Share of the lane's columns over which the peak stands up: a speck does not cross its lane.
double coverage(const Signal& signal, const LaneBox& lane, const Peak& peak) {
  const double middle = 0.5 * (lane.box.x0 + lane.box.x1),
               mid_y = 0.5 * (lane.box.y0 + lane.box.y1);
  std::vector<double> heights;
  const Plane& plane = signal.plane;
  for (double x = lane.box.x0; x < lane.box.x1; x += 1.0) {
    const double off = x - middle;
    const double y = peak.y + lane.tilt * off + lane.bend * off * off;
    const int column = std::clamp(int(x + lane.shear * (y - mid_y)), 0, plane.width - 1);
    const auto mean = [&](double from, double to) {
      double sum = 0.0;
      int n = 0;
      for (int r = int(std::lround(from)); r <= int(std::lround(to)); ++r) {
        sum += double(plane.at(column, std::clamp(r, 0, plane.height - 1))), ++n;
      }
      return sum / n;
    };
    const double s = peak.sigma;
    heights.push_back(mean(y - 0.7 * s, y + 0.7 * s) -
                      0.5 * (mean(y - 3.5 * s, y - 2.0 * s) + mean(y + 2.0 * s, y + 3.5 * s)));
  }
  heights = smoothed(heights, std::max(1.0, 0.05 * lane.box.width()));
  const double high = *std::ranges::max_element(heights);
  double n = 0.0;
  for (const double h : heights) n += h > 0.3 * high;
  return n / static_cast<double>(heights.size());
}

std::vector<Cluster> cluster(std::vector<Peak> peaks, std::size_t lanes) {
  std::ranges::sort(peaks, [](const Peak& a, const Peak& b) { return a.snr > b.snr; });
  std::vector<Cluster> out;
  for (const Peak& p : peaks) {
    Cluster* best = nullptr;
    double least = 1e300;
    for (Cluster& c : out) {
      const double d = std::abs(c.level_y - p.level_y);
      const bool taken =
          std::ranges::any_of(c.peaks, [&](const Peak& q) { return q.lane == p.lane; });
      if (!taken && d < least && d < std::max(2.5, 1.3 * std::max(c.sigma, p.sigma))) {
        least = d, best = &c;
      }
    }
    if (best == nullptr) {
      out.emplace_back();
      best = &out.back();
    }
    best->peaks.push_back(p);
    std::vector<double> y, s;
    for (const Peak& q : best->peaks) y.push_back(q.level_y), s.push_back(q.sigma);
    best->level_y = median_of(y);
    best->sigma = median_of(s);
  }
  const std::size_t enough = std::max<std::size_t>(2, lanes / 3);
  std::erase_if(out, [&](const Cluster& c) {
    const bool strong = std::ranges::any_of(c.peaks, [](const Peak& p) { return p.snr > 15.0; });
    return c.peaks.size() < enough && !strong;
  });
  std::ranges::sort(out, {}, &Cluster::level_y);
  // Two clusters closer than a band is wide are one: the one with more lanes stays.
  for (std::size_t i = 1; i < out.size();) {
    const double near = std::max(2.0, 0.9 * std::max(out[i].sigma, out[i - 1].sigma));
    if (out[i].level_y - out[i - 1].level_y < near) {
      out.erase(out.begin() +
                std::ptrdiff_t(out[i].peaks.size() > out[i - 1].peaks.size() ? i - 1 : i));
    } else {
      ++i;
    }
  }
  return out;
}

/// A light mark beside the lanes can look like a lane in one row or two; lanes have most of the
/// bands. Takes away an end lane that has few, and says so.
bool drop_marks(int strip, const std::vector<Cluster>& clusters, Layout& layout) {
  std::vector<std::size_t> mine;
  for (std::size_t i = 0; i < layout.lanes.size(); ++i) {
    if (layout.lanes[i].strip == strip) mine.push_back(i);
  }
  if (clusters.size() < 3 || mine.size() < 4) return false;
  std::vector<double> count(mine.size(), 0.0), height(mine.size(), 0.0);
  for (const Cluster& c : clusters) {
    for (const Peak& p : c.peaks) count[p.lane] += 1.0, height[p.lane] += p.height;
  }
  const double usual = median_of(count), high = median_of(height);
  for (const std::size_t end : {mine.size() - 1, std::size_t{0}}) {
    if (count[end] > 0.6 * usual || height[end] > 0.6 * high) continue;
    layout.lanes.erase(layout.lanes.begin() + std::ptrdiff_t(mine[end]));
    int number = 0;
    for (LaneBox& l : layout.lanes) {
      if (l.strip == strip) l.lane = ++number;
    }
    return true;
  }
  return false;
}

}  // namespace

LaneProfile lane_profile(const Signal& signal, const LaneBox& lane) {
  LaneProfile out;
  const Plane& plane = signal.plane;
  out.top = std::clamp(int(std::floor(lane.box.y0)), 0, plane.height - 1);
  const int bottom = std::clamp(int(std::ceil(lane.box.y1)), out.top + 1, plane.height);
  const double middle = 0.5 * (lane.box.x0 + lane.box.x1),
               mid_y = 0.5 * (lane.box.y0 + lane.box.y1);
  const int x0 = int(std::lround(lane.box.x0)), x1 = int(std::lround(lane.box.x1));
  out.columns = std::max(1, x1 - x0);
  for (int row = out.top; row < bottom; ++row) {
    double sum = 0.0, variance = 0.0;
    for (int x = x0; x < x1; ++x) {
      const double off = x + 0.5 - middle;
      const double y = row + lane.tilt * off + lane.bend * off * off;
      const int column =
          std::clamp(int(std::lround(x + lane.shear * (row - mid_y))), 0, plane.width - 1);
      const double floor = std::floor(y), share = y - floor;
      const int a = std::clamp(int(floor), 0, plane.height - 1),
                b = std::min(a + 1, plane.height - 1);
      const double value =
          (1.0 - share) * double(plane.at(column, a)) + share * double(plane.at(column, b));
      sum += value;
      variance += signal.noise.variance(value);
    }
    out.sum.push_back(sum);
    out.variance.push_back(variance);
  }
  return out;
}

namespace {

constexpr double misfit = 0.05;  ///< Of a peak: what its shape may leave unexplained.

constexpr double hidden_share = 0.12;  ///< Of the band on whose flank it hides.
constexpr double flank = 4.0;          ///< Half widths: as far as one band can hide another.

LaneData data_of(const LaneProfile& profile,
                 const std::vector<Cluster>& clusters,
                 std::size_t lane,
                 double shift) {
  LaneData data{profile.sum, profile.variance, {}, {}, {}, {}, {}};
  for (const Cluster& c : clusters) {
    const auto mine = std::ranges::find_if(c.peaks, [&](const Peak& p) { return p.lane == lane; });
    const bool seen = mine != c.peaks.end();
    data.centre.push_back((seen ? mine->y : c.level_y + shift) - profile.top);
    data.sigma.push_back(c.sigma);
    data.seen.push_back(seen);
  }
  return data;
}

/// What the bands found so far leave of a lane, with an error that knows their shape is not exact.
LaneProfile left_over(const LaneProfile& profile, const LaneData& data) {
  LaneProfile out = profile;
  const LaneFit fit = fit_lane(data, rough_fit);
  for (std::size_t i = 0; i < out.sum.size(); ++i) {
    const double peaks = fit.converged ? fit.peaks[i] : 0.0;
    out.sum[i] = fit.converged ? profile.sum[i] - fit.background[i] - peaks : 0.0;
    out.variance[i] += misfit * misfit * peaks * peaks;
  }
  return out;
}

/// The strongest band within a flank's reach of `at`, and -1 if there is none.
std::ptrdiff_t host_of(const std::vector<Cluster>& clusters, double level_y) {
  std::ptrdiff_t best = -1;
  double most = 0.0;
  for (std::size_t k = 0; k < clusters.size(); ++k) {
    const Cluster& c = clusters[k];
    const double d = std::abs(c.level_y - level_y);
    std::vector<double> heights;
    for (const Peak& p : c.peaks) heights.push_back(p.height);
    const double height = median_of(std::move(heights));
    if (d > 0.0 && d < flank * c.sigma && height > most) most = height, best = std::ptrdiff_t(k);
  }
  return best;
}

/// Bumps that the fit leaves at one place in most lanes, between bands and on the flank of one.
std::vector<Cluster> bumps_of(const std::vector<LaneProfile>& profiles,
                              const std::vector<double>& shifts,
                              double least_snr,
                              const std::vector<Cluster>& clusters) {
  std::vector<Peak> bumps;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const LaneData data = data_of(profiles[i], clusters, i, shifts[i]);
    for (Peak p : peaks_of(left_over(profiles[i], data), i, least_snr)) {
      p.level_y = p.y - shifts[i];
      if (p.level_y < clusters.front().level_y || p.level_y > clusters.back().level_y) continue;
      const bool apart = std::ranges::all_of(clusters, [&](const Cluster& c) {
        return std::abs(c.level_y - p.level_y) > 1.5 * c.sigma;
      });
      if (apart && host_of(clusters, p.level_y) >= 0) bumps.push_back(p);
    }
  }
  auto found = cluster(std::move(bumps), profiles.size());
  std::erase_if(found, [&](const Cluster& c) { return 3 * c.peaks.size() < 2 * profiles.size(); });
  return found;
}

/// Adds bands that hide on the flanks of others, and keeps those that a new fit makes a real part
/// of their host in the middle lane. Returns whether any was kept.
bool add_hidden(const std::vector<LaneProfile>& profiles,
                const std::vector<double>& shifts,
                double least_snr,
                std::vector<Cluster>& clusters) {
  if (clusters.size() < 3 || profiles.size() < 2) return false;
  auto found = bumps_of(profiles, shifts, least_snr, clusters);
  if (found.empty()) return false;
  std::vector<Cluster> all = clusters;
  for (Cluster& c : found) {
    c.sigma = clusters[std::size_t(host_of(clusters, c.level_y))].sigma;
    // One lane says little of where a hidden band is; all together say it well.
    for (Peak& p : c.peaks) p.y = c.level_y + shifts[p.lane];
    all.push_back(c);
  }
  std::ranges::sort(all, {}, &Cluster::level_y);
  std::vector<std::vector<double>> volume(all.size()), snr(all.size());
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const LaneFit fit = fit_lane(data_of(profiles[i], all, i, shifts[i]), rough_fit);
    for (std::size_t k = 0; fit.converged && k < all.size(); ++k) {
      volume[k].push_back(fit.volume[k]);
      snr[k].push_back(fit.volume[k] / fit.se[k]);
    }
  }
  bool kept = false;
  for (const Cluster& c : found) {
    const auto k = std::size_t(std::ranges::find(all, c.level_y, &Cluster::level_y) - all.begin());
    if (volume[k].empty()) continue;
    double host = 0.0;
    for (std::size_t h = 0; h < all.size(); ++h) {
      const double d = std::abs(all[h].level_y - c.level_y);
      if (h != k && d < flank * all[h].sigma) host = std::max(host, median_of(volume[h]));
    }
    if (median_of(volume[k]) < hidden_share * host || median_of(snr[k]) < least_snr) continue;
    clusters.push_back(c);
    kept = true;
  }
  std::ranges::sort(clusters, {}, &Cluster::level_y);
  return kept;
}

}  // namespace

void find_bands(const Signal& signal, int strip, const FindOptions& options, Layout& layout) {
  std::vector<const LaneBox*> lanes;
  for (const LaneBox& l : layout.lanes) {
    if (l.strip == strip) lanes.push_back(&l);
  }
  if (lanes.empty()) return;
  std::vector<LaneProfile> profiles;
  std::vector<std::vector<Peak>> peaks;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    profiles.push_back(lane_profile(signal, *lanes[i]));
    peaks.push_back(peaks_of(profiles.back(), i, options.band_snr));
    std::erase_if(peaks.back(),
                  [&](const Peak& p) { return coverage(signal, *lanes[i], p) < 0.45; });
  }
  const auto shifts = shifts_of(profiles, lanes, peaks);
  std::vector<Peak> all;
  for (auto& of_lane : peaks) {
    for (Peak& p : of_lane) {
      p.level_y = p.y - shifts[p.lane];
      all.push_back(p);
    }
  }
  auto clusters = cluster(std::move(all), lanes.size());
  if (drop_marks(strip, clusters, layout)) return find_bands(signal, strip, options, layout);
  for (int round = 0; round < 3; ++round) {
    if (!add_hidden(profiles, shifts, options.band_snr, clusters)) break;
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    std::vector<double> centre;
    for (const Cluster& c : clusters) {
      const auto mine = std::ranges::find_if(c.peaks, [&](const Peak& p) { return p.lane == i; });
      centre.push_back(mine != c.peaks.end() ? mine->y : c.level_y + shifts[i]);
    }
    for (std::size_t k = 0; k < clusters.size(); ++k) {
      const Cluster& c = clusters[k];
      BandBox band;
      band.strip = strip, band.lane = lanes[i]->lane, band.band = int(k) + 1;
      band.seen = std::ranges::any_of(c.peaks, [&](const Peak& p) { return p.lane == i; });
      band.centre = centre[k];
      band.sigma = c.sigma;
      const double half = 2.5 * c.sigma + 1.0;
      double y0 = centre[k] - half, y1 = centre[k] + half;
      if (k > 0) y0 = std::max(y0, 0.5 * (centre[k] + centre[k - 1]));
      if (k + 1 < clusters.size()) y1 = std::min(y1, 0.5 * (centre[k] + centre[k + 1]));
      const double top = profiles[i].top, bottom = top + double(profiles[i].sum.size());
      if (centre[k] < top || centre[k] >= bottom) continue;
      band.box = {lanes[i]->box.x0, std::max(y0, top), lanes[i]->box.x1, std::min(y1, bottom)};
      layout.bands.push_back(band);
    }
  }
}

}  // namespace kinescape::immunoblot
