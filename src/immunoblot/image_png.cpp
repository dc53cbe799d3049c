// SPDX-License-Identifier: Apache-2.0
// PNG by libpng, from memory. Its errors come back by longjmp, so the functions that call it hold
// nothing that needs a destructor.
#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>

#include "base/errors.hpp"
#include "immunoblot/image_internal.hpp"

namespace kinescape::immunoblot {
namespace {

struct Reading {
  const png_byte* bytes = nullptr;
  std::size_t size = 0, at = 0;
  png_struct* png = nullptr;
  png_info* info = nullptr;
  std::array<char, 200> message{};
  png_uint_32 width = 0, height = 0;
  int bits = 0, colour = 0, interlace = 0;
  bool transparent = false, gamma = false;
};

[[noreturn]] void fail(png_struct* png, const char* message) {
  auto& r = *static_cast<Reading*>(png_get_error_ptr(png));
  std::strncpy(r.message.data(), message, r.message.size() - 1);
  png_longjmp(png, 1);
}

void ignore(png_struct*, const char*) {}

void give(png_struct* png, png_byte* to, std::size_t n) {
  auto& r = *static_cast<Reading*>(png_get_io_ptr(png));
  if (n > r.size - r.at) png_error(png, "the file ends early");
  std::memcpy(to, r.bytes + r.at, n);
  r.at += n;
}

bool begin(Reading& r) {
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, fail, ignore);
  r.info = r.png != nullptr ? png_create_info_struct(r.png) : nullptr;
  return r.info != nullptr;
}

bool read_header(Reading& r) {
  if (setjmp(png_jmpbuf(r.png)) != 0) return false;  // NOLINT(cert-err52-cpp)
  png_set_read_fn(r.png, &r, give);
  png_set_user_limits(r.png, 0x7fffffff, 0x7fffffff);
  png_set_chunk_malloc_max(r.png, 1U << 24U);
  png_read_info(r.png, r.info);
  png_get_IHDR(
      r.png, r.info, &r.width, &r.height, &r.bits, &r.colour, &r.interlace, nullptr, nullptr);
  r.transparent = png_get_valid(r.png, r.info, PNG_INFO_tRNS) != 0;
  double gamma = 1.0;
  r.gamma = (png_get_gAMA(r.png, r.info, &gamma) != 0 && gamma < 0.9) ||
            png_get_valid(r.png, r.info, PNG_INFO_sRGB) != 0;
  return true;
}

bool read_rows(Reading& r, png_byte** rows) {
  if (setjmp(png_jmpbuf(r.png)) != 0) return false;  // NOLINT(cert-err52-cpp)
  png_read_image(r.png, rows);
  png_read_end(r.png, nullptr);
  return true;
}

struct Freed {
  Reading& r;
  ~Freed() { png_destroy_read_struct(&r.png, &r.info, nullptr); }
};

std::string refusal(const Reading& r) {
  if (r.colour == PNG_COLOR_TYPE_PALETTE) {
    return "the image has a colour palette: its values are colour numbers";
  }
  if ((r.colour & PNG_COLOR_MASK_COLOR) != 0) {
    return "the image is in colour (RGB): a screenshot or a rendering";
  }
  if ((r.colour & PNG_COLOR_MASK_ALPHA) != 0 || r.transparent) {
    return "the image has transparency: it was drawn, not exported by an imager";
  }
  if (r.bits != 8 && r.bits != 16) {
    return fmt::format("the image has {} bits a pixel; 8 or 16 can be read from a PNG", r.bits);
  }
  return {};
}

void collect(png_struct* png, png_byte* from, std::size_t n) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(from), n);
}

void no_flush(png_struct*) {}

[[noreturn]] void give_up(png_struct* png, const char*) {
  png_longjmp(png, 1);
}

struct Written {
  int width, height, bits, colour;
};

