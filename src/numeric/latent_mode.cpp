// SPDX-License-Identifier: Apache-2.0
// Newton's method on the concave log posterior of the latent values, with a sparse Cholesky factor.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "base/errors.hpp"
#include "numeric/latent_gaussian_internal.hpp"

namespace kinescape::numeric::latent {
namespace {

constexpr double log_root_2pi = 0.91893853320467274178;

double log_density(double z) {
  return -0.5 * z * z - log_root_2pi;
}

Contribution exact_part(double r, double variance, double df) {
  Contribution c;
  const double sd = std::sqrt(variance);
  if (std::isnan(df)) {
    c.value = log_density(r / sd) - std::log(sd);
    c.by_l = -r / variance;
    c.by_ll = -1.0 / variance;
    return c;
  }
  const double q = r * r / variance;
  c.value = std::lgamma(0.5 * (df + 1)) - std::lgamma(0.5 * df) -
            0.5 * std::log(df * std::numbers::pi) - std::log(sd) -
            0.5 * (df + 1) * std::log1p(q / df);
  const double w = (df + 1) / (df + q) / variance;
  c.by_l = -w * r;
  // The t density is not log-concave: its expected information keeps the curvature positive.
  c.by_ll = -(df + 1) / (df + 3) / variance;
  return c;
}

}  // namespace

double log_normal_cdf(double z) {
  if (z > -15.0) return std::log(0.5 * std::erfc(-z / std::numbers::sqrt2));
  const double w = 1.0 / (z * z);  // asymptotic series; its error at z = -15 is below 1e-9
  return log_density(z) - std::log(-z) +
         std::log1p(w * (-1.0 + w * (3.0 + w * (-15.0 + w * 105.0))));
}

Contribution contribution(SeenAs seen, double u, double l, double variance, double df) {
  if (seen == SeenAs::exact) return exact_part(l, variance, df);
  const double sd = std::sqrt(variance);
  double zu = u / sd, zl = l / sd;
  Contribution c;
  if (seen == SeenAs::below) {
    c.value = log_normal_cdf(zu);
    const double h = std::exp(log_density(zu) - c.value);
    c.by_u = h / sd;
    c.by_uu = -h * (zu + h) / variance;
    return c;
  }
  if (seen == SeenAs::above) {
    c.value = log_normal_cdf(-zl);
    const double h = std::exp(log_density(zl) - c.value);
    c.by_l = -h / sd;
    c.by_ll = -h * (h - zl) / variance;
    return c;
  }
  const bool right = zl > 0;  // work in the left tail, where differences keep their digits
  const double big = right ? -zl : zu, small = right ? -zu : zl;
  const double log_big = log_normal_cdf(big), log_small = log_normal_cdf(small);
  c.value = zu > zl ? log_big + std::log1p(-std::exp(log_small - log_big)) : -1e10;
  if (!(zu > zl)) return c;
  const double hu = std::exp(log_density(zu) - c.value), hl = std::exp(log_density(zl) - c.value);
  c.by_u = hu / sd;
  c.by_l = -hl / sd;
  c.by_uu = -hu * (zu + hu) / variance;
  c.by_ll = hl * (zl - hl) / variance;
  c.by_ul = hu * hl / variance;
  return c;
}

Engine::Engine(const LatentModel& model) : model_(model) {
  const auto n = static_cast<Eigen::Index>(model.columns.size());
  std::vector<Eigen::Triplet<double, Eigen::Index>> triplets;
  for (Eigen::Index j = 0; j < n; ++j) triplets.emplace_back(j, j, 1.0);
  for (const auto& o : model.observations) {
    std::map<Eigen::Index, std::pair<double, double>> both;
    const auto add = [&](const LatentForm& form, double sign, bool upper, bool lower) {
      for (const auto& t : form.terms) {
        if (t.column >= model.columns.size())
          throw UsageError("a latent term names a column that is not there");
        auto& at = both[static_cast<Eigen::Index>(t.column)];
        if (upper) at.first += sign * t.weight;
        if (lower) at.second += sign * t.weight;
      }
    };
    add(o.value, -1.0, true, true);
    add(o.low, 1.0, false, true);
    add(o.high, 1.0, true, false);
    Row row;
    row.u0 = o.high.constant - o.value.constant;
    row.l0 = o.low.constant - o.value.constant;
    for (const auto& [column, weights] : both) {
      row.columns.push_back(column);
      row.u.push_back(weights.first);
      row.l.push_back(weights.second);
    }
    for (std::size_t a = 0; a < row.columns.size(); ++a) {
      for (std::size_t b = 0; b <= a; ++b)
        triplets.emplace_back(row.columns[b], row.columns[a], 0.0);
    }
    rows_.push_back(std::move(row));
  }
  pattern_.resize(n, n);
  pattern_.setFromTriplets(triplets.begin(), triplets.end());
  pattern_.makeCompressed();
  const auto slot = [&](Eigen::Index row, Eigen::Index column) {
    const Eigen::Index* begin = pattern_.innerIndexPtr() + pattern_.outerIndexPtr()[column];
    const Eigen::Index* end = pattern_.innerIndexPtr() + pattern_.outerIndexPtr()[column + 1];
    return static_cast<Eigen::Index>(std::lower_bound(begin, end, row) - pattern_.innerIndexPtr());
  };
  for (Eigen::Index j = 0; j < n; ++j) diagonal_.push_back(slot(j, j));
  for (auto& row : rows_) {
    for (std::size_t a = 0; a < row.columns.size(); ++a) {
      for (std::size_t b = 0; b <= a; ++b)
        row.slots.push_back(slot(row.columns[b], row.columns[a]));
    }
  }
  shared_ = std::make_shared<Factor>();
  shared_->analyzePattern(pattern_);
  place_in_factor();
}

std::vector<double> Engine::variances(const std::vector<double>& log_sd) const {
  std::vector<double> out;
  for (const auto& o : model_.observations) {
    double v = 0;
    for (const auto& share : o.noise) v += share.weight * std::exp(2 * log_sd[share.component]);
    out.push_back(v);
  }
  return out;
}

double Engine::penalty(const Eigen::VectorXd& x, const std::vector<double>& precision) const {
  double sum = 0;
  for (std::size_t j = 0; j < precision.size(); ++j) {
    const double d = x[static_cast<Eigen::Index>(j)] - model_.columns[j].mean;
    sum += 0.5 * precision[j] * d * d;
  }
  return sum;
}

Mode Engine::solve(const std::vector<double>& log_sd,
                   const Eigen::VectorXd& start,
                   const std::vector<double>& weights,
                   bool keep,
                   double enough,
                   const std::vector<double>& scales) const {
  const auto n = static_cast<Eigen::Index>(model_.columns.size());
  std::vector<double> precision(model_.columns.size(), 0.0);
  double log_prior = 0;
  for (std::size_t j = 0; j < precision.size(); ++j) {
    const auto& column = model_.columns[j];
    if (column.component == LatentColumn::no_prior) continue;
    const double scale = scales.empty() ? column.scale : scales[j];
    const double variance = scale * std::exp(2 * log_sd[column.component]);
    precision[j] = 1.0 / variance;
    log_prior -= 0.5 * std::log(variance);
  }
  const std::vector<double> noise = variances(log_sd);
  Mode out;
  out.log_sd = log_sd;
  out.x = start;
  if (start.size() != n) {  // the prior means, where bounds that are latent themselves do not cross
    out.x.resize(n);
    for (Eigen::Index j = 0; j < n; ++j)
      out.x[j] = model_.columns[static_cast<std::size_t>(j)].mean;
  }
  out.factor = shared_;
  if (keep) {
    out.factor = std::make_shared<Factor>();
    out.factor->analyzePattern(pattern_);
  }
  Sparse h = pattern_;
  Eigen::VectorXd gradient(n);
  const auto weight = [&](std::size_t i) {
    return weights.empty() ? model_.observations[i].weight : weights[i];
  };
  const auto forms = [&](const Row& row, const Eigen::VectorXd& x) {
    double u = row.u0, l = row.l0;
    for (std::size_t a = 0; a < row.columns.size(); ++a) {
      u += row.u[a] * x[row.columns[a]];
      l += row.l[a] * x[row.columns[a]];
    }
    return std::pair{u, l};
  };
  const auto likelihood = [&](const Eigen::VectorXd& x) {
    double sum = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (weight(i) == 0) continue;
      const auto [u, l] = forms(rows_[i], x);
      sum += weight(i) *
             contribution(model_.observations[i].seen, u, l, noise[i], model_.student_df).value;
    }
    return sum;
  };
  double now = likelihood(out.x) - penalty(out.x, precision);
  for (int step = 0; step < 400; ++step) {
    std::fill(h.valuePtr(), h.valuePtr() + h.nonZeros(), 0.0);
    for (Eigen::Index j = 0; j < n; ++j) {
      const auto at = static_cast<std::size_t>(j);
      h.valuePtr()[diagonal_[at]] = precision[at];
      gradient[j] = -precision[at] * (out.x[j] - model_.columns[at].mean);
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const double w = weight(i);
      if (w == 0) continue;
      const Row& row = rows_[i];
      const auto [u, l] = forms(row, out.x);
      const Contribution c =
          contribution(model_.observations[i].seen, u, l, noise[i], model_.student_df);
      std::size_t s = 0;
      for (std::size_t a = 0; a < row.columns.size(); ++a) {
        gradient[row.columns[a]] += w * (c.by_u * row.u[a] + c.by_l * row.l[a]);
        for (std::size_t b = 0; b <= a; ++b) {
          h.valuePtr()[row.slots[s++]] -=
              w * (c.by_uu * row.u[a] * row.u[b] + c.by_ll * row.l[a] * row.l[b] +
                   c.by_ul * (row.u[a] * row.l[b] + row.l[a] * row.u[b]));
        }
      }
    }
    out.factor->factorize(h);
    if (out.factor->info() != Eigen::Success) return out;
    const Eigen::VectorXd direction = out.factor->solve(gradient);
    const double decrement = gradient.dot(direction);
    if (!(decrement > 1e-18)) {
      out.converged = std::isfinite(decrement);
      break;
    }
    double length = 1.0, next = now;
    Eigen::VectorXd x = out.x;
    for (; length > 1e-10; length *= 0.5) {
      x = out.x + length * direction;
      next = likelihood(x) - penalty(x, precision);
      if (next >= now - 1e-12 * std::abs(now)) break;
    }
    const bool settled =
        decrement < std::max(enough, std::isnan(model_.student_df) ? 1e-13 : 1e-11) ||
        length <= 1e-10;
    out.x = x;
    now = next;
    if (settled) {
      out.converged = decrement < std::max(enough, 1e-6);
      break;
    }
  }
  double log_determinant = 0;
  const auto& lower =
      out.factor->matrixL().nestedExpression();  // each column begins with its diagonal
  for (Eigen::Index j = 0; j < n; ++j)
    log_determinant += std::log(lower.valuePtr()[lower.outerIndexPtr()[j]]);
  // The Gaussian integral over the latent values; with flat columns it is the restricted
  // likelihood.
  std::size_t flat = 0;
  for (const auto& column : model_.columns) flat += column.component == LatentColumn::no_prior;
  out.log_marginal = now + log_prior - log_determinant + static_cast<double>(flat) * log_root_2pi;
  return out;
}

}  // namespace kinescape::numeric::latent
