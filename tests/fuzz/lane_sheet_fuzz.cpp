// SPDX-License-Identifier: Apache-2.0
// Whatever the lane sheet or the loading table: no crash; what is read obeys what the room takes
// for granted.
#include "fuzz.hpp"
#include "immunoblot/lane_sheet.hpp"
#include "immunoblot/protein.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto text = fuzz::text(data, size);
  const auto sheet = immunoblot::read_lane_sheet(text, "f");
  if (sheet.ok()) {
    for (const auto& e : sheet.value.entries) {
      fuzz::require(e.lane >= 1 && e.strip >= 0 && e.band >= 0, "lanes count from 1");
      fuzz::require(!(e.dose_nM < 0.0) && !(e.time_h < 0.0) && !(e.load_ug < 0.0), "not below 0");
      const bool marker = e.role == immunoblot::LaneEntry::Role::marker;
      fuzz::require(marker ? !e.masses_kDa.empty() : e.masses_kDa.size() <= 1, "masses");
    }
  }
  const auto loads = immunoblot::read_loading(text, "f");
  if (loads.ok()) {
    for (const auto& l : loads.value)
      fuzz::require(l.load_ug.low > 0.0 && l.load_ug.low <= l.load_ug.high, "ends in order");
  }
  return 0;
}
