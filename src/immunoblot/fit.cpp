// SPDX-License-Identifier: Apache-2.0
// One lane: sum of skew-normal peaks (Azzalini 1985) of one skewness, whose log width is a smooth
// function of the place, and a low polynomial over what stands beside the lane.
#include <algorithm>
#include <cmath>

#include "immunoblot/fit_internal.hpp"
#include "immunoblot/lane_solver_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double relative_error = 0.02;  ///< No real band is a skew normal to better than this.
constexpr double centre_sd = 0.5;        ///< How far a centre may stray, in its half widths.
constexpr double skew_sd = 2.0;
constexpr double width_sd = 1.0;   ///< Widths change by no more than a factor of e down a lane.
constexpr double shape_sd = 0.05;  ///< Lanes of one strip ran side by side: their bands are alike.

/// Which parameters there are, and where: centres, volumes, shape, background.
struct Form {
  std::size_t bands = 0, widths = 1, skews = 1, terms = 2;
  [[nodiscard]] std::size_t centre(std::size_t i) const { return i; }
  [[nodiscard]] std::size_t volume(std::size_t i) const { return bands + i; }
  [[nodiscard]] std::size_t width(std::size_t i) const { return 2 * bands + i; }
  [[nodiscard]] std::size_t skew(std::size_t i) const { return 2 * bands + widths + i; }
  [[nodiscard]] std::size_t term(std::size_t i) const { return 2 * bands + widths + skews + i; }
  [[nodiscard]] std::size_t size() const { return 2 * bands + widths + skews + terms; }
};

struct Problem1d {
  const LaneData& data;
  Form form;
  std::vector<double> base, weight;  ///< Of each row: what is known; 1 / error.
  double unit = 1.0;                 ///< Volumes and background are fitted in this many counts.
  double middle = 0.0, half = 1.0;   ///< Of the lane, for the shape's dependence on the place.
  double bands_middle = 0.0, bands_half = 1.0;
  std::vector<double> stray, stray_sd;  ///< What is known before of each centre's parameter.

  [[nodiscard]] double place(double y) const {
    return std::clamp((y - bands_middle) / bands_half, -1.2, 1.2);
  }
  [[nodiscard]] double log_sigma(std::span<const double> p, double t) const {
    double s = 0.0, power = 1.0;
    for (std::size_t k = 0; k < form.widths; ++k, power *= t) s += p[form.width(k)] * power;
    return std::clamp(s, -1.0, 5.0);
  }
  [[nodiscard]] double skewness(std::span<const double> p, double t) const {
    return p[form.skew(0)] + (form.skews > 1 ? p[form.skew(1)] * t : 0.0);
  }
};

constexpr double root_2_pi = 2.5066282746310002;

