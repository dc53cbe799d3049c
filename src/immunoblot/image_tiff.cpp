// SPDX-License-Identifier: Apache-2.0
// TIFF by libtiff, from memory. Its messages become Problems: nothing is printed, nothing exits.
#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/errors.hpp"
#include "immunoblot/image_internal.hpp"

namespace kinescape::immunoblot {
namespace {

/// Bytes in memory as libtiff reads and writes them.
struct Memory {
  std::string_view in;
  std::string out;
  bool writing = false;
  toff_t at = 0;
  std::string message;  ///< The first error.
  [[nodiscard]] std::size_t size() const { return writing ? out.size() : in.size(); }
};

Memory& memory(thandle_t handle) {
  return *static_cast<Memory*>(handle);
}

tmsize_t read_some(thandle_t handle, void* to, tmsize_t n) {
  Memory& m = memory(handle);
  const char* from = m.writing ? m.out.data() : m.in.data();
  if (m.at >= m.size() || n <= 0) return 0;
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(n), m.size() - m.at);
  std::memcpy(to, from + m.at, count);
  m.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_some(thandle_t handle, void* from, tmsize_t n) {
  Memory& m = memory(handle);
  if (!m.writing || n < 0) return -1;
  const auto count = static_cast<std::size_t>(n);
  if (m.at + count > m.out.size()) m.out.resize(m.at + count);
  std::memcpy(m.out.data() + m.at, from, count);
  m.at += count;
  return n;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  Memory& m = memory(handle);
  if (whence == SEEK_CUR) offset += m.at;
  if (whence == SEEK_END) offset += m.size();
  return m.at = offset;
}

int stay_open(thandle_t) {
  return 0;
}

toff_t size_of(thandle_t handle) {
  return memory(handle).size();
}

int keep_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  std::array<char, 300> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  auto& m = *static_cast<Memory*>(user);
  if (m.message.empty()) m.message = text.data();
  return 1;
}

int ignore_warning(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using Handle = std::unique_ptr<TIFF, Close>;

Handle open(Memory& m, const char* mode) {
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                             TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &m);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, &m);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), tmsize_t{1} << 29);
  return Handle(TIFFClientOpenExt("image",
                                  mode,
                                  &m,
                                  read_some,
                                  write_some,
                                  seek,
                                  stay_open,
                                  size_of,
                                  nullptr,
                                  nullptr,
                                  options.get()));
}

template <class T>
T field(TIFF* tiff, std::uint32_t tag, T fallback) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) != 0 ? value : fallback;
}

const char* why_not_this_colour(std::uint16_t photometric) {
  switch (photometric) {
    case PHOTOMETRIC_RGB:
      return "the image is in colour (RGB): a screenshot or a rendering";
    case PHOTOMETRIC_PALETTE:
      return "the image has a colour palette: its values are colour numbers";
    case PHOTOMETRIC_YCBCR:
      return "the image is in colour (YCbCr)";
    case PHOTOMETRIC_SEPARATED:
      return "the image is in colour (CMYK)";
    default:
      return "the image is not plain greyscale";
  }
}

bool lossy(std::uint16_t compression) {
  return compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG ||
         compression == COMPRESSION_JP2000 || compression == COMPRESSION_WEBP ||
         compression == COMPRESSION_SGILOG || compression == COMPRESSION_LERC;
}

/// Why this page cannot be measured; empty: it can.
std::string refusal(TIFF* tiff) {
  const auto samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  const auto bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  const auto format = field<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  if (TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric) == 0) photometric = 1;
  if (photometric != PHOTOMETRIC_MINISBLACK && photometric != PHOTOMETRIC_MINISWHITE) {
    return why_not_this_colour(photometric);
  }
  if (samples != 1) return fmt::format("the image has {} channels; one is needed", samples);
  if (format == SAMPLEFORMAT_IEEEFP) {
    return "the image holds floating-point values: they were computed, not counted";
  }
  if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID) {
    return "the image holds signed or complex values";
  }
  if (bits != 8 && bits != 12 && bits != 16) {
    return fmt::format("the image has {} bits a pixel; 8, 12 or 16 can be read", bits);
  }
  if (lossy(field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE))) {
    return "the image is lossily compressed: its values are not those of the imager";
  }
  return {};
}

