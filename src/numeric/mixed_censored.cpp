// SPDX-License-Identifier: Apache-2.0
#include "numeric/mixed_censored.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/errors.hpp"
#include "numeric/distribution.hpp"
#include "numeric/mixed_internal.hpp"

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
  Imputer(const MixedData& data, const MixedOptions& options, std::span<const std::uint8_t> below)
      : data_(data),
        below_(below),
        problem_(problem_of(
            data, options, {1.0, VectorXd::Ones(data.random)}, VectorXd::Zero(data.fixed))) {}

  [[nodiscard]] const MixedProblem& problem() const { return problem_; }

  void draw(const VectorXd& beta,
            const MixedVariances& variances,
            std::vector<double>& y,
            Stream& stream) const {
    for (const MixedBlock& block : problem_.blocks) {
      const auto hidden = [&](std::size_t i) { return below_[i] != 0; };
      if (std::none_of(block.rows.begin(), block.rows.end(), hidden)) continue;
      const VectorXd mean = block.x * beta;
      VectorXd residual(mean.size());
      for (Index i = 0; i < mean.size(); ++i)
        residual(i) = y[block.rows[static_cast<std::size_t>(i)]] - mean(i);
      const std::vector<Part> parts = parts_of(block, variances);
      const SharedEffect shared(problem_.nested, variances.group, parts);
      for (int sweep = 0; sweep < 12; ++sweep) {
        const VectorXd shift = shared.draw(block, parts, residual, stream);
        for (const Part& part : parts)
          if (part.hidden) sweep_over(block, part, mean, shift, residual, y, stream);
      }
    }
  }

 private:
  /// Rows that are correlated beyond what their group shares: a subgroup, or the whole group.
  struct Part {
    std::vector<Index> rows;
    MatrixXd precision, pulled;  // pulled: Z' of precision
    MatrixXd information;        // Z' precision Z
    bool hidden = false;
  };

  [[nodiscard]] std::vector<Part> parts_of(const MixedBlock& block,
                                           const MixedVariances& variances) const {
    MixedVariances own = variances;
    if (problem_.nested) own.group.setZero();
    const MatrixXd v = covariance_of(problem_, block, own);
    std::vector<std::vector<Index>> all = block.units;
    if (all.empty()) {
      all.emplace_back(block.rows.size());
      std::iota(all.front().begin(), all.front().end(), Index{0});
    }
    std::vector<Part> out;
    for (std::vector<Index>& rows : all) {
      Part part;
      part.precision = Cholesky(v(rows, rows)).inverse();
      const MatrixXd z = block.z(rows, Eigen::all);
      part.pulled = z.transpose() * part.precision;
      part.information = part.pulled * z;
      for (const Index i : rows)
        part.hidden = part.hidden || below_[block.rows[static_cast<std::size_t>(i)]] != 0;
      part.rows = std::move(rows);
      out.push_back(std::move(part));
    }
    return out;
  }

  /// What a group's subgroups share, drawn given all its values: N(K h, K) with
  /// K = (I + D C)^-1 D, C and h the sums of Z' precision Z and Z' precision (y - X beta).
  class SharedEffect {
   public:
    SharedEffect(bool nested, const MatrixXd& d, const std::vector<Part>& parts) {
      if (!nested) return;
      const Index q = d.rows();
      MatrixXd c = MatrixXd::Zero(q, q);
      for (const Part& part : parts) c += part.information;
      k_ = inverse_of(MatrixXd::Identity(q, q) + d * c).inverse * d;
      k_ = 0.5 * (k_ + k_.transpose()).eval();
      const SymmetricEigen eigen = symmetric_eigen(k_);
      root_ = eigen.with(eigen.values.cwiseMax(0.0).cwiseSqrt());
    }

    [[nodiscard]] VectorXd draw(const MixedBlock& block,
                                const std::vector<Part>& parts,
                                const VectorXd& residual,
                                Stream& stream) const {
      if (k_.size() == 0) return VectorXd::Zero(residual.size());
      VectorXd h = VectorXd::Zero(k_.rows()), z(k_.rows());
      for (const Part& part : parts) h += part.pulled * VectorXd(residual(part.rows));
      for (double& v : z) v = stream.normal();
      const VectorXd effect = k_ * h + root_ * z;
      return block.z * effect;
    }

   private:
    MatrixXd k_, root_;
  };

  void sweep_over(const MixedBlock& block,
                  const Part& part,
                  const VectorXd& mean,
                  const VectorXd& shift,
                  VectorXd& residual,
                  std::vector<double>& y,
                  Stream& stream) const {
    VectorXd own = VectorXd(residual(part.rows)) - VectorXd(shift(part.rows));
    for (Index k = 0; k < own.size(); ++k) {
      const Index i = part.rows[static_cast<std::size_t>(k)];
      const std::size_t row = block.rows[static_cast<std::size_t>(i)];
      if (below_[row] == 0) continue;
      const double sharpness = part.precision(k, k);
      const double centre = own(k) - part.precision.col(k).dot(own) / sharpness;
      y[row] = below_limit(
          stream, mean(i) + shift(i) + centre, 1.0 / std::sqrt(sharpness), data_.y[row]);
      residual(i) = y[row] - mean(i);
      own(k) = residual(i) - shift(i);
    }
  }

  const MixedData& data_;
  std::span<const std::uint8_t> below_;
  MixedProblem problem_;
};

