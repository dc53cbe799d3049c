// SPDX-License-Identifier: Apache-2.0
/// \file The two file formats behind read_image.
#pragma once

#include <string>
#include <string_view>

#include "immunoblot/image.hpp"

namespace kinescape::immunoblot {

[[nodiscard]] Checked<Image> read_tiff(std::string_view bytes,
                                       const std::string& file,
                                       int page,
                                       const ImageLimits& limits);
[[nodiscard]] Checked<Image> read_png(std::string_view bytes,
                                      const std::string& file,
                                      const ImageLimits& limits);

[[nodiscard]] Problem refuse(const std::string& file, std::string what, std::string fix);
/// A problem if the image has no pixels or too many.
[[nodiscard]] Problems check_size(const std::string& file,
                                  std::size_t width,
                                  std::size_t height,
                                  const ImageLimits& limits);
inline constexpr const char* export_again =
    "Export the raw image from the imager's software as a greyscale 16-bit TIFF.";

}  // namespace kinescape::immunoblot
