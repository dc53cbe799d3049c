// SPDX-License-Identifier: Apache-2.0
// Target over reference, lane by lane, from the bands and the lane sheet.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "immunoblot/look_up_internal.hpp"
#include "immunoblot/ratios_internal.hpp"
#include "immunoblot/series_internal.hpp"
#include "immunoblot/sheet_internal.hpp"

namespace kinescape::immunoblot {
namespace {

/// Target and reference antibodies, from what was asked or from the names.
std::vector<std::pair<std::string, std::string>> wanted(const LaneSheet& sheet,
                                                        const RatioOptions& options,
                                                        Problems& problems) {
  std::vector<std::string> names;
  for (const LaneEntry& e : sheet.entries) {
    if (e.role != LaneEntry::Role::sample) continue;
    if (std::ranges::find(names, e.antibody) == names.end()) names.push_back(e.antibody);
  }
  std::vector<std::pair<std::string, std::string>> out;
  std::vector<std::string> asked = options.ratios;
  for (const std::string& text : options.downstream) {
    if (std::ranges::find(asked, text) == asked.end()) asked.push_back(text);
  }
  for (const std::string& text : asked) {
    const auto slash = text.find('/');
    const std::string a = text.substr(0, slash),
                      b = slash == std::string::npos ? "" : text.substr(slash + 1);
    for (const std::string& n : std::array{a, b}) {
      if (std::ranges::find(names, n) != names.end()) continue;
      if (n == "load" && !options.loads.empty()) continue;
      problems.push_back(
          {{sheet.file, 0, 0, "", ""},
           fmt::format("the ratio {} needs the antibody \"{}\", which the sheet does not name",
                       printable(text),
                       printable(n)),
           n == "load" ? "Give the loading table of the protein assay with --loading."
                       : "Write TARGET/REFERENCE with names from the sheet's column antibody."});
    }
    out.emplace_back(a, b);
  }
  if (!options.ratios.empty()) return out;
  for (const std::string& a : names) {
    for (const std::string& b : names) {
      const std::string c = compact(a), d = compact(b);
      if (c == "p" + d || c == "phospho" + d || c == d + "p") out.emplace_back(a, b);
    }
  }
  if (out.empty() && names.size() == 2) out.emplace_back(names[0], names[1]);
  return out;
}

double log_se(const Estimated& e) {
  const double z = normal_z(e.level);
  if (!(e.value > 0.0)) return unknown;
  return (e.high - e.low) / (2.0 * z * e.value);
}

/// One volume over another; a bound over an exact value is a bound, two bounds may say nothing.
Estimated over(const Estimated& a, const Estimated& b, double level) {
  Estimated out;
  out.level = level, out.n = 1;
  out.method = "ratio of two volumes, log-normal interval";
  if (std::isnan(a.value) || std::isnan(b.value) || !(b.value > 0.0) || !(a.value > 0.0)) {
    out.status = Status::failed;
    out.why = "one of the volumes is not known";
    return out;
  }
  out.value = a.value / b.value;
  const Relation under = b.relation == Relation::less      ? Relation::greater
                         : b.relation == Relation::greater ? Relation::less
                                                           : Relation::equal;
  if (a.relation == Relation::equal && under == Relation::equal) {
    const double z = normal_z(level), se = std::hypot(log_se(a), log_se(b));
    out.low = out.value * std::exp(-z * se), out.high = out.value * std::exp(z * se);
    out.status = Status::ok;
    return out;
  }
  if (a.relation != Relation::equal && under != Relation::equal && a.relation != under) {
    out.value = unknown;
    out.status = Status::not_applicable;
    out.why = "both volumes are bounds, and their ratio can be anything";
    return out;
  }
  out.relation = a.relation != Relation::equal ? a.relation : under;
  (out.relation == Relation::less ? out.high : out.low) = out.value;
  out.status =
      out.relation == Relation::less ? Status::interval_open_low : Status::interval_open_high;
  out.why = a.relation != Relation::equal ? a.why : b.why;
  return out;
}

/// Target and reference of one lane belong together by sample, else by membrane and lane.
bool belong(const Found& t, const Found& r) {
  const LaneEntry &a = *t.entry, &b = *r.entry;
  const bool same_time = a.time_h == b.time_h || (std::isnan(a.time_h) && std::isnan(b.time_h));
  if (a.lane != b.lane || a.line != b.line || a.drug != b.drug || a.dose_nM != b.dose_nM ||
      a.sample != b.sample || !same_time) {
    return false;
  }
  if (!a.membrane.empty() || !b.membrane.empty()) return a.membrane == b.membrane;
  return t.image == r.image;
}

/// A log-normal error more, of this SD on the log scale.
Estimated widened(Estimated e, double log_sd) {
  const double more = normal_z(e.level) * log_sd;
  if (!std::isnan(e.low) && e.low > 0.0)
    e.low = e.value * std::exp(-std::hypot(std::log(e.value / e.low), more));
  if (!std::isnan(e.high) && e.high > 0.0)
    e.high = e.value * std::exp(std::hypot(std::log(e.high / e.value), more));
  return e;
}

const Estimated* load_of(const std::string& sample, const RatioOptions& options) {
  const auto at = std::ranges::find(options.loads, sample, &SampleLoad::sample);
  return at == options.loads.end() ? nullptr : &at->load_ug;
}

Ratio ratio_of(const Found& t, const std::string& reference) {
  const LaneEntry& e = *t.entry;
  Ratio out;
  out.target = e.antibody, out.reference = reference;
  out.image = t.image->file, out.membrane = e.membrane.empty() ? t.image->file : e.membrane;
  out.sample = e.sample, out.line = e.line, out.drug = e.drug;
  out.lane = e.lane, out.dose_nM = e.dose_nM, out.time_h = e.time_h;
  return out;
}

/// Over the load that the protein assay gives: its error enters whole.
void add_over_load(const Found& t, const RatioOptions& options, Estimate& estimate) {
  const Estimated* load = load_of(t.entry->sample, options);
  Ratio r = ratio_of(t, "load");
  r.load_error = LoadError::whole;
  if (load != nullptr) {
    r.ratio = over(t.volume(), *load, options.level);
    r.ratio.method = "volume over the load of the protein assay, log-normal interval";
  } else {
    r.ratio.status = Status::not_applicable;
    r.ratio.level = options.level;
    r.ratio.why = "the loading table does not name the sample";
  }
  estimate.ratios.push_back(std::move(r));
}

void add_over(const Found& t,
              const std::string& reference,
              const std::vector<Found>& found,
              const RatioOptions& options,
              Estimate& estimate) {
  for (const Found& r : found) {
    if (r.entry->antibody != reference || !belong(t, r)) continue;
    Ratio ratio = ratio_of(t, reference);
    ratio.ratio = over(t.volume(), r.volume(), options.level);
    if (options.parallel) {
      ratio.load_error = LoadError::pipetting;
      ratio.ratio =
          widened(std::move(ratio.ratio), std::sqrt(2.0) * 0.01 * options.pipetting_percent);
    }
    estimate.ratios.push_back(std::move(ratio));
    return;
  }
}

}  // namespace

std::string_view name(LoadError error) {
  switch (error) {
    case LoadError::cancels:
      return "cancels";
    case LoadError::pipetting:
      return "pipetting";
    case LoadError::whole:
      return "whole";
  }
  return "";
}

Problems add_ratios(const LaneSheet& sheet, const RatioOptions& options, Estimate& estimate) {
  Problems problems;
  const auto pairs = wanted(sheet, options, problems);
  auto found = look_up(sheet, estimate, problems);
  if (has_errors(problems)) return problems;
  append(problems, far_from_mass(found));
  apply_ranges(found, options.level, estimate);
  std::erase_if(found, [](const Found& f) { return f.entry->role != LaneEntry::Role::sample; });
  if (pairs.empty() && !found.empty()) {
    problems.push_back({{sheet.file, 0, 0, "", ""},
                        "which antibody is the target and which its reference cannot be told",
                        "Name them with --ratio TARGET/REFERENCE.",
                        Severity::warning});
  }
  for (const auto& [target, reference] : pairs) {
    for (const Found& t : found) {
      if (t.entry->antibody != target) continue;
      if (reference == "load") {
        add_over_load(t, options, estimate);
      } else {
        add_over(t, reference, found, options, estimate);
      }
    }
  }
  add_folds(options, estimate);
  add_readings(options, estimate);
  return problems;
}

}  // namespace kinescape::immunoblot