double chi_squared(double df, Stream& stream) {
  return 2.0 * stream.gamma(0.5 * df);
}

/// A draw around `d` from an inverse Wishart law of mean `d` (Bartlett 1933).
MatrixXd covariance_draw(const MatrixXd& d, double df, Stream& stream) {
  const Index q = d.rows();
  MatrixXd a = MatrixXd::Zero(q, q);
  for (Index i = 0; i < q; ++i) {
    a(i, i) = std::sqrt(chi_squared(df - static_cast<double>(i), stream));
    for (Index j = 0; j < i; ++j) a(i, j) = stream.normal();
  }
  const SymmetricEigen eigen = symmetric_eigen(d);
  const MatrixXd root = eigen.with(eigen.values.cwiseMax(0.0).cwiseSqrt());
  const MatrixXd inverse = Cholesky(a * a.transpose()).inverse();
  return (df - static_cast<double>(q) - 1.0) * (root * inverse * root);
}

/// Covariance parameters from what the information leaves open of them.
class VarianceLaw {
 public:
  VarianceLaw(const MixedProblem& problem, const MixedData& data, const MixedFit& fit)
      : problem_(problem), fit_(fit), shared_(problem.correlated ? data.random - data.lone : 0) {
    at_ = estimate();
  }

  [[nodiscard]] const MixedVariances& at_estimate() const { return at_; }

  [[nodiscard]] MixedVariances draw(Stream& stream) const {
    MixedVariances v = at_;
    const std::size_t units = problem_.entries.size(), last = units + problem_.unit_entries.size();
    redraw(problem_.entries, 0, stream, v.group);
    if (problem_.nested) redraw(problem_.unit_entries, units, stream, v.subgroup);
    const double df = df_of(last, 3.0);
    v.residual *= df / chi_squared(df, stream);
    if (problem_.serial)
      v.decay *= std::exp(std::min(0.5, std::sqrt(2.0 / df_of(last + 1, 1.0))) * stream.normal());
    return v;
  }

 private:
  [[nodiscard]] MixedVariances estimate() const {
    const Index q = problem_.random;
    MixedVariances v;
    v.group = Eigen::Map<const RowMatrix>(fit_.random_covariance.data(), q, q);
    if (problem_.nested)
      v.subgroup = Eigen::Map<const RowMatrix>(fit_.subgroup_covariance.data(), q, q);
    v.residual = fit_.residual_sd * fit_.residual_sd;
    if (problem_.serial) v.decay = -std::log(std::max(fit_.serial_correlation, 1e-300));
    return v;
  }

