// SPDX-License-Identifier: Apache-2.0
// Faint lanes: lanes of one gel stand at one distance, so that the others say where to look for one
// that holds too little to be seen by itself.
#include <algorithm>
#include <cmath>

#include "base/stream.hpp"
#include "immunoblot/bands_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double false_lanes =
    0.002;  ///< Chance of a lane that is none, over all that is looked at.
constexpr double scales_looked_at = 9.0;
constexpr double core_snr = 3.0;         ///< Of what must be seen there apart from the neighbours.
constexpr double least_coverage = 0.45;  ///< Of the lane's width: a speck does not cross it.
constexpr double even = 0.12;            ///< Of the pitch: how far lanes of a comb stray from it.

struct Comb {
  std::vector<LaneBox> lanes;  ///< Of the strip, from the left.
  double pitch = 0.0;
};

double middle_x(const LaneBox& lane) {
  return 0.5 * (lane.box.x0 + lane.box.x1);
}

/// The strip's lanes; no pitch where they do not stand evenly.
Comb comb_of(const Layout& layout, int strip) {
  Comb out;
  for (const LaneBox& l : layout.lanes) {
    if (l.strip == strip) out.lanes.push_back(l);
  }
  std::ranges::sort(out.lanes, {}, middle_x);
  std::vector<double> steps, off;
  for (std::size_t i = 1; i < out.lanes.size(); ++i)
    steps.push_back(middle_x(out.lanes[i]) - middle_x(out.lanes[i - 1]));
  if (steps.size() < 3) return out;
  const double pitch = median_of(steps);
  for (const double s : steps) off.push_back(std::abs(s / pitch - 1.0));
  if (median_of(std::move(off)) < even) out.pitch = pitch;
  return out;
}

/// Centres of a lane's bands, top to bottom, with their numbers.
std::vector<BandBox> bands_of(const Layout& layout, const LaneBox& lane) {
  std::vector<BandBox> out;
  for (const BandBox& b : layout.bands) {
    if (b.strip == lane.strip && b.lane == lane.lane) out.push_back(b);
  }
  std::ranges::sort(out, {}, &BandBox::band);
  return out;
}

/// A lane that may stand beside `near`, away from `far`: its box, and where its bands would be.
struct Candidate {
  LaneBox lane;
  double core0 = 0.0, core1 = 0.0;  ///< Columns that the light of its neighbours does not reach.
  std::vector<BandBox> bands;
};

Candidate beyond(const Layout& layout, const Comb& comb, std::size_t near, std::size_t far) {
  Candidate out;
  const LaneBox &a = comb.lanes[near], &b = comb.lanes[far];
  out.lane = a;
  std::vector<double> widths, slopes;
  for (const LaneBox& l : comb.lanes) widths.push_back(l.box.width());
  const auto mine = bands_of(layout, a), others = bands_of(layout, b);
  for (const BandBox& band : mine) {
    const auto same = std::ranges::find(others, band.band, &BandBox::band);
    if (same != others.end())
      slopes.push_back((band.centre - same->centre) / (middle_x(a) - middle_x(b)));
  }
  // It runs on as both do: the bend of a faint neighbour says nothing of the next lane.
  out.lane.tilt = slopes.empty() ? a.tilt : median_of(std::move(slopes));
  out.lane.bend = 0.0;
  const double step = (near < far ? -1.0 : 1.0) * comb.pitch, fall = out.lane.tilt * step;
  const double x = middle_x(a) + step, half = 0.5 * median_of(std::move(widths));
  out.lane.box = {x - half, a.box.y0 + fall, x + half, a.box.y1 + fall};
  const bool at_end = near == 0 || near + 1 == comb.lanes.size();
  out.core0 = !at_end ? x - 0.5 * half : near < far ? x - half : x;
  out.core1 = !at_end ? x + 0.5 * half : near < far ? x : x + half;
  for (BandBox band : mine) {
    band.centre += fall, band.seen = false;
    band.box = {x - half, band.box.y0 + fall, x + half, band.box.y1 + fall};
    out.bands.push_back(band);
  }
  return out;
}

