// SPDX-License-Identifier: Apache-2.0
/// \file One line and one drug as a likelihood: raw signals, controls and repeats in one model.
///
/// Signal of a well on plate p with response f (vehicle = 1):
///   mean = B_p + V_p (1 + edge_p E + gradient_p G) f(x; theta),
///   variance = additive^2 + (proportional * (mean - B_p))^2.
/// B_p and V_p are parameters that blanks and vehicles inform: nothing is divided by a random mean.
/// The midpoint of repeat r is shifted by b_r ~ N(0, tau^2) on the log10 axis.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "dose_response/curve.hpp"
#include "plate/plate.hpp"

namespace kinescape::viability::model {

using dose_response::Shape;

/// Wells of one treatment on one plate that the likelihood cannot tell apart: mean, count and sum
/// of squares within. A censored well, or any well when terms of its own apply, stands alone.
struct Obs {
  int plate = 0;
  int repeat = -1;  ///< -1: a control that serves several repeats.
  bool blank = false, vehicle = false;
  double log10_dose = unknown;  ///< -infinity: no drug (on normalised tables, where top is free).
  double edge = 0.0, gradient = 0.0;
  double y = unknown, n = 1.0, within = 0.0;
  plate::Reading reading = plate::Reading::measured;
};

/// The data of one curve.
struct Data {
  std::vector<Obs> obs;
  std::vector<std::string> plates, repeats;
  std::vector<char> has_blank, fit_edge, fit_gradient;  ///< By plate.
  bool normalised = false;  ///< Signals are fractions of vehicle: B = 0, V = 1, top is free.
  bool student_t = false;
  std::vector<double> doses_nM;                ///< Distinct positive doses, ascending.
  double lowest = unknown, highest = unknown;  ///< log10 nM.
  double wells = 0.0;
};

/// A curve in the form that is fitted, by dose_response::Parameter: slopes and asymmetry as logs,
/// hormesis in units of response per midpoint dose, fraction as a logit, the second midpoint as
/// the log of its distance from the first.
struct Theta {
  Shape shape = Shape::log_logistic3u;
  std::array<double, dose_response::parameter_count> at{
      0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
};

/// The parameters of the shape that are free on these data.
[[nodiscard]] std::vector<int> free_parameters(Shape shape, bool top_free);
[[nodiscard]] dose_response::Curve to_curve(const Theta& theta);
/// Response at 10^u nM (u may be -infinity) and its derivatives by the nine numbers of theta.
double response(const Theta& theta, double u, std::array<double, 9>& derivative);
[[nodiscard]] double response(const Theta& theta, double u);

/// A function of theta whose profile is followed: psi and, into `gradient`, d psi / d theta (9).
struct Quantity {
  virtual ~Quantity() = default;
  virtual double value(const Theta& theta, std::array<double, 9>& gradient) const = 0;
};

/// Pulls psi(theta) towards `target`: adds stiffness (psi - target)^2 + pull (psi - target).
struct Pull {
  const Quantity* quantity = nullptr;
  double target = 0.0, stiffness = 0.0, pull = 0.0;
};

/// Where each parameter stands in the vector; -1: not a parameter.
struct Layout {
  std::vector<int> theta;                                  ///< Indices into Theta::at.
  std::vector<int> blank, vehicle, edge, gradient, shift;  ///< By plate; shift by repeat.
  int size = 0;
};

struct Variance {
  double additive = 0.0, proportional = 0.0;  ///< SDs: in signal units, and as a fraction.
};

/// A fit and all that is needed to go on from it.
struct Fit {
  bool usable = false;
  Theta theta;
  Layout layout;
  std::vector<double> p;  ///< All parameters, in the layout's order.
  std::vector<double> lower, upper;
  std::vector<double> ridge;     ///< Prior precision of each parameter around 0; 0 for most.
  std::vector<double> variance;  ///< By observation: of one well.
  Variance noise;
  double tau = 0.0;    ///< Between-repeat SD of log10 midpoint; 0: no shifts.
  double q = unknown;  ///< Objective at the optimum: weighted squares, or its -2 log likelihood.
  std::vector<double> hessian, covariance;  ///< size x size; rows of parameters at a bound are 0.
  std::vector<char> at_bound;               ///< By parameter.
  double df = unknown;                      ///< Wells less parameters.
};

/// Objective, gradient (-half) and Gauss-Newton matrix. `only` >= 0: that repeat's share alone,
/// shared controls counting 1/R.
double objective(const Data& data,
                 const Fit& fit,
                 std::span<const double> p,
                 const Pull& pull,
                 std::vector<double>* hessian,
                 std::vector<double>* score,
                 int only = -1);

/// Levenberg-Marquardt from fit.p under fit.variance; updates p, theta and q.
/// \return false when no step count sufficed.
bool minimise(
    const Data& data, Fit& fit, const Pull& pull = {}, int steps = 60, double tolerance = 1e-11);

/// Hessian, covariance and bounds at the optimum.
void finish(const Data& data, Fit& fit);

/// How much of an observation its own value decides (0 to 1), and its deviance.
struct Lever {
  double leverage = 0.0, deviance = 0.0;
};
[[nodiscard]] std::vector<Lever> leverages(const Data& data, const Fit& fit);

/// Cholesky solve of the n x n system in place; false when it is not positive definite.
bool cholesky(std::vector<double>& a, int n);
void cholesky_solve(const std::vector<double>& l, int n, std::span<double> b);

/// Fits `shape` from a grid of starts, with the variances and, for more than one repeat, the
/// shifts between repeats.
[[nodiscard]] Fit fit_shape(const Data& data, Shape shape);
/// The same shape family from a fitted simpler curve, with its variances: for comparing shapes.
[[nodiscard]] Fit refit_shape(const Data& data, const Fit& base, Shape shape);
/// Estimates the variance model from the residuals of `fit` by restricted likelihood.
void update_variance(const Data& data, Fit& fit);

/// Signed-root profile of a quantity on both sides: psi at z naive standard errors' worth of
/// likelihood. A side is open where the likelihood does not fall as far.
struct Side {
  std::vector<double> psi, z;  ///< From (psi_hat, 0) outwards; z ascending.
  bool open = true;            ///< The side ended before the depth that was asked for.
  double edge = unknown;       ///< The end of the range of psi, where it ended there.
};
struct Profile {
  double psi = unknown;
  Side down, up;
};

/// What is known of one quantity: enough for every interval and test.
struct Known {
  Profile profile;
  double naive = unknown;               ///< Variance under the likelihood.
  double robust = unknown;              ///< Variance that the repeats give; NaN for one repeat.
  double df = unknown;                  ///< Of the robust variance; of the wells for one repeat.
  std::vector<double> contribution;     ///< By repeat; their squares sum to its own variance.
  double own_df = unknown;              ///< Degrees of freedom of that.
  double technical = unknown;           ///< Naive variance less what shifts of the midpoint add.
  double moved = 0.0;                   ///< Squared change of psi by a shift of the midpoint.
  double expected = unknown;            ///< Variance expected with the experiment's day shifts.
  double least = -1e300, most = 1e300;  ///< An interval end beyond these is open.
  std::vector<std::string> repeats;
  /// Estimated inside its range, so that its variances mean something. If not, robust / naive is
  /// that of the response at the highest dose and scales the likelihood as a whole.
  bool regular = false;
};

/// Follows the profile of `quantity` to depth z; psi stays inside [lowest, highest].
[[nodiscard]] Profile trace(const Data& data,
                            const Fit& fit,
                            const Quantity& quantity,
                            double z,
                            double lowest,
                            double highest,
                            double first_step);
/// Profile of the dose of a level that the best curve does not reach: only its lower side. psi is
/// the highest dose.
[[nodiscard]] Profile trace_unreached(const Data& data, const Fit& fit, double level, double z);
/// Depth of the curves that pass through (dose, level); `moving` starts and ends at one of them.
double depth_at(const Data& data, Fit& moving, double q0, double log10_dose, double level);
/// Variances, contributions and degrees of freedom of psi at the optimum, from this curve alone.
/// `more`: what else each repeat contributes to psi beside its wells; empty: nothing.
[[nodiscard]] Known variances(const Data& data,
                              const Fit& fit,
                              const Quantity& quantity,
                              std::span<const double> more = {});
/// psi at depth z on a side (up: true); NaN where it is open.
[[nodiscard]] double psi_at(const Profile& profile, bool up, double z);
/// Depth z of psi on its side; continues the last slope beyond the table.
[[nodiscard]] double z_of(const Profile& profile, double psi);
/// End of the interval at t multiples of the standard error; NaN where it is open.
[[nodiscard]] double interval_end(const Known& known, bool up, double t);

}  // namespace kinescape::viability::model
