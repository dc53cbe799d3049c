// SPDX-License-Identifier: Apache-2.0
// The 27 nonlinear regression problems of NIST StRD, each from both certified starts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include "dual.hpp"
#include "numeric/least_squares.hpp"
#include "shared_data.hpp"

namespace kinescape {
namespace {

using tests::Dual;
using B = std::vector<Dual>;
using X = std::vector<double>;
using Model = std::function<Dual(const B&, const X&)>;

Dual three_exponentials(const B& b, const X& x) {
  return b[0] * exp(-b[1] * x[0]) + b[2] * exp(-b[3] * x[0]) + b[4] * exp(-b[5] * x[0]);
}
Dual two_peaks(const B& b, const X& x) {
  return b[0] * exp(-b[1] * x[0]) + b[2] * exp(-square((x[0] - b[3]) / b[4])) +
         b[5] * exp(-square((x[0] - b[6]) / b[7]));
}
Dual chwirut(const B& b, const X& x) {
  return exp(-b[0] * x[0]) / (b[1] + b[2] * x[0]);
}
Dual misra1a(const B& b, const X& x) {
  return b[0] * (1.0 - exp(-b[1] * x[0]));
}
/// Ratio of two cubics; the denominator starts with 1.
Dual cubics(const B& b, const X& x) {
  const double t = x[0];
  return (b[0] + b[1] * t + b[2] * (t * t) + b[3] * (t * t * t)) /
         (1.0 + b[4] * t + b[5] * (t * t) + b[6] * (t * t * t));
}
Dual enso(const B& b, const X& x) {
  using std::numbers::pi;
  const double year = 2 * pi * x[0] / 12;
  return b[0] + b[1] * std::cos(year) + b[2] * std::sin(year) + b[4] * cos(2 * pi * x[0] / b[3]) +
         b[5] * sin(2 * pi * x[0] / b[3]) + b[7] * cos(2 * pi * x[0] / b[6]) +
         b[8] * sin(2 * pi * x[0] / b[6]);
}

/// The models as the files print them.
const std::map<std::string, Model>& models() {
  static const std::map<std::string, Model> all{
      {"Bennett5", [](const B& b, const X& x) { return b[0] * pow(b[1] + x[0], -1.0 / b[2]); }},
      {"BoxBOD", misra1a},
      {"Chwirut1", chwirut},
      {"Chwirut2", chwirut},
      {"DanWood", [](const B& b, const X& x) { return b[0] * pow(x[0], b[1]); }},
      {"ENSO", enso},
      {"Eckerle4",
       [](const B& b, const X& x) {
         return b[0] / b[1] * exp(-0.5 * square((x[0] - b[2]) / b[1]));
       }},
      {"Gauss1", two_peaks},
      {"Gauss2", two_peaks},
      {"Gauss3", two_peaks},
      {"Hahn1", cubics},
      {"Kirby2",
       [](const B& b, const X& x) {
         const double t = x[0];
         return (b[0] + b[1] * t + b[2] * (t * t)) / (1.0 + b[3] * t + b[4] * (t * t));
       }},
      {"Lanczos1", three_exponentials},
      {"Lanczos2", three_exponentials},
      {"Lanczos3", three_exponentials},
      {"MGH09",
       [](const B& b, const X& x) {
         const double t = x[0];
         return b[0] * (t * t + t * b[1]) / (t * t + t * b[2] + b[3]);
       }},
      {"MGH10", [](const B& b, const X& x) { return b[0] * exp(b[1] / (x[0] + b[2])); }},
      {"MGH17",
       [](const B& b, const X& x) {
         return b[0] + b[1] * exp(-x[0] * b[3]) + b[2] * exp(-x[0] * b[4]);
       }},
      {"Misra1a", misra1a},
      {"Misra1b",
       [](const B& b, const X& x) { return b[0] * (1.0 - 1.0 / square(1.0 + b[1] * x[0] / 2.0)); }},
      {"Misra1c",
       [](const B& b, const X& x) { return b[0] * (1.0 - pow(1.0 + 2.0 * b[1] * x[0], -0.5)); }},
      {"Misra1d", [](const B& b, const X& x) { return b[0] * b[1] * x[0] / (1.0 + b[1] * x[0]); }},
      {"Nelson", [](const B& b, const X& x) { return b[0] - b[1] * x[0] * exp(-b[2] * x[1]); }},
      {"Rat42", [](const B& b, const X& x) { return b[0] / (1.0 + exp(b[1] - b[2] * x[0])); }},
      {"Rat43",
       [](const B& b, const X& x) {
         return b[0] / pow(1.0 + exp(b[1] - b[2] * x[0]), 1.0 / b[3]);
       }},
      {"Roszman1",
       [](const B& b, const X& x) {
         return b[0] - b[1] * x[0] - atan(b[2] / (x[0] - b[3])) / std::numbers::pi;
       }},
      {"Thurber", cubics},
  };
  return all;
}

struct Problem {
  std::vector<double> start[2], certified, deviation, y;
  std::vector<X> x;
  double residual_sum = unknown;
  bool lower_difficulty = false;
};

Problem read(const std::filesystem::path& file) {
  Problem p;
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.find("Lower Level of Difficulty") != std::string::npos) p.lower_difficulty = true;
    const auto colon = line.find("Residual Sum of Squares:");
    if (colon != std::string::npos) p.residual_sum = std::stod(line.substr(colon + 24));
    std::istringstream text(line);
    if (number > 60) {
      double y = 0.0, x = 0.0;
      if (!(text >> y)) continue;
      p.y.push_back(y);
      p.x.emplace_back();
      while (text >> x) p.x.back().push_back(x);
    } else if (number > 40) {
      std::string name, equals;
      double one = 0.0, two = 0.0, value = 0.0, deviation = 0.0;
      if (text >> name >> equals >> one >> two >> value >> deviation && equals == "=") {
        p.start[0].push_back(one);
        p.start[1].push_back(two);
        p.certified.push_back(value);
        p.deviation.push_back(deviation);
      }
    }
  }
  return p;
}