double phi(double z) {
  return std::exp(-0.5 * z * z) / root_2_pi;
}
double big_phi(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

/// One band over the rows it reaches: its values, and their derivatives by centre, log width and
/// skewness (empty unless asked for).
struct BandShape {
  std::size_t from = 0, to = 0;
  double place = 0.0, volume = 0.0;
  std::vector<double> q, by_centre, by_width, by_skew;
};

BandShape shape_at(const Problem1d& f, std::span<const double> p, std::size_t b, bool derivatives) {
  BandShape out;
  const double n = double(f.data.sum.size()), start = f.data.centre[b], t = f.place(start);
  const double sigma = std::exp(f.log_sigma(p, t)), alpha = f.skewness(p, t);
  const double centre = start + p[f.form.centre(b)] * f.data.sigma[b];
  out.place = t, out.volume = p[f.form.volume(b)];
  out.from = static_cast<std::size_t>(std::clamp(centre - 7.0 * sigma, 0.0, n));
  out.to = static_cast<std::size_t>(std::clamp(centre + 7.0 * sigma + 1.0, 0.0, n));
  const std::size_t rows = out.to - out.from;
  out.q.reserve(rows);
  if (derivatives)
    out.by_centre.reserve(rows), out.by_width.reserve(rows), out.by_skew.reserve(rows);
  for (std::size_t i = out.from; i < out.to; ++i) {
    const double z = (double(i) - centre) / sigma;
    const double bell = phi(z), part = big_phi(alpha * z);
    const double q = 2.0 * bell * part / sigma;
    out.q.push_back(q);
    if (!derivatives) continue;
    const double lean = phi(alpha * z);
    const double dq_dz = 2.0 / sigma * (-z * bell * part + alpha * bell * lean);
    out.by_centre.push_back(out.volume * dq_dz * (-1.0 / sigma) * f.data.sigma[b]);
    out.by_width.push_back(out.volume * (-q - z * dq_dz));
    out.by_skew.push_back(out.volume * 2.0 / sigma * bell * lean * z);
  }
  return out;
}

std::vector<BandShape> shapes_at(const Problem1d& f, std::span<const double> p, bool derivatives) {
  std::vector<BandShape> out;
  for (std::size_t b = 0; b < f.form.bands; ++b) out.push_back(shape_at(f, p, b, derivatives));
  return out;
}

std::vector<double> bands_sum(const Problem1d& f, std::span<const double> p) {
  std::vector<double> model(f.data.sum.size(), 0.0);
  for (const BandShape& s : shapes_at(f, p, false)) {
    for (std::size_t i = s.from; i < s.to; ++i) model[i] += s.volume * s.q[i - s.from];
  }
  return model;
}

/// What one residual depends on: few of the parameters, in ascending order.
struct RowTerms {
  std::vector<std::size_t> at;
  std::vector<double> by;
  void add(std::size_t parameter, double derivative) {
    at.push_back(parameter), by.push_back(derivative);
  }
  void add_to(Normal& normal, std::size_t k, double residual) const {
    for (std::size_t a = 0; a < at.size(); ++a) {
      normal.gradient[at[a]] += by[a] * residual;
      double* row = normal.matrix.data() + at[a] * k;
      for (std::size_t b = 0; b <= a; ++b) row[at[b]] += by[a] * by[b];
    }
  }
};

void terms_of(const Problem1d& f,
              const std::vector<BandShape>& shapes,
              std::size_t i,
              RowTerms& out) {
  out.at.clear(), out.by.clear();
  const double weight = f.weight[i];
  double width[3] = {0.0, 0.0, 0.0}, skew[2] = {0.0, 0.0};
  for (std::size_t b = 0; b < shapes.size(); ++b) {
    const BandShape& s = shapes[b];
    if (i < s.from || i >= s.to) continue;
    const std::size_t r = i - s.from;
    out.add(f.form.centre(b), weight * s.by_centre[r]);
    double power = 1.0;
    for (std::size_t w = 0; w < f.form.widths; ++w, power *= s.place)
      width[w] += s.by_width[r] * power;
    skew[0] += s.by_skew[r], skew[1] += s.by_skew[r] * s.place;
  }
  for (std::size_t b = 0; b < shapes.size(); ++b) {
    const BandShape& s = shapes[b];
    if (i >= s.from && i < s.to) out.add(f.form.volume(b), weight * s.q[i - s.from]);
  }
  for (std::size_t w = 0; w < f.form.widths; ++w) out.add(f.form.width(w), weight * width[w]);
  for (std::size_t s = 0; s < f.form.skews; ++s) out.add(f.form.skew(s), weight * skew[s]);
  const double x = (double(i) - f.middle) / f.half;
  double power = 1.0;
  for (std::size_t t = 0; t < f.form.terms; ++t, power *= x)
    out.add(f.form.term(t), weight * power);
}

double ground_at(const Problem1d& f, std::span<const double> p, std::size_t i) {
  const double x = (double(i) - f.middle) / f.half;
  double power = 1.0, ground = 0.0;
  for (std::size_t t = 0; t < f.form.terms; ++t, power *= x) ground += p[f.form.term(t)] * power;
  return ground;
}

/// What is known before of centres, skewness, how far widths change, and the strip's other lanes.
double known_before(const Problem1d& f, std::span<const double> p, Normal* normal) {
  double sum = 0.0;
  const auto known = [&](std::size_t at, double expected, double sd) {
    const double r = (p[at] - expected) / sd;
    sum += r * r;
    if (normal == nullptr) return;
    normal->gradient[at] += r / sd;
    normal->matrix[at * f.form.size() + at] += 1.0 / (sd * sd);
  };
  for (std::size_t b = 0; b < f.form.bands; ++b) known(f.form.centre(b), f.stray[b], f.stray_sd[b]);
  for (std::size_t s = 0; s < f.form.skews; ++s) known(f.form.skew(s), 0.0, skew_sd);
  for (std::size_t w = 1; w < f.form.widths; ++w) known(f.form.width(w), 0.0, width_sd);
  for (std::size_t s = 0; s < f.data.shape.size(); ++s)
    known(f.form.width(0) + s, f.data.shape[s], shape_sd);
  return sum;
}

/// Sum of squares of the rows and of what is known before, with its normal equations.
double normal_equations(const Problem1d& f, std::span<const double> p, Normal* normal) {
  const std::size_t n = f.data.sum.size(), k = f.form.size();
  const auto shapes = shapes_at(f, p, normal != nullptr);
  std::vector<double> model(n, 0.0);
  for (const BandShape& s : shapes) {
    for (std::size_t i = s.from; i < s.to; ++i) model[i] += s.volume * s.q[i - s.from];
  }
  if (normal != nullptr) normal->matrix.assign(k * k, 0.0), normal->gradient.assign(k, 0.0);
  double sum = 0.0;
  RowTerms terms;
  for (std::size_t i = 0; i < n; ++i) {
    const double r =
        (model[i] + ground_at(f, p, i) - (f.data.sum[i] - f.base[i]) / f.unit) * f.weight[i];
    sum += r * r;
    if (normal == nullptr) continue;
    terms_of(f, shapes, i, terms);
    terms.add_to(*normal, k, r);
  }
  return sum + known_before(f, p, normal);
}

/// Rows that no band reaches, in half widths: they say how much a background may bend.
std::size_t background_terms(const LaneData& data) {
  std::vector<bool> taken(data.sum.size(), false);
  for (std::size_t b = 0; b < data.centre.size(); ++b) {
    for (std::size_t i = 0; i < taken.size(); ++i) {
      if (std::abs(double(i) - data.centre[b]) < 3.0 * data.sigma[b]) taken[i] = true;
    }
  }
  const double usual = data.sigma.empty() ? 4.0 : median_of(data.sigma);
  const double free = double(std::ranges::count(taken, false)) / usual;
  return free < 10.0 ? 2 : free < 20.0 ? 3 : 4;
}

void weigh(Problem1d& f, std::span<const double> net) {
  f.weight.resize(f.data.sum.size());
  for (std::size_t i = 0; i < f.weight.size(); ++i) {
    const double own = relative_error * std::max(net[i], 0.0);
    f.weight[i] = f.unit / std::sqrt(f.data.variance[i] + own * own);
  }
}

Problem1d problem_of(const LaneData& data) {
  Problem1d f{data, {}, {}, {}, 1.0, 0.0, 1.0, 0.0, 1.0, {}, {}};
  const std::size_t n = data.sum.size();
  f.form.bands = data.centre.size();
  f.form.widths = f.form.bands >= 5 ? 3 : f.form.bands >= 3 ? 2 : 1;
  f.form.skews = f.form.bands >= 5 ? 2 : 1;
  f.form.terms = background_terms(data);
  f.base = data.beside.empty() ? std::vector<double>(n, 0.0) : data.beside;
  f.middle = 0.5 * double(n - 1), f.half = std::max(1.0, 0.5 * double(n - 1));
  if (f.form.bands > 0) {
    const auto [low, high] = std::ranges::minmax(data.centre);
    f.bands_middle = 0.5 * (low + high), f.bands_half = std::max(1.0, 0.5 * (high - low));
  }
  std::vector<double> net(n);
  for (std::size_t i = 0; i < n; ++i) net[i] = data.sum[i] - f.base[i];
  const double low = quantile_of(net, 0.1);
  double most = 0.0;
  for (double& x : net) x -= low, most = std::max(most, x);
  f.unit = std::max(most, 1.0);
  weigh(f, net);
  return f;
}

/// Mean less mode parameter of a skew normal.
double lean_of(double sigma, double alpha) {
  return sigma * alpha / std::sqrt(1.0 + alpha * alpha) * std::sqrt(2.0 / M_PI);
}

/// What is known before of the centres: near where they were seen, or where the strip's other lanes
/// put them.
void expect_centres(Problem1d& f) {
  const LaneData& d = f.data;
  f.stray.assign(f.form.bands, 0.0), f.stray_sd.assign(f.form.bands, centre_sd);
  if (d.expected.size() != f.form.bands || d.shape.empty()) return;
  std::vector<double> p(f.form.size(), 0.0);
  for (std::size_t s = 0; s < d.shape.size(); ++s) p[f.form.width(0) + s] = d.shape[s];
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    const double t = f.place(d.centre[b]);
    const double lean = lean_of(std::exp(f.log_sigma(p, t)), f.skewness(p, t));
    f.stray[b] = (d.expected[b] - lean - d.centre[b]) / d.sigma[b];
    f.stray_sd[b] = d.expected_sd / d.sigma[b];
  }
}