bool write_rows(
    png_struct* png, png_info* info, const Written& form, std::string* out, png_byte** rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;  // NOLINT(cert-err52-cpp)
  png_set_write_fn(png, out, collect, no_flush);
  png_set_compression_level(png, 3);
  png_set_IHDR(png,
               info,
               static_cast<png_uint_32>(form.width),
               static_cast<png_uint_32>(form.height),
               form.bits,
               form.colour,
               PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  png_write_image(png, rows);
  png_write_end(png, nullptr);
  return true;
}

std::string written(const Written& form, std::vector<png_byte*>& rows) {
  std::string out;
  png_struct* png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, give_up, ignore);
  png_info* info = png != nullptr ? png_create_info_struct(png) : nullptr;
  const bool good = info != nullptr && write_rows(png, info, form, &out, rows.data());
  png_destroy_write_struct(&png, &info);
  if (!good) throw InternalError("a PNG could not be written");
  return out;
}

}  // namespace

Checked<Image> read_png(std::string_view bytes,
                        const std::string& file,
                        const ImageLimits& limits) {
  Reading r;
  r.bytes = reinterpret_cast<const png_byte*>(bytes.data());
  r.size = bytes.size();
  const Freed freed{r};
  Checked<Image> out;
  const auto refused = [&](std::string what) {
    out.value = {};
    if (r.message[0] != '\0') what += fmt::format(" ({})", printable(r.message.data(), 120));
    out.problems.push_back(refuse(file, std::move(what), export_again));
    return out;
  };
  if (!begin(r)) return refused("the PNG reader could not be started");
  if (!read_header(r)) return refused("the PNG cannot be read: it is damaged or ends early");
  if (std::string why = refusal(r); !why.empty()) return refused(std::move(why));
  out.problems = check_size(file, r.width, r.height, limits);
  if (!out.ok()) return out;
  const std::size_t width = r.width, height = r.height, wide = r.bits == 16 ? 2 : 1;
  std::vector<png_byte> raw(width * height * wide);
  std::vector<png_byte*> rows(height);
  for (std::size_t y = 0; y < height; ++y) rows[y] = raw.data() + y * width * wide;
  if (!read_rows(r, rows.data())) {
    return refused("the image's pixels cannot be read: the file is damaged or ends early");
  }
  Image& image = out.value;
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.bits = r.bits;
  image.pixels.resize(width * height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] =
        wide == 2 ? static_cast<std::uint16_t>((raw[2 * i] << 8U) | raw[2 * i + 1]) : raw[i];
  }
  if (r.gamma) {
    Problem flag =
        refuse(file,
               "the PNG says that its values are coded for a display (gamma): if they were "
               "changed for that, intensities are not proportional to light",
               export_again);
    flag.severity = Severity::warning;
    out.problems.push_back(std::move(flag));
  }
  return out;
}

std::string write_png(const Picture& picture) {
  std::vector<png_byte*> rows(static_cast<std::size_t>(picture.height));
  for (std::size_t y = 0; y < rows.size(); ++y) {
    rows[y] =
        const_cast<png_byte*>(picture.rgb.data()) + 3 * y * static_cast<std::size_t>(picture.width);
  }
  return written({picture.width, picture.height, 8, PNG_COLOR_TYPE_RGB}, rows);
}

std::string write_png(const Image& image) {
  const int bits = image.bits > 8 ? 16 : 8;
  const std::size_t wide = bits == 16 ? 2 : 1, width = static_cast<std::size_t>(image.width);
  std::vector<png_byte> raw(image.pixels.size() * wide);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    if (wide == 2) raw[2 * i] = static_cast<png_byte>(image.pixels[i] >> 8U);
    raw[wide * i + wide - 1] = static_cast<png_byte>(image.pixels[i]);
  }
  std::vector<png_byte*> rows(static_cast<std::size_t>(image.height));
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = raw.data() + y * width * wide;
  return written({image.width, image.height, bits, PNG_COLOR_TYPE_GRAY}, rows);
}

}  // namespace kinescape::immunoblot
