// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cstdint>

#include "base/encoding_internal.hpp"
#include "base/xml_pull_internal.hpp"

namespace kinescape {
namespace {

constexpr std::size_t deepest = 256;
constexpr std::string_view blank = " \t\r\n";

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// The character that "&name;" stands for; 0 if it is not known.
std::uint32_t entity(std::string_view name) {
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "amp") return '&';
  if (name == "quot") return '"';
  if (name == "apos") return '\'';
  if (!name.starts_with('#')) return 0;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, failed] = std::from_chars(name.data(), end, code, hex ? 16 : 10);
  const bool surrogate = code >= 0xD800U && code < 0xE000U;
  return failed != std::errc() || stop != end || surrogate || code > 0x10FFFFU ? 0 : code;
}

}  // namespace

XmlPull::Event XmlPull::fail(std::string what) {
  error_ = std::move(what);
  return Event::error;
}

XmlPull::Event XmlPull::next() {
  if (!error_.empty()) return Event::error;
  if (pending_end_) {
    pending_end_ = false;
    open_.pop_back();
    return Event::end;  // name() is still that of its start
  }
  while (at_ < text_.size()) {
    if (text_[at_] != '<') {
      const std::size_t end = std::min(text_.find('<', at_), text_.size());
      chars_ = text_.substr(at_, end - at_);
      literal_ = false;
      at_ = end;
      if (!open_.empty()) return Event::text;
      if (chars_.find_first_not_of(blank) != std::string_view::npos) {
        return fail("text outside of any element");
      }
      continue;
    }
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("<!--")) {
      at_ += 4;
      if (!skip_past("-->")) return fail("a comment does not end");
    } else if (rest.starts_with("<?")) {
      if (!skip_past("?>")) return fail("a processing instruction does not end");
    } else if (rest.starts_with("<![CDATA[")) {
      const std::size_t begin = at_ + 9;
      if (open_.empty() || !skip_past("]]>")) return fail("a CDATA section does not end");
      chars_ = text_.substr(begin, at_ - 3 - begin);
      literal_ = true;
      return Event::text;
    } else if (rest.starts_with("<!")) {
      return fail("a document type declaration, which is not read");
    } else {
      return tag();
    }
  }
  if (!open_.empty()) return fail("the text ends inside <" + std::string(open_.back()) + ">");
  return seen_root_ ? Event::done : fail("there is no element");
}

bool XmlPull::skip_past(std::string_view end) {
  const std::size_t found = text_.find(end, at_);
  if (found == std::string_view::npos) return false;
  at_ = found + end.size();
  return true;
}

XmlPull::Event XmlPull::tag() {
  return text_.substr(at_).starts_with("</") ? end_tag() : start_tag();
}

XmlPull::Event XmlPull::end_tag() {
  const std::size_t end = text_.find('>', at_);
  if (end == std::string_view::npos) return fail("a tag does not end");
  std::string_view name = text_.substr(at_ + 2, end - at_ - 2);
  name = name.substr(0, std::min(name.find_last_not_of(blank) + 1, name.size()));
  if (open_.empty() || open_.back() != name) return fail("an end tag without its start tag");
  open_.pop_back();
  name_ = without_prefix(name);
  at_ = end + 1;
  return Event::end;
}

XmlPull::Event XmlPull::start_tag() {
  // A '>' may stand inside an attribute's quotes.
  std::size_t end = at_ + 1;
  char quote = '\0';
  for (; end < text_.size(); ++end) {
    const char c = text_[end];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      break;
    } else if (c == '<') {
      return fail("a tag does not end");
    }
  }
  if (end == text_.size()) return fail("a tag does not end");
  std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
  pending_end_ = inside.ends_with('/');
  if (pending_end_) inside.remove_suffix(1);
  const std::string_view name =
      inside.substr(0, std::min(inside.find_first_of(blank), inside.size()));
  if (name.empty()) return fail("a tag without a name");
  if (open_.empty() && seen_root_) return fail("a second outermost element");
  if (open_.size() == deepest) return fail("elements are nested too deeply");
  if (!attributes(inside.substr(name.size()))) return fail("an attribute is damaged");
  seen_root_ = true;
  open_.push_back(name);
  name_ = without_prefix(name);
  at_ = end + 1;
  return Event::start;
}

bool XmlPull::attributes(std::string_view inside) {
  attributes_.clear();
  while (true) {
    const std::size_t begin = inside.find_first_not_of(blank);
    if (begin == std::string_view::npos) return true;
    inside.remove_prefix(begin);
    const std::size_t equals = inside.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    std::string_view name = inside.substr(0, equals);
    name = name.substr(0, std::min(name.find_first_of(blank), name.size()));
    inside.remove_prefix(equals + 1);
    inside.remove_prefix(std::min(inside.find_first_not_of(blank), inside.size()));
    if (inside.empty() || (inside[0] != '"' && inside[0] != '\'')) return false;
    const std::size_t close = inside.find(inside[0], 1);
    if (close == std::string_view::npos) return false;
    attributes_.emplace_back(without_prefix(name), inside.substr(1, close - 1));
    inside.remove_prefix(close + 1);
  }
}

std::optional<std::string> XmlPull::attribute(std::string_view name) {
  for (const auto& [key, raw] : attributes_) {
    if (key != name) continue;
    std::string out;
    if (!append_decoded(raw, out)) return std::nullopt;
    return out;
  }
  return std::nullopt;
}

bool XmlPull::append_text(std::string& out) {
  if (literal_) {
    out += chars_;
    return true;
  }
  return append_decoded(chars_, out);
}

bool XmlPull::append_decoded(std::string_view raw, std::string& out) {
  while (true) {
    const std::size_t amp = std::min(raw.find('&'), raw.size());
    out += raw.substr(0, amp);
    if (amp == raw.size()) return true;
    raw.remove_prefix(amp + 1);
    constexpr std::size_t longest = 12;
    const std::size_t end = raw.substr(0, longest).find(';');
    const std::uint32_t code = end == std::string_view::npos ? 0 : entity(raw.substr(0, end));
    if (code == 0) {
      fail("an entity that is not known");
      return false;
    }
    encoding::append_utf8(out, code);
    raw.remove_prefix(end + 1);
  }
}

}  // namespace kinescape
