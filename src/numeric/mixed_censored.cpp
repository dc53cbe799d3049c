// SPDX-License-Identifier: Apache-2.0
#include "numeric/mixed_censored.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>

#include "base/errors.hpp"
#include "numeric/distribution.hpp"
#include "numeric/linear_internal.hpp"

namespace kinescape::numeric {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A draw from N(mean, sd^2) below `limit`.
double below_limit(Stream& stream, double mean, double sd, double limit) {
  const double top = normal_cdf((limit - mean) / sd);
  const double u = std::max(stream.uniform() * top, 1e-300);
  const double z = normal_quantile(u);
  // Far below the mean the quantile loses its digits; the limit itself is then the best guess.
  return std::isfinite(z) ? std::min(limit, mean + sd * z) : limit;
}

/// Replaces the censored values of each group by Gibbs draws given the rest and the parameters.
class Imputer {
 public:
  Imputer(const MixedData& data, std::span<const std::uint8_t> below) : data_(data), below_(below) {
    for (std::size_t i = 0; i < data.group.size(); ++i) members_[data.group[i]].push_back(i);
  }

  void draw(const VectorXd& beta,
            const MatrixXd& d,
            double variance,
            std::vector<double>& y,
            Stream& stream) const {
    const auto p = static_cast<Index>(data_.fixed), q = static_cast<Index>(data_.random);
    const auto n = static_cast<Index>(y.size());
    const Eigen::Map<const RowMatrix> x(data_.x.data(), n, p), z(data_.z.data(), n, q);
    for (const auto& [group, rows] : members_) {
      if (std::none_of(rows.begin(), rows.end(), [&](std::size_t i) { return below_[i] != 0; }))
        continue;
      const auto m = static_cast<Index>(rows.size());
      MatrixXd zi(m, q);
      VectorXd residual(m), mean(m);
      for (Index i = 0; i < m; ++i) {
        const auto row = static_cast<Index>(rows[static_cast<std::size_t>(i)]);
        zi.row(i) = z.row(row);
        mean(i) = x.row(row).dot(beta);
        residual(i) = y[static_cast<std::size_t>(row)] - mean(i);
      }
      MatrixXd v = zi * d * zi.transpose();
      v.diagonal().array() += variance;
      const MatrixXd precision = Cholesky(v).inverse();
      for (int sweep = 0; sweep < 12; ++sweep)
        for (Index i = 0; i < m; ++i) {
          const std::size_t row = rows[static_cast<std::size_t>(i)];
          if (below_[row] == 0) continue;
          const double own = precision(i, i);
          const double shift = residual(i) - precision.row(i).dot(residual) / own;
          y[row] = below_limit(stream, mean(i) + shift, 1.0 / std::sqrt(own), data_.y[row]);
          residual(i) = y[row] - mean(i);
        }
    }
  }

 private:
  const MixedData& data_;
  std::span<const std::uint8_t> below_;
  std::map<int, std::vector<std::size_t>> members_;
};

VectorXd normal_draw(const std::vector<double>& mean,
                     const std::vector<double>& covariance,
                     Stream& stream) {
  const auto p = static_cast<Index>(mean.size());
  const Eigen::Map<const VectorXd> m(mean.data(), p);
  const Eigen::Map<const RowMatrix> c(covariance.data(), p, p);
  const Eigen::LDLT<MatrixXd> ldlt(c);
  VectorXd z(p);
  for (double& v : z) v = stream.normal();
  const MatrixXd l = ldlt.matrixL();
  return m + ldlt.transpositionsP().transpose() *
                 (l * ldlt.vectorD().cwiseMax(0.0).cwiseSqrt().cwiseProduct(z));
}

}  // namespace

CensoredMixedFit fit_mixed_censored(const MixedData& data,
                                    std::span<const std::uint8_t> below,
                                    const MixedOptions& options,
                                    int imputations,
                                    Seed seed,
                                    std::uint32_t purpose) {
  if (below.size() != data.y.size()) throw UsageError("fit_mixed_censored: one flag a row");
  CensoredMixedFit out;
  out.censored =
      static_cast<int>(std::count_if(below.begin(), below.end(), [](auto b) { return b != 0; }));
  MixedData filled = data;
  if (out.censored == 0 || !data.subgroup.empty() || options.serial_correlation) {
    out.fits.push_back(fit_mixed(data, options));
    out.end = out.fits.back().end;
    return out;
  }
  const Imputer imputer(data, below);
  MixedFit fit = fit_mixed(filled, options);
  constexpr int burn_in = 10;
  for (int round = 0; round < burn_in + imputations; ++round) {
    if (fit.end != MixedEnd::converged) {
      out.end = fit.end;
      out.fits.clear();
      return out;
    }
    Stream stream(seed, purpose, static_cast<std::uint64_t>(round));
    const bool kept = round >= burn_in;
    VectorXd beta =
        Eigen::Map<const VectorXd>(fit.beta.data(), static_cast<Index>(fit.beta.size()));
    double variance = fit.residual_sd * fit.residual_sd;
    if (kept) {  // proper imputation: the parameters are not known either
      beta = normal_draw(fit.beta, fit.covariance_adjusted, stream);
      const double df =
          std::max(3.0, static_cast<double>(fit.rows - fit.groups * data.random - data.fixed));
      variance *= df / (2.0 * stream.gamma(0.5 * df));
    }
    const Eigen::Map<const RowMatrix> d(fit.random_covariance.data(), data.random, data.random);
    imputer.draw(beta, d, variance, filled.y, stream);
    fit = fit_mixed(filled, options);
    if (kept && fit.end == MixedEnd::converged) out.fits.push_back(fit);
  }
  out.end = out.fits.empty() ? MixedEnd::out_of_steps : MixedEnd::converged;
  return out;
}

Contrast contrast(const CensoredMixedFit& fit, std::span<const double> l, DfMethod method) {
  Contrast out{unknown, unknown, unknown, unknown};
  if (fit.fits.empty()) return out;
  if (fit.fits.size() == 1) return contrast(fit.fits.front(), l, method);
  const auto m = static_cast<double>(fit.fits.size());
  double within = 0.0, df = 0.0, mean = 0.0;
  std::vector<double> each;
  for (const MixedFit& f : fit.fits) {
    const Contrast c = contrast(f, l, method);
    each.push_back(c.estimate);
    mean += c.estimate / m, within += c.se * c.se / m, df += c.df / m;
  }
  double between = 0.0;
  for (const double e : each) between += (e - mean) * (e - mean) / (m - 1.0);
  const double total = within + (1.0 + 1.0 / m) * between;
  const double share = (1.0 + 1.0 / m) * between / total;
  out.estimate = mean;
  out.se = std::sqrt(total);
  const double observed = (df + 1.0) / (df + 3.0) * df * (1.0 - share);
  out.df = share > 1e-12 ? 1.0 / (share * share / (m - 1.0) + 1.0 / observed) : df;
  out.p = two_sided_t(out.estimate / out.se, out.df);
  return out;
}

}  // namespace kinescape::numeric
