// SPDX-License-Identifier: Apache-2.0
// The layout as a file that a person can edit.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/number.hpp"
#include "base/toml.hpp"
#include "immunoblot/layout.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr int most_boxes = 100'000;

Box read_box(TomlReader& block, int width, int height) {
  Box box;
  box.x0 = block.required_number("x0", 0.0, width);
  box.y0 = block.required_number("y0", 0.0, height);
  box.x1 = block.required_number("x1", 0.0, width);
  box.y1 = block.required_number("y1", 0.0, height);
  if (box.x1 < box.x0 + 1.0 || box.y1 < box.y0 + 1.0) {
    block.problem("x1",
                  "the box is empty: x1 must be right of x0, and y1 below y0",
                  "Coordinates count pixels from the top left corner.");
  }
  return box;
}

void read_strips(TomlReader& top, int width, int height, Layout& layout) {
  for (TomlReader& block : top.tables("strip")) {
    StripBox strip;
    strip.strip = block.integer("strip", int(layout.strips.size()) + 1, 1, most_boxes);
    strip.antibody = block.text("antibody");
    strip.box = read_box(block, width, height);
    const auto same = [&](const StripBox& s) { return s.strip == strip.strip; };
    if (std::ranges::any_of(layout.strips, same)) {
      block.problem("strip",
                    fmt::format("strip {} is drawn twice", strip.strip),
                    "Give each strip its own number.");
    }
    block.finish();
    layout.strips.push_back(std::move(strip));
  }
}

void read_lanes(TomlReader& top, int width, int height, Layout& layout) {
  for (TomlReader& block : top.tables("lane")) {
    LaneBox lane;
    lane.strip = block.integer("strip", 1, 1, most_boxes);
    const auto before = std::ranges::count(layout.lanes, lane.strip, &LaneBox::strip);
    lane.lane = block.integer("lane", int(before) + 1, 1, most_boxes);
    lane.box = read_box(block, width, height);
    lane.shear = block.number("shear", 0.0, -0.5, 0.5);
    lane.tilt = block.number("tilt", 0.0, -0.5, 0.5);
    lane.bend = block.number("bend", 0.0, -0.1, 0.1);
    const auto same = [&](const LaneBox& l) {
      return l.strip == lane.strip && l.lane == lane.lane;
    };
    if (std::ranges::any_of(layout.lanes, same)) {
      block.problem("lane",
                    fmt::format("lane {} of strip {} is drawn twice", lane.lane, lane.strip),
                    "Give each lane of a strip its own number.");
    }
    block.finish();
    layout.lanes.push_back(lane);
  }
}

void read_bands(TomlReader& top, int width, int height, Layout& layout) {
  for (TomlReader& block : top.tables("band")) {
    BandBox band;
    band.strip = block.integer("strip", 1, 1, most_boxes);
    band.lane = block.integer("lane", 1, 1, most_boxes);
    const auto before = std::ranges::count_if(layout.bands, [&](const BandBox& b) {
      return b.strip == band.strip && b.lane == band.lane;
    });
    band.band = block.integer("band", int(before) + 1, 1, most_boxes);
    band.box = read_box(block, width, height);
    band.centre = block.number("centre", 0.5 * (band.box.y0 + band.box.y1), 0.0, height);
    band.sigma = block.number("sigma", std::max(0.7, band.box.height() / 5.0), 0.3, height);
    band.seen = block.boolean("seen", true);
    const auto lane = std::ranges::find_if(layout.lanes, [&](const LaneBox& l) {
      return l.strip == band.strip && l.lane == band.lane;
    });
    if (lane == layout.lanes.end()) {
      block.problem("lane",
                    fmt::format("strip {} has no lane {}", band.strip, band.lane),
                    "Add a [[lane]] block for it.");
    } else if (band.centre < lane->box.y0 || band.centre > lane->box.y1) {
      block.problem("centre", "the band lies outside its lane", "Make the lane's box longer.");
    }
    const auto same = [&](const BandBox& b) {
      return b.strip == band.strip && b.lane == band.lane && b.band == band.band;
    };
    if (std::ranges::any_of(layout.bands, same)) {
      block.problem("band",
                    fmt::format("band {} of lane {} is drawn twice", band.band, band.lane),
                    "Give each band of a lane its own number.");
    }
    block.finish();
    layout.bands.push_back(band);
  }
}

