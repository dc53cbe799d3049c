// SPDX-License-Identifier: Apache-2.0
/// \file Where drc's optimiser stops. drc 3.2-0 minimises the residual sum by R's optim, "BFGS"
/// (numeric/variable_metric.hpp), which in a flat valley ends short of the minimum. The same method
/// from the same start arrives at drc's printed digits, which shows that the print and the optimum
/// differ by where the search ended and by nothing else.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "dose_response/fit.hpp"
#include "numeric/information.hpp"
#include "numeric/variable_metric.hpp"

namespace kinescape::tests {

using Vector = std::vector<double>;

/// drc's start for one curve: plateaus just outside the responses, midpoint and slope from the
/// straight line through logit response on ln dose. {b, c, d, e}.
inline std::vector<double> drc_start(const std::vector<double>& dose,
                                     const std::vector<double>& response) {
  const auto [low, high] = std::minmax_element(response.begin(), response.end());
  const double margin = 0.001 * (*high - *low), c = *low - margin, d = *high + margin;
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < dose.size(); ++i) {
    if (!(dose[i] > 0.0)) continue;
    const double x = std::log(dose[i]), y = std::log((d - response[i]) / (response[i] - c));
    n += 1.0;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const double b = (n * sxy - sx * sy) / (n * sxx - sx * sx), intercept = (sy - b * sx) / n;
  return {b, c, d, std::exp(-intercept / b)};
}

/// Which of our parameters a letter of drc's is.
inline dose_response::Parameter drc_parameter(char letter, dose_response::Shape shape) {
  using enum dose_response::Parameter;
  switch (letter) {
    case 'b':
      return hill_slope;
    case 'c':
      return bottom;
    case 'd':
      return top;
    case 'e':
      return log10_ec50;
    default:
      return shape == dose_response::Shape::brain_cousens ? hormesis : asymmetry;
  }
}

/// The power of ten at or below the median: drc divides doses and responses by theirs.
inline double drc_unit(const std::vector<dose_response::Observations>& groups, bool of_dose) {
  Vector all;
  for (const auto& o : groups) {
    const auto& from = of_dose ? o.dose_nM : o.response;
    all.insert(all.end(), from.begin(), from.end());
  }
  std::sort(all.begin(), all.end());
  const double median = 0.5 * (all[(all.size() - 1) / 2] + all[all.size() / 2]);
  return median > 0.0 ? std::pow(10.0, std::floor(std::log10(median))) : 1.0;
}

/// One of drc's parameters: its letter, where it stands in ours, and the unit it is scaled by.
struct DrcPlace {
  char letter;
  std::size_t slot;
  double unit;
};

/// drc's parameters in its order (by letter, then by curve) and where each starts.
struct DrcModel {
  std::vector<DrcPlace> places;
  Vector start;
  double dose_unit = 1.0, unit = 1.0;
};

inline DrcModel drc_model(const dose_response::Fit& fit,
                          const std::vector<dose_response::Observations>& groups,
                          bool bottom_zero) {
  const bool hormetic = fit.shape == dose_response::Shape::brain_cousens;  // not scaled by drc
  DrcModel out;
  if (!hormetic) {
    out.dose_unit = drc_unit(groups, true);
    out.unit = drc_unit(groups, false);
  }
  std::vector<Vector> starts;
  for (const auto& o : groups) {
    Vector doses = o.dose_nM, responses = o.response;
    for (double& d : doses) d /= out.dose_unit;
    for (double& r : responses) r /= out.unit;
    starts.push_back(drc_start(doses, responses));
    starts.back().push_back(hormetic ? 0.0 : 1.0);
  }
  const auto free = free_parameters(fit.shape);
  for (const char letter : std::string("bcdef")) {
    const auto found = std::find(free.begin(), free.end(), drc_parameter(letter, fit.shape));
    if (found == free.end() || (letter == 'c' && bottom_zero)) continue;
    const double unit = letter == 'e'                    ? out.dose_unit
                        : letter == 'c' || letter == 'd' ? out.unit
                                                         : 1.0;
    std::size_t last = static_cast<std::size_t>(-1);
    double sum = 0.0, wells = 0.0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const std::size_t slot = fit.slot[g][static_cast<std::size_t>(found - free.begin())];
      if (slot != last) {
        out.places.push_back({letter, slot, unit});
        out.start.push_back(0.0);
        sum = wells = 0.0;
      }
      last = slot;
      const auto n = static_cast<double>(groups[g].response.size());
      sum += n * starts[g][static_cast<std::size_t>(letter - 'b')];
      wells += n;
      out.start.back() = sum / wells;  // a shared one: the mean over the wells
    }
  }
  return out;
}