/// `n` values of one row from the bytes that libtiff gives.
void unpack(const std::uint8_t* from, int bits, std::size_t n, std::uint16_t* to) {
  if (bits == 8) {
    std::copy_n(from, n, to);
  } else if (bits == 16) {
    std::memcpy(to, from, 2 * n);
  } else {  // two 12-bit values in three bytes
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint8_t* at = from + 3 * (i / 2);
      const unsigned a = at[0], b = at[1], c = at[2];
      to[i] = static_cast<std::uint16_t>(i % 2 == 0 ? a << 4U | b >> 4U : (b & 15U) << 8U | c);
    }
  }
}

std::size_t row_bytes(std::size_t pixels, int bits) {
  return (pixels * static_cast<std::size_t>(bits) + 7) / 8;
}

/// One strip or tile in memory and where it lies in the image.
struct Piece {
  std::uint32_t x, y, width, height;
};

bool place(const std::vector<std::uint8_t>& bytes,
           std::size_t got,
           const Piece& piece,
           Image& image) {
  const std::size_t stride = row_bytes(piece.width, image.bits);
  const std::size_t columns =
      std::min<std::size_t>(piece.width, static_cast<std::size_t>(image.width) - piece.x);
  const std::size_t rows =
      std::min<std::size_t>(piece.height, static_cast<std::size_t>(image.height) - piece.y);
  if (got < stride * rows) return false;
  for (std::size_t r = 0; r < rows; ++r) {
    unpack(bytes.data() + r * stride,
           image.bits,
           columns,
           image.pixels.data() + (piece.y + r) * static_cast<std::size_t>(image.width) + piece.x);
  }
  return true;
}

bool read_tiles(TIFF* tiff, std::size_t max_bytes, Image& image) {
  const auto width = field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
  const auto height = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
  const tmsize_t size = TIFFTileSize(tiff);
  if (width == 0 || height == 0 || size <= 0 || static_cast<std::size_t>(size) > max_bytes) {
    return false;
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  for (std::uint32_t y = 0; y < static_cast<std::uint32_t>(image.height); y += height) {
    for (std::uint32_t x = 0; x < static_cast<std::uint32_t>(image.width); x += width) {
      const tmsize_t got =
          TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, 0), bytes.data(), size);
      if (got < 0 || !place(bytes, static_cast<std::size_t>(got), {x, y, width, height}, image)) {
        return false;
      }
    }
  }
  return true;
}

bool read_strips(TIFF* tiff, std::size_t max_bytes, Image& image) {
  const auto height = static_cast<std::uint32_t>(image.height);
  const auto rows = std::min(field<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, height), height);
  const tmsize_t size = TIFFStripSize(tiff);
  if (rows == 0 || size <= 0 || static_cast<std::size_t>(size) > max_bytes) return false;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  const auto width = static_cast<std::uint32_t>(image.width);
  for (std::uint32_t y = 0; y < height; y += rows) {
    const tmsize_t got =
        TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, 0), bytes.data(), size);
    if (got < 0 || !place(bytes, static_cast<std::size_t>(got), {0, y, width, rows}, image)) {
      return false;
    }
  }
  return true;
}

/// The photometric tag as the file has it, from the page's directory; 0xffff: there is none.
/// libtiff takes a palette whose colour map is missing for greyscale.
unsigned stored_photometric(std::string_view bytes, TIFF* tiff) {
  const bool little = bytes.front() == 'I', big = bytes.size() > 2 && bytes[little ? 2 : 3] == 43;
  const auto number = [&](std::uint64_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t place = at + (little ? size - 1 - i : i);
      if (place >= bytes.size()) return std::uint64_t{0};
      value = (value << 8U) | static_cast<unsigned char>(bytes[static_cast<std::size_t>(place)]);
    }
    return value;
  };
  const std::uint64_t start = TIFFCurrentDirOffset(tiff), head = big ? 8 : 2, entry = big ? 20 : 12;
  const std::uint64_t count = std::min<std::uint64_t>(number(start, head), 4096);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = start + head + i * entry;
    if (number(at, 2) == TIFFTAG_PHOTOMETRIC)
      return static_cast<unsigned>(number(at + (big ? 12 : 8), 2));
  }
  return 0xffffU;
}

