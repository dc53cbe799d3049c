// SPDX-License-Identifier: Apache-2.0
// Bands: which peaks are the same band in all lanes of a strip, and which lanes are none.
#include <algorithm>
#include <cmath>

#include "immunoblot/background_internal.hpp"
#include "immunoblot/bands_internal.hpp"

namespace kinescape::immunoblot {
namespace {

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

}  // namespace

double place_in(const std::vector<Cluster>& clusters,
                std::size_t k,
                std::size_t lane,
                double shift) {
  const auto own = [&](std::size_t c) -> const Peak* {
    const auto& peaks = clusters[c].peaks;
    const auto at = std::ranges::find_if(peaks, [&](const Peak& p) { return p.lane == lane; });
    return at == peaks.end() ? nullptr : &*at;
  };
  if (const Peak* mine = own(k)) return mine->y;
  const double level = clusters[k].level_y;
  std::ptrdiff_t above = std::ptrdiff_t(k) - 1;
  std::size_t below = k + 1;
  while (above >= 0 && own(std::size_t(above)) == nullptr) --above;
  while (below < clusters.size() && own(below) == nullptr) ++below;
  if (above < 0 || below >= clusters.size()) return level + shift;
  const Cluster &a = clusters[std::size_t(above)], &b = clusters[below];
  const double offset_a = own(std::size_t(above))->y - a.level_y;
  const double offset_b = own(below)->y - b.level_y;
  const double share = (level - a.level_y) / std::max(b.level_y - a.level_y, 1e-9);
  return level + offset_a + share * (offset_b - offset_a);
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

namespace {

constexpr double least_rise = 0.5;  ///< Of its height over its sides: less stands between marks.

}  // namespace

bool rises(const std::vector<LaneProfile>& profiles,
           const std::vector<std::vector<Peak>>& peaks,
           std::size_t lane) {
  if (peaks[lane].empty() || profiles.size() < 4) return true;
  const bool at_left = lane == 0;
  std::vector<std::vector<double>> grounds;
  std::vector<int> tops;
  for (std::size_t k = 1; k <= 3; ++k) {
    const LaneProfile& p = profiles[at_left ? lane + k : lane - k];
    std::vector<double> mean, widths{4.0};
    for (const double s : p.sum) mean.push_back(s / p.columns);
    for (const Peak& peak : peaks[at_left ? lane + k : lane - k]) widths.push_back(peak.sigma);
    // Wide enough not to rest on the bands of a crowded lane.
    grounds.push_back(rolled(smoothed(mean, 1.0), 3.0 * ball_radius(widths)));
    tops.push_back(p.top);
  }
  const LaneProfile& mine = profiles[lane];
  const auto steady = smoothed(mine.sum, 1.0);
  double rise = 0.0, height = 0.0;
  for (const Peak& p : peaks[lane]) {
    std::vector<double> under;
    for (std::size_t k = 0; k < grounds.size(); ++k) {
      const double last = double(grounds[k].size()) - 1.0;
      under.push_back(grounds[k][std::size_t(std::clamp(p.y - tops[k], 0.0, last))]);
    }
    rise += steady[std::size_t(p.y - mine.top)] / mine.columns - median_of(std::move(under));
    height += p.height / mine.columns;
  }
  return rise >= least_rise * height;
}

namespace {

/// A smear at the membrane's edge has none of the others' bands: few peaks, and low ones.
bool has_bands(const std::vector<Cluster>& clusters, std::size_t lanes, std::size_t lane) {
  if (clusters.size() < 3 || lanes < 4) return true;
  std::vector<double> count(lanes, 0.0), height(lanes, 0.0);
  for (const Cluster& c : clusters) {
    for (const Peak& p : c.peaks) count[p.lane] += 1.0, height[p.lane] += p.height;
  }
  return count[lane] > 0.6 * median_of(count) || height[lane] > 0.6 * median_of(height);
}

/// Takes away a lane at an end of the strip that `is` not one, and says so.
template <class Is>
bool drop_end(int strip, Is is, Layout& layout) {
  std::vector<std::size_t> mine;
  for (std::size_t i = 0; i < layout.lanes.size(); ++i) {
    if (layout.lanes[i].strip == strip) mine.push_back(i);
  }
  for (const std::size_t end : {mine.size() - 1, std::size_t{0}}) {
    if (is_marker(layout, strip, layout.lanes[mine[end]].lane) || is(end)) continue;
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

namespace {

/// Profiles of lanes and the peaks in them.
struct Searched {
  std::vector<const LaneBox*> lanes;
  std::vector<LaneProfile> profiles;
  std::vector<std::vector<Peak>> peaks;
};

Searched search(const Signal& signal, std::vector<const LaneBox*> lanes, double least_snr) {
  Searched out;
  out.lanes = std::move(lanes);
  for (std::size_t i = 0; i < out.lanes.size(); ++i) {
    out.profiles.push_back(lane_profile(signal, *out.lanes[i]));
    out.peaks.push_back(peaks_of(out.profiles.back(), i, least_snr));
    std::erase_if(out.peaks.back(),
                  [&](const Peak& p) { return coverage(signal, *out.lanes[i], p) < 0.45; });
  }
  return out;
}

/// Boxes of the bands of lane `i`, at `centre`.
void add_boxes(const Searched& s,
               std::size_t i,
               int strip,
               const std::vector<Cluster>& clusters,
               const std::vector<double>& centre,
               Layout& layout) {
  const LaneBox lane = *s.lanes[i];
  for (std::size_t k = 0; k < clusters.size(); ++k) {
    const Cluster& c = clusters[k];
    BandBox band;
    band.strip = strip, band.lane = lane.lane, band.band = int(k) + 1;
    band.seen = std::ranges::any_of(c.peaks, [&](const Peak& p) { return p.lane == i; });
    band.centre = centre[k];
    band.sigma = c.sigma;
    const double half = 2.5 * c.sigma + 1.0;
    double y0 = centre[k] - half, y1 = centre[k] + half;
    if (k > 0) y0 = std::max(y0, 0.5 * (centre[k] + centre[k - 1]));
    if (k + 1 < clusters.size()) y1 = std::min(y1, 0.5 * (centre[k] + centre[k + 1]));
    const double top = s.profiles[i].top, bottom = top + double(s.profiles[i].sum.size());
    if (centre[k] < top || centre[k] >= bottom) continue;
    band.box = {lane.box.x0, std::max(y0, top), lane.box.x1, std::min(y1, bottom)};
    layout.bands.push_back(band);
  }
}

/// A marker's bands are those that are seen in it.
void add_marker_bands(const Searched& s, std::size_t i, int strip, Layout& layout) {
  std::vector<Peak> peaks = s.peaks[i];
  std::ranges::sort(peaks, {}, &Peak::y);
  std::vector<Cluster> own;
  std::vector<double> centre;
  for (const Peak& p : peaks) own.push_back({{p}, p.y, p.sigma}), centre.push_back(p.y);
  add_boxes(s, i, strip, own, centre, layout);
}

}  // namespace

void find_bands(const Signal& signal, int strip, const FindOptions& options, Layout& layout) {
  std::vector<const LaneBox*> lanes, markers;
  for (const LaneBox& l : layout.lanes) {
    if (l.strip == strip) (is_marker(layout, strip, l.lane) ? markers : lanes).push_back(&l);
  }
  const Searched marked = search(signal, std::move(markers), options.band_snr);
  for (std::size_t i = 0; i < marked.lanes.size(); ++i) add_marker_bands(marked, i, strip, layout);
  if (lanes.empty()) return;
  const Searched s = search(signal, std::move(lanes), options.band_snr);
  const std::size_t n = s.lanes.size();
  const bool alone = marked.lanes.empty();  // beside a marker, lanes end where it stands
  const auto above = [&](std::size_t lane) { return !alone || rises(s.profiles, s.peaks, lane); };
  if (drop_end(strip, above, layout)) return find_bands(signal, strip, options, layout);
  const auto shifts = shifts_of(s.profiles, s.lanes, s.peaks);
  std::vector<Peak> all;
  for (const auto& of_lane : s.peaks) {
    for (Peak p : of_lane) {
      p.level_y = p.y - shifts[p.lane];
      all.push_back(p);
    }
  }
  auto clusters = cluster(std::move(all), n);
  const auto banded = [&](std::size_t lane) { return !alone || has_bands(clusters, n, lane); };
  if (drop_end(strip, banded, layout)) return find_bands(signal, strip, options, layout);
  for (int round = 0; round < 3; ++round) {
    if (!add_hidden(s.profiles, shifts, options.band_snr, clusters)) break;
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> centre;
    for (std::size_t k = 0; k < clusters.size(); ++k)
      centre.push_back(place_in(clusters, k, i, shifts[i]));
    add_boxes(s, i, strip, clusters, centre, layout);
  }
}

}  // namespace kinescape::immunoblot
