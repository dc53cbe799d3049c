// SPDX-License-Identifier: Apache-2.0
/// \file The JSON type of this room, and the pieces that several of its files write.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "base/estimated.hpp"

namespace kinescape::report {

using Json = nlohmann::ordered_json;

/// null where there is no number: NaN and infinities have no JSON.
inline Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// The contract's object of one estimated quantity.
[[nodiscard]] Json estimated(const Estimated& estimate);

/// `one(item)` of each item, as an array.
template <class Items, class F>
Json listed(const Items& items, F one) {
  Json all = Json::array();
  for (const auto& item : items) all.push_back(one(item));
  return all;
}

/// Text of `json`; bytes that are not UTF-8 become U+FFFD instead of an exception.
[[nodiscard]] std::string text_of(const Json& json, int indent = -1);

}  // namespace kinescape::report
