// SPDX-License-Identifier: Apache-2.0
// Bands that hide on the flanks of others: what a first fit of all lanes leaves over.
#include <algorithm>
#include <cmath>

#include "immunoblot/bands_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double misfit = 0.05;  ///< Of a peak: what its shape may leave unexplained.

constexpr double hidden_share = 0.12;  ///< Of the band on whose flank it hides.
constexpr double flank = 4.0;          ///< Half widths: as far as one band can hide another.

LaneData data_of(const LaneProfile& profile,
                 const std::vector<Cluster>& clusters,
                 std::size_t lane,
                 double shift) {
  LaneData data{profile.sum, profile.variance, {}, {}, {}, {}, {}, {}, 0.0};
  for (std::size_t k = 0; k < clusters.size(); ++k) {
    data.centre.push_back(place_in(clusters, k, lane, shift) - profile.top);
    data.sigma.push_back(clusters[k].sigma);
    data.seen.push_back(
        std::ranges::any_of(clusters[k].peaks, [&](const Peak& p) { return p.lane == lane; }));
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

}  // namespace

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

}  // namespace kinescape::immunoblot
