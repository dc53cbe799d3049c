// SPDX-License-Identifier: Apache-2.0
#include "immunoblot/image.hpp"

#include <fmt/format.h>

#include "immunoblot/image_internal.hpp"

namespace kinescape::immunoblot {

Problem refuse(const std::string& file, std::string what, std::string fix) {
  return {{file, 0, 0, "", ""}, std::move(what), std::move(fix)};
}

Problems check_size(const std::string& file,
                    std::size_t width,
                    std::size_t height,
                    const ImageLimits& limits) {
  if (width == 0 || height == 0) {
    return {refuse(file, "the image has no pixels", export_again)};
  }
  if (width > limits.max_pixels / height) {
    return {refuse(file,
                   fmt::format("the image says it is {} x {} pixels; {} pixels are allowed",
                               width,
                               height,
                               limits.max_pixels),
                   "Crop or bin it in the imager's software, or export it again.")};
  }
  return {};
}

Checked<Image> read_image(std::string_view bytes,
                          const std::string& file,
                          int page,
                          const ImageLimits& limits) {
  using namespace std::string_view_literals;
  if (bytes.size() > limits.max_bytes) {
    return {{}, {refuse(file, "the file is larger than an image may be", export_again)}};
  }
  const auto begins = [&](std::string_view magic) {
    return bytes.substr(0, magic.size()) == magic;
  };
  if (begins("II*\0"sv) || begins("MM\0*"sv) || begins("II+\0"sv) || begins("MM\0+"sv)) {
    return read_tiff(bytes, file, page, limits);
  }
  if (begins("\x89PNG\r\n\x1a\n"sv)) {
    if (page != 1) {
      return {{},
              {refuse(file,
                      fmt::format("page {} was asked for; a PNG has one", page),
                      "Leave the page out.")}};
    }
    return read_png(bytes, file, limits);
  }
  if (begins("\xff\xd8\xff"sv)) {
    return {
        {},
        {refuse(file,
                "this is a JPEG: its compression changed the values, and they cannot be had back",
                export_again)}};
  }
  return {{},
          {refuse(file,
                  bytes.empty() ? "the file is empty" : "this is neither a TIFF nor a PNG",
                  export_again)}};
}

}  // namespace kinescape::immunoblot
