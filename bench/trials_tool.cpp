// SPDX-License-Identifier: Apache-2.0
// Our side of compare_trials.py: reads a table, fits it some times, prints the shortest time in
// seconds and an answer that the peers must share.
//
//   kinescape_trials_tool cox FILE | mixed FILE | medians FILE
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "base/csv.hpp"
#include "base/number.hpp"
#include "numeric/cox.hpp"
#include "numeric/mixed_model.hpp"
#include "numeric/survival.hpp"

namespace {

using namespace kinescape;

struct Numbers {
  std::size_t columns = 0, rows = 0;
  std::vector<double> values;  // rows x columns
};

Numbers read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto grid = read_csv(bytes, path).value;
  Numbers out;
  out.columns = grid.columns(0);
  for (std::size_t r = 1; r < grid.rows(); ++r) {
    if (grid.blank(r)) continue;
    ++out.rows;
    for (std::size_t c = 0; c < out.columns; ++c)
      out.values.push_back(plain_number(grid.at(r, c)).value_or(std::nan("")));
  }
  return out;
}

double shortest(int times, const std::function<void()>& work) {
  double best = 1e300;
  for (int i = 0; i < times; ++i) {
    const auto from = std::chrono::steady_clock::now();
    work();
    best = std::min(best,
                    std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count());
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string what = argv[1];
  const Numbers n = read(argv[2]);
  const auto at = [&](std::size_t r, std::size_t c) { return n.values[r * n.columns + c]; };
  if (what == "cox") {  // time, event, x1, ...
    numeric::CoxData data;
    data.covariates = static_cast<int>(n.columns) - 2;
    for (std::size_t r = 0; r < n.rows; ++r) {
      data.rows.time.push_back(at(r, 0));
      data.rows.event.push_back(at(r, 1) != 0.0);
      for (std::size_t c = 2; c < n.columns; ++c) data.x.push_back(at(r, c));
    }
    numeric::CoxFit fit;
    const double s = shortest(100, [&] { fit = numeric::cox(data); });
    std::printf("%.9g %.12g\n", s, fit.coefficient[0]);
  } else if (what == "mixed") {  // animal, treated, day, lv
    numeric::MixedData data;
    data.fixed = 4, data.random = 2;
    for (std::size_t r = 0; r < n.rows; ++r) {
      const double treated = at(r, 1), day = at(r, 2);
      data.group.push_back(static_cast<int>(at(r, 0)));
      data.y.push_back(at(r, 3));
      data.x.insert(data.x.end(), {1.0, day, treated, treated * day});
      data.z.insert(data.z.end(), {1.0, day});
    }
    numeric::Contrast c{};
    const double s = shortest(15, [&] {
      const auto fit = numeric::fit_mixed(data);
      for (std::size_t j = 0; j < 4; ++j) {
        std::vector<double> l(4, 0.0);
        l[j] = 1.0;
        c = numeric::contrast(fit, l, numeric::DfMethod::kenward_roger);
      }
    });
    std::printf("%.9g %.12g\n", s, c.df);
  } else {  // time, event
    numeric::FollowUp rows;
    for (std::size_t r = 0; r < n.rows; ++r) {
      rows.time.push_back(at(r, 0));
      rows.event.push_back(at(r, 1) != 0.0);
    }
    std::vector<double> medians;
    const double s =
        shortest(5, [&] { medians = numeric::bootstrap_medians(rows, 1000, Seed{1}, 1); });
    std::printf("%.9g %.12g\n", s, medians[0]);
  }
  return 0;
}
