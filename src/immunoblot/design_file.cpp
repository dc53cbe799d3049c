// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/toml.hpp"
#include "immunoblot/design.hpp"

namespace kinescape::immunoblot {
namespace {

void read_strips(TomlReader& top, VirtualBlot& out) {
  for (TomlReader& block : top.tables("strip")) {
    StripDesign s;
    s.antibody = block.required_text("antibody");
    out.truth.amounts.push_back(block.numbers("amounts", 0.0, 1e6));
    s.counts_per_amount = block.number("counts_per_amount", s.counts_per_amount, 0.0, 1e12);
    s.depletion_counts = block.number("depletion_counts", s.depletion_counts, 1.0, 1e15);
    s.sigma_px = block.number("sigma_px", s.sigma_px, 0.5, 200.0);
    s.skew = block.number("skew", s.skew, -10.0, 10.0);
    s.mass_kDa = block.number("mass_kDa", s.mass_kDa, 0.1, 10'000.0);
    s.top_kDa = block.number("top_kDa", s.top_kDa, 0.1, 10'000.0);
    s.bottom_kDa = block.number("bottom_kDa", s.bottom_kDa, 0.1, 10'000.0);
    s.proteins = block.integer("proteins", s.proteins, 0, 200);
    block.finish();
    out.design.strips.push_back(std::move(s));
  }
  if (!out.truth.amounts.empty()) out.design.lanes = int(out.truth.amounts.front().size());
}

void read_noise(TomlReader block, Noise& n) {
  n.load_percent = block.number("load_percent", n.load_percent, 0.0, 200.0);
  n.transfer_percent = block.number("transfer_percent", n.transfer_percent, 0.0, 200.0);
  n.gain_percent = block.number("gain_percent", n.gain_percent, 0.0, 500.0);
  n.floor_counts2 = block.number("floor_counts2", n.floor_counts2, 0.0, 1e9);
  n.gain = block.number("gain", n.gain, 0.0, 1e4);
  n.dark_counts = block.number("dark_counts", n.dark_counts, 0.0, 65535.0);
  n.membrane_counts = block.number("membrane_counts", n.membrane_counts, 0.0, 65535.0);
  n.uneven_percent = block.number("uneven_percent", n.uneven_percent, 0.0, 300.0);
  n.tilt_degrees = block.number("tilt_degrees", n.tilt_degrees, -10.0, 10.0);
  n.smile_px = block.number("smile_px", n.smile_px, -60.0, 60.0);
  n.dust_per_megapixel = block.number("dust_per_megapixel", n.dust_per_megapixel, 0.0, 1e5);
  n.migration_px = block.number("migration_px", n.migration_px, 0.0, 100.0);
  block.finish();
}

}  // namespace

Checked<VirtualBlot> read_design(std::string_view bytes, const std::string& file) {
  Checked<VirtualBlot> out;
  auto parsed = parse_toml(bytes, file);
  out.problems = std::move(parsed.problems);
  if (!out.ok()) return out;
  TomlReader top(parsed.value, file, "", out.problems);
  const double seed = top.number("seed", unknown, 0.0, 9007199254740992.0);
  if (!std::isnan(seed)) out.value.seed = Seed{static_cast<std::uint64_t>(seed)};
  TomlReader image = top.table("image");
  Design& d = out.value.design;
  d.bits = image.integer("bits", d.bits, 8, 16);
  d.lane_px = image.number("lane_px", d.lane_px, 8.0, 1000.0);
  d.gap_px = image.number("gap_px", d.gap_px, 0.0, 1000.0);
  d.strip_px = image.number("strip_px", d.strip_px, 30.0, 3000.0);
  d.marker_lane = image.integer("marker_lane", d.marker_lane, 0, 60);
  d.marker_masses_kDa = image.numbers("marker_masses_kDa", 0.1, 10'000.0);
  d.loads = image.numbers("loads", 0.0, 1e6);
  image.finish();
  read_strips(top, out.value);
  read_noise(top.table("noise"), out.value.noise);
  top.finish();
  if (!out.ok()) return out;
  for (Problem p : check(d, out.value.truth, out.value.noise)) {
    p.where = top.where();
    out.problems.push_back(std::move(p));
  }
  return out;
}

}  // namespace kinescape::immunoblot
