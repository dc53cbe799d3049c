// SPDX-License-Identifier: Apache-2.0
/// \file Where drc's optimiser stops. drc 3.2-0 minimises the residual sum by a variable-metric
/// method (Nash 1990, Compact Numerical Methods for Computers, algorithm 21; R's optim, "BFGS")
/// with central differences of 1e-3 of the start values for a gradient, and ends when one step
/// gains less than 1e-7 of the residual sum. In a flat valley that is short of the minimum. The
/// same method from the same start arrives at drc's printed digits, which shows that the print and
/// the optimum differ by where the search ended and by nothing else.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dose_response/fit.hpp"
#include "numeric/information.hpp"

namespace kinescape::tests {

using Objective = std::function<double(const std::vector<double>&)>;
using Vector = std::vector<double>;

struct DrcStop {
  Vector at;
  Vector hessian;  ///< k x k, by differences of the differences, as drc takes its standard errors.
};

class VariableMetric {
 public:
  VariableMetric(Objective f, const Vector& start) : f_(std::move(f)), scale_(start) {
    for (double& s : scale_) s = std::fabs(s) < 1e-4 ? 1.0 : std::fabs(s);
  }

  /// Central differences, one thousandth of the scale to either side.
  [[nodiscard]] Vector gradient(const Vector& x) const {
    Vector g(x.size()), y = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[i] = x[i] + step;
      const double above = scaled(y);
      y[i] = x[i] - step;
      g[i] = (above - scaled(y)) / (2.0 * step);
      y[i] = x[i];
    }
    return g;
  }

  /// From `start` (in natural units) to where it stops.
  [[nodiscard]] DrcStop run(const Vector& start) {
    const std::size_t k = start.size();
    Vector x(k);
    for (std::size_t i = 0; i < k; ++i) x[i] = start[i] / scale_[i];
    double best = scaled(x);
    Vector g = gradient(x);
    bool fresh = true, done = false;
    int since_reset = 0;
    for (int rounds = 0; !done && rounds < 5000; ++rounds) {
      if (fresh) reset(k);
      if (fresh) since_reset = 0;
      const Vector direction = downhill(g);
      double descent = 0.0;
      for (std::size_t i = 0; i < k; ++i) descent += direction[i] * g[i];
      if (!(descent < 0.0)) {
        done = fresh;
        fresh = true;
        continue;
      }
      const Vector from = x;
      double length = 1.0, now = best;
      bool moved = true, accepted = false;
      while (!accepted) {
        moved = false;
        for (std::size_t i = 0; i < k; ++i) {
          x[i] = from[i] + length * direction[i];
          moved = moved || 10.0 + from[i] != 10.0 + x[i];
        }
        if (!moved) break;
        now = scaled(x);
        accepted = std::isfinite(now) && now <= best + descent * length * 1e-4;
        if (!accepted) length *= 0.2;
      }
      const bool enough = std::fabs(now - best) > tolerance * (std::fabs(best) + tolerance);
      if (!moved || !enough) {
        if (moved) best = now;
        done = fresh;
        fresh = true;
        continue;
      }
      best = now;
      const Vector before = g;
      g = gradient(x);
      ++since_reset;
      fresh = !update(x, from, g, before) || since_reset > 2 * static_cast<int>(k);
    }
    return {natural(x), hessian(x)};
  }

 private:
  static constexpr double step = 1e-3, tolerance = 1e-7;

  [[nodiscard]] Vector natural(const Vector& x) const {
    Vector p(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) p[i] = x[i] * scale_[i];
    return p;
  }
  [[nodiscard]] double scaled(const Vector& x) const { return f_(natural(x)); }

  void reset(std::size_t k) {
    metric_.assign(k * k, 0.0);
    for (std::size_t i = 0; i < k; ++i) metric_[i * k + i] = 1.0;
  }

  [[nodiscard]] Vector times_metric(const Vector& v) const {
    const std::size_t k = v.size();
    Vector out(k, 0.0);
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) out[i] += metric_[i * k + j] * v[j];
    }
    return out;
  }
  [[nodiscard]] Vector downhill(const Vector& g) const {
    Vector d = times_metric(g);
    for (double& v : d) v = -v;
    return d;
  }

  /// The Broyden-Fletcher-Goldfarb-Shanno update; false where the curvature is not positive.
  bool update(const Vector& x, const Vector& from, const Vector& g, const Vector& before) {
    const std::size_t k = x.size();
    Vector s(k), y(k);
    double along = 0.0;
    for (std::size_t i = 0; i < k; ++i) {
      s[i] = x[i] - from[i];
      y[i] = g[i] - before[i];
      along += s[i] * y[i];
    }
    if (!(along > 0.0)) return false;
    const Vector by = times_metric(y);
    double curvature = 0.0;
    for (std::size_t i = 0; i < k; ++i) curvature += by[i] * y[i];
    const double weight = 1.0 + curvature / along;
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        metric_[i * k + j] += (weight * s[i] * s[j] - s[i] * by[j] - by[i] * s[j]) / along;
      }
    }
    return true;
  }

  [[nodiscard]] Vector hessian(const Vector& x) const {
    const std::size_t k = x.size();
    Vector rows(k * k), out(k * k);
    for (std::size_t i = 0; i < k; ++i) {
      Vector y = x;
      const double outer = step / scale_[i];  // R: 1e-3 in natural units here, unlike in the slopes
      y[i] = x[i] + outer;
      const Vector above = gradient(y);
      y[i] = x[i] - outer;
      const Vector below = gradient(y);
      for (std::size_t j = 0; j < k; ++j) {
        rows[i * k + j] = (above[j] - below[j]) / (2.0 * outer * scale_[i] * scale_[j]);
      }
    }
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j)
        out[i * k + j] = 0.5 * (rows[i * k + j] + rows[j * k + i]);
    }
    return out;
  }

  Objective f_;
  Vector scale_, metric_;
};

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
                                          const DrcStop& stop,
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
  const DrcStop stop = VariableMetric(objective, model.start).run(model.start);
  const double sum = objective(stop.at), n = out.n;
  out.residual_sum = sum * model.unit * model.unit;
  out.residual_sd = std::sqrt(out.residual_sum / out.df());
  out.log_likelihood = -0.5 * n * (std::log(2.0 * std::numbers::pi * out.residual_sum / n) + 1.0);
  out.covariance = drc_covariance(model, stop, sum / out.df(), out.parameters.size());
  return out;
}

}  // namespace kinescape::tests
