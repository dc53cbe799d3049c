// SPDX-License-Identifier: Apache-2.0
/// \file From lane profiles to the bands of a strip: peaks, and which of them are the same band.
#pragma once

#include <vector>

#include "immunoblot/find_internal.hpp"
#include "immunoblot/fit_internal.hpp"

namespace kinescape::immunoblot {

struct Peak {
  std::size_t lane;  ///< Index in the strip.
  double y, sigma, snr, height;
  double level_y;  ///< y on the scale that all lanes share.
};

/// Peaks of one lane, from fine to coarse: a coarse one counts where no finer one stands, and a
/// fine one where it is no ripple on a coarse one.
[[nodiscard]] std::vector<Peak> peaks_of(const LaneProfile& profile,
                                         std::size_t lane,
                                         double least_snr);

/// Share of the lane's columns over which the peak stands up: a speck does not cross its lane.
[[nodiscard]] double coverage(const Signal& signal, const LaneBox& lane, const Peak& peak);

/// Light marks beside the lanes leave membrane between them that looks like bands. A band rises
/// above the membrane its lane lies on; what stands between marks does not. The membrane is what
/// the next three lanes lie on: a ball rolled under their profiles. Whether the peaks of the lane
/// at one end rise above it by half of their height over their own sides.
[[nodiscard]] bool rises(const std::vector<LaneProfile>& profiles,
                         const std::vector<std::vector<Peak>>& peaks,
                         std::size_t lane);

/// Lanes of a strip that stand where the distance of the others puts one, beyond an end or in a
/// hole, and show some of their bands.
void add_faint_lanes(const Signal& signal, int strip, Layout& layout);

/// The same band in several lanes.
struct Cluster {
  std::vector<Peak> peaks;
  double level_y = 0.0, sigma = 0.0;
};
[[nodiscard]] std::vector<Cluster> cluster(std::vector<Peak> peaks, std::size_t lanes);

/// Where band `k` lies in a lane: its own peak; else where the nearest bands above and below that
/// are seen there put it, if both are; else where the lane's shift does.
[[nodiscard]] double place_in(const std::vector<Cluster>& clusters,
                              std::size_t k,
                              std::size_t lane,
                              double shift);

/// Adds bands that hide on the flanks of others, and keeps those that a new fit makes a real part
/// of their host in the middle lane. Returns whether any was kept.
bool add_hidden(const std::vector<LaneProfile>& profiles,
                const std::vector<double>& shifts,
                double least_snr,
                std::vector<Cluster>& clusters);

}  // namespace kinescape::immunoblot
