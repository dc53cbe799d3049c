// SPDX-License-Identifier: Apache-2.0
/// \file The page: everything about one run on one sheet that opens anywhere, offline.
#pragma once

#include <string>
#include <vector>

#include "report/chapter_internal.hpp"

namespace kinescape::report {

/// What goes on the page.
struct Content {
  const study::Study* study = nullptr;  ///< Null: a room without a study around it.
  const Provenance* provenance = nullptr;
  Problems problems;  ///< Of reading and running and of all chapters.
  std::vector<Chapter> chapters;
};

/// The page as HTML. It holds its scripts, style, figures and tables, and asks no network for
/// anything; its content security policy forbids eval and every request.
[[nodiscard]] std::string page(const Content& content);

/// What stands around the chapters.
[[nodiscard]] std::string summary_section(const Content& content);
[[nodiscard]] std::string problems_section(const Content& content);
[[nodiscard]] std::string methods_section(const Content& content);
[[nodiscard]] std::string provenance_section(const Content& content);

/// JSON text that may stand inside a <script> element.
[[nodiscard]] std::string inside_script(const std::string& json);

}  // namespace kinescape::report
