// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "base/number.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

constexpr std::string_view dash = "—";
constexpr std::string_view minus = "−";

std::string interval_words(const Estimated& e) {
  const bool low = std::isfinite(e.low), high = std::isfinite(e.high);
  if (!low && !high) return e.exact() ? "open – open" : "";
  if (!e.exact()) return "";  // the bound says it; both ends are in the full wording
  return fmt::format("{} – {}", low ? number(e.low) : "open", high ? number(e.high) : "open");
}

std::string flag_words(const Estimated& e) {
  if (e.status == Status::ok) return "";
  if (e.relation == Relation::greater && e.status == Status::above_highest_dose) {
    return "not reached";
  }
  return std::string(words(e.status));
}

std::string exact_words(const Estimated& e) {
  std::string text;
  if (std::isnan(e.value)) {
    text = "no value";
  } else {
    text = e.relation == Relation::equal ? "" : fmt::format("{} ", name(e.relation));
    text += exact(e.value);
    const auto end = [](double x) { return std::isfinite(x) ? exact(x) : "open"; };
    text += fmt::format("; {} % interval {} to {}", exact(100 * e.level), end(e.low), end(e.high));
  }
  text += fmt::format("; {}; n = {}", words(e.status), e.n);
  if (!e.method.empty()) text += fmt::format("; {}", e.method);
  if (!e.why.empty()) text += fmt::format("; {}", e.why);
  return text;
}

}  // namespace

std::string number(double value, int digits) {
  if (!std::isfinite(value)) return std::string(dash);
  std::string text = rounded(std::abs(value), digits);
  return value < 0 && text != "0" ? std::string(minus) + text : text;
}

std::string p_value(double p) {
  if (!std::isfinite(p)) return std::string(dash);
  return p < 1e-4 ? "< 0.0001" : rounded(p, 2);
}

std::string counted(std::size_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "x" : out.substr(0, 60);
}

Wording wording(const Estimated& e) {
  Wording w;
  w.value = number(e.value);
  if (!std::isnan(e.value) && e.relation != Relation::equal) {
    w.value = fmt::format("{} {}", name(e.relation), w.value);
  }
  if (!std::isnan(e.value)) w.interval = interval_words(e);
  w.flag = flag_words(e);
  w.exact = exact_words(e);
  return w;
}

std::string in_line(const Estimated& e, std::string_view unit) {
  const Wording w = wording(e);
  const std::string space = unit.empty() ? "" : " ";
  if (std::isnan(e.value)) return fmt::format("{} ({})", dash, w.flag);
  const std::string& aside = w.interval.empty() ? w.flag : w.interval;
  return aside.empty() ? fmt::format("{}{}{}", w.value, space, unit)
                       : fmt::format("{}{}{} ({})", w.value, space, unit, aside);
}

std::string_view words(Status status) {
  switch (status) {
    case Status::not_run:
      return "not run";
    case Status::ok:
      return "ok";
    case Status::interval_open_low:
      return "no lower end";
    case Status::interval_open_high:
      return "no upper end";
    case Status::interval_open:
      return "no interval";
    case Status::below_lowest_dose:
      return "below the lowest dose";
    case Status::above_highest_dose:
      return "above the highest dose";
    case Status::no_response:
      return "no response";
    case Status::non_monotone:
      return "the curve turns";
    case Status::too_few_data:
      return "too few data";
    case Status::single_repeat:
      return "one repeat only";
    case Status::not_reached:
      return "not reached";
    case Status::no_events:
      return "no events";
    case Status::separated:
      return "one group has all the events";
    case Status::single_subject:
      return "one subject only";
    case Status::not_applicable:
      return "not applicable";
    case Status::not_identifiable:
      return "the design cannot tell";
    case Status::failed:
      return "the fit failed";
  }
  return "not run";
}

std::string_view words(viability::CurveClass curve_class) {
  using enum viability::CurveClass;
  switch (curve_class) {
    case identified:
      return "identified";
    case below_lowest:
      return "IC50 below the lowest dose";
    case above_highest:
      return "IC50 above the highest dose";
    case flat:
      return "flat: no response";
    case non_monotone:
      return "non-monotone";
    case failed:
      return "the fit failed";
  }
  return "the fit failed";
}

std::string_view words(viability::ResistanceCall call) {
  using enum viability::ResistanceCall;
  switch (call) {
    case resistant:
      return "resistant";
    case not_resistant:
      return "not resistant";
    case restored:
      return "as sensitive as parental";
    case undecided:
      return "undecided";
    case not_assessed:
      return "not assessed";
  }
  return "not assessed";
}

std::string_view words(plate::Verdict verdict) {
  using enum plate::Verdict;
  switch (verdict) {
    case pass:
      return "pass";
    case caution:
      return "caution";
    case fail:
      return "fail";
    case not_assessed:
      return "not assessed";
  }
  return "not assessed";
}

}  // namespace kinescape::report
