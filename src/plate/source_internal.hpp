// SPDX-License-Identifier: Apache-2.0
/// \file Which form does this file have? A file as text lines and grids, and the forms that can be
/// told from its content.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "base/table.hpp"
#include "plate/plate.hpp"

namespace kinescape::plate {

/// One file, decoded once for all forms that may want to look at it.
struct Source {
  std::string file;
  bool workbook = false;
  std::string text;                     ///< Of a text file, as UTF-8.
  std::vector<std::string_view> lines;  ///< Views into `text`.
  std::vector<Grid> grids;              ///< One of a text file; the sheets of a workbook.

  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
};

/// Decodes `bytes`. What cannot be read at all (old .xls, PDF, compressed files) is a Problem.
[[nodiscard]] Checked<std::unique_ptr<Source>> open_source(std::string_view bytes,
                                                           const std::string& file,
                                                           Decimal decimal);

/// A form of file. `score` is 0 for "not mine"; 100 for a signature that no other form has.
struct FileForm {
  std::string_view name;        ///< "BioTek Gen5"
  std::string_view looked_for;  ///< For the message when nothing matches.
  int (*score)(const Source&) = nullptr;
  Checked<PlateSet> (*read)(const Source&, const ReadOptions&) = nullptr;
};

/// All forms, in the order in which messages list them.
[[nodiscard]] const std::vector<FileForm>& file_forms();

/// One file in whatever form it has, before layout, merging and checks.
[[nodiscard]] Checked<PlateSet> read_source(const Source& source, const ReadOptions& options);

/// Joins the plates of several files; a plate name that several files use gets the file's name in
/// front, unless the files together have each well once (a table in parts).
void join(std::vector<PlateSet> files, PlateSet& all, Problems& problems);

/// Keeps the chosen channel and subtracts the reference.
void choose_channel(PlateSet& set, const ReadOptions& options, Problems& problems);

/// Whether nothing says what stood in the well.
[[nodiscard]] bool unplanned_well(const Well& well);

/// What can be wrong with wells whatever file they came from; see docs/rooms/plate.md.
void check(PlateSet& set, const ReadOptions& options, Problems& problems);

}  // namespace kinescape::plate
