// SPDX-License-Identifier: Apache-2.0
// The slope of the Laplace marginal likelihood by the log standard deviations.
//
// With F the log posterior of x at its mode and H its curvature, the log marginal likelihood is
// F - log|H| / 2. H moves with the standard deviations and, where bounds and intervals are seen,
// with the mode; all its terms need the inverse of H only where H itself is not zero, which comes
// from the factor by Takahashi's recursion (Takahashi 1973; Rue 2009,
// doi:10.1111/j.1467-9868.2008.00700.x, section 2).
#include <algorithm>
#include <cmath>

#include "numeric/latent_gaussian_internal.hpp"

namespace kinescape::numeric::latent {

std::vector<std::size_t> elimination_place(const LatentModel& model) {
  const auto n = static_cast<Eigen::Index>(model.columns.size());
  std::vector<Eigen::Triplet<double>> triplets;
  for (Eigen::Index j = 0; j < n; ++j) triplets.emplace_back(j, j, 1.0);
  for (const auto& o : model.observations) {
    std::vector<int> columns;
    for (const LatentForm* form : {&o.value, &o.low, &o.high}) {
      for (const auto& t : form->terms) {
        if (t.column < model.columns.size()) columns.push_back(static_cast<int>(t.column));
      }
    }
    for (const int a : columns) {
      for (const int b : columns) triplets.emplace_back(a, b, 1.0);
    }
  }
  Eigen::SparseMatrix<double> pattern(n, n);
  pattern.setFromTriplets(triplets.begin(), triplets.end());
  Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> order;
  Eigen::AMDOrdering<int>()(pattern, order);
  std::vector<std::size_t> place(model.columns.size());
  for (std::size_t j = 0; j < place.size(); ++j)
    place[static_cast<std::size_t>(order.indices()[static_cast<Eigen::Index>(j)])] = j;
  return place;
}

LatentModel moved(LatentModel model, const std::vector<std::size_t>& place) {
  std::vector<LatentColumn> columns(model.columns.size());
  for (std::size_t j = 0; j < columns.size(); ++j) columns[place[j]] = model.columns[j];
  model.columns = std::move(columns);
  for (auto& o : model.observations) {
    for (LatentForm* form : {&o.value, &o.low, &o.high}) {
      for (auto& t : form->terms) {
        if (t.column < place.size()) t.column = place[t.column];
      }
    }
  }
  return model;
}

ThirdDerivatives third_derivatives(SeenAs seen, double u, double l, double variance) {
  ThirdDerivatives d;
  const double sd = std::sqrt(variance), cube = sd * variance;
  const auto log_density = [](double z) { return -0.5 * z * z - 0.91893853320467274178; };
  // Of ln Phi(z), whose slope is h: -h' (z + h) - h (1 + h').
  const auto tail = [&](double z) {
    const double h = std::exp(log_density(z) - log_normal_cdf(z));
    const double bend = -h * (z + h);
    return -bend * (z + h) - h * (1.0 + bend);
  };
  if (seen == SeenAs::below) d.uuu = tail(u / sd) / cube;
  if (seen == SeenAs::above) d.lll = -tail(-l / sd) / cube;
  if (seen != SeenAs::between || !(u > l)) return d;
  const double a = u / sd, b = l / sd;
  const double value = contribution(seen, u, l, variance, unknown).value;
  const double of_a = std::exp(log_density(a) - value), of_b = std::exp(log_density(b) - value);
  const double bend_a = -a * of_a - of_a * of_a, bend_b = -b * of_b + of_b * of_b;
  d.uuu = (-of_a - (a + 2 * of_a) * bend_a) / cube;
  d.uul = -(a + 2 * of_a) * of_a * of_b / cube;
  d.ull = of_a * of_b * (2 * of_b - b) / cube;
  d.lll = (of_b + (b - 2 * of_b) * bend_b) / cube;
  return d;
}

/// Where the pairs of each observation, and the columns of each component, lie.
void Engine::place_in_factor() {
  columns_of_.resize(model_.components.size());
  for (std::size_t j = 0; j < model_.columns.size(); ++j) {
    if (model_.columns[j].component != LatentColumn::no_prior)
      columns_of_[model_.columns[j].component].push_back(j);
  }
  Sparse unit = pattern_;
  std::fill(unit.valuePtr(), unit.valuePtr() + unit.nonZeros(), 0.0);
  for (const Eigen::Index at : diagonal_) unit.valuePtr()[at] = 1.0;
  shared_->factorize(unit);
  const auto& lower = shared_->matrixL().nestedExpression();
  for (auto& row : rows_) {
    for (std::size_t a = 0; a < row.columns.size(); ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        const Eigen::Index* begin = lower.innerIndexPtr() + lower.outerIndexPtr()[row.columns[b]];
        const Eigen::Index* end = lower.innerIndexPtr() + lower.outerIndexPtr()[row.columns[b] + 1];
        row.factor_slots.push_back(static_cast<std::size_t>(
            std::lower_bound(begin, end, row.columns[a]) - lower.innerIndexPtr()));
      }
    }
  }
}

