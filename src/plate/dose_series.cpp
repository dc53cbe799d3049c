// SPDX-License-Identifier: Apache-2.0
#include "plate/dose_series.hpp"

#include <algorithm>
#include <cmath>

#include "base/toml.hpp"

namespace kinescape::plate {

std::vector<double> read_dose_series(TomlReader& drug, int usual) {
  constexpr double lowest_nM = 1e-6, highest_nM = 1e9;  // 1 M: nothing dissolves beyond
  if (drug.has("doses_nM")) {
    auto doses = drug.numbers("doses_nM", 0.0, highest_nM);
    std::ranges::sort(doses);
    return doses;
  }
  const double top = drug.required_number("top_dose_nM", lowest_nM, highest_nM);
  const double dilution = drug.number("dilution", std::sqrt(10.0), 1.01, 1000.0);
  const int count = drug.integer("doses", usual, 2, 48);
  std::vector<double> doses;
  for (int i = count - 1; i >= 0; --i) doses.push_back(top / std::pow(dilution, i));
  return doses;
}

}  // namespace kinescape::plate
