// SPDX-License-Identifier: Apache-2.0
#include "immunoblot/blots.hpp"

#include <utility>

#include "base/files.hpp"
#include "immunoblot/find_internal.hpp"

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

Checked<Estimate> estimate_blots(const Blots& blots, const BlotOptions& options) {
  Checked<Estimate> out;
  Estimate& estimate = out.value;
  for (const Blots::One& one : blots.images) {
    const Signal signal = signal_to_search(one.image, one.given, options.find);
    auto layout = find_layout_in(signal, one.file, one.given, options.find);
    const bool good = layout.ok();
    append(out.problems, std::move(layout.problems));
    if (!good) continue;
    Measured measured = measure_in(signal, one.image, layout.value, options.measure);
    estimate.methods = measured.methods;
    estimate.citations = measured.citations;
    estimate.images.push_back({one.file, std::move(measured), {}});
    estimate.images.back().overlay = overlay(one.image, estimate.images.back().measured);
  }
  if (has_errors(out.problems) || blots.sheet.entries.empty()) return out;
  append(out.problems, add_ratios(blots.sheet, options.ratios, estimate));
  return out;
}

}  // namespace kinescape::immunoblot