/// A fit with drc's scaled parameters for its own.
inline void move_to(dose_response::Fit& fit, const DrcModel& model, const Vector& x) {
  for (std::size_t j = 0; j < x.size(); ++j) {
    const DrcPlace& p = model.places[j];
    const double natural = x[j] * p.unit;
    fit.parameters[p.slot] = p.letter == 'e' ? std::log10(natural) : natural;
  }
  const auto free = free_parameters(fit.shape);
  for (std::size_t g = 0; g < fit.curves.size(); ++g) {
    for (std::size_t i = 0; i < free.size(); ++i) {
      fit.curves[g][free[i]] = fit.parameters[fit.slot[g][i]];
    }
  }
}

/// drc's covariance, for parameters that hold log10 of its e.
inline std::vector<double> drc_covariance(const DrcModel& model,
                                          const numeric::VariableMetricEnd& stop,
                                          double variance,
                                          std::size_t all) {
  const std::size_t k = model.places.size();
  const auto slopes = [&](std::span<const double> at, std::span<double> out) {
    for (std::size_t i = 0; i < k; ++i) {
      out[i] = 0.0;
      for (std::size_t j = 0; j < k; ++j) out[i] += stop.hessian[i * k + j] * at[j];
    }
  };
  const auto inverse = numeric::inverse_hessian(slopes, Vector(k, 0.0), std::vector<bool>(k, true));
  const auto per = [&](std::size_t j) {
    const DrcPlace& p = model.places[j];
    return p.letter == 'e' ? 1.0 / (stop.at[j] * std::numbers::ln10) : p.unit;
  };
  std::vector<double> out(all * all, unknown);
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      out[model.places[i].slot * all + model.places[j].slot] =
          2.0 * variance * inverse[i * k + j] * per(i) * per(j);
    }
  }
  return out;
}

/// Residual sum of curves, in drc's unit of response.
inline double drc_sum(const dose_response::Fit& fit,
                      const std::vector<dose_response::Observations>& groups,
                      double unit) {
  double sum = 0.0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t w = 0; w < groups[g].response.size(); ++w) {
      const double miss =
          (groups[g].response[w] - value(fit.curves[g], groups[g].dose_nM[w])) / unit;
      sum += miss * miss;
    }
  }
  return sum;
}

/// The fit moved to where drc's search ends, with drc's standard errors.
inline dose_response::Fit where_drc_stops(const dose_response::Fit& fit,
                                          const std::vector<dose_response::Observations>& groups,
                                          bool bottom_zero = false) {
  const DrcModel model = drc_model(fit, groups, bottom_zero);
  dose_response::Fit out = fit;
  const auto objective = [&](const Vector& x) {
    move_to(out, model, x);
    return drc_sum(out, groups, model.unit);
  };
  const auto stop = numeric::variable_metric(objective, model.start);
  const double sum = objective(stop.at), n = out.n;
  out.residual_sum = sum * model.unit * model.unit;
  out.residual_sd = std::sqrt(out.residual_sum / out.df());
  out.log_likelihood = -0.5 * n * (std::log(2.0 * std::numbers::pi * out.residual_sum / n) + 1.0);
  out.covariance = drc_covariance(model, stop, sum / out.df(), out.parameters.size());
  return out;
}

}  // namespace kinescape::tests
