// SPDX-License-Identifier: Apache-2.0
/// \file What is built into the program for the page: scripts and style, embedded compressed.
#pragma once

#include <string>

namespace kinescape::report {

enum class Asset {
  vega_js,    ///< Vega, Vega-Lite and the interpreter as the global `kinescapeVega`.
  report_js,  ///< What the page does: figures, tables, theme.
  svg_js,     ///< Specs to SVG under Node.js, as the global `kinescapeSvg`.
  report_css,
};

/// The asset's text. Throws InternalError if what was embedded does not unpack.
[[nodiscard]] std::string asset(Asset which);

}  // namespace kinescape::report
