// SPDX-License-Identifier: Apache-2.0
#include "immunoblot/blots.hpp"

#include <utility>

#include "base/files.hpp"
#include "immunoblot/find_internal.hpp"
#include "immunoblot/look_up_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr std::size_t most_text_bytes = std::size_t{64} << 20U;  ///< Of a layout or a sheet.

void read_one(const BlotFiles& files, const std::string& path, Blots& blots, Problems& problems) {
  auto bytes = read_file(path);
  bool good = bytes.ok();
  append(problems, std::move(bytes.problems));
  if (!good) return;
  auto image = read_image(bytes.value, path, files.page);
  good = image.ok();
  append(problems, std::move(image.problems));
  if (!good) return;
  if (image.value.pages > 1 && files.page == 1) {
    problems.push_back({{path, 0, 0, "", ""},
                        "the file has several pages; the first was measured",
                        "Name another page.",
                        Severity::warning});
  }
  Layout given;
  if (!files.layout.empty()) {
    auto text = read_file(files.layout, most_text_bytes);
    good = text.ok();
    append(problems, std::move(text.problems));
    if (!good) return;
    auto layout = read_layout(text.value, files.layout, image.value.width, image.value.height);
    append(problems, std::move(layout.problems));
    given = std::move(layout.value);
  }
  blots.images.push_back({path, std::move(image.value), std::move(given)});
}

}  // namespace

Checked<Blots> read_blots(const BlotFiles& files) {
  Checked<Blots> out;
  for (const std::string& path : files.images) read_one(files, path, out.value, out.problems);
  if (!files.loading.empty()) {
    auto bytes = read_file(files.loading, most_text_bytes);
    const bool good = bytes.ok();
    append(out.problems, std::move(bytes.problems));
    if (good) {
      auto loads = read_loading(bytes.value, files.loading);
      append(out.problems, std::move(loads.problems));
      out.value.loads = std::move(loads.value);
    }
  }
  if (files.sheet.empty()) return out;
  auto bytes = read_file(files.sheet, most_text_bytes);
  const bool good = bytes.ok();
  append(out.problems, std::move(bytes.problems));
  if (!good) return out;
  auto sheet = read_lane_sheet(bytes.value, files.sheet);
  append(out.problems, std::move(sheet.problems));
  out.value.sheet = std::move(sheet.value);
  return out;
}

namespace {

/// Marker lanes that the sheet names, for this image.
void add_markers(const LaneSheet& sheet,
                 const std::string& file,
                 std::size_t images,
                 Layout& given) {
  Estimate only;
  only.images.push_back({file, {}, {}});
  for (const LaneEntry& e : sheet.entries) {
    if (e.role != LaneEntry::Role::marker || e.lane == 0) continue;
    if (e.image.empty() ? images > 1 : image_of(e, only) == nullptr) continue;
    given.markers.push_back({e.strip, e.lane, e.masses_kDa});
  }
}

Problems marker_problems(const Measured& measured, const std::string& file) {
  Problems out;
  for (const MassScale& scale : measured.masses) {
    if (scale.status == Status::ok) continue;
    out.push_back({{file, 0, 0, "", ""},
                   scale.why,
                   "Give the masses of the bands that are seen, top to bottom; the overlay shows "
                   "them, and a layout file can take bands away or add them.",
                   Severity::warning});
  }
  return out;
}

}  // namespace

Checked<Estimate> estimate_blots(const Blots& blots, const BlotOptions& options) {
  Checked<Estimate> out;
  Estimate& estimate = out.value;
  for (const Blots::One& one : blots.images) {
    Layout given = one.given;
    add_markers(blots.sheet, one.file, blots.images.size(), given);
    const Signal signal = signal_to_search(one.image, given, options.find);
    auto layout = find_layout_in(signal, one.file, given, options.find);
    const bool good = layout.ok();
    append(out.problems, std::move(layout.problems));
    if (!good) continue;
    Measured measured = measure_in(signal, one.image, layout.value, options.measure);
    append(out.problems, marker_problems(measured, one.file));
    estimate.methods = measured.methods;
    estimate.citations = measured.citations;
    estimate.images.push_back({one.file, std::move(measured), {}});
    if (options.pictures)
      estimate.images.back().overlay = overlay(one.image, estimate.images.back().measured);
  }
  if (has_errors(out.problems) || blots.sheet.entries.empty()) return out;
  RatioOptions ratios = options.ratios;
  ratios.loads.insert(ratios.loads.end(), blots.loads.begin(), blots.loads.end());
  append(out.problems, add_ratios(blots.sheet, ratios, estimate));
  return out;
}

}  // namespace kinescape::immunoblot