/// The inverse of the factorised matrix at the places of the factor's own entries.
std::vector<double> Engine::inverse_on_pattern(const Factor& factor) const {
  const auto& lower = factor.matrixL().nestedExpression();
  const Eigen::Index* outer = lower.outerIndexPtr();
  const Eigen::Index* inner = lower.innerIndexPtr();
  const double* value = lower.valuePtr();
  std::vector<double> out(static_cast<std::size_t>(lower.nonZeros()));
  const Eigen::Index n = lower.cols();
  std::vector<double> weight(static_cast<std::size_t>(n), 0.0), sum(weight);
  std::vector<Eigen::Index> below(weight.size(), n);  // the last column this row was below
  const auto at = [](Eigen::Index i) { return static_cast<std::size_t>(i); };
  for (Eigen::Index j = n; j-- > 0;) {
    const Eigen::Index first = outer[j], last = outer[j + 1];
    const double pivot = value[first];
    for (Eigen::Index p = first + 1; p < last; ++p) {
      weight[at(inner[p])] = value[p] / pivot;
      sum[at(inner[p])] = 0;
      below[at(inner[p])] = j;
    }
    for (Eigen::Index p = first + 1; p < last; ++p) {
      const Eigen::Index k = inner[p];
      const double own = weight[at(k)];
      sum[at(k)] += own * out[at(outer[k])];
      for (Eigen::Index q = outer[k] + 1; q < outer[k + 1]; ++q) {
        if (below[at(inner[q])] != j) continue;
        sum[at(inner[q])] += own * out[at(q)];
        sum[at(k)] += weight[at(inner[q])] * out[at(q)];
      }
    }
    double diagonal = 1.0 / (pivot * pivot);
    for (Eigen::Index p = first + 1; p < last; ++p) {
      out[at(p)] = -sum[at(inner[p])];
      diagonal -= weight[at(inner[p])] * out[at(p)];
    }
    out[at(first)] = diagonal;
  }
  return out;
}

