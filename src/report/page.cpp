// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/files.hpp"
#include "report/assets_internal.hpp"
#include "report/json_internal.hpp"
#include "report/page_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

/// The hash of a script's text as a content security policy wants it: base64 of SHA-256.
std::string policy_hash(std::string_view text) {
  const std::string hex = sha256(text);
  const auto nibble = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(nibble(hex[i]) * 16 + nibble(hex[i + 1]));
  return base64(bytes);
}

/// A script that cannot end its own element: in a string, "<\/script" is "</script".
std::string sealed(std::string script) {
  for (const std::string_view mark : {"</script", "<!--"}) {
    for (std::size_t at = 0; (at = script.find(mark, at)) != std::string::npos; at += 2) {
      script.insert(at + 1, "\\");
    }
  }
  return script;
}

std::string link_to(std::string_view id, std::string_view name) {
  return fmt::format("<a href=\"#{}\">{}</a>\n", id, escaped(name));
}

std::string contents_list(const Content& content) {
  std::string html = link_to("summary", "Summary");
  for (const Chapter& chapter : content.chapters) {
    if (content.chapters.size() > 1) html += fmt::format("<b>{}</b>\n", escaped(chapter.name));
    for (const Chapter::Section& section : chapter.sections) {
      if (!section.html.empty()) html += link_to(section.id, section.name);
    }
  }
  html += link_to("problems", "Problems");
  if (!content.chapters.empty()) html += link_to("methods", "Methods");
  return html + link_to("provenance", "Provenance");
}

std::string title_of(const Content& content) {
  if (content.study && !content.study->title.empty()) return content.study->title;
  return content.chapters.empty() ? "Study" : content.chapters.front().title;
}

std::string header_of(const Content& content) {
  std::string html;
  if (content.study && content.study->virtual_data) {
    html +=
        "<p class=\"virtual\" role=\"note\"><b>Virtual data.</b> Every number on this page comes "
        "from a simulated experiment, not from cells.</p>\n";
  }
  html += fmt::format("<header><h1>{}</h1>\n", escaped(title_of(content)));
  if (content.study && !content.study->authors.empty()) {
    std::string authors;
    for (const std::string& author : content.study->authors) {
      authors += (authors.empty() ? "" : ", ") + author;
    }
    html += fmt::format("<p class=\"authors\">{}</p>\n", escaped(authors));
  }
  return html + "</header>\n";
}

std::string embedded_tables(const std::vector<OutputFile>& tables) {
  std::string html;
  for (const OutputFile& table : tables) {
    const std::string stem = table.path.stem().string();
    if (stem == "points") continue;  // large, and beside the page
    html += fmt::format("<script type=\"application/json\" id=\"csv-{}\">{}</script>\n",
                        stem,
                        inside_script(text_of(Json(table.bytes))));
  }
  return html;
}

}  // namespace

std::string inside_script(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

std::string figure_html(const Figure& figure) {
  return fmt::format(
      "<figure data-figure=\"{}\"><div class=\"frame\"><noscript>This figure needs the page's "
      "script; figures/{}.vl.json beside the page holds it.</noscript></div>\n"
      "<figcaption>{}</figcaption>\n"
      "<script type=\"application/json\">{}</script></figure>\n",
      figure.name,
      figure.name,
      escaped(figure.caption),
      inside_script(figure.spec));
}

std::string page(const Content& content) {
  const std::string vega = sealed(asset(Asset::vega_js));
  const std::string script = sealed(asset(Asset::report_js));
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n";
  html += fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
      "'sha256-{}' 'sha256-{}'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; "
      "form-action 'none'\"/>\n",
      policy_hash(vega),
      policy_hash(script));
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n";
  html += fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n",
                      escaped(title_of(content)),
                      asset(Asset::report_css));
  html += "<nav aria-label=\"Contents\">\n<b>Kinescape</b>\n<div class=\"links\">" +
          contents_list(content) +
          "</div>\n<div class=\"switches\"><button type=\"button\" id=\"expand\" "
          "aria-pressed=\"false\">Expand all</button><button type=\"button\" id=\"theme\">Theme"
          "</button></div>\n</nav>\n<main>\n";
  html += header_of(content) + summary_section(content);
  for (const Chapter& chapter : content.chapters) {
    for (const Chapter::Section& section : chapter.sections) html += section.html;
  }
  html += problems_section(content) + methods_section(content) + provenance_section(content);
  html += "</main>\n";
  for (const Chapter& chapter : content.chapters) html += embedded_tables(chapter.tables);
  html += "<script>" + vega + "</script>\n<script>" + script + "</script>\n</body>\n</html>\n";
  return html;
}

}  // namespace kinescape::report
