// SPDX-License-Identifier: Apache-2.0
/// \file Which column is which? The spellings people use for the columns of a tidy table, with the
/// unit that may be part of the name.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "base/table.hpp"

namespace kinescape::plate {

enum class Field {
  plate,
  well,
  row,
  column,
  line,
  drug,
  dose,
  dose_unit,
  drug_b,
  dose_b,
  dose_b_unit,
  role,
  repeat,
  replicate,  ///< Independent or technical: decided from the wells.
  technical,  ///< Says of itself that it is technical: read and not used.
  time,
  time_unit,
  channel,
  signal,
  background,
  viability,
  inhibition,
  response,  ///< Viability or inhibition: the table does not say.
  exclude,
  signal_control,  ///< GR tables: the mean control count that belongs to the row.
  signal_day0,     ///< GR tables: the mean count at time 0 that belongs to the row.
  layout_file,     ///< A manifest: which layout belongs to the plate.
  top_dose,
  dilution_factor,
  dilution_step,
};
inline constexpr std::size_t field_count = static_cast<std::size_t>(Field::dilution_step) + 1;

struct Column {
  std::size_t index = 0;
  Field field = Field::signal;
  std::string title;       ///< As it stands in the file.
  std::string unit;        ///< From the title: "uM", "h"; "%" or "fraction" for responses.
  std::string channel;     ///< From the title: "490 nm" for "OD490".
  bool log10 = false;      ///< The cells are log10 of the quantity.
  bool canonical = false;  ///< The name that the documentation uses.
  int rank = 0;            ///< Of several spellings of one field, the lowest is meant.
};

/// The header of a tidy table.
struct Header {
  std::size_t row = 0;
  std::vector<Column> columns;        ///< Recognised ones, in file order.
  std::vector<std::size_t> others;    ///< Indices of those that are not.
  std::array<int, field_count> at{};  ///< Index into `columns`, or -1.
  Problems problems;                  ///< Two columns for one field, ...

  [[nodiscard]] const Column* find(Field field) const {
    const int i = at[static_cast<std::size_t>(field)];
    return i < 0 ? nullptr : &columns[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] bool has(Field field) const { return find(field) != nullptr; }
  /// Some column holds what was measured.
  [[nodiscard]] bool has_value() const;
  [[nodiscard]] bool has_position() const {
    return has(Field::well) || (has(Field::row) && has(Field::column));
  }
};

/// The column that a title without unit, case and punctuation names.
[[nodiscard]] std::optional<Column> look_up(std::string_view spelled);

/// Whether the cells of `field` are concentrations.
[[nodiscard]] bool takes_dose_unit(Field field);
/// Whether the cells of `field` are percents or fractions.
[[nodiscard]] bool takes_share(Field field);

/// One title, without its neighbours: its field and unit, or nothing.
[[nodiscard]] std::optional<Column> recognise(std::string_view title);

/// Finds the header of a tidy table among the first rows that hold anything (comment rows that
/// begin with "#" are skipped). `data`: the table must have a column of values; else (a layout) it
/// must have a well and something to say of it. Nothing when there is no such row.
[[nodiscard]] std::optional<Header> find_header(const Grid& grid, bool data);

}  // namespace kinescape::plate
