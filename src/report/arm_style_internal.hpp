// SPDX-License-Identifier: Apache-2.0
/// \file How one arm looks in every figure of a trial: the reference grey, others in colours.
#pragma once

#include <string>
#include <vector>

#include "report/json_internal.hpp"

namespace kinescape::report {

/// The colour channel that gives each arm its own (Okabe & Ito 2008), the first one the reference.
/// `legend`: shown above the figure; else the figure labels arms itself.
inline Json arm_colour(const std::vector<std::string>& arms, bool legend) {
  static constexpr const char* colours[] = {
      "#5B6770", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};
  Json domain = Json::array(), range = Json::array();
  for (std::size_t i = 0; i < arms.size(); ++i) {
    domain.push_back(arms[i]);
    range.push_back(colours[i % std::size(colours)]);
  }
  Json colour{{"field", "arm"}, {"type", "nominal"}};
  colour["scale"] = {{"domain", std::move(domain)}, {"range", std::move(range)}};
  colour["legend"] = legend ? Json{{"title", nullptr},
                                   {"orient", "top"},
                                   {"labelLimit", 300},
                                   {"columns", 3},
                                   {"symbolOpacity", 1}}
                            : Json(nullptr);
  return colour;
}

}  // namespace kinescape::report