std::vector<double> Engine::slope(const Mode& mode) const {
  const std::vector<double> inverse = inverse_on_pattern(*mode.factor);
  const auto& lower = mode.factor->matrixL().nestedExpression();
  const std::vector<double> noise = variances(mode.log_sd);
  std::vector<double> out(model_.components.size(), 0.0), by_noise(rows_.size(), 0.0);
  struct Local {
    Contribution c;
    double u = 0, l = 0, uu = 0, ul = 0, ll = 0;  // forms, and their variances and covariance
  };
  std::vector<Local> local(rows_.size());
  Eigen::VectorXd moves = Eigen::VectorXd::Zero(mode.x.size());  // of log|H| / 2 by x
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto& o = model_.observations[i];
    if (o.weight == 0) continue;
    const Row& row = rows_[i];
    Local& at = local[i];
    at.u = row.u0;
    at.l = row.l0;
    std::size_t s = 0;
    for (std::size_t a = 0; a < row.columns.size(); ++a) {
      at.u += row.u[a] * mode.x[row.columns[a]];
      at.l += row.l[a] * mode.x[row.columns[a]];
      for (std::size_t b = 0; b <= a; ++b) {
        const double z = inverse[row.factor_slots[s++]] * (a == b ? 1.0 : 2.0);
        at.uu += z * row.u[a] * row.u[b];
        at.ll += z * row.l[a] * row.l[b];
        at.ul += 0.5 * z * (row.u[a] * row.l[b] + row.l[a] * row.u[b]);
      }
    }
    at.c = contribution(o.seen, at.u, at.l, noise[i], unknown);
    if (o.seen == SeenAs::exact) continue;
    const ThirdDerivatives d = third_derivatives(o.seen, at.u, at.l, noise[i]);
    const double by_u = d.uuu * at.uu + 2 * d.uul * at.ul + d.ull * at.ll;
    const double by_l = d.uul * at.uu + 2 * d.ull * at.ul + d.lll * at.ll;
    for (std::size_t a = 0; a < row.columns.size(); ++a)
      moves[row.columns[a]] -= 0.5 * o.weight * (by_u * row.u[a] + by_l * row.l[a]);
    // All derivatives are those of a function of u / sd and l / sd.
    by_noise[i] += 0.5 * (-at.c.by_uu - 0.5 * (at.u * d.uuu + at.l * d.uul)) * at.uu +
                   (-at.c.by_ul - 0.5 * (at.u * d.uul + at.l * d.ull)) * at.ul +
                   0.5 * (-at.c.by_ll - 0.5 * (at.u * d.ull + at.l * d.lll)) * at.ll;
  }
  const Eigen::VectorXd follows = mode.factor->solve(moves);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto& o = model_.observations[i];
    if (o.weight == 0) continue;
    const Row& row = rows_[i];
    const Local& at = local[i];
    double u = 0, l = 0;
    for (std::size_t a = 0; a < row.columns.size(); ++a) {
      u += row.u[a] * follows[row.columns[a]];
      l += row.l[a] * follows[row.columns[a]];
    }
    const Contribution& c = at.c;
    if (o.seen == SeenAs::exact) by_noise[i] -= 0.5 + 0.5 * c.by_ll * at.ll;
    by_noise[i] -= 0.5 * (at.u * c.by_u + at.l * c.by_l);
    by_noise[i] -= u * (-0.5 * c.by_u - 0.5 * (at.u * c.by_uu + at.l * c.by_ul)) +
                   l * (-0.5 * c.by_l - 0.5 * (at.u * c.by_ul + at.l * c.by_ll));
    for (const auto& share : o.noise) {
      out[share.component] += o.weight * by_noise[i] * 2 * share.weight *
                              std::exp(2 * mode.log_sd[share.component]) / noise[i];
    }
  }
  for (std::size_t k = 0; k < columns_of_.size(); ++k) {
    for (const std::size_t j : columns_of_[k]) {
      const auto& column = model_.columns[j];
      const auto at = static_cast<Eigen::Index>(j);
      const double precision = 1.0 / (column.scale * std::exp(2 * mode.log_sd[k]));
      const double away = mode.x[at] - column.mean;
      const double variance = inverse[static_cast<std::size_t>(lower.outerIndexPtr()[at])];
      out[k] += precision * (away * away + variance - 2 * follows[at] * away) - 1.0;
    }
  }
  return out;
}

MarginalSlope marginal_slope(LatentModel model, const std::vector<double>& log_sd) {
  const auto place = elimination_place(model);
  const LatentModel ordered = moved(std::move(model), place);
  const Engine engine(ordered);
  const Mode mode = engine.solve(log_sd, {});
  if (!mode.converged) return {};
  return {mode.log_marginal, engine.slope(mode)};
}

}  // namespace kinescape::numeric::latent
