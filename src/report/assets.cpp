// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <span>

#include "base/errors.hpp"
#include "report/assets_internal.hpp"

// A string literal of a megabyte would take the compiler seconds; the assembler copies the file.
#define KINESCAPE_EMBED(symbol, file)                            \
  __asm__(                                                       \
      ".pushsection .rodata\n"                                   \
      ".balign 8\n"                                              \
      ".globl kinescape_asset_" #symbol                          \
      "_begin\n"                                                 \
      ".hidden kinescape_asset_" #symbol                         \
      "_begin\n"                                                 \
      "kinescape_asset_" #symbol                                 \
      "_begin:\n"                                                \
      ".incbin \"" KINESCAPE_WEB_ASSETS "/" file                 \
      "\"\n"                                                     \
      ".globl kinescape_asset_" #symbol                          \
      "_end\n"                                                   \
      ".hidden kinescape_asset_" #symbol                         \
      "_end\n"                                                   \
      "kinescape_asset_" #symbol                                 \
      "_end:\n"                                                  \
      ".byte 0\n"                                                \
      ".popsection\n");                                          \
  extern "C" {                                                   \
  extern const unsigned char kinescape_asset_##symbol##_begin[]; \
  extern const unsigned char kinescape_asset_##symbol##_end[];   \
  }

KINESCAPE_EMBED(vega_js, "vega.js.z")
KINESCAPE_EMBED(report_js, "report.js.z")
KINESCAPE_EMBED(svg_js, "svg.js.z")
KINESCAPE_EMBED(report_css, "report.css.z")

namespace kinescape::report {
namespace {

std::span<const unsigned char> stored(Asset which) {
  switch (which) {
    case Asset::vega_js:
      return {kinescape_asset_vega_js_begin, kinescape_asset_vega_js_end};
    case Asset::report_js:
      return {kinescape_asset_report_js_begin, kinescape_asset_report_js_end};
    case Asset::svg_js:
      return {kinescape_asset_svg_js_begin, kinescape_asset_svg_js_end};
    case Asset::report_css:
      return {kinescape_asset_report_css_begin, kinescape_asset_report_css_end};
  }
  return {};
}

}  // namespace

std::string asset(Asset which) {
  const std::span<const unsigned char> bytes = stored(which);
  std::uint64_t length = 0;  // eight bytes, little-endian, then the zlib stream
  if (bytes.size() < sizeof length) throw InternalError("an embedded asset is empty");
  for (std::size_t i = 0; i < sizeof length; ++i) {
    length |= std::uint64_t{bytes[i]} << (8 * i);
  }
  std::string text(length, '\0');
  uLongf written = text.size();
  const auto packed = bytes.subspan(sizeof length);
  const int end = ::uncompress(reinterpret_cast<Bytef*>(text.data()),
                               &written,
                               packed.data(),
                               static_cast<uLong>(packed.size()));
  if (end != Z_OK || written != length) {
    throw InternalError("an embedded asset does not unpack");
  }
  return text;
}

}  // namespace kinescape::report
