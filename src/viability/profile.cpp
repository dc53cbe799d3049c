// SPDX-License-Identifier: Apache-2.0
// Profiles of quantities, variances from the repeats, and the intervals made of both.
#include <algorithm>
#include <cmath>

#include "viability/quantities_internal.hpp"

namespace kinescape::viability::model {
namespace {

// The minimum of objective + stiffness (psi - target)^2 minimises the objective among all curves
// with its own psi, whatever the stiffness: each such point lies exactly on the profile.
Side follow(const Data& data,
            const Fit& fit,
            const Quantity& quantity,
            double z,
            double end,
            double first_step,
            double sign) {
  Side side;
  std::array<double, 9> g{};
  const double psi_hat = quantity.value(fit.theta, g);
  side.psi = {psi_hat};
  side.z = {0.0};
  Fit moving = fit;
  std::vector<double> accepted = fit.p;
  double step = first_step, target = psi_hat, deepest = fit.q;
  double stiffness = 60.0 / (first_step * first_step);
  for (int it = 0; it < 60; ++it) {
    target += sign * step;
    const bool last = sign * (target - end) >= 0.0;
    if (last) target = end;
    const Pull pull{&quantity, target, stiffness, 0.0};
    minimise(data, moving, pull, 40, 1e-8);
    const double psi = quantity.value(moving.theta, g);
    if (!std::isfinite(psi)) break;
    if (std::abs(psi - target) > 0.3 * step) stiffness *= 8.0;
    deepest = std::min(deepest, moving.q);
    const double depth = std::sqrt(std::max(0.0, moving.q - deepest));
    if (sign * (psi - side.psi.back()) <= 0.0) {
      if (last) break;
      moving.p = accepted;
      step *= 2.0;
      continue;
    }
    const double gained = depth - side.z.back();
    // Too coarse a step would round off the profile's shape: go back and halve it.
    if (gained > std::max(1.6, 0.35 * z) && step > first_step * 0.05 && it < 50) {
      target -= sign * step;
      step *= 0.4;
      moving.p = accepted;
      continue;
    }
    accepted = moving.p;
    side.psi.push_back(psi);
    side.z.push_back(std::max(depth, side.z.back()));
    if (depth >= z) {
      side.open = false;
      break;
    }
    if (last) {
      side.edge = end;
      break;
    }
    target = psi;
    step *= std::clamp(std::max(1.0, 0.15 * z) / std::max(gained, 0.05), 0.5, 2.5);
  }
  return side;
}

}  // namespace

Profile trace(const Data& data,
              const Fit& fit,
              const Quantity& quantity,
              double z,
              double lowest,
              double highest,
              double first_step) {
  Profile profile;
  std::array<double, 9> g{};
  profile.psi = quantity.value(fit.theta, g);
  profile.down = follow(data, fit, quantity, z, lowest, first_step, -1.0);
  profile.up = follow(data, fit, quantity, z, highest, first_step, 1.0);
  return profile;
}

Known variances(const Data& data,
                const Fit& fit,
                const Quantity& quantity,
                std::span<const double> more) {
  Known known;
  known.repeats = data.repeats;
  const auto n = static_cast<std::size_t>(fit.layout.size);
  std::array<double, 9> g{};
  known.profile.psi = quantity.value(fit.theta, g);
  // u = covariance * d psi / d p
  std::vector<double> u(n, 0.0);
  known.naive = 0.0;
  double held = 0.0, all = 0.0;
  for (std::size_t j = 0; j < fit.layout.theta.size(); ++j) {
    const double gj = g[static_cast<std::size_t>(fit.layout.theta[j])];
    all += gj * gj;
    if (fit.at_bound[j]) held += gj * gj;
    for (std::size_t i = 0; i < n; ++i) u[i] += fit.covariance[i * n + j] * gj;
  }
  for (std::size_t j = 0; j < fit.layout.theta.size(); ++j)
    known.naive += u[j] * g[static_cast<std::size_t>(fit.layout.theta[j])];
  known.regular =
      fit.usable && std::isfinite(known.profile.psi) && known.naive > 0.0 && held < 0.5 * all;
  known.df = known.own_df = fit.df;
  const std::size_t repeats = data.repeats.size();
  known.moved = g[0] * g[0];
  const double shifts = known.moved * fit.tau * fit.tau / static_cast<double>(repeats);
  known.technical = std::max(known.naive - shifts, 0.05 * known.naive);
  if (repeats < 2) return known;
  // Contributions c_r = u' s_r, and their covariance G under the likelihood, from which come the
  // small-sample factor and the degrees of freedom (Bell & McCaffrey 2002): R - 1 when balanced.
  std::vector<std::vector<double>> t(repeats);
  std::vector<double> hessian, score;
  for (std::size_t r = 0; r < repeats; ++r) {
    objective(data, fit, fit.p, Pull{}, &hessian, &score, static_cast<int>(r));
    double c = 0.0;
    for (std::size_t i = 0; i < n; ++i) c += u[i] * score[i];
    known.contribution.push_back(c);
    t[r].assign(n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) t[r][i] += hessian[i * n + j] * u[j];
  }
  double trace_g = 0.0, trace_g2 = 0.0;
  for (std::size_t r = 0; r < repeats; ++r)
    for (std::size_t q = 0; q < repeats; ++q) {
      double v = 0.0;
      for (std::size_t i = 0; i < n; ++i) {
        double ct = 0.0;
        for (std::size_t j = 0; j < n; ++j) ct += fit.covariance[i * n + j] * t[q][j];
        v -= t[r][i] * ct;
        if (r == q) v += t[r][i] * u[i];
      }
      trace_g2 += v * v;
      if (r == q) trace_g += v;
    }
  if (!(trace_g > 0.0 && trace_g2 > 0.0)) return known;
  const double factor = std::sqrt(known.naive / trace_g);
  known.robust = 0.0;
  for (std::size_t r = 0; r < repeats; ++r) {
    double& c = known.contribution[r];
    c = factor * (c + (more.empty() ? 0.0 : more[r]));
    known.robust += c * c;
  }
  known.df = std::clamp(trace_g * trace_g / trace_g2, 0.5, static_cast<double>(repeats - 1));
  known.own_df = known.df;
  return known;
}

double depth_at(const Data& data, Fit& moving, double q0, double log10_dose, double level) {
  // Augmented Lagrangian: the stiffness is what the wells at such a dose would give; three updates
  // of the multiplier bring the response onto the level.
  const AtDose quantity(log10_dose);
  std::array<double, 9> g{};
  Pull pull{&quantity, level, 4e4, 0.0};
  for (int it = 0; it < 4; ++it) {
    minimise(data, moving, pull, 40, 1e-8);
    const double off = quantity.value(moving.theta, g) - level;
    if (std::abs(off) < 1e-5) break;
    pull.pull += 2.0 * pull.stiffness * off;
  }
  return std::sqrt(std::max(0.0, moving.q - q0));
}

Profile trace_unreached(const Data& data, const Fit& fit, double level, double z) {
  Profile profile;
  profile.psi = data.highest;
  profile.down.psi = {data.highest}, profile.down.z = {0.0};
  profile.up.psi = {data.highest}, profile.up.z = {0.0};
  Fit moving = fit;
  const double here = depth_at(data, moving, fit.q, data.highest, level);
  if (here >= z) {
    // Even at the highest dose the level is excluded: the interval starts beyond it.
    profile.down.psi.push_back(data.highest + 1e-12), profile.down.z.push_back(z);
    profile.down.open = false;
    return profile;
  }
  double before = 0.0;
  for (int k = 0; k < 80; ++k) {
    const double u = data.highest - 0.1 * k;
    if (u < data.lowest - 2.0) break;
    const double depth = std::max(before, depth_at(data, moving, fit.q, u, level));
    profile.down.psi.push_back(u), profile.down.z.push_back(depth);
    before = depth;
    if (depth < z) continue;
    profile.down.open = false;
    break;
  }
  return profile;
}

double psi_at(const Profile& profile, bool up, double z) {
  const Side& s = up ? profile.up : profile.down;
  const auto it = std::lower_bound(s.z.begin(), s.z.end(), z);
  if (it == s.z.end()) {
    if (s.open || s.z.size() < 2) return unknown;
    const std::size_t n = s.z.size();  // As in z_of: the last slope goes on.
    const double slope = (s.psi[n - 1] - s.psi[n - 2]) / (s.z[n - 1] - s.z[n - 2]);
    return s.psi.back() + slope * (z - s.z.back());
  }
  if (it == s.z.begin()) return s.psi.front();
  const auto i = static_cast<std::size_t>(it - s.z.begin());
  // Monotone piecewise cubic would add little: z is close to linear in psi.
  const double share = (z - s.z[i - 1]) / (s.z[i] - s.z[i - 1]);
  return s.psi[i - 1] + share * (s.psi[i] - s.psi[i - 1]);
}

double z_of(const Profile& profile, double psi) {
  const bool up = psi > profile.psi;
  const Side& s = up ? profile.up : profile.down;
  const double sign = up ? 1.0 : -1.0;
  const std::size_t n = s.psi.size();
  for (std::size_t i = 1; i < n; ++i)
    if (sign * (psi - s.psi[i]) <= 0.0)
      return s.z[i - 1] + (s.z[i] - s.z[i - 1]) * (psi - s.psi[i - 1]) / (s.psi[i] - s.psi[i - 1]);
  if (n < 2 || s.open) return s.z.back();
  const double slope = (s.z[n - 1] - s.z[n - 2]) / (s.psi[n - 1] - s.psi[n - 2]);
  return s.z.back() + slope * (psi - s.psi.back());
}

double interval_end(const Known& known, bool up, double t) {
  const double ratio = known.robust == known.robust ? known.robust / known.naive : 1.0;
  double end = psi_at(known.profile, up, t);
  if (ratio <= 1.0 || !known.regular) {
    end = psi_at(known.profile, up, t * std::sqrt(ratio));
  } else {
    // The likelihood's own uncertainty keeps its shape; what the repeats vary beyond it is added as
    // a symmetric variance (recovered-variance intervals, Zou & Donner 2008).
    const double d = end - known.profile.psi, more = t * t * (known.robust - known.naive);
    end = known.profile.psi + (up ? 1.0 : -1.0) * std::sqrt(d * d + more);
  }
  return end >= known.least && end <= known.most ? end : unknown;
}

}  // namespace kinescape::viability::model
