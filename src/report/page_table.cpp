// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "base/number.hpp"
#include "report/page_table_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {

HtmlTable::HtmlTable(std::string name, std::string caption)
    : name_(std::move(name)), caption_(std::move(caption)) {}

void HtmlTable::heading(std::string_view text, std::string_view title, bool numeric) {
  head_ += fmt::format("<th scope=\"col\"{}{}>{}</th>",
                       numeric ? " class=\"num\"" : "",
                       title.empty() ? "" : fmt::format(" title=\"{}\"", escaped(title)),
                       escaped(text));
}

void HtmlTable::row() {
  if (!rows_.empty()) rows_ += "</tr>\n";
  rows_ += "<tr>";
}

void HtmlTable::text(std::string_view text, std::string_view title) {
  rows_ += fmt::format("<td{}>{}</td>",
                       title.empty() ? "" : fmt::format(" title=\"{}\"", escaped(title)),
                       escaped(text));
}

void HtmlTable::html(std::string_view trusted, std::string_view style) {
  rows_ += fmt::format("<td class=\"{}\">{}</td>", style, trusted);
}

void HtmlTable::number(double value, int digits) {
  const bool known = std::isfinite(value);
  rows_ += fmt::format("<td class=\"num\" data-sort=\"{0}\" title=\"{0}\">{1}</td>",
                       known ? exact(value) : "",
                       report::number(value, digits));
}

void HtmlTable::p(double value) {
  rows_ += fmt::format("<td class=\"num\" data-sort=\"{0}\" title=\"{0}\">{1}</td>",
                       std::isfinite(value) ? exact(value) : "",
                       escaped(p_value(value)));
}

void HtmlTable::count(int value) {
  rows_ += fmt::format("<td class=\"num\">{}</td>", value);
}

void HtmlTable::estimate(const Estimated& estimate, double scale) {
  const Wording said = wording(mapped(estimate, [scale](double x) { return scale * x; }));
  const std::string precise = wording(estimate).exact;
  rows_ += fmt::format("<td class=\"num est\" data-sort=\"{}\" title=\"{}\"><b>{}</b>",
                       std::isfinite(estimate.value) ? exact(estimate.value) : "",
                       escaped(precise),
                       escaped(said.value));
  if (!said.interval.empty()) rows_ += fmt::format("<span>{}</span>", escaped(said.interval));
  // An open end is said by the interval already.
  if (!said.flag.empty() && said.interval.find("open") == std::string::npos) {
    rows_ += fmt::format("<i>{}</i>", escaped(said.flag));
  }
  rows_ += "</td>";
}

std::string HtmlTable::str() const {
  return fmt::format(
      "<div class=\"scroll\"><table class=\"sortable\" data-name=\"{}\"><caption>{}</caption>\n"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tr>\n</tbody></table></div>\n",
      escaped(name_),
      escaped(caption_),
      head_,
      rows_);
}

}  // namespace kinescape::report
