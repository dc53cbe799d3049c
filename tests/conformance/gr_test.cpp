// SPDX-License-Identifier: Apache-2.0
// GR values and metrics as GRmetrics 1.33 printed them, to 9 digits, for its toy example.
#include "dose_response/gr.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "shared_data.hpp"

namespace kinescape::dose_response {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<Row> read(const std::filesystem::path& file, char delimiter) {
  std::ifstream in(file);
  std::string line, cell;
  std::vector<std::string> header;
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::istringstream text(line);
    Row row;
    for (std::size_t i = 0; std::getline(text, cell, delimiter); ++i) {
      if (rows.empty() && header.size() == i) {
        header.push_back(cell);
      } else {
        row[header[i]] = cell;
      }
    }
    if (!row.empty()) rows.push_back(row);
  }
  return rows;
}

std::string key(const Row& r) {
  return r.at("cell_line") + '/' + r.at("agent") + '/' + r.at("perturbation") + '/' +
         r.at("replicate") + '/' + r.at("time");
}
double number(const Row& r, const char* column) {
  return std::stod(r.at(column));
}

/// As close as nine printed digits allow.
void expect_printed(double got, double want, const std::string& what) {
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(want))) - 8.0);
  EXPECT_NEAR(got, want, 0.51 * unit) << what;
}

struct Wells {
  std::vector<double> dose, gr;
};

class GrReference : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = tests::shared_data("dose-response/gr");
    if (!folder) GTEST_SKIP() << "the reference data are not beside the checkout";
    input_ = read(*folder / "toy_example_input1.tsv", '\t');
    values_ = read(*folder / "expected_gr_values.csv", ',');
    metrics_ = read(*folder / "expected_gr_metrics.csv", ',');
    for (const Row& r : input_) {
      Wells& w = curves_[key(r)];
      w.dose.push_back(number(r, "concentration"));
      w.gr.push_back(gr_value(
          number(r, "cell_count"), number(r, "cell_count__ctrl"), number(r, "cell_count__time0")));
    }
  }
  /// The metrics of one curve, made once for all tests.
  const GrMetrics& metrics_of(const Row& r) {
    static std::map<std::string, GrMetrics> made;
    const auto found = made.find(key(r));
    if (found != made.end()) return found->second;
    const Wells& w = curves_.at(key(r));
    return made[key(r)] = gr_metrics(w.dose, w.gr);
  }
  std::vector<Row> input_, values_, metrics_;
  std::map<std::string, Wells> curves_;
};

TEST_F(GrReference, EveryValueAgrees) {
  std::map<std::string, const Row*> want;
  for (const Row& r : values_) want[key(r) + '@' + r.at("concentration")] = &r;
  ASSERT_EQ(input_.size(), 1008U);
  for (const Row& r : input_) {
    const auto found = want.find(key(r) + '@' + r.at("concentration"));
    ASSERT_NE(found, want.end()) << key(r);
    const double control = number(r, "cell_count__ctrl"), start = number(r, "cell_count__time0");
    expect_printed(gr_value(number(r, "cell_count"), control, start),
                   number(*found->second, "GRvalue"),
                   key(r));
    expect_printed(
        doublings(control, start), number(*found->second, "ctrl_cell_doublings"), key(r));
  }
}

TEST_F(GrReference, MetricsAgree) {
  ASSERT_EQ(metrics_.size(), 112U);
  for (const Row& r : metrics_) {
    const GrMetrics& m = metrics_of(r);
    expect_printed(m.gr_max.value, number(r, "GRmax"), key(r));
    expect_printed(m.gr_aoc.value, number(r, "GR_AOC"), key(r));
  }
}

TEST_F(GrReference, FittedMetricsAgreeOrFitBetter) {
  std::vector<double> gr50, slope, plateau;
  int flat = 0;
  for (const Row& r : metrics_) {
    const Wells& w = curves_.at(key(r));
    const GrMetrics& m = metrics_of(r);
    const bool is_flat = r.at("fit_GR") == "flat";
    flat += is_flat;
    EXPECT_EQ(m.gr_inf.status == Status::no_response, is_flat) << key(r);
    if (is_flat) continue;
    // Theirs stops early here and there: our sum of squares may be smaller, never larger.
    EXPECT_GE(m.r_squared, number(r, "r2_GR") - 1e-7) << key(r);
    if (m.r_squared > number(r, "r2_GR") + 1e-6) continue;
    slope.push_back(std::fabs(m.h_gr.value / number(r, "h_GR") - 1));
    plateau.push_back(std::fabs(m.gr_inf.value - number(r, "GRinf")));
    const double want = number(r, "GR50");
    if (m.gr50_nM.relation == Relation::greater) {
      EXPECT_GT(want, w.dose.back()) << key(r);
    } else {
      gr50.push_back(std::fabs(m.gr50_nM.value / want - 1));
    }
  }
  EXPECT_EQ(flat, 12);
  ASSERT_GE(gr50.size(), 80U);
  for (auto* differences : {&gr50, &slope, &plateau}) {
    std::sort(differences->begin(), differences->end());
    EXPECT_LE((*differences)[differences->size() / 2], 1e-5);
    EXPECT_LE((*differences)[differences->size() * 9 / 10], 1e-3);
  }
}

TEST_F(GrReference, GeneratingParametersAreWithinTheIntervals) {
  const auto folder = tests::shared_data("dose-response/gr");
  int covered = 0, asked = 0;
  std::map<std::string, double> truth;
  for (const Row& r : read(*folder / "generating_parameters.tsv", '\t')) {
    truth[r.at("cell_line") + '/' + r.at("agent")] = number(r, "GRinf");
  }
  for (const Row& r : metrics_) {
    const GrMetrics& m = metrics_of(r);
    const auto found = truth.find(r.at("cell_line") + '/' + r.at("agent"));
    if (found == truth.end() || m.gr_inf.status == Status::no_response) continue;
    if (r.at("perturbation") != "0") continue;  // the parameters are of the unperturbed line
    ++asked;
    covered += !(found->second < m.gr_inf.low) && !(found->second > m.gr_inf.high);
  }
  ASSERT_GT(asked, 20);
  EXPECT_GE(covered, asked * 85 / 100) << "of " << asked;
}

}  // namespace
}  // namespace kinescape::dose_response