/// Rows that most lanes of the strip show.
std::vector<int> rows_of(const Layout& layout, const Comb& comb) {
  std::vector<int> seen, out;
  for (const BandBox& b : layout.bands) {
    if (b.strip != comb.lanes.front().strip || !b.seen) continue;
    if (int(seen.size()) <= b.band) seen.resize(std::size_t(b.band) + 1, 0);
    ++seen[std::size_t(b.band)];
  }
  for (std::size_t band = 0; band < seen.size(); ++band) {
    if (2 * seen[band] > int(comb.lanes.size())) out.push_back(int(band));
  }
  return out;
}

/// How far the membrane's own unevenness bends a profile at this scale, counts a pixel: the robust
/// spread of the lanes' profiles away from their bands.
double texture_of(const std::vector<LaneProfile>& profiles,
                  const std::vector<std::vector<double>>& bands,
                  double sigma) {
  std::vector<double> bent;
  for (std::size_t l = 0; l < profiles.size(); ++l) {
    const LaneProfile& p = profiles[l];
    const auto curve = smoothed(p.sum, sigma, 2);
    for (std::size_t i = 0; i < curve.size(); ++i) {
      const double y = p.top + double(i);
      const bool near = std::ranges::any_of(
          bands[l], [&](double centre) { return std::abs(y - centre) < 5.0 * sigma; });
      if (!near) bent.push_back(std::abs(sigma * sigma * curve[i] / p.columns));
    }
  }
  return 1.4826 * median_of(std::move(bent));
}

/// Whether any of the bands stands there, by a bound that holds over all places and widths tried;
/// those that do are seen.
bool stands(const Signal& signal, const Layout& layout, const Comb& comb, Candidate& candidate) {
  const Box& box = candidate.lane.box;
  if (box.x0 < 0.0 || box.x1 > signal.plane.width) return false;
  const bool taken = std::ranges::any_of(layout.lanes, [&](const LaneBox& l) {
    const double common = std::min(l.box.x1, box.x1) - std::max(l.box.x0, box.x0);
    return common > 0.2 * box.width() && l.box.y0 < box.y1 && box.y0 < l.box.y1;
  });
  if (taken) return false;
  std::vector<LaneBox> near = comb.lanes;
  std::erase_if(near, [&](const LaneBox& l) { return is_marker(layout, l.strip, l.lane); });
  std::ranges::sort(
      near, {}, [&](const LaneBox& l) { return std::abs(middle_x(l) - middle_x(candidate.lane)); });
  if (near.size() < 3) return false;
  near.resize(3);
  const auto rows = rows_of(layout, comb);
  const auto reach = [&](const BandBox& b) { return std::max(3.0, b.sigma); };
  const auto of_row = [&](const Peak& p, const BandBox& b) {
    return std::abs(p.y - b.centre) <= reach(b) && p.sigma < 2.0 * b.sigma &&
           p.sigma > 0.5 * b.sigma && std::ranges::find(rows, b.band) != rows.end();
  };
  double tests = 0.0;
  for (const BandBox& b : candidate.bands) tests += (2.0 * reach(b) + 1.0) * scales_looked_at;
  const double least = normal_quantile(1.0 - false_lanes / std::max(tests, 1.0));
  std::vector<LaneProfile> profiles{lane_profile(signal, candidate.lane)};
  std::vector<std::vector<Peak>> peaks{peaks_of(profiles.front(), 0, least)};
  std::erase_if(peaks.front(), [&](const Peak& p) {
    return coverage(signal, candidate.lane, p) < least_coverage ||
           std::ranges::none_of(candidate.bands, [&](const BandBox& b) { return of_row(p, b); });
  });
  LaneBox core = candidate.lane;
  core.box.x0 = candidate.core0, core.box.x1 = candidate.core1;
  const double aside = middle_x(core) - middle_x(candidate.lane);
  const auto alone = peaks_of(lane_profile(signal, core), 0, core_snr);
  std::erase_if(peaks.front(), [&](const Peak& p) {
    return std::ranges::none_of(alone, [&](const Peak& q) {
      return std::abs(q.y - candidate.lane.tilt * aside - p.y) <= std::max(2.0, 0.7 * p.sigma);
    });
  });
  if (peaks.front().empty()) return false;
  for (const LaneBox& l : near) {
    profiles.push_back(lane_profile(signal, l));
    peaks.emplace_back();
    for (const BandBox& b : bands_of(layout, l))
      peaks.back().push_back({peaks.size() - 1, b.centre, b.sigma, 0.0, 0.0, 0.0});
  }
  if (!rises(profiles, peaks, 0)) return false;
  std::vector<std::vector<double>> centres;
  for (const auto& of_lane : peaks) {
    centres.emplace_back();
    for (const Peak& p : of_lane) centres.back().push_back(p.y);
  }
  std::erase_if(peaks.front(), [&](const Peak& p) {
    const LaneProfile& mine = profiles.front();
    const double bent = -p.sigma * p.sigma *
                        smoothed(mine.sum, p.sigma, 2)[std::size_t(p.y - mine.top)] / mine.columns;
    return bent < least * texture_of(profiles, centres, p.sigma);
  });
  if (peaks.front().empty()) return false;
  for (BandBox& b : candidate.bands) {
    for (const Peak& p : peaks.front()) {
      if (!of_row(p, b)) continue;
      const double by = p.y - b.centre;
      b.centre += by, b.box.y0 += by, b.box.y1 += by, b.seen = true;
    }
    b.box.y0 = std::max(b.box.y0, candidate.lane.box.y0);
    b.box.y1 = std::min(b.box.y1, candidate.lane.box.y1);
  }
  std::erase_if(candidate.bands, [&](const BandBox& b) {
    return b.centre < candidate.lane.box.y0 || b.centre >= candidate.lane.box.y1;
  });
  return true;
}