void read_markers(TomlReader& top, Layout& layout) {
  for (TomlReader& block : top.tables("marker")) {
    MarkerLane m;
    m.strip = block.integer("strip", 0, 0, most_boxes);
    m.lane = block.integer("lane", 1, 1, most_boxes);
    m.masses_kDa = block.numbers("masses_kDa", 0.1, 10'000.0);
    if (!std::ranges::is_sorted(m.masses_kDa, std::greater<>())) {
      block.problem("masses_kDa",
                    "the masses of a marker do not fall",
                    "Write them from the top of the lane to its bottom, the heaviest first.");
    }
    block.finish();
    layout.markers.push_back(std::move(m));
  }
}

/// Lanes without a strip make one around themselves.
void complete(Layout& layout) {
  for (const LaneBox& lane : layout.lanes) {
    const auto strip = std::ranges::find(layout.strips, lane.strip, &StripBox::strip);
    if (strip == layout.strips.end()) {
      layout.strips.push_back({lane.strip, lane.box, ""});
    } else {
      strip->box.x0 = std::min(strip->box.x0, lane.box.x0);
      strip->box.y0 = std::min(strip->box.y0, lane.box.y0);
      strip->box.x1 = std::max(strip->box.x1, lane.box.x1);
      strip->box.y1 = std::max(strip->box.y1, lane.box.y1);
    }
  }
  std::ranges::sort(layout.strips, {}, &StripBox::strip);
  std::ranges::stable_sort(layout.lanes, [](const LaneBox& a, const LaneBox& b) {
    return a.strip != b.strip ? a.strip < b.strip : a.box.x0 < b.box.x0;
  });
}

std::string box_text(const Box& b) {
  return fmt::format("x0 = {}\ny0 = {}\nx1 = {}\ny1 = {}\n",
                     exact(std::round(10.0 * b.x0) / 10.0),
                     exact(std::round(10.0 * b.y0) / 10.0),
                     exact(std::round(10.0 * b.x1) / 10.0),
                     exact(std::round(10.0 * b.y1) / 10.0));
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

}  // namespace

bool is_marker(const Layout& layout, int strip, int lane) {
  return std::ranges::any_of(layout.markers, [&](const MarkerLane& m) {
    return m.lane == lane && (m.strip == 0 || m.strip == strip);
  });
}

Checked<Layout> read_layout(std::string_view bytes,
                            const std::string& file,
                            int width,
                            int height) {
  Checked<Layout> out;
  auto parsed = parse_toml(bytes, file);
  out.problems = std::move(parsed.problems);
  if (!out.ok()) return out;
  TomlReader top(parsed.value, file, "", out.problems);
  Layout& layout = out.value;
  layout.polarity = top.text("bands", "auto");
  if (layout.polarity != "auto" && layout.polarity != "bright" && layout.polarity != "dark") {
    top.problem("bands",
                fmt::format("bands = \"{}\" is not known", printable(layout.polarity)),
                "Allowed: \"bright\", \"dark\", \"auto\".");
  }
  read_strips(top, width, height, layout);
  read_lanes(top, width, height, layout);
  read_bands(top, width, height, layout);
  read_markers(top, layout);
  top.finish();
  complete(layout);
  return out;
}

std::string write_layout(const Layout& layout) {
  std::string out =
      "# Boxes in pixels from the top left corner. Change any of them, or take some out, and give "
      "the\n"
      "# file back with --layout: strips without lanes are searched for lanes, lanes without bands "
      "for\n"
      "# bands.\n";
  out += "bands = " + quoted(layout.polarity) + "\n";
  for (const StripBox& s : layout.strips) {
    out += fmt::format("\n[[strip]]\nstrip = {}\nantibody = {}\n", s.strip, quoted(s.antibody)) +
           box_text(s.box);
  }
  for (const LaneBox& l : layout.lanes) {
    out += fmt::format("\n[[lane]]\nstrip = {}\nlane = {}\n", l.strip, l.lane) + box_text(l.box);
    out += fmt::format(
        "shear = {}\ntilt = {}\nbend = {}\n", exact(l.shear), exact(l.tilt), exact(l.bend));
  }
  for (const MarkerLane& m : layout.markers) {
    out += fmt::format("\n[[marker]]\nstrip = {}\nlane = {}\nmasses_kDa = [", m.strip, m.lane);
    for (std::size_t i = 0; i < m.masses_kDa.size(); ++i)
      out += (i > 0 ? ", " : "") + exact(m.masses_kDa[i]);
    out += "]\n";
  }
  for (const BandBox& b : layout.bands) {
    out += fmt::format("\n[[band]]\nstrip = {}\nlane = {}\nband = {}\n", b.strip, b.lane, b.band) +
           box_text(b.box);
    out += fmt::format("centre = {}\nsigma = {}\n", exact(b.centre), exact(b.sigma));
    if (!b.seen) out += "seen = false\n";
  }
  return out;
}

}  // namespace kinescape::immunoblot
