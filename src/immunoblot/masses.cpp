// SPDX-License-Identifier: Apache-2.0
// From a marker lane to the mass of every band: log mass against migration.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "immunoblot/measure.hpp"
#include "numeric/distribution.hpp"
#include "numeric/least_squares.hpp"

namespace kinescape::immunoblot {
namespace {

/// How a row of bands runs across the strip: y = row + tilt x + bend x^2.
struct Smile {
  double tilt = 0.0, bend = 0.0;
  double tt = 0.0, tb = 0.0, bb = 0.0;  ///< Covariance of both.
  /// Standard error of how much lower a row lies at x than at `from`.
  [[nodiscard]] double error(double x, double from) const {
    const double u = x - from, v = x * x - from * from;
    return std::sqrt(std::max(0.0, u * u * tt + 2.0 * u * v * tb + v * v * bb));
  }
  [[nodiscard]] double freed(double x, double y) const { return y - tilt * x - bend * x * x; }
};

struct Spot {
  double x, y;
};

/// Least squares over all rows that stand in two lanes or more.
Smile smile_of(const std::map<int, std::vector<Spot>>& rows) {
  double uu = 0.0, uv = 0.0, vv = 0.0, uy = 0.0, vy = 0.0, yy = 0.0, freedom = 0.0;
  std::size_t longest = 0;
  for (const auto& [band, spots] : rows) {
    const double n = double(spots.size());
    longest = std::max(longest, spots.size());
    double mx = 0.0, mxx = 0.0, my = 0.0;
    for (const Spot& s : spots) mx += s.x / n, mxx += s.x * s.x / n, my += s.y / n;
    for (const Spot& s : spots) {
      const double u = s.x - mx, v = s.x * s.x - mxx, y = s.y - my;
      uu += u * u, uv += u * v, vv += v * v, uy += u * y, vy += v * y, yy += y * y;
    }
    freedom += n - 1.0;
  }
  Smile out;
  if (!(uu > 0.0)) return out;
  out.tilt = uy / uu;
  const double determinant = uu * vv - uv * uv;
  const bool bent = longest >= 4 && freedom >= 4.0 && determinant > 1e-9 * uu * vv;
  if (bent) {
    out.tilt = (uy * vv - vy * uv) / determinant;
    out.bend = (vy * uu - uy * uv) / determinant;
  }
  const double left = std::max(0.0, yy - out.tilt * uy - out.bend * vy);
  const double variance = left / std::max(1.0, freedom - (bent ? 2.0 : 1.0));
  out.tt = variance * (bent ? vv / determinant : 1.0 / uu);
  out.tb = bent ? -variance * uv / determinant : 0.0;
  out.bb = bent ? variance * uu / determinant : 0.0;
  return out;
}

double middle_of(const BandBox& b) {
  return 0.5 * (b.box.x0 + b.box.x1);
}

/// log10 mass as a polynomial of the place, -1 to 1 over the marker's bands.
struct Curve {
  int degree = 0;
  double first = 0.0, last = 1.0;  ///< Places of the outermost bands.
  double sd = unknown, df = 0.0, aicc = unknown;
  std::vector<double> p, covariance;