std::vector<double> start_of(const Problem1d& f) {
  std::vector<double> p(f.form.size(), 0.0);
  const LaneData& d = f.data;
  std::vector<double> net;
  for (std::size_t i = 0; i < d.sum.size(); ++i) net.push_back(d.sum[i] - f.base[i]);
  const double ground = quantile_of(net, 0.15);
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    const auto at = static_cast<std::size_t>(std::clamp(d.centre[b], 0.0, double(net.size() - 1)));
    p[f.form.volume(b)] = std::max(1e-3, (net[at] - ground) / f.unit) * d.sigma[b] * root_2_pi;
  }
  p[f.form.width(0)] = std::log(median_of(d.sigma));
  for (std::size_t s = 0; s < d.shape.size(); ++s) p[f.form.width(0) + s] = d.shape[s];
  for (std::size_t b = 0; b < f.form.bands; ++b) p[f.form.centre(b)] = f.stray[b];
  p[f.form.term(0)] = ground / f.unit;
  return p;
}

}  // namespace

LaneFit fit_rows(const LaneData& data, int most_steps) {
  LaneFit out;
  const std::size_t n = data.sum.size();
  Problem1d f = problem_of(data);
  if (f.form.bands == 0) return out;
  if (data.shape.size() != f.form.widths + f.form.skews && !data.shape.empty()) return out;
  expect_centres(f);
  SolverOptions options;
  options.most_steps = most_steps;
  // A ten-millionth of the sum moves no volume by a hundredth of its standard error.
  options.tolerance = most_steps == full_fit ? 1e-7 : 1e-6;
  options.lower.assign(f.form.size(), -1e300);
  options.upper.assign(f.form.size(), 1e300);
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    // What was not seen stays where its row passes.
    const double reach = data.seen[b] ? 1.5 : 0.0, from = std::min(f.stray[b], 0.0);
    const double to = std::max(f.stray[b], 0.0);
    options.lower[f.form.centre(b)] = data.seen[b] ? from - reach : f.stray[b];
    options.upper[f.form.centre(b)] = data.seen[b] ? to + reach : f.stray[b];
  }
  const auto function = [&](std::span<const double> p, Normal* normal) {
    return normal_equations(f, p, normal);
  };
  std::vector<double> start = start_of(f);
  // Volumes and background first, with every band where it was seen: bands that overlap would else
  // run through each other on the first long step.
  SolverOptions held = options;
  for (std::size_t j = 0; j < start.size(); ++j) {
    const bool linear = (j >= f.form.volume(0) && j < f.form.width(0)) || j >= f.form.term(0);
    if (!linear) held.lower[j] = held.upper[j] = start[j];
  }
  SolverFit fit = solve_normal(function, start, held);
  if (fit.parameters.empty()) return out;
  start = fit.parameters;
  for (int pass = 0; pass < 2; ++pass) {  // the second with weights from the first's peaks
    fit = solve_normal(function, start, options);
    if (fit.parameters.empty()) return out;
    start = fit.parameters;
    std::vector<double> peaks = bands_sum(f, start);
    for (double& x : peaks) x *= f.unit;
    if (pass == 0) weigh(f, peaks);
  }
  out.converged = fit.converged || most_steps != full_fit;
  const auto& p = fit.parameters;
  const double freedom = std::max(1.0, double(n) - double(f.form.size()));
  const double spread = std::max(1.0, fit.sum / freedom);
  for (std::size_t s = 0; s < f.form.widths + f.form.skews; ++s)
    out.shape.push_back(p[f.form.width(0) + s]);
  const std::vector<double> model = bands_sum(f, p);
  for (std::size_t i = 0; i < n; ++i) {
    out.background.push_back(f.base[i] + ground_at(f, p, i) * f.unit);
    out.peaks.push_back(model[i] * f.unit);
  }
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    const double t = f.place(data.centre[b]), alpha = f.skewness(p, t);
    const double sigma = std::exp(f.log_sigma(p, t));
    const double delta = alpha / std::sqrt(1.0 + alpha * alpha);
    out.volume.push_back(p[f.form.volume(b)] * f.unit);
    out.se.push_back(std::sqrt(spread * fit.variance[f.form.volume(b)]) * f.unit);
    // Mean and standard deviation of the skew normal.
    out.centre.push_back(data.centre[b] + p[f.form.centre(b)] * data.sigma[b] +
                         lean_of(sigma, alpha));
    out.sigma.push_back(sigma * std::sqrt(1.0 - 2.0 * delta * delta / M_PI));
  }
  return out;
}

}  // namespace kinescape::immunoblot
