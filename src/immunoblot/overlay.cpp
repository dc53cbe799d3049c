// SPDX-License-Identifier: Apache-2.0
// The picture that shows what was measured: the image as a blot is looked at (dark bands on light),
// with its boxes in colours that colour-blind people can tell apart.
#include <algorithm>
#include <array>
#include <cmath>

#include "immunoblot/measure.hpp"
#include "immunoblot/plane_internal.hpp"

namespace kinescape::immunoblot {
namespace {

using Colour = std::array<std::uint8_t, 3>;
constexpr Colour lane_colour{0, 114, 178}, exact_colour{0, 158, 115}, bound_colour{213, 94, 0},
    clipped_colour{204, 121, 167};

void put(Picture& picture, int x, int y, const Colour& colour) {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return;
  const std::size_t at = 3 * (std::size_t(y) * std::size_t(picture.width) + std::size_t(x));
  std::copy(colour.begin(), colour.end(), picture.rgb.begin() + std::ptrdiff_t(at));
}

/// A digit of 3 x 5 pixels, twice as large.
void digit(Picture& picture, int x, int y, int value, const Colour& colour) {
  static constexpr std::array<std::uint16_t, 10> font{
      0x7b6f, 0x2492, 0x73e7, 0x73cf, 0x5bc9, 0x79cf, 0x79ef, 0x7249, 0x7bef, 0x7bcf};
  for (int r = 0; r < 5; ++r) {
    for (int c = 0; c < 3; ++c) {
      if (((font[std::size_t(value)] >> (14 - 3 * r - c)) & 1U) == 0) continue;
      for (int k = 0; k < 4; ++k) put(picture, x + 2 * c + k % 2, y + 2 * r + k / 2, colour);
    }
  }
}

void number(Picture& picture, int x, int y, int value, const Colour& colour) {
  if (value >= 10) {
    number(picture, x - 8, y, value / 10, colour);
  }
  digit(picture, x, y, value % 10, colour);
}

}  // namespace

Picture smaller(const Picture& picture, int longest) {
  const int k = (std::max(picture.width, picture.height) + longest - 1) / longest;
  if (k <= 1) return picture;
  Picture out;
  out.width = picture.width / k, out.height = picture.height / k;
  out.rgb.reserve(3 * std::size_t(out.width) * std::size_t(out.height));
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        int sum = 0;
        for (int j = y * k; j < (y + 1) * k; ++j) {
          for (int i = x * k; i < (x + 1) * k; ++i) {
            sum +=
                picture.rgb[3 * (std::size_t(j) * std::size_t(picture.width) + std::size_t(i)) + c];
          }
        }
        out.rgb.push_back(static_cast<std::uint8_t>(sum / (k * k)));
      }
    }
  }
  return out;
}

Picture overlay(const Image& image, const Measured& measured) {
  Picture out;
  out.width = image.width, out.height = image.height;
  std::vector<double> sample;
  const std::size_t step = std::max<std::size_t>(1, image.pixels.size() / 100'000);
  for (std::size_t i = 0; i < image.pixels.size(); i += step) sample.push_back(image.pixels[i]);
  const bool dark = measured.layout.polarity == "dark";
  const double low = quantile_of(sample, dark ? 0.003 : 0.01),
               high = quantile_of(sample, dark ? 0.99 : 0.997);
  std::vector<std::uint8_t> grey_of(65536);
  for (std::size_t v = 0; v < grey_of.size(); ++v) {
    double share = std::clamp((double(v) - low) / std::max(high - low, 1.0), 0.0, 1.0);
    if (dark) share = 1.0 - share;
    grey_of[v] = static_cast<std::uint8_t>(255.0 - 255.0 * std::pow(share, 0.6));
  }
  out.rgb.resize(3 * image.pixels.size());
  std::uint8_t* to = out.rgb.data();
  for (const std::uint16_t v : image.pixels) {
    const std::uint8_t grey = grey_of[v];
    *to++ = grey, *to++ = grey, *to++ = grey;
  }
  const auto lane_of = [&](const BandBox& b) -> const LaneBox* {
    for (const LaneBox& l : measured.layout.lanes) {
      if (l.strip == b.strip && l.lane == b.lane) return &l;
    }
    return nullptr;
  };
  for (const LaneBox& l : measured.layout.lanes) {
    const double middle = 0.5 * (l.box.y0 + l.box.y1);
    for (int y = int(l.box.y0); y < int(l.box.y1); ++y) {
      const int lean = int(std::lround(l.shear * (y - middle)));
      if (y % 4 < 2)
        put(out, int(l.box.x0) + lean, y, lane_colour),
            put(out, int(l.box.x1) - 1 + lean, y, lane_colour);
    }
    number(out,
           int(0.5 * (l.box.x0 + l.box.x1)) - 3,
           std::max(0, int(l.box.y0) - 14),
           l.lane,
           lane_colour);
  }
  for (const BandResult& b : measured.bands) {
    const LaneBox* l = lane_of(b.where);
    if (l == nullptr) continue;
    const Colour& colour = b.volume.relation == Relation::greater ? clipped_colour
                           : b.volume.exact()                     ? exact_colour
                                                                  : bound_colour;
    const double middle = 0.5 * (l->box.x0 + l->box.x1);
    for (int x = int(b.where.box.x0) + 1; x < int(b.where.box.x1) - 1; ++x) {
      const double off = x - middle, drop = l->tilt * off + l->bend * off * off;
      put(out, x, int(std::lround(b.where.box.y0 + drop)), colour);
      put(out, x, int(std::lround(b.where.box.y1 + drop)) - 1, colour);
    }
  }
  return out;
}

}  // namespace kinescape::immunoblot
