// SPDX-License-Identifier: Apache-2.0
/// \file The page: everything about one run on one sheet that opens anywhere, offline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/figure_internal.hpp"
#include "report/report.hpp"

namespace kinescape::report {

/// What goes on the page. Pointers may be null: no study around the assay, or no assay in the
/// study.
struct Content {
  const study::Study* study = nullptr;
  const viability::Estimate* estimate = nullptr;
  const Provenance* provenance = nullptr;
  Problems problems;
  std::vector<OutputFile> tables;
  std::optional<Figure> fold, potency;
  struct OfDrug {
    std::string drug;
    Figure figure;
  };
  std::vector<OfDrug> responses;
  struct OfPlate {
    const plate::Quality* quality = nullptr;
    std::optional<Figure> figure;
  };
  std::vector<OfPlate> plates;
  std::size_t drugs_without_figure = 0, plates_without_figure = 0;  ///< Left out for their number.
};

/// The page as HTML. It holds its scripts, style, figures and tables, and asks no network for
/// anything; its content security policy forbids eval and every request.
[[nodiscard]] std::string page(const Content& content);

/// Chapters of it, each a <section>, or "" where there is nothing to say.
[[nodiscard]] std::string summary_section(const Content& content);
[[nodiscard]] std::string response_sections(const Content& content);
[[nodiscard]] std::string curves_section(const Content& content);
[[nodiscard]] std::string comparisons_section(const Content& content);
[[nodiscard]] std::string plates_section(const Content& content);
[[nodiscard]] std::string exclusions_section(const Content& content);
[[nodiscard]] std::string problems_section(const Content& content);
[[nodiscard]] std::string methods_section(const Content& content);
[[nodiscard]] std::string provenance_section(const Content& content);

/// A figure with its spec beside it, drawn by the page's script.
[[nodiscard]] std::string figure_html(const Figure& figure);

/// JSON text that may stand inside a <script> element.
[[nodiscard]] std::string inside_script(std::string json);

}  // namespace kinescape::report
