// SPDX-License-Identifier: Apache-2.0
#include "immunoblot/image.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace kinescape::immunoblot {
namespace {

Image ramp(int width, int height, int bits) {
  Image image;
  image.width = width, image.height = height, image.bits = bits;
  for (int i = 0; i < width * height; ++i) {
    image.pixels.push_back(static_cast<std::uint16_t>((i * 37) % (1 << bits)));
  }
  return image;
}

void put16(std::string& out, unsigned v) {
  out += static_cast<char>(v & 255U);
  out += static_cast<char>(v >> 8U);
}
void put32(std::string& out, unsigned v) {
  put16(out, v & 0xffffU);
  put16(out, v >> 16U);
}

struct Tag {
  unsigned tag, type, count, value;
};

/// A little-endian TIFF of one page: its tags, then `data` at the place that tag 273 or 324 names.
std::string tiff_of(const std::vector<Tag>& tags, const std::string& data) {
  std::string out("II*\0", 4);
  put32(out, static_cast<unsigned>(8 + data.size()));
  out += data;
  put16(out, static_cast<unsigned>(tags.size()));
  for (const Tag& t : tags)
    put16(out, t.tag), put16(out, t.type), put32(out, t.count), put32(out, t.value);
  put32(out, 0);
  return out;
}

std::vector<Tag> grey(unsigned width, unsigned height, unsigned bits, unsigned bytes) {
  return {{256, 4, 1, width},
          {257, 4, 1, height},
          {258, 3, 1, bits},
          {259, 3, 1, 1},
          {262, 3, 1, 1},
          {273, 4, 1, 8},
          {277, 3, 1, 1},
          {278, 4, 1, height},
          {279, 4, 1, bytes}};
}

std::string what(const Checked<Image>& read) {
  EXPECT_EQ(read.problems.size(), 1U);
  return read.problems.empty() ? "" : read.problems.front().what;
}

TEST(Image, IsReadBackAsItWasWritten) {
  for (const int bits : {8, 16}) {
    const Image image = ramp(67, 130, bits);
    for (const std::string& bytes : {write_tiff(image), write_png(image)}) {
      const auto back = read_image(bytes, "f");
      ASSERT_TRUE(back.ok());
      EXPECT_EQ(back.value.bits, bits);
      EXPECT_EQ(back.value.width, 67);
      EXPECT_EQ(back.value.pixels, image.pixels);
    }
  }
}

TEST(Image, WhiteIsZeroIsSaidAndValuesStayAsTheyAre) {
  Image image = ramp(20, 20, 16);
  image.white_is_zero = true;
  const auto back = read_image(write_tiff(image), "f");
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(back.value.white_is_zero);
  EXPECT_EQ(back.value.pixels, image.pixels);
}

TEST(Image, TwelveBitsArePackedTwoInThreeBytes) {
  std::string data;
  for (const int b : {0xab, 0xcd, 0xef, 0x12, 0x34, 0x50}) data += static_cast<char>(b);
  const auto read = read_image(tiff_of(grey(3, 1, 12, 6), data), "f");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value.pixels, (std::vector<std::uint16_t>{0xabc, 0xdef, 0x123}));
  EXPECT_EQ(read.value.largest(), 4095);
}

TEST(Image, TilesAreReadAndWhatHangsOverIsCutOff) {
  std::string data;
  for (int i = 0; i < 256; ++i) data += static_cast<char>(i);
  auto tags = grey(10, 5, 8, 0);
  tags.erase(tags.begin() + 5);  // 273
  tags.pop_back();
  tags.pop_back();
  for (const Tag& t :
       {Tag{322, 4, 1, 16}, Tag{323, 4, 1, 16}, Tag{324, 4, 1, 8}, Tag{325, 4, 1, 256}}) {
    tags.push_back(t);
  }
  const auto read = read_image(tiff_of(tags, data), "f");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value.at(9, 4), 16 * 4 + 9);
}

TEST(Image, WhatCannotBeMeasuredIsRefusedWithOneReason) {
  const std::string data(4000, '\x40');
  auto colour = grey(10, 10, 8, 300);
  colour[4].value = 2;
  colour[6].value = 3;
  EXPECT_NE(what(read_image(tiff_of(colour, data), "f")).find("RGB"), std::string::npos);
  auto palette = grey(10, 10, 8, 100);
  palette[4].value = 3;
  EXPECT_NE(what(read_image(tiff_of(palette, data), "f")).find("palette"), std::string::npos);
  palette.push_back({320, 3, 768, 8});
  EXPECT_NE(what(read_image(tiff_of(palette, data), "f")).find("palette"), std::string::npos);
  EXPECT_NE(what(read_image(tiff_of(grey(10, 10, 32, 400), data), "f")).find("32 bits"),
            std::string::npos);
  auto floating = grey(10, 10, 32, 400);
  floating.push_back({339, 3, 1, 3});
  EXPECT_NE(what(read_image(tiff_of(floating, data), "f")).find("floating"), std::string::npos);
  EXPECT_NE(what(read_image(tiff_of(grey(60000, 60000, 16, 400), data), "f")).find("60000"),
            std::string::npos);
  EXPECT_NE(what(read_image("\xff\xd8\xff\xe0", "f")).find("JPEG"), std::string::npos);
  EXPECT_NE(what(read_image("", "f")).find("empty"), std::string::npos);
  EXPECT_NE(what(read_image("BM1234", "f")).find("neither"), std::string::npos);
  EXPECT_NE(what(read_image(write_png(ramp(4, 4, 8)), "f", 2)).find("page 2"), std::string::npos);
  EXPECT_NE(what(read_image(write_tiff(ramp(4, 4, 8)), "f", 3)).find("page 3"), std::string::npos);
  Picture picture{2, 2, std::vector<std::uint8_t>(12, 9)};
  EXPECT_NE(what(read_image(write_png(picture), "f")).find("RGB"), std::string::npos);
}

TEST(Image, CutShortAnywhereIsOneProblemNeverACrash) {
  const Image image = ramp(40, 90, 16);
  for (const std::string& bytes : {write_tiff(image), write_png(image)}) {
    for (std::size_t n = 0; n + 1 < bytes.size(); n += 7) {
      const auto read = read_image(std::string_view(bytes).substr(0, n), "f");
      if (read.ok()) {
        EXPECT_EQ(read.value.pixels, image.pixels) << n;  // only what follows the pixels was cut
      } else {
        EXPECT_EQ(read.problems.size(), 1U) << n;
      }
    }
  }
}

}  // namespace
}  // namespace kinescape::immunoblot
