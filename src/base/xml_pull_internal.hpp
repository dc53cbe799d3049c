// SPDX-License-Identifier: Apache-2.0
/// \file One XML event after the other, in constant memory.
///
/// For the parts of a workbook, of which one can be hundreds of megabytes: a document tree takes
/// ten to sixteen times the part, which a hostile or merely large file would turn into a full
/// memory. Reads namespaces by ignoring prefixes, checks that tags match, and refuses document
/// types (and with them every declared entity).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinescape {

class XmlPull {
 public:
  enum class Event { start, end, text, done, error };

  /// \param text UTF-8, must outlive this object.
  explicit XmlPull(std::string_view text) : text_(text) {}

  /// The next event. An empty element gives start, then end. After `error`, only `error`.
  Event next();

  /// Name of the element that just started or ended, without its prefix.
  [[nodiscard]] std::string_view name() const { return name_; }
  /// The value of an attribute of the element that just started, by its name without prefix.
  [[nodiscard]] std::optional<std::string> attribute(std::string_view name);
  /// Appends the text just met, with its entities replaced. False if one is not known.
  bool append_text(std::string& out);
  /// Elements that are open, counting the one that just started.
  [[nodiscard]] std::size_t depth() const { return open_.size(); }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  Event fail(std::string what);
  Event tag();
  Event start_tag();
  Event end_tag();
  bool skip_past(std::string_view end);
  bool attributes(std::string_view inside);
  bool append_decoded(std::string_view raw, std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string_view> open_;
  std::vector<std::pair<std::string_view, std::string_view>> attributes_;
  std::string_view name_, chars_;
  bool literal_ = false;      // the text is a CDATA section
  bool pending_end_ = false;  // of an empty element
  bool seen_root_ = false;
  std::string error_;
};

}  // namespace kinescape