/// Significant digits that agree, at most 11 (as many as are certified).
double digits(double got, double want) {
  if (got == want) return 11.0;
  return std::min(11.0, -std::log10(std::fabs(got - want) / std::fabs(want)));
}

class Nist : public testing::TestWithParam<std::pair<const std::string, Model>> {};

TEST_P(Nist, IsSolvedFromBothStarts) {
  const auto& [name, model] = GetParam();
  std::filesystem::path file = std::filesystem::path(KINESCAPE_SOURCE_DIR) / "tests" / "reference" /
                               "nist" / (name + ".dat");
  if (!std::filesystem::exists(file)) {
    const auto shared = tests::shared_data("dose-response/nist/" + name + ".dat");
    if (!shared) GTEST_SKIP() << "the reference data are not beside the checkout";
    file = *shared;
  }
  const Problem p = read(file);
  const std::size_t n = p.y.size(), k = p.certified.size();
  ASSERT_GT(n, k);
  const auto f = [&](std::span<const double> at, std::span<double> r, std::span<double> j) {
    B b;
    for (std::size_t i = 0; i < k; ++i) b.push_back(Dual::parameter(at[i], i));
    for (std::size_t i = 0; i < n; ++i) {
      const Dual y = model(b, p.x[i]);
      r[i] = y.v - (name == "Nelson" ? std::log(p.y[i]) : p.y[i]);
      for (std::size_t c = 0; c < k && !j.empty(); ++c) j[i * k + c] = y.d[c];
    }
    return true;
  };
  for (int s = 0; s < 2; ++s) {
    numeric::LeastSquaresOptions options;
    options.max_iterations = 5000;
    options.more_first_steps = 3;
    const auto fit = numeric::least_squares(f, n, p.start[s], options);
    EXPECT_TRUE(fit.usable()) << name << " start " << s + 1 << ": " << numeric::name(fit.end);
    double worst = 11.0, worst_deviation = 11.0;
    for (std::size_t c = 0; c < k; ++c) {
      worst = std::min(worst, digits(fit.parameters[c], p.certified[c]));
      const double variance =
          fit.covariance_unscaled[c * k + c] * fit.residual_sum / static_cast<double>(n - k);
      worst_deviation = std::min(worst_deviation, digits(std::sqrt(variance), p.deviation[c]));
    }
    EXPECT_GE(worst, p.lower_difficulty ? 8.0 : 6.0) << name << " start " << s + 1;
    if (name != "Lanczos1") {  // its residuals, 1e-13, are the rounding of the data themselves
      EXPECT_GE(worst_deviation, 6.0) << name << " start " << s + 1;
      EXPECT_GE(digits(fit.residual_sum, p.residual_sum), 8.0) << name;
    }
    RecordProperty("digits_start_" + std::to_string(s + 1), std::to_string(worst));
  }
}

INSTANTIATE_TEST_SUITE_P(StRD,
                         Nist,
                         testing::ValuesIn(models().begin(), models().end()),
                         [](const auto& test) { return test.param.first; });

}  // namespace
}  // namespace kinescape
