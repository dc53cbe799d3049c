// SPDX-License-Identifier: Apache-2.0
/// \file A table with a header whose cells are asked for by the name of their column. Shared inside
/// the room.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.hpp"
#include "evidence/pack.hpp"

namespace kinescape::evidence {

/// One table of a pack or of an import. Rows count from 0 below the header.
class NamedTable {
 public:
  /// `required`: a Problem each where missing. Columns not in `known` get one warning together
  /// (unless `known` is empty). Rows that are not as wide as the header are reported.
  NamedTable(Grid grid,
             const std::vector<std::string>& required,
             const std::vector<std::string>& known,
             Problems& problems);

  [[nodiscard]] std::size_t rows() const { return lines_.size(); }
  [[nodiscard]] bool usable() const { return usable_; }
  [[nodiscard]] bool has(std::string_view column) const { return at_.contains(column); }
  [[nodiscard]] std::string text(std::size_t row, std::string_view column) const;
  [[nodiscard]] Where where(std::size_t row, std::string_view column) const;
  /// NaN for an empty cell; a Problem for what is no number.
  [[nodiscard]] double number(std::size_t row, std::string_view column, Problems& problems) const;
  /// Number of cells in this row and in the header, for rows that are ragged.
  [[nodiscard]] std::size_t width(std::size_t row) const { return grid_.columns(lines_[row]); }
  [[nodiscard]] std::size_t header_width() const { return grid_.columns(header_); }

 private:
  Grid grid_;
  std::size_t header_ = 0;
  std::vector<std::size_t> lines_;
  std::map<std::string, std::size_t, std::less<>> at_;
  bool usable_ = false;
};

[[nodiscard]] std::vector<std::string> split_list(std::string_view text, char mark = ';');

/// Column names of a table of this schema, in order; empty for a table that is not part of it.
[[nodiscard]] const std::vector<std::string>& columns_of(std::string_view table);
[[nodiscard]] const std::vector<std::string>& table_names();

/// The tables that pack.json lists: file -> SHA-256.
struct Manifest {
  std::string name, version, date, licence, description;
  int schema = 0;
  std::map<std::string, std::string> tables;
};
[[nodiscard]] Checked<Manifest> read_manifest(std::string_view bytes, const std::string& file);
[[nodiscard]] std::string write_manifest(const Manifest& manifest,
                                         const std::map<std::string, std::size_t>& rows);

}  // namespace kinescape::evidence
