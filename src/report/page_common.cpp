// SPDX-License-Identifier: Apache-2.0
// What stands around the chapters: summary, problems, methods, provenance.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "report/page_internal.hpp"
#include "report/page_table_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

std::string place_of(const Where& where) {
  std::string place = where.file;
  if (where.line > 0) place += fmt::format(" line {}", where.line);
  if (!where.item.empty()) place += (place.empty() ? "" : ", ") + where.item;
  return place;
}

/// Text with each "doi:10..." or "https://doi.org/10..." made a link: the only way out of the page.
std::string with_doi_links(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    std::size_t at = std::string_view::npos, prefix = 0;
    for (const std::string_view mark : {"https://doi.org/10.", "doi:10.", "DOI 10."}) {
      const std::size_t found = text.find(mark);
      if (found < at) at = found, prefix = mark.size() - 3;
    }
    if (at == std::string_view::npos) break;
    const std::size_t begin = at + prefix;
    // Old DOIs hold brackets and semicolons: only space and quotes end one, trailing marks do not
    // belong to it, and a closing bracket does only when it was opened there.
    std::size_t end = std::min(text.find_first_of(" \t\n\"", begin), text.size());
    const auto opened = [&] { return text.substr(begin, end - begin).find('(') < end - begin; };
    while (end > begin && (std::string_view(".,;").find(text[end - 1]) != std::string_view::npos ||
                           (text[end - 1] == ')' && !opened()))) {
      --end;
    }
    const std::string doi = escaped(text.substr(begin, end - begin));
    std::string address;
    for (const char c : text.substr(begin, end - begin)) {
      address += c == '<' ? "%3C" : c == '>' ? "%3E" : escaped(std::string_view(&c, 1));
    }
    html += escaped(text.substr(0, at));
    html += fmt::format("<a href=\"https://doi.org/{}\">doi:{}</a>", address, doi);
    text.remove_prefix(end);
  }
  return html + escaped(text);
}

}  // namespace

std::string base64(std::string_view bytes) {
  static constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out += letters[(held >> (bits - 6)) & 63U];
  }
  if (bits > 0) out += letters[(held << (6 - bits)) & 63U];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::string card(std::string_view big, std::string_view small, std::string_view link) {
  return fmt::format("<a class=\"card\" href=\"#{}\"><b>{}</b><span>{}</span></a>\n",
                     link,
                     escaped(big),
                     escaped(small));
}

std::string item(std::string_view mark, std::string_view sentence) {
  return fmt::format("<li class=\"{}\">{}</li>\n", mark, escaped(sentence));
}

std::string cards(std::string_view all) {
  return all.empty() ? "" : fmt::format("<div class=\"cards\">\n{}</div>\n", all);
}

std::string says(std::string_view items) {
  return items.empty() ? "" : fmt::format("<ul class=\"says\">\n{}</ul>\n", items);
}

Chapter::Section figure_section(const std::string& id,
                                const std::string& name,
                                const Figure& figure) {
  return {id,
          name,
          fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n",
                      id,
                      escaped(figure.title),
                      figure_html(figure))};
}

std::string summary_section(const Content& content) {
  std::string html = "<section id=\"summary\"><h2>Summary</h2>\n";
  if (content.study && !content.study->question.empty()) {
    html += fmt::format("<p class=\"question\">{}</p>\n", escaped(content.study->question));
  }
  for (const Chapter& chapter : content.chapters) {
    if (content.chapters.size() > 1) html += fmt::format("<h3>{}</h3>\n", escaped(chapter.name));
    html += chapter.summary;
  }
  if (content.chapters.empty()) html += "<p>The study names no data that could be analysed.</p>\n";
  return html + "</section>\n";
}

std::string problems_section(const Content& content) {
  std::string html = "<section id=\"problems\"><h2>Problems and warnings</h2>\n";
  if (content.problems.empty()) return html + "<p>None.</p></section>\n";
  html += "<ol class=\"problems\">\n";
  for (const Problem& problem : content.problems) {
    const bool error = problem.severity == Severity::error;
    const std::string place = place_of(problem.where);
    html += fmt::format(
        "<li class=\"{}\"><b>{}</b> ", error ? "error" : "warning", error ? "Error" : "Warning");
    if (!place.empty()) html += fmt::format("<code>{}</code> ", escaped(place));
    html += escaped(problem.what);
    if (!problem.where.shown.empty()) {
      html += fmt::format("<pre>{}</pre>", escaped(printable(problem.where.shown, 300)));
    }
    if (!problem.fix.empty()) html += fmt::format(" <em>{}</em>", escaped(problem.fix));
    html += "</li>\n";
  }
  return html + "</ol></section>\n";
}

std::string methods_section(const Content& content) {
  if (content.chapters.empty()) return "";
  std::string html = "<section id=\"methods\"><h2>Methods</h2>\n";
  std::vector<std::string> citations;
  for (const Chapter& chapter : content.chapters) {
    html += "<p>";
    for (const std::string& sentence : chapter.methods) html += with_doi_links(sentence) + " ";
    html += "</p>\n";
    for (const std::string& citation : chapter.citations) {
      if (std::ranges::find(citations, citation) == citations.end()) citations.push_back(citation);
    }
  }
  if (!citations.empty()) {
    html += "<h3>Cite</h3>\n<ol class=\"citations\">\n";
    for (const std::string& citation : citations) {
      html += "<li>" + with_doi_links(citation) + "</li>\n";
    }
    html += "</ol>\n";
  }
  return html + "</section>\n";
}

std::string provenance_section(const Content& content) {
  const Provenance& p = *content.provenance;
  std::string html = "<section id=\"provenance\"><h2>Provenance</h2>\n<dl class=\"facts\">\n";
  const auto fact = [&html](std::string_view term, std::string_view value) {
    html += fmt::format("<dt>{}</dt><dd><code>{}</code></dd>\n", term, escaped(value));
  };
  fact("Version", "kinescape " + p.version);
  fact("Command", p.command);
  if (p.seed) fact("Seed", std::to_string(p.seed->value));
  html += "</dl>\n";
  if (!p.inputs.empty()) {
    HtmlTable table("inputs", "What was read.");
    table.heading("File");
    table.heading("Bytes", "", true);
    table.heading("SHA-256");
    for (const InputFile& input : p.inputs) {
      table.row();
      table.text(input.path);
      table.html(std::to_string(input.bytes), "num");
      table.html("<code>" + escaped(input.sha256) + "</code>");
    }
    html += table.str();
  }
  return html + "</section>\n";
}

}  // namespace kinescape::report