/// Puts the lane where it stands among the strip's and numbers these anew.
void insert(const Candidate& candidate, Layout& layout) {
  const int strip = candidate.lane.strip;
  int number = 1;
  auto at = std::ranges::find(layout.lanes, strip, &LaneBox::strip);
  while (at != layout.lanes.end() && at->strip == strip &&
         middle_x(*at) < middle_x(candidate.lane)) {
    ++at, ++number;
  }
  for (LaneBox& l : layout.lanes) {
    if (l.strip == strip && l.lane >= number) ++l.lane;
  }
  for (BandBox& b : layout.bands) {
    if (b.strip == strip && b.lane >= number) ++b.lane;
  }
  LaneBox lane = candidate.lane;
  lane.lane = number;
  layout.lanes.insert(at, lane);
  for (BandBox band : candidate.bands) {
    band.lane = number;
    layout.bands.push_back(band);
  }
  std::ranges::stable_sort(layout.bands, [](const BandBox& a, const BandBox& b) {
    return std::pair(a.strip, a.lane) < std::pair(b.strip, b.lane);
  });
  for (StripBox& s : layout.strips) {
    if (s.strip != strip) continue;
    s.box.x0 = std::min(s.box.x0, lane.box.x0), s.box.x1 = std::max(s.box.x1, lane.box.x1);
  }
}

/// The next lane that stands beyond an end or in a hole of the comb.
bool add_one(const Signal& signal, int strip, Layout& layout) {
  const Comb comb = comb_of(layout, strip);
  if (!(comb.pitch > 0.0)) return false;
  const std::size_t last = comb.lanes.size() - 1;
  // A comb ends where a marker stands, or may stand; before a marker that stands at its number no
  // lane is missing.
  std::vector<std::pair<std::size_t, std::size_t>> places;
  bool counted = false, more = false;
  for (const MarkerLane& m : layout.markers) {
    if (m.strip != 0 && m.strip != strip) continue;
    (m.lane > int(comb.lanes.size()) ? more : counted) = true;
  }
  if (!counted) places.emplace_back(0, 1);
  if (!more && !is_marker(layout, strip, comb.lanes.back().lane))
    places.emplace_back(last, last - 1);
  for (std::size_t i = 1; i < last && layout.markers.empty(); ++i) {
    const double step = (middle_x(comb.lanes[i + 1]) - middle_x(comb.lanes[i])) / comb.pitch;
    if (step > 1.7 && std::abs(step - std::round(step)) < 2.0 * even) places.emplace_back(i, i - 1);
  }
  for (const auto& [near, far] : places) {
    Candidate candidate = beyond(layout, comb, near, far);
    if (!stands(signal, layout, comb, candidate)) continue;
    insert(candidate, layout);
    return true;
  }
  return false;
}

}  // namespace

void add_faint_lanes(const Signal& signal, int strip, Layout& layout) {
  for (int round = 0; round < 8 && add_one(signal, strip, layout); ++round) {
  }
}

}  // namespace kinescape::immunoblot
