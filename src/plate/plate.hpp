// SPDX-License-Identifier: Apache-2.0
/// \file What stood in each well, and what did the reader print? The one form of plate data that
/// every reader fills and every assay takes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "base/table.hpp"

namespace kinescape::plate {

/// Rows and columns of a plate: 2 x 3 (6) to 32 x 48 (1536).
struct Format {
  int rows = 8;
  int columns = 12;
  [[nodiscard]] int wells() const { return rows * columns; }
  bool operator==(const Format&) const = default;
};

/// The standard format with so many wells (6, 12, 24, 48, 96, 384, 1536), if there is one.
[[nodiscard]] std::optional<Format> format_with(int wells);

/// The smallest standard format that holds a block of this size.
[[nodiscard]] std::optional<Format> smallest_format(int rows, int columns);

/// A place on a plate, from 0. Row 26 is written "AA".
struct Position {
  int row = 0;
  int column = 0;
  auto operator<=>(const Position&) const = default;
};

[[nodiscard]] std::string name(Position position);  ///< "A01", "AF48"
/// Reads "A1", "a01", "AF48"; nothing when it is not a well of a 1536-well plate.
[[nodiscard]] std::optional<Position> parse_position(std::string_view text);

enum class Role {
  sample,
  vehicle,   ///< Cells and solvent, no drug: viability 1.
  blank,     ///< Medium and reagent, no cells: viability 0.
  positive,  ///< A kill control: for the plate's quality, not for the curve.
  day0,      ///< Cells at the time the drug is added, for growth rates.
  unused,
};
[[nodiscard]] std::string_view name(Role role);
/// Accepts the spellings people use ("DMSO", "ctrl", "untreated", "media", "T0", ...).
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

/// What the printed cell means. Only `measured` has an exact value.
enum class Reading {
  measured,
  saturated,  ///< Above what the reader can count ("OVRFLW", "OVER", "*****"); right-censored.
  below,      ///< Under what it can count; left-censored.
  masked,     ///< Struck out by the user or the instrument.
  missing,
};
[[nodiscard]] std::string_view name(Reading reading);

/// One number of one well, at one time and wavelength, with what was planned for the well.
struct Well {
  std::string plate;
  Position position;
  bool placed = false;  ///< False when the table had no well column; position then means nothing.
  Role role = Role::sample;
  std::string line;  ///< Cell line; of a blank: may be empty.
  std::string drug;  ///< Empty for controls.
  double dose_nM = 0.0;
  std::string drug_b;  ///< Second drug of a combination, or empty.
  double dose_b_nM = 0.0;
  std::string repeat;  ///< The biological repeat: an independent culture, usually another day.
  double time_h = unknown;
  std::string channel;  ///< "490 nm", "luminescence"; empty when the file has one only.
  Reading reading = Reading::measured;
  /// Censored: the bound that the file prints, else the largest (below: smallest) value measured on
  /// this plate in this channel, else unknown.
  double signal = unknown;
  std::string printed;   ///< The cell as it stood, when it was not a plain number.
  std::string excluded;  ///< Why the well is kept out; empty: it is in.
  Origin origin;
};

enum class Scale {
  signal,               ///< Absorbance, fluorescence, counts: blanks and vehicles are wells.
  fraction_of_vehicle,  ///< Already normalised: vehicle = 1.
  percent_inhibition,   ///< Converted to a fraction on reading; kept for the provenance.
};

struct PlateInfo {
  std::string name;
  Format format;           ///< 0 x 0: a table without well names, whose wells have no place.
  std::string instrument;  ///< "BioTek Gen5"; empty for tables.
  std::string file;
};

/// Everything that was read for one assay. Wells in file order.
struct PlateSet {
  Scale scale = Scale::signal;
  std::vector<PlateInfo> plates;
  std::vector<Well> wells;
};

/// How to read; every field unset means "tell it from the file, and refuse if that is a guess".
struct ReadOptions {
  std::string layout;  ///< Path of a plate map: TOML, or CSV/XLSX blocks. "" = none.
  Decimal decimal = Decimal::unstated;
  std::string channel;            ///< Keep this wavelength or label only.
  std::string reference_channel;  ///< Subtracted well by well from `channel` (630 nm from 490 nm).
  std::string dose_unit;          ///< For a dose column that names no unit.
  std::string repeat;             ///< Of every well of these files, when the files do not say.
  std::string line;               ///< The same.
  std::string response;           ///< What a "response" column holds: "viability" or "inhibition".
  bool plan_needed = true;        ///< Refuse wells of which nothing says what stood in them.
};

/// Reads files of one assay in any form that Kinescape knows, told by content, not by name: tidy
/// tables, grids with a layout, instrument exports, Prism files, the tables of other tools.
/// Returns all problems of all files. Every well keeps the file and cell that it came from.
[[nodiscard]] Checked<PlateSet> read_plates(const std::vector<std::string>& paths,
                                            const ReadOptions& options = {});

/// The same for bytes already in memory; `file` is for messages and for nothing else. `layout` are
/// the bytes of options.layout, if any.
[[nodiscard]] Checked<PlateSet> read_plates(std::string_view bytes,
                                            const std::string& file,
                                            std::string_view layout,
                                            const ReadOptions& options = {});

}  // namespace kinescape::plate
