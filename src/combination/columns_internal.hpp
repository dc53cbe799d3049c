// SPDX-License-Identifier: Apache-2.0
/// \file Which column is which? The spellings people use for the columns of a combination table.
#pragma once

#include <string_view>

namespace kinescape::combination {

enum class Kind { drug, dose, unit, value, line, group, repeat, replicate, exclude, role };

/// A spelling without case and punctuation, and what stands under it.
struct NamedColumn {
  std::string_view spelled;
  Kind kind;
  int drug;  // 0..3; -1: of all
  std::string_view meaning;
};

/// The column that a title names, or null.
[[nodiscard]] const NamedColumn* look_up(std::string_view spelled);

}  // namespace kinescape::combination
