// SPDX-License-Identifier: Apache-2.0
/// \file What did the imager write? A greyscale TIFF or PNG, its values untouched, or one clear
/// reason why it cannot be measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"

namespace kinescape::immunoblot {

/// One page. Pixels row by row from the top left, as stored.
struct Image {
  int width = 0, height = 0;
  int bits = 0;  ///< 8, 12 or 16; the largest value is 2^bits - 1.
  bool white_is_zero = false;
  int pages = 1;  ///< Of the file.
  std::vector<std::uint16_t> pixels;

  [[nodiscard]] int largest() const { return (1 << bits) - 1; }
  [[nodiscard]] std::uint16_t at(int x, int y) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
};

struct ImageLimits {
  std::size_t max_pixels = 100'000'000;           ///< 10 000 x 10 000.
  std::size_t max_bytes = std::size_t{1} << 30U;  ///< Of the file.
  int max_pages = 1000;
};

/// Reads page `page` (from 1) of a greyscale TIFF (strips or tiles; 8, 12 or 16 bits; either zero)
/// or PNG (8 or 16 bits). Refused, with the reason: colour, palette, alpha, floating-point, 32-bit
/// and lossily compressed images; more pixels than allowed; a file that ends early.
[[nodiscard]] Checked<Image> read_image(std::string_view bytes,
                                        const std::string& file,
                                        int page = 1,
                                        const ImageLimits& limits = {});

/// A greyscale TIFF of one page: 8 or 16 bits as `image` says (12 is written as 16), deflated.
[[nodiscard]] std::string write_tiff(const Image& image);

/// Colours for a person to look at, never to measure: rows of R, G, B bytes.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
};
[[nodiscard]] std::string write_png(const Picture& picture);
/// The same, its longer side at most `longest` pixels: means of whole blocks.
[[nodiscard]] Picture smaller(const Picture& picture, int longest);

/// A greyscale PNG with the values of `image` (12 bits are written as 16).
[[nodiscard]] std::string write_png(const Image& image);

}  // namespace kinescape::immunoblot