  [[nodiscard]] double scaled(double y) const {
    return (2.0 * y - first - last) / std::max(last - first, 1e-9);
  }
  [[nodiscard]] double at(double y) const {
    double value = 0.0, power = 1.0;
    for (const double c : p) value += c * power, power *= scaled(y);
    return value;
  }
  [[nodiscard]] double slope(double y) const {  ///< By y.
    double value = 0.0, power = 1.0;
    for (std::size_t i = 1; i < p.size(); ++i, power *= scaled(y))
      value += double(i) * p[i] * power;
    return value * 2.0 / std::max(last - first, 1e-9);
  }
  /// Standard error of the curve itself, in units of sd.
  [[nodiscard]] double lever(double y) const {
    double sum = 0.0;
    for (std::size_t a = 0; a < p.size(); ++a) {
      for (std::size_t b = 0; b < p.size(); ++b) {
        sum += covariance[a * p.size() + b] * std::pow(scaled(y), double(a + b));
      }
    }
    return std::sqrt(std::max(sum, 0.0));
  }
};

Curve curve_of(const std::vector<double>& y, const std::vector<double>& log_mass, int degree) {
  Curve out;
  out.degree = degree;
  const auto [first, last] = std::ranges::minmax(y);
  out.first = first, out.last = last;
  const std::size_t n = y.size(), k = std::size_t(degree) + 1;
  const auto function = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
    for (std::size_t i = 0; i < n; ++i) {
      double value = 0.0, power = 1.0;
      for (std::size_t c = 0; c < k; ++c, power *= out.scaled(y[i])) {
        value += p[c] * power;
        if (!j.empty()) j[i * k + c] = power;
      }
      r[i] = value - log_mass[i];
    }
    return true;
  };
  const auto fit = numeric::least_squares(function, n, std::vector<double>(k, 0.0));
  if (!fit.usable()) return out;
  out.p = fit.parameters, out.covariance = fit.covariance_unscaled;
  out.df = double(n) - double(k);
  out.sd = out.df > 0.0 ? std::sqrt(fit.residual_sum / out.df) : unknown;
  const double parameters = double(k) + 1.0, left = double(n) - parameters - 1.0;
  if (left > 0.0) {
    out.aicc = double(n) * std::log(std::max(fit.residual_sum, 1e-12) / double(n)) +
               2.0 * parameters * double(n) / left;
  }
  return out;
}

bool falls(const Curve& c) {
  for (int i = 0; i <= 100; ++i) {
    if (!(c.slope(c.first + (c.last - c.first) * i / 100.0) < 0.0)) return false;
  }
  return true;
}

/// The smallest AICc of the polynomials that fall all the way; few bands give a straight line.
Curve best_curve(const std::vector<double>& y, const std::vector<double>& log_mass) {
  Curve best;
  for (int degree = 1; degree <= 3; ++degree) {
    if (int(y.size()) < degree + 2) break;
    Curve c = curve_of(y, log_mass, degree);
    if (c.p.empty() || !falls(c)) continue;
    if (best.p.empty() || c.aicc < best.aicc) best = std::move(c);
  }
  return best;
}

constexpr const char* mass_method = "log mass against migration of the marker lane";

Estimated mass_at(const Curve& curve, double y, double y_error, double edge, double level) {
  Estimated e;
  e.level = level, e.n = 1;
  e.method =
      fmt::format("{}, polynomial of degree {}, prediction interval", mass_method, curve.degree);
  if (y < curve.first - edge || y > curve.last + edge) {
    const bool heavy = y < curve.first;
    e.relation = heavy ? Relation::greater : Relation::less;
    e.value = std::pow(10.0, curve.at(heavy ? curve.first : curve.last));
    (heavy ? e.low : e.high) = e.value;
    e.status = heavy ? Status::interval_open_high : Status::interval_open_low;
    e.why = heavy ? "the band runs above the heaviest band of the marker"
                  : "the band runs below the lightest band of the marker";
    return e;
  }
  const double t = numeric::student_t_quantile(0.5 + 0.5 * level, curve.df);
  const double error =
      std::hypot(curve.sd * std::hypot(1.0, curve.lever(y)), curve.slope(y) * y_error);
  const double log_mass = curve.at(y);
  e.value = std::pow(10.0, log_mass);
  e.low = std::pow(10.0, log_mass - t * error), e.high = std::pow(10.0, log_mass + t * error);
  e.status = Status::ok;
  return e;
}

/// The places of a strip's marker bands with their masses; `why` says what is wrong with them.
struct Known {
  std::vector<double> y, mass_kDa;
  double x = 0.0;  ///< Mean over the bands.
  std::string why;
};

/// Faint things among a marker's bands are none of them: the faintest go while they are too many
/// and hold less than a third of the usual.
void drop_faintest(std::vector<const BandResult*>& bands, std::size_t wanted) {
  const auto volume = [](const BandResult* b) {
    return std::isnan(b->volume.value) ? 0.0 : b->volume.value;
  };
  while (bands.size() > wanted) {
    std::vector<double> all;
    for (const BandResult* b : bands) all.push_back(volume(b));
    std::ranges::sort(all);
    const auto faintest = std::ranges::min_element(bands, {}, volume);
    if (volume(*faintest) > all[all.size() / 2] / 3.0) return;
    bands.erase(faintest);
  }
}

Known known_masses(const Measured& m, int strip, const Smile& smile) {
  Known out;
  for (const LaneResult& l : m.lanes) {
    if (l.where.strip != strip) continue;
    for (const MarkerLane& marker : m.layout.markers) {
      if (marker.lane != l.where.lane || (marker.strip != 0 && marker.strip != strip)) continue;
      std::vector<const BandResult*> bands;
      for (const BandResult& b : m.bands) {
        if (b.where.strip == strip && b.where.lane == marker.lane) bands.push_back(&b);
      }
      drop_faintest(bands, marker.masses_kDa.size());
      std::ranges::sort(bands, {}, [](const BandResult* b) { return b->where.centre; });
      if (bands.size() != marker.masses_kDa.size()) {
        out.why =
            fmt::format("{} bands are found in marker lane {} of strip {}, and {} masses are given",
                        bands.size(),
                        marker.lane,
                        strip,
                        marker.masses_kDa.size());
        continue;
      }
      for (std::size_t i = 0; i < bands.size(); ++i) {
        out.y.push_back(smile.freed(middle_of(bands[i]->where), bands[i]->where.centre));
        out.mass_kDa.push_back(marker.masses_kDa[i]);
        out.x += middle_of(bands[i]->where);
      }
    }
  }
  out.x /= std::max(1.0, double(out.y.size()));
  return out;
}

void add_strip_masses(Measured& m, int strip, double level) {
  std::map<int, std::vector<Spot>> rows;
  for (const BandResult& b : m.bands) {
    if (b.where.strip == strip && b.where.seen && !is_marker(m.layout, strip, b.where.lane))
      rows[b.where.band].push_back({middle_of(b.where), b.where.centre});
  }
  const Smile smile = smile_of(rows);
  const Known known = known_masses(m, strip, smile);
  MassScale scale;
  scale.strip = strip;
  scale.y = known.y, scale.mass_kDa = known.mass_kDa;
  scale.points = int(known.y.size());
  std::vector<double> log_mass;
  for (const double mass : known.mass_kDa) log_mass.push_back(std::log10(mass));
  const Curve curve = best_curve(known.y, log_mass);
  scale.status = curve.p.empty() ? Status::too_few_data : Status::ok;
  if (curve.p.empty()) {
    scale.why = !known.why.empty() ? known.why
                : scale.points < 3 ? "a scale of masses needs three marker bands or more"
                                   : "the masses do not fall down the marker lane";
  }
  scale.degree = curve.degree, scale.sd_log10 = curve.sd;
  for (BandResult& b : m.bands) {
    if (b.where.strip != strip) continue;
    if (curve.p.empty()) {
      b.mass_kDa.status = scale.status, b.mass_kDa.why = scale.why, b.mass_kDa.method = mass_method;
      continue;
    }
    const double error = std::hypot(b.snr > 0.0 ? b.where.sigma / b.snr : 0.0,
                                    smile.error(middle_of(b.where), known.x));
    b.mass_kDa = mass_at(
        curve, smile.freed(middle_of(b.where), b.where.centre), error, 0.3 * b.where.sigma, level);
  }
  m.masses.push_back(std::move(scale));
}

}  // namespace

void add_masses(Measured& measured, double level) {
  for (BandResult& b : measured.bands) b.mass_kDa.status = Status::not_applicable;
  measured.masses.clear();
  for (const StripBox& strip : measured.layout.strips) {
    const bool marked = std::ranges::any_of(measured.lanes, [&](const LaneResult& l) {
      return l.where.strip == strip.strip && is_marker(measured.layout, strip.strip, l.where.lane);
    });
    if (marked) add_strip_masses(measured, strip.strip, level);
  }
}

}  // namespace kinescape::immunoblot
