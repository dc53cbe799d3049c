// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include "base/stream.hpp"
#include "plate/quality_internal.hpp"

namespace kinescape::plate {

namespace {

constexpr int pivotal_draws = 2000;
constexpr double level = 0.95;

/// Mean and SD that the wells could have come from: one draw of the generalised pivotal quantities
/// of a normal sample.
struct Pivotal {
  double mean, sd;
};

Pivotal pivotal(const Summary& s, Stream& stream) {
  const double df = static_cast<double>(s.n) - 1.0;
  const double sd = s.sd * std::sqrt(df / (2.0 * stream.gamma(0.5 * df)));
  return {s.mean - stream.normal() * sd / std::sqrt(static_cast<double>(s.n)), sd};
}

double z_prime(double high, double high_sd, double low, double low_sd) {
  return 1.0 - 3.0 * (high_sd + low_sd) / std::abs(high - low);
}

double ssmd(double high, double high_sd, double low, double low_sd) {
  return (high - low) / std::sqrt(high_sd * high_sd + low_sd * low_sd);
}

void set_interval(Estimated& e, std::vector<double>& draws) {
  std::sort(draws.begin(), draws.end());
  const auto at = [&](double p) {
    const double place = p * static_cast<double>(draws.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, draws.size() - 1);
    return draws[below] + (place - static_cast<double>(below)) * (draws[above] - draws[below]);
  };
  e.low = at(0.5 * (1.0 - level));
  e.high = at(0.5 * (1.0 + level));
  e.level = level;
  e.status = Status::ok;
}

struct Window {
  Estimated z_prime, ssmd;
  double robust = unknown;
};

/// Vehicle against low control. Needs two wells of each and some spread.
Window window(const Summary& high, const Summary& low, const std::string& what) {
  Window w;
  w.z_prime.method = "Z' of " + what + " (Zhang 1999), generalised pivotal interval, n in wells";
  w.ssmd.method = "SSMD of " + what + " (Zhang 2007), generalised pivotal interval, n in wells";
  w.z_prime.n = w.ssmd.n = static_cast<int>(high.n + low.n);
  w.z_prime.status = w.ssmd.status = Status::too_few_data;
  w.z_prime.why = w.ssmd.why = "fewer than two wells of a control, or no spread between them";
  if (high.n < 2 || low.n < 2 || high.mean == low.mean || high.sd + low.sd == 0.0) return w;
  w.z_prime.why.clear();
  w.ssmd.why.clear();
  w.z_prime.value = z_prime(high.mean, high.sd, low.mean, low.sd);
  w.ssmd.value = ssmd(high.mean, high.sd, low.mean, low.sd);
  if (high.median != low.median) {
    w.robust = z_prime(high.median, high.mad, low.median, low.mad);
  }
  // The same draws for every plate: plates that read the same get the same interval.
  Stream stream(Seed{1999}, 0x0301);
  std::vector<double> z_draws(pivotal_draws), s_draws(pivotal_draws);
  for (std::size_t i = 0; i < z_draws.size(); ++i) {
    const Pivotal h = pivotal(high, stream);
    const Pivotal l = pivotal(low, stream);
    z_draws[i] = z_prime(h.mean, h.sd, l.mean, l.sd);
    s_draws[i] = ssmd(h.mean, h.sd, l.mean, l.sd);
  }
  set_interval(w.z_prime, z_draws);
  set_interval(w.ssmd, s_draws);
  return w;
}

}  // namespace

double median_of(std::vector<double> values) {
  if (values.empty()) return unknown;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

Summary summarise(std::vector<double> values) {
  Summary s;
  s.n = values.size();
  if (s.n == 0) return s;
  double sum = 0.0;
  for (const double v : values) sum += v;
  s.mean = sum / static_cast<double>(s.n);
  s.median = median_of(values);
  double squares = 0.0;
  for (const double v : values) squares += (v - s.mean) * (v - s.mean);
  if (s.n > 1) s.sd = std::sqrt(squares / (static_cast<double>(s.n) - 1.0));
  for (double& v : values) v = std::abs(v - s.median);
  s.mad = 1.4826 * median_of(std::move(values));
  return s;
}

std::vector<double> signals(const PlateView& view, Role role, const std::string* line) {
  std::vector<double> values;
  for (const Well* w : view.wells) {
    if (w->role != role || !counts(*w)) continue;
    if (line == nullptr || w->line.empty() || w->line == *line) values.push_back(w->signal);
  }
  return values;
}

std::vector<std::string> vehicle_lines(const PlateView& view) {
  std::set<std::string> lines;
  for (const Well* w : view.wells) {
    if (w->role == Role::vehicle && !w->line.empty()) lines.insert(w->line);
  }
  if (lines.empty()) return {""};
  return {lines.begin(), lines.end()};
}

void judge_controls(const PlateView& view, Quality& q) {
  const bool by_positive = signals(view, Role::positive).size() >= 2;
  const std::vector<std::string> lines = vehicle_lines(view);
  for (const std::string& line : lines) {
    const std::string* of = line.empty() ? nullptr : &line;
    const Summary vehicle = summarise(signals(view, Role::vehicle, of));
    const Summary blank = summarise(signals(view, Role::blank, of));
    const Summary positive = summarise(signals(view, Role::positive, of));
    const Summary& low = by_positive ? positive : blank;
    std::string what = std::string("vehicle against ") + (by_positive ? "positive" : "blank");
    if (lines.size() > 1) what += " wells of " + line;
    const Window w = window(vehicle, low, what);
    const bool worse = std::isnan(q.z_prime.value) || w.z_prime.value < q.z_prime.value;
    if (worse) q.z_prime = w.z_prime, q.z_prime_robust = w.robust;
    if (std::isnan(q.ssmd.value) || w.ssmd.value < q.ssmd.value) q.ssmd = w.ssmd;
    const double background = blank.n > 0 ? blank.mean : positive.mean;
    const double ratio = background > 0.0 ? vehicle.mean / background : unknown;
    if (std::isnan(q.signal_to_background) || ratio < q.signal_to_background) {
      q.signal_to_background = ratio;
    }
    const double cv = vehicle.mean > 0.0 ? 100.0 * vehicle.sd / vehicle.mean : unknown;
    if (std::isnan(q.vehicle_cv_percent) || cv > q.vehicle_cv_percent) q.vehicle_cv_percent = cv;
  }
}

double replicate_correlation(const PlateView& view) {
  double pairs = 0.0, sum = 0.0, squares = 0.0;
  for (const Treatment& t : view.treatments) {  // each well stands in n - 1 pairs of its treatment
    const double n = static_cast<double>(t.wells.size());
    if (t.wells.front()->role != Role::sample || n < 2) continue;
    pairs += 0.5 * n * (n - 1.0);
    for (const Well* w : t.wells) sum += (n - 1.0) * w->signal;
  }
  if (pairs < 3.0) return unknown;
  const double mean = sum / (2.0 * pairs);
  double products = 0.0;
  for (const Treatment& t : view.treatments) {
    const double n = static_cast<double>(t.wells.size());
    if (t.wells.front()->role != Role::sample || n < 2) continue;
    double total = 0.0, own = 0.0;
    for (const Well* w : t.wells) {
      const double d = w->signal - mean;
      total += d;
      own += d * d;
    }
    squares += (n - 1.0) * own;
    products += total * total - own;  // over ordered pairs
  }
  return squares > 0.0 ? products / squares : unknown;
}

}  // namespace kinescape::plate