int count_pages(TIFF* tiff, int most) {
  int pages = 1;
  while (pages <= most && TIFFReadDirectory(tiff) != 0) ++pages;
  return pages;
}

}  // namespace

Checked<Image> read_tiff(std::string_view bytes,
                         const std::string& file,
                         int page,
                         const ImageLimits& limits) {
  Memory m;
  m.in = bytes;
  Checked<Image> out;
  const auto fail = [&](std::string what) {
    if (!m.message.empty()) what += " (" + printable(m.message, 120) + ")";
    out.value = {};
    out.problems.push_back(refuse(file, std::move(what), export_again));
    return out;
  };
  const Handle tiff = open(m, "r");
  if (!tiff) return fail("the TIFF cannot be opened: it is damaged or ends early");
  Image& image = out.value;
  image.pages = count_pages(tiff.get(), limits.max_pages);
  m.message.clear();  // of the search for a page after the last
  if (image.pages > limits.max_pages) return fail("the TIFF has too many pages");
  if (page < 1 || page > image.pages) {
    return fail(fmt::format("page {} was asked for; the file has {}", page, image.pages));
  }
  if (TIFFSetDirectory(tiff.get(), static_cast<tdir_t>(page - 1)) == 0) {
    return fail(fmt::format("page {} of the TIFF cannot be read", page));
  }
  if (std::string why = refusal(tiff.get()); !why.empty()) return fail(std::move(why));
  if (stored_photometric(bytes, tiff.get()) == PHOTOMETRIC_PALETTE)
    return fail(why_not_this_colour(PHOTOMETRIC_PALETTE));
  const auto width = field<std::uint32_t>(tiff.get(), TIFFTAG_IMAGEWIDTH, 0);
  const auto height = field<std::uint32_t>(tiff.get(), TIFFTAG_IMAGELENGTH, 0);
  out.problems = check_size(file, width, height, limits);
  if (!out.ok()) return out;
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.bits = field<std::uint16_t>(tiff.get(), TIFFTAG_BITSPERSAMPLE, 8);
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  TIFFGetField(tiff.get(), TIFFTAG_PHOTOMETRIC, &photometric);
  image.white_is_zero = photometric == PHOTOMETRIC_MINISWHITE;
  image.pixels.assign(std::size_t{width} * height, 0);
  const std::size_t most = 4 * limits.max_pixels;
  const bool whole = TIFFIsTiled(tiff.get()) != 0 ? read_tiles(tiff.get(), most, image)
                                                  : read_strips(tiff.get(), most, image);
  if (!whole) return fail("the image's pixels cannot be read: the file is damaged or ends early");
  return out;
}

std::string write_tiff(const Image& image) {
  Memory m;
  m.writing = true;
  Handle tiff = open(m, "w");
  if (!tiff) throw InternalError("a TIFF could not be begun: " + m.message);
  const bool wide = image.bits > 8;
  const auto rows = std::uint32_t{64};
  TIFFSetField(tiff.get(), TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(image.width));
  TIFFSetField(tiff.get(), TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(image.height));
  TIFFSetField(tiff.get(), TIFFTAG_BITSPERSAMPLE, wide ? 16 : 8);
  TIFFSetField(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff.get(),
               TIFFTAG_PHOTOMETRIC,
               image.white_is_zero ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff.get(), TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff.get(), TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  TIFFSetField(tiff.get(), TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff.get(), TIFFTAG_ROWSPERSTRIP, rows);
  std::vector<std::uint16_t> row(static_cast<std::size_t>(image.width));
  std::vector<std::uint8_t> narrow(static_cast<std::size_t>(image.width));
  for (int y = 0; y < image.height; ++y) {
    const auto* from = image.pixels.data() + static_cast<std::size_t>(y) * row.size();
    std::copy_n(from, row.size(), row.data());  // libtiff changes what it is given
    std::transform(from, from + row.size(), narrow.begin(), [](std::uint16_t v) {
      return static_cast<std::uint8_t>(v);
    });
    void* data = wide ? static_cast<void*>(row.data()) : static_cast<void*>(narrow.data());
    if (TIFFWriteScanline(tiff.get(), data, static_cast<std::uint32_t>(y), 0) < 0) {
      throw InternalError("a TIFF could not be written: " + m.message);
    }
  }
  tiff.reset();
  return std::move(m.out);
}

}  // namespace kinescape::immunoblot
