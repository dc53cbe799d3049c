// SPDX-License-Identifier: Apache-2.0
// What the lanes of one strip have in common: the shape of their bands, and where these lie.
#include <algorithm>
#include <array>
#include <cmath>

#include "immunoblot/fit_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr std::size_t enough_lanes = 3;
constexpr int rounds = 12;             ///< Of reweighting: weights settle in half as many.
constexpr double tukey = 4.685;        ///< Biweight of 95 % efficiency (Holland and Welsch 1977).
constexpr double finest_share = 0.02;  ///< Of a half width: places are not known better than this.

/// a + b u + c u^2, of which the last terms may be absent.
struct Bow {
  std::array<double, 3> p{};
  [[nodiscard]] double at(double u) const { return p[0] + u * (p[1] + u * p[2]); }
};

/// Weighted least squares of `terms` coefficients by elimination.
Bow bow_through(const std::vector<double>& u,
                const std::vector<double>& y,
                const std::vector<double>& weight,
                std::size_t terms) {
  std::array<std::array<double, 4>, 3> m{};
  for (std::size_t i = 0; i < u.size(); ++i) {
    const std::array<double, 3> x{1.0, u[i], u[i] * u[i]};
    for (std::size_t a = 0; a < terms; ++a) {
      for (std::size_t b = 0; b < terms; ++b) m[a][b] += weight[i] * x[a] * x[b];
      m[a][3] += weight[i] * x[a] * y[i];
    }
  }
  Bow out;
  for (std::size_t a = 0; a < terms; ++a) {
    if (!(m[a][a] > 1e-9)) return out;
    for (std::size_t r = a + 1; r < terms; ++r) {
      const double k = m[r][a] / m[a][a];
      for (std::size_t c = a; c < 4; ++c) m[r][c] -= k * m[a][c];
    }
  }
  for (std::size_t a = terms; a-- > 0;) {
    double rest = m[a][3];
    for (std::size_t b = a + 1; b < terms; ++b) rest -= m[a][b] * out.p[b];
    out.p[a] = rest / m[a][a];
  }
  return out;
}

double spread_of(std::vector<double> off) {
  for (double& d : off) d = std::abs(d);
  return 1.4826 * median_of(std::move(off));
}

/// Robust: bands that were taken for others in one lane do not move it.
Bow robust_bow(const std::vector<double>& u, const std::vector<double>& y, std::size_t terms) {
  std::vector<double> weight(u.size(), 1.0), off(u.size());
  Bow bow{{median_of(y), 0.0, 0.0}};
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < u.size(); ++i) off[i] = y[i] - bow.at(u[i]);
    const double reach = tukey * (spread_of(off) + 0.05);
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double z = off[i] / reach;
      weight[i] = std::abs(z) < 1.0 ? (1.0 - z * z) * (1.0 - z * z) : 0.0;
    }
    bow = bow_through(u, y, weight, terms);
  }
  return bow;
}

bool shows_most(const LaneData& data) {
  return 2 * std::ranges::count(data.seen, true) >= std::ssize(data.seen);
}

std::vector<double> middles(const std::vector<std::vector<double>>& rows) {
  std::vector<double> out;
  for (std::size_t k = 0; k < rows.front().size(); ++k) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row[k]);
    out.push_back(median_of(std::move(values)));
  }
  return out;
}

/// How one lane's bands lie against the middle of all: through those that were seen.
Bow bow_of(const std::vector<double>& u,
           const std::vector<double>& middle,
           const LaneData& data,
           const LaneFit& fit,
           std::size_t terms) {
  std::vector<double> at, off;
  for (std::size_t b = 0; b < u.size(); ++b) {
    if (data.seen[b]) at.push_back(u[b]), off.push_back(fit.centre[b] - middle[b]);
  }
  return robust_bow(at, off, std::min(terms, std::max<std::size_t>(1, at.size() - 2)));
}

void add_places(const std::vector<FittedLane>& alike, const FittedLane& mine, LaneData& data) {
  const std::size_t bands = data.centre.size();
  if (bands < 4 || std::ranges::count(data.seen, true) < 3) return;
  const std::size_t terms = bands >= 6 ? 3 : 2;
  std::vector<std::vector<double>> centres;
  for (const FittedLane& l : alike) centres.push_back(l.fit->centre);
  std::vector<double> middle = middles(centres), u;
  const double half = std::max(1.0, 0.5 * (middle.back() - middle.front()));
  for (const double m : middle) u.push_back((m - 0.5 * (middle.front() + middle.back())) / half);
  // Places freed of each lane's own shift: their middle is the ladder, what they leave its error.
  std::vector<double> left;
  for (int pass = 0; pass < 2; ++pass) {
    std::vector<std::vector<double>> freed;
    for (const FittedLane& l : alike) {
      const Bow bow = bow_of(u, middle, *l.data, *l.fit, terms);
      freed.push_back(l.fit->centre);
      for (std::size_t b = 0; b < bands; ++b) freed.back()[b] -= bow.at(u[b]);
    }
    middle = middles(freed);
    left.clear();
    for (std::size_t l = 0; l < alike.size(); ++l) {
      for (std::size_t b = 0; b < bands; ++b) {
        if (alike[l].data->seen[b]) left.push_back(freed[l][b] - middle[b]);
      }
    }
  }
  const Bow own = bow_of(u, middle, *mine.data, *mine.fit, terms);
  for (std::size_t b = 0; b < bands; ++b) data.expected.push_back(middle[b] + own.at(u[b]));
  const double lanes = double(alike.size());
  data.expected_sd = std::max(spread_of(std::move(left)) * std::sqrt(lanes / (lanes - 1.0)),
                              finest_share * median_of(data.sigma));
}

}  // namespace

void add_common(const std::vector<FittedLane>& lanes, std::size_t i, LaneData& data) {
  std::vector<FittedLane> alike;
  for (const FittedLane& l : lanes) {
    if (l.strip == lanes[i].strip && l.fit->converged && shows_most(*l.data) &&
        l.data->centre.size() == data.centre.size()) {
      alike.push_back(l);
    }
  }
  if (alike.size() < enough_lanes) return;
  std::vector<std::vector<double>> shapes;
  for (const FittedLane& l : alike) shapes.push_back(l.fit->shape);
  data.shape = middles(shapes);
  if (lanes[i].fit->converged) add_places(alike, lanes[i], data);
}

}  // namespace kinescape::immunoblot
