// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "viability/quantities_internal.hpp"

namespace kinescape::viability::model {
namespace {

using dose_response::Shape;

using std::numbers::ln10;

// Central differences by all nine numbers that the shape uses.
template <class F>
double differentiate(const Theta& theta, std::array<double, 9>& g, F f) {
  g.fill(0.0);
  for (int i : free_parameters(theta.shape, true)) {
    const auto j = static_cast<std::size_t>(i);
    Theta a = theta, b = theta;
    a.at[j] -= 1e-5, b.at[j] += 1e-5;
    g[j] = (f(b) - f(a)) / 2e-5;
  }
  return f(theta);
}

// Two-panel Gauss-Legendre with 8 nodes each: the curves are smooth on a panel of a few decades.
template <class F>
double mean_over(double low, double high, F f) {
  static constexpr std::array<double, 4> x{
      0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
  static constexpr std::array<double, 4> w{
      0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
  const int panels = std::max(1, static_cast<int>(std::ceil((high - low) / 0.5)));
  const double half = (high - low) / panels / 2.0;
  double sum = 0.0;
  for (int p = 0; p < panels; ++p) {
    const double mid = low + half * (2 * p + 1);
    for (std::size_t i = 0; i < x.size(); ++i)
      sum += w[i] * (f(mid - half * x[i]) + f(mid + half * x[i]));
  }
  return sum / (2.0 * panels);
}

double auc(const Theta& theta, double low, double high) {
  const auto& q = theta.at;
  const bool logistic = theta.shape == Shape::log_logistic4 ||
                        theta.shape == Shape::log_logistic3 ||
                        theta.shape == Shape::log_logistic3u || theta.shape == Shape::log_logistic2;
  if (!logistic || !(high > low))
    return high > low ? mean_over(low, high, [&](double u) { return response(theta, u); })
                      : response(theta, low);
  const double h = std::exp(q[1]);
  const auto primitive = [&](double u) {
    const double w = h * ln10 * (u - q[0]);
    const double log_one = w > 0.0 ? w + std::log1p(std::exp(-w)) : std::log1p(std::exp(w));
    return u - log_one / (ln10 * h);
  };
  return q[3] + (q[2] - q[3]) * (primitive(high) - primitive(low)) / (high - low);
}

}  // namespace

double Coordinate::value(const Theta& theta, std::array<double, 9>& g) const {
  g.fill(0.0);
  g[static_cast<std::size_t>(index)] = 1.0;
  return theta.at[static_cast<std::size_t>(index)];
}

double AtDose::value(const Theta& theta, std::array<double, 9>& g) const {
  return response(theta, log10_dose, g);
}

double RelativeIc::value(const Theta& theta, std::array<double, 9>& g) const {
  return differentiate(theta, g, [&](const Theta& t) {
    return dose_response::log10_relative_ic_nM(to_curve(t), share);
  });
}

double AbsoluteIc::value(const Theta& theta, std::array<double, 9>& g) const {
  const double u = dose_response::log10_dose_at_nM(to_curve(theta), level);
  if (!std::isfinite(u)) {
    g.fill(0.0);
    return u;
  }
  response(theta, u, g);
  const double by_midpoint = g[0];  // All shapes depend on u - midpoint: df/du = -df/dmidpoint.
  for (double& x : g) x /= by_midpoint;
  return u;
}

double Auc::value(const Theta& theta, std::array<double, 9>& g) const {
  return differentiate(theta, g, [&](const Theta& t) { return auc(t, low, high); });
}

double growth_rate_of(double viability, double doublings) {
  return 2.0 * std::pow(std::max(0.0, viability), 1.0 / doublings) - 1.0;
}

double GrowthAoc::value(const Theta& theta, std::array<double, 9>& g) const {
  return differentiate(theta, g, [&](const Theta& t) {
    return mean_over(
        low, high, [&](double u) { return 1.0 - growth_rate_of(response(t, u), doublings); });
  });
}

namespace {

// Least squares of a falling sigmoid in GR with top 1: Gauss-Newton with halving on three numbers.
double slope_of_growth(const Theta& theta, const std::vector<double>& u, double doublings) {
  std::vector<double> y;
  for (double x : u) y.push_back(growth_rate_of(response(theta, x), doublings));
  Theta s;
  s.shape = Shape::log_logistic3u;
  s.at[0] = theta.at[0], s.at[1] = theta.at[1];
  s.at[3] = growth_rate_of(theta.at[3], doublings);
  const auto squares = [&](const Theta& t) {
    double q = 0.0;
    for (std::size_t i = 0; i < u.size(); ++i) q += std::pow(y[i] - response(t, u[i]), 2);
    return q;
  };
  double q = squares(s), lambda = 1e-3;
  for (int it = 0; it < 60 && lambda < 1e10; ++it) {
    std::vector<double> h(9, 0.0), b(3, 0.0);
    for (std::size_t i = 0; i < u.size(); ++i) {
      std::array<double, 9> d{};
      const double r = y[i] - response(s, u[i], d);
      const std::array<double, 3> row{d[0], d[1], d[3]};
      for (std::size_t a = 0; a < 3; ++a) {
        b[a] += row[a] * r;
        for (std::size_t c = 0; c < 3; ++c) h[a * 3 + c] += row[a] * row[c];
      }
    }
    for (std::size_t a = 0; a < 3; ++a) h[a * 4] += lambda * h[a * 4] + 1e-15;
    if (!cholesky(h, 3)) return unknown;
    cholesky_solve(h, 3, b);
    Theta t = s;
    t.at[0] += b[0], t.at[1] += b[1], t.at[3] = std::clamp(t.at[3] + b[2], -1.0, 1.0);
    const double next = squares(t);
    if (next > q) {
      lambda *= 10.0;
      continue;
    }
    const bool done = q - next < 1e-14;
    s = t, q = next, lambda *= 0.1;
    if (done) break;
  }
  return s.at[1];
}

}  // namespace

double GrowthSlope::value(const Theta& theta, std::array<double, 9>& g) const {
  return differentiate(
      theta, g, [&](const Theta& t) { return slope_of_growth(t, log10_doses, doublings); });
}

}  // namespace kinescape::viability::model
