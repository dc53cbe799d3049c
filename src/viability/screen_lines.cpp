// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <string>

#include "viability/screen_internal.hpp"

namespace kinescape::viability {

namespace {

void add_text(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos &&
      (text.empty() || (text.front() != ' ' && text.back() != ' '))) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    out += c;
    if (c == '"') out += c;
  }
  out += '"';
}

/// Six significant digits; empty where nothing is known.
void add_number(std::string& out, double value) {
  out += ',';
  if (std::isnan(value)) return;
  char text[32];
  const auto done = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6);
  out.append(text, done.ptr);
}

void add_count(std::string& out, std::uint32_t value) {
  out += ',';
  out += std::to_string(value);
}

}  // namespace

std::string screen_head() {
  return "line,drug,class,status,repeats,wells,doses,lowest_dose_nM,highest_dose_nM,relation,ic50_"
         "nM,"
         "ic50_low_nM,ic50_high_nM,level,hill_slope,top,emax,auc,flat_p,residual_sd,method\n";
}

void append_line(const ScreenCurve& curve, const ScreenResult& r, std::string& out) {
  const Estimated& e = r.log10_ic50_nM;
  add_text(out, curve.line);
  out += ',';
  add_text(out, curve.drug);
  out += ',';
  out += name(r.curve_class);
  out += ',';
  out += name(e.status);
  add_count(out, r.repeats);
  add_count(out, r.wells);
  add_count(out, r.doses);
  add_number(out, r.lowest_nM);
  add_number(out, r.highest_nM);
  out += ',';
  if (!std::isnan(e.value)) out += name(e.relation);
  add_number(out, std::pow(10.0, e.value));
  add_number(out, std::pow(10.0, e.low));
  add_number(out, std::pow(10.0, e.high));
  add_number(out, e.level);
  add_number(out, r.hill_slope);
  add_number(out, r.top);
  add_number(out, r.bottom);
  add_number(out, r.auc);
  add_number(out, r.flat_p);
  add_number(out, r.residual_sd);
  out += r.repeats > 1 ? ",LL4 profile + repeats\n" : ",LL4 profile\n";
}

}  // namespace kinescape::viability
