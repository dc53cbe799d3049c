// SPDX-License-Identifier: Apache-2.0
// The only file that includes Boost.Math.
#include "numeric/distribution.hpp"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <limits>

namespace kinescape::numeric {
namespace {

namespace bm = boost::math;
namespace bp = boost::math::policies;
/// Errors come back as NaN or infinity; nothing throws and errno is left alone.
using Quiet = bp::policy<bp::domain_error<bp::ignore_error>,
                         bp::pole_error<bp::ignore_error>,
                         bp::overflow_error<bp::ignore_error>,
                         bp::underflow_error<bp::ignore_error>,
                         bp::denorm_error<bp::ignore_error>,
                         bp::rounding_error<bp::ignore_error>,
                         bp::evaluation_error<bp::ignore_error>,
                         bp::indeterminate_result_error<bp::ignore_error>>;
using Normal = bm::normal_distribution<double, Quiet>;
using StudentT = bm::students_t_distribution<double, Quiet>;
using ChiSquared = bm::chi_squared_distribution<double, Quiet>;
using FisherF = bm::fisher_f_distribution<double, Quiet>;
using Beta = bm::beta_distribution<double, Quiet>;
using Binomial = bm::binomial_distribution<double, Quiet>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

bool positive(double x) {
  return x > 0.0 && std::isfinite(x);
}
bool probability(double p) {
  return p >= 0.0 && p <= 1.0;
}

}  // namespace

double digamma(double x) {
  return positive(x) ? bm::digamma(x, Quiet()) : nan;
}

double trigamma(double x) {
  return positive(x) ? bm::trigamma(x, Quiet()) : nan;
}

double normal_cdf(double z) {
  if (std::isnan(z)) return nan;
  if (std::isinf(z)) return z > 0 ? 1.0 : 0.0;
  return bm::cdf(Normal(), z);
}

double normal_quantile(double p) {
  if (!probability(p)) return nan;
  if (p == 0.0) return -inf;
  if (p == 1.0) return inf;
  return bm::quantile(Normal(), p);
}

double student_t_cdf(double t, double df) {
  if (std::isnan(t) || !(df > 0.0)) return nan;
  if (std::isinf(df)) return normal_cdf(t);
  if (std::isinf(t)) return t > 0 ? 1.0 : 0.0;
  return bm::cdf(StudentT(df), t);
}

double noncentral_t_cdf(double t, double df, double shift) {
  if (std::isnan(t) || !(df > 0.0) || !std::isfinite(shift)) return nan;
  return bm::cdf(bm::non_central_t_distribution<double, Quiet>(df, shift), t);
}

double student_t_quantile(double p, double df) {
  if (!probability(p) || !(df > 0.0)) return nan;
  if (std::isinf(df)) return normal_quantile(p);
  if (p == 0.0) return -inf;
  if (p == 1.0) return inf;
  return bm::quantile(StudentT(df), p);
}

double chi_squared_upper(double x, double df) {
  if (std::isnan(x) || !positive(df)) return nan;
  if (x <= 0.0) return 1.0;
  if (std::isinf(x)) return 0.0;
  return bm::cdf(bm::complement(ChiSquared(df), x));
}

double chi_squared_quantile(double p, double df) {
  if (!probability(p) || !positive(df)) return nan;
  if (p == 1.0) return inf;
  return bm::quantile(ChiSquared(df), p);
}

double f_upper(double f, double df1, double df2) {
  if (std::isnan(f) || !positive(df1) || !(df2 > 0.0)) return nan;
  if (f <= 0.0) return 1.0;
  if (std::isinf(f)) return 0.0;
  if (std::isinf(df2)) return chi_squared_upper(f * df1, df1);
  return bm::cdf(bm::complement(FisherF(df1, df2), f));
}

double f_quantile(double p, double df1, double df2) {
  if (!probability(p) || !positive(df1) || !(df2 > 0.0)) return nan;
  if (p == 1.0) return inf;
  if (std::isinf(df2)) return chi_squared_quantile(p, df1) / df1;
  return bm::quantile(FisherF(df1, df2), p);
}

double beta_quantile(double p, double a, double b) {
  if (!probability(p) || !positive(a) || !positive(b)) return nan;
  if (p == 0.0 || p == 1.0) return p;
  return bm::quantile(Beta(a, b), p);
}

double beta_upper(double x, double a, double b) {
  if (std::isnan(x) || !positive(a) || !positive(b)) return nan;
  if (x <= 0.0) return 1.0;
  if (x >= 1.0) return 0.0;
  return bm::cdf(bm::complement(Beta(a, b), x));
}

double binomial_two_sided(int k, int n, double p) {
  if (n < 0 || k < 0 || k > n || !probability(p)) return nan;
  if (p == 0.0) return k == 0 ? 1.0 : 0.0;
  if (p == 1.0) return k == n ? 1.0 : 0.0;
  const Binomial distribution(n, p);
  // Outcomes that are as improbable up to rounding count (as in R's binom.test).
  const double limit = bm::pdf(distribution, k) * (1.0 + 1e-7);
  double sum = 0.0;
  for (int j = 0; j <= n; ++j) {
    const double q = bm::pdf(distribution, j);
    if (q <= limit) sum += q;
  }
  return std::min(1.0, sum);
}

double log_choose(double n, double k) {
  if (!(k >= 0.0) || !(k <= n) || !std::isfinite(n)) return nan;
  const auto log_factorial = [](double x) { return bm::lgamma(x + 1.0, Quiet()); };
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

double two_sided_t(double t, double df) {
  return 2.0 * student_t_cdf(-std::fabs(t), df);
}

}  // namespace kinescape::numeric
