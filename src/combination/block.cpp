// SPDX-License-Identifier: Apache-2.0
#include "combination/block.hpp"

#include <algorithm>
#include <cmath>

namespace kinescape::combination {
namespace {

constexpr double same_dose = 1e-4;  // relative

std::vector<double> axis_of(const Block& block, std::size_t drug) {
  std::vector<double> doses{0.0};
  for (const Well& w : block.wells) doses.push_back(w.dose_nM[drug]);
  std::sort(doses.begin(), doses.end());
  std::vector<double> axis;
  for (const double d : doses) {
    if (axis.empty() || d > axis.back() * (1.0 + same_dose)) axis.push_back(d);
  }
  return axis;
}

std::size_t place(const std::vector<double>& axis, double dose_nM) {
  const auto above = std::upper_bound(axis.begin(), axis.end(), dose_nM);
  return static_cast<std::size_t>(above - axis.begin()) - 1;
}

}  // namespace

Cells cells_of(const Block& block) {
  Cells out;
  std::size_t cells = 1;
  for (std::size_t k = 0; k < block.drugs.size(); ++k) {
    out.mean.axis_nM.push_back(axis_of(block, k));
    cells *= out.mean.axis_nM.back().size();
  }
  const std::size_t repeats = std::max<std::size_t>(1, block.repeats.size());
  out.of_repeat.assign(repeats, std::vector<double>(cells, 0.0));
  out.wells.assign(repeats, std::vector<int>(cells, 0));
  out.squares.assign(repeats, std::vector<double>(cells, 0.0));
  out.mean.viability.assign(cells, unknown);
  const auto cell_of = [&](const Well& w) {
    std::size_t i = 0;
    for (std::size_t k = 0; k < block.drugs.size(); ++k) {
      i = i * out.mean.axis_nM[k].size() + place(out.mean.axis_nM[k], w.dose_nM[k]);
    }
    return i;
  };
  std::vector<std::size_t> at(block.wells.size());
  for (std::size_t w = 0; w < block.wells.size(); ++w) {
    const Well& well = block.wells[w];
    at[w] = cell_of(well);
    if (std::isnan(well.viability)) continue;
    const auto r = static_cast<std::size_t>(well.repeat);
    out.of_repeat[r][at[w]] += well.viability;
    ++out.wells[r][at[w]];
  }
  for (std::size_t r = 0; r < repeats; ++r) {
    for (std::size_t i = 0; i < cells; ++i) {
      const int n = out.wells[r][i];
      out.of_repeat[r][i] = n > 0 ? out.of_repeat[r][i] / n : unknown;
    }
  }
  for (std::size_t w = 0; w < block.wells.size(); ++w) {
    const Well& well = block.wells[w];
    if (std::isnan(well.viability)) continue;
    const auto r = static_cast<std::size_t>(well.repeat);
    const double off = well.viability - out.of_repeat[r][at[w]];
    out.squares[r][at[w]] += off * off;
  }
  out.mean = mean_of(out, std::vector<bool>(repeats, true));
  return out;
}

Surface mean_of(const Cells& cells, const std::vector<bool>& keep) {
  Surface out;
  out.axis_nM = cells.mean.axis_nM;
  out.viability.assign(cells.mean.size(), unknown);
  for (std::size_t i = 0; i < out.size(); ++i) {
    double sum = 0.0;
    int n = 0;
    for (std::size_t r = 0; r < cells.repeats(); ++r) {
      if (!keep[r] || std::isnan(cells.of_repeat[r][i])) continue;
      sum += cells.of_repeat[r][i];
      ++n;
    }
    if (n > 0) out.viability[i] = sum / n;
  }
  return out;
}

double growth_rate_value(double viability, double doublings) {
  return 2.0 * std::pow(std::max(viability, 1e-6), 1.0 / doublings) - 1.0;
}

}  // namespace kinescape::combination
