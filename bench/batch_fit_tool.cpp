// SPDX-License-Identifier: Apache-2.0
// Times the batched fit on a table of curves, for comparison with other programs in one run:
//   kinescape_batch_fit_tool FILE.csv [--intervals] [--own-doses] [--repeat N] [--window LOW HIGH]
// FILE: a header "curve,d<dose nM>_r<replicate>,..." and one row per curve. Writes one row of
// parameters per curve to standard output and "curves seconds curves/s" to standard error.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "dose_response/batch_fit.hpp"

namespace {

struct Table {
  std::vector<double> dose_nM, response;
  std::size_t curves = 0;
};

Table read(const char* path) {
  Table t;
  std::ifstream in(path);
  std::string line, cell;
  std::getline(in, line);
  std::istringstream header(line);
  std::getline(header, cell, ',');
  while (std::getline(header, cell, ',')) t.dose_nM.push_back(std::atof(cell.c_str() + 1));
  while (std::getline(in, line)) {
    std::istringstream row(line);
    std::getline(row, cell, ',');
    for (std::size_t i = 0; i < t.dose_nM.size(); ++i) {
      cell.clear();
      std::getline(row, cell, ',');
      t.response.push_back(cell.empty() ? std::nan("") : std::atof(cell.c_str()));
    }
    ++t.curves;
  }
  return t;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace kinescape::dose_response;
  if (argc < 2) {
    std::fputs(
        "usage: kinescape_batch_fit_tool FILE.csv [--intervals] [--own-doses] [--repeat N]\n",
        stderr);
    return 2;
  }
  Table t = read(argv[1]);
  BatchOptions options;
  bool own = false;
  std::size_t repeat = 1;
  for (int i = 2; i < argc; ++i) {
    if (std::strcmp(argv[i], "--intervals") == 0) options.intervals = true;
    if (std::strcmp(argv[i], "--own-doses") == 0) own = true;
    if (std::strcmp(argv[i], "--baseline") == 0) options.lanes = BatchOptions::Lanes::baseline;
    if (std::strcmp(argv[i], "--repeat") == 0) repeat = std::strtoul(argv[++i], nullptr, 10);
    if (std::strcmp(argv[i], "--window") == 0) {
      options.lowest_log10_nM = std::atof(argv[++i]);
      options.highest_log10_nM = std::atof(argv[++i]);
    }
  }
  const std::size_t rows = t.curves, wells = t.dose_nM.size();
  std::vector<double> response, dose = t.dose_nM;
  for (std::size_t r = 0; r < repeat; ++r) {
    response.insert(response.end(), t.response.begin(), t.response.end());
  }
  if (own) {
    dose.clear();
    for (std::size_t c = 0; c < rows * repeat; ++c) {
      // As they stand for the curves that are written, then shifted by up to half a decade and
      // stretched by up to a tenth, so that no two designs are the same.
      const double turn = std::fmod(0.618033988749895 * static_cast<double>(c), 1.0);
      const double shift = c < rows ? 0.0 : 0.5 * (turn - 0.5);
      const double stretch = c < rows ? 1.0 : 0.9 + 0.2 * turn;
      for (const double d : t.dose_nM) {
        dose.push_back(c < rows || !(d > 0.0) ? d
                                              : std::pow(10.0, shift + stretch * std::log10(d)));
      }
    }
  }
  const BatchData data{rows * repeat, wells, dose, response};
  double best = 1e300;
  BatchFit fit;
  for (int run = 0; run < 3; ++run) {
    // Processor time of the one thread that works: other programs on the machine do not count.
    const std::clock_t start = std::clock();
    fit = batch_fit(data, options);
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  std::puts("curve,log10_ec50,hill_slope,top,bottom,residual_sum,flat_p,low,high,status");
  for (std::size_t c = 0; c < rows; ++c) {
    std::printf("%zu,%.12g,%.12g,%.12g,%.12g,%.15g,%.6g,%.12g,%.12g,%s\n",
                c,
                fit.log10_ec50[c],
                fit.hill_slope[c],
                fit.top[c],
                fit.bottom[c],
                fit.residual_sum[c],
                fit.flat_p[c],
                fit.log10_ec50_low[c],
                fit.log10_ec50_high[c],
                std::string(name(fit.status[c])).c_str());
  }
  std::fprintf(
      stderr, "%zu %.6f %.0f\n", data.curves, best, static_cast<double>(data.curves) / best);
  return 0;
}