  [[nodiscard]] double df_of(std::size_t parameter, double least) const {
    const double df = fit_.variance_df[parameter];
    return std::isfinite(df) ? std::max(df, least) : 1e6;
  }

  /// Columns that vary together as one matrix, the others each on its own.
  void redraw(const std::vector<std::pair<Index, Index>>& entries,
              std::size_t from,
              Stream& stream,
              MatrixXd& d) const {
    double df = 0.0;
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const auto [a, b] = entries[k];
      if (a != b) continue;
      if (a < shared_) {
        df += df_of(from + k, 0.0) / static_cast<double>(shared_);
      } else {
        const double own = df_of(from + k, 3.0);
        d(a, a) *= (own - 2.0) / chi_squared(own, stream);
      }
    }
    if (shared_ > 0)
      d.topLeftCorner(shared_, shared_) =
          covariance_draw(d.topLeftCorner(shared_, shared_),
                          std::max(df, static_cast<double>(shared_) + 2.0),
                          stream);
  }

  const MixedProblem& problem_;
  const MixedFit& fit_;
  Index shared_;
  MixedVariances at_;
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
  if (out.censored == 0) {
    out.fits.push_back(fit_mixed(data, options));
    out.end = out.fits.back().end;
    return out;
  }
  MixedFit fit = fit_mixed(filled, options);  // before the imputer: it checks the columns
  const Imputer imputer(data, options, below);
  constexpr int burn_in = 10;
  int failed = 0;
  if (fit.end != MixedEnd::converged) {
    out.end = fit.end;
    return out;
  }
  for (int round = 0; round < burn_in + imputations + failed; ++round) {
    Stream stream(seed, purpose, static_cast<std::uint64_t>(round));
    const bool kept = round >= burn_in;
    const VarianceLaw law(imputer.problem(), data, fit);
    // Proper imputation: where draws are kept, the parameters are not known either.
    const VectorXd beta =
        kept ? normal_draw(fit.beta, fit.covariance_adjusted, stream)
             : Eigen::Map<const VectorXd>(fit.beta.data(), static_cast<Index>(fit.beta.size()));
    imputer.draw(beta, kept ? law.draw(stream) : law.at_estimate(), filled.y, stream);
    // The drawn values scatter by far more than a millionth of the log-likelihood.
    MixedFit next = fit_mixed_near(filled, options, &fit, 1e-10);
    if (next.end != MixedEnd::converged) {
      // A draw whose likelihood has no clear top is drawn again, given the fit before it.
      if (++failed > imputations / 2) {
        out.end = next.end, out.fits.clear();
        return out;
      }
      continue;
    }
    fit = std::move(next);
    if (kept) out.fits.push_back(fit);
  }
  out.end = MixedEnd::converged;
  return out;
}

MixedFit mean_variances(const CensoredMixedFit& fit) {
  if (fit.fits.empty()) return {};
  MixedFit out = fit.fits.front();
  const double share = 1.0 / static_cast<double>(fit.fits.size());
  const auto mean = [&](std::vector<double>& to, auto member) {
    std::fill(to.begin(), to.end(), 0.0);
    for (const MixedFit& f : fit.fits)
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += share * (f.*member)[i];
  };
  mean(out.random_covariance, &MixedFit::random_covariance);
  mean(out.subgroup_covariance, &MixedFit::subgroup_covariance);
  double variance = 0.0, serial = 0.0, log_likelihood = 0.0;
  for (const MixedFit& f : fit.fits) {
    variance += share * f.residual_sd * f.residual_sd;
    serial += share * f.serial_correlation;
    log_likelihood += share * f.log_likelihood;
  }
  out.residual_sd = std::sqrt(variance);
  out.serial_correlation = serial, out.log_likelihood = log_likelihood;
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
