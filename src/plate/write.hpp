// SPDX-License-Identifier: Apache-2.0
/// \file How would an instrument have printed these wells? Plates to tidy tables, native exports
/// and layouts, so that simulated plates travel through the same files as real ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plate/plate.hpp"

namespace kinescape::plate {

enum class NativeForm {
  gen5,      ///< BioTek Gen5 text (.txt).
  softmax,   ///< SoftMax Pro text in UTF-16 (.txt).
  bmg,       ///< BMG MARS CSV (.csv).
  envision,  ///< EnVision CSV (.csv).
  tecan,     ///< Tecan i-control workbook (.xlsx), one sheet a plate.
};
[[nodiscard]] std::string_view name(NativeForm form);  ///< "gen5"
[[nodiscard]] std::optional<NativeForm> parse_native_form(std::string_view text);
[[nodiscard]] std::string_view file_ending(NativeForm form);  ///< ".txt"

/// A tidy table, one row for each well: plate, well, role, line, drug, dose_nM (drug_b, dose_b_nM),
/// repeat, time_h, channel, signal (or viability). Signals to six significant digits, as a reader
/// prints them; a saturated, masked or missing well as its word. Columns that hold nothing are left
/// out; excluded wells are written as masked.
[[nodiscard]] std::string write_tidy(const PlateSet& plates);

/// The readings of all plates in one file of that form. A native export says nothing of drugs: see
/// write_layout. Throws UsageError for wells without a place, for normalised values, for two
/// readings of one well in one channel, and for channels that the form cannot name.
[[nodiscard]] std::string write_native(const PlateSet& set,
                                       NativeForm form,
                                       const std::string& note = {});

/// The layout that belongs to the native export, as TOML.
[[nodiscard]] std::string write_layout(const PlateSet& set, const std::string& note = {});

}  // namespace kinescape::plate
