// SPDX-License-Identifier: Apache-2.0
/// \file What does one room have to say in a report? Its chapter: sections, figures, tables and
/// JSON.
///
/// A room's estimate becomes a Chapter in `<room>_chapter.cpp`; the page, results.json and the
/// files beside them are made from chapters alone, so that a new room touches none of that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/json_internal.hpp"
#include "report/report.hpp"

namespace kinescape::report {

struct Figure {
  std::string name;     ///< File stem, unique in a report: "dose_response_drug-a".
  std::string title;    ///< Of the file; on the page the heading above it.
  std::string caption;  ///< What the marks mean, in words. Not escaped.
  std::string spec;     ///< Vega-Lite as JSON text.
};

struct Chapter {
  std::string room;     ///< "viability": its key in results.json and in the schema's name.
  std::string name;     ///< "Viability": its heading where a page holds several.
  std::string title;    ///< Of the page where it stands alone.
  std::string summary;  ///< Markup for the top of the page: cards and sentences; may be empty.
  struct Section {
    std::string id;    ///< Unique on the page; all but viability's begin with the room's name.
    std::string name;  ///< In the list of contents.
    std::string html;  ///< A whole <section id="...">; empty: left out.
  };
  std::vector<Section> sections;
  std::vector<std::string> methods, citations;
  Problems problems;               ///< Warnings that touch these results.
  std::vector<OutputFile> tables;  ///< tables/<name>.csv, names unique over all rooms.
  std::vector<OutputFile> files;   ///< Others, beside the page; names unique over all rooms.
  std::vector<Figure> figures;     ///< Each is written as figures/<name>.vl.json.
  Json json = Json::object();      ///< The room's keys in results.json and in --json.
};

/// `all` and those of `more` that it does not hold.
[[nodiscard]] Problems together(Problems all, const Problems& more);

/// "kinescape.<room>/1": a room's result as JSON. With errors among `problems`, only they are in
/// it.
[[nodiscard]] std::string room_json(const std::string& room,
                                    const Json& body,
                                    const Provenance& provenance,
                                    const Problems& problems);

/// results.json of a study ("kinescape.study/1"), a key for each chapter.
[[nodiscard]] std::string study_json(const study::Results& results,
                                     const std::vector<Chapter>& chapters);

/// The report of a room without a study around it.
[[nodiscard]] std::vector<OutputFile> room_files(Chapter chapter,
                                                 const Provenance& provenance,
                                                 const Problems& problems);

/// Gives figures whose names are taken a name of their own: "a/b" and "a b" share a slug.
void settle_names(std::vector<Figure>& figures);

/// A link to `#link` with a large figure and what it says; `mark`ed sentences of a list; a section
/// with a heading and one figure.
[[nodiscard]] std::string card(std::string_view big, std::string_view small, std::string_view link);
[[nodiscard]] std::string cards(std::string_view all);
[[nodiscard]] std::string item(std::string_view mark, std::string_view sentence);
[[nodiscard]] std::string says(std::string_view items);
[[nodiscard]] Chapter::Section figure_section(const std::string& id,
                                              const std::string& name,
                                              const Figure& figure);

/// Bytes in base64 (RFC 4648), as data: addresses and content security policies want them.
[[nodiscard]] std::string base64(std::string_view bytes);

/// A figure with its spec beside it, drawn by the page's script.
[[nodiscard]] std::string figure_html(const Figure& figure);

}  // namespace kinescape::report
