// SPDX-License-Identifier: Apache-2.0
/// \file The other direction: a PlateSet as files that the readers of this room read back.
#pragma once

#include <string>

#include "plate/plate.hpp"

namespace kinescape::plate {

/// A tidy table, one row for each well: plate, well, role, line, drug, dose_nM (drug_b, dose_b_nM),
/// repeat, time_h, channel, signal (or viability). Signals to six significant digits, as a reader
/// prints them; a saturated, masked or missing well as its word. Columns that hold nothing are left
/// out; excluded wells are written as masked.
[[nodiscard]] std::string write_tidy(const PlateSet& plates);

}  // namespace kinescape::plate
