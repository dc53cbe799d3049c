// SPDX-License-Identifier: Apache-2.0
// Target over reference, lane by lane, from the bands and the lane sheet.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.hpp"
#include "immunoblot/ratios_internal.hpp"
#include "immunoblot/series_internal.hpp"
#include "immunoblot/sheet_internal.hpp"

namespace kinescape::immunoblot {
namespace {

std::string file_name(const std::string& path) {
  const auto slash = path.find_last_of("/\\");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string without_ending(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(0, dot);
}

const BlotImage* image_of(const LaneEntry& e, const Estimate& estimate) {
  if (e.image.empty()) return estimate.images.size() == 1 ? &estimate.images.front() : nullptr;
  for (const BlotImage& i : estimate.images) {
    const std::string name = file_name(i.file);
    if (i.file == e.image || iequal(name, e.image) || iequal(without_ending(name), e.image))
      return &i;
  }
  return nullptr;
}

/// The strip of each antibody of one image: as the layout names them, else in the order of the
/// sheet from top to bottom.
class Strips {
 public:
  Strips(const LaneSheet& sheet, const Estimate& estimate) {
    std::map<const BlotImage*, std::vector<std::string>> order;
    for (const LaneEntry& e : sheet.entries) {
      const BlotImage* image = image_of(e, estimate);
      if (image == nullptr) continue;
      auto& names = order[image];
      if (std::ranges::find(names, e.antibody) == names.end()) names.push_back(e.antibody);
    }
    for (const auto& [image, names] : order) {
      const auto& strips = image->measured.layout.strips;
      for (const StripBox& s : strips) {
        if (!s.antibody.empty()) strip_[{image, s.antibody}] = s.strip;
      }
      if (names.size() != strips.size()) continue;
      for (std::size_t i = 0; i < names.size(); ++i)
        strip_.try_emplace({image, names[i]}, strips[i].strip);
    }
  }
  [[nodiscard]] int of(const BlotImage* image, const LaneEntry& e) const {
    if (e.strip > 0) return e.strip;
    const auto at = strip_.find({image, e.antibody});
    if (at != strip_.end()) return at->second;
    return image->measured.layout.strips.size() == 1 ? image->measured.layout.strips.front().strip
                                                     : 0;
  }

 private:
  std::map<std::pair<const BlotImage*, std::string>, int> strip_;
};

/// The band of a strip that holds most signal over all its lanes.
int strongest_band(const Measured& m, int strip) {
  std::map<int, double> sum;
  for (const BandResult& b : m.bands) {
    if (b.where.strip == strip && b.volume.relation != Relation::less) {
      sum[b.where.band] += std::isnan(b.volume.value) ? 0.0 : b.volume.value;
    }
  }
  int best = 1;
  double most = -1.0;
  for (const auto& [band, s] : sum) {
    if (s > most) most = s, best = band;
  }
  return best;
}

/// A volume found for a row of the sheet.
struct Found {
  const LaneEntry* entry;
  const BlotImage* image;
  const Estimated* volume;
};

Problem at(const LaneEntry& e, std::string what, std::string fix) {
  return {e.where, std::move(what), std::move(fix)};
}

std::vector<Found> look_up(const LaneSheet& sheet, const Estimate& estimate, Problems& problems) {
  const Strips strips(sheet, estimate);
  std::vector<Found> out;
  std::set<std::string> told;
  for (const LaneEntry& e : sheet.entries) {
    const BlotImage* image = image_of(e, estimate);
    if (image == nullptr) {
      if (told.insert("image " + e.image).second) {
        problems.push_back(at(e,
                              e.image.empty()
                                  ? "there are several images, and a row does not say which"
                                  : fmt::format("no image is named \"{}\"", printable(e.image)),
                              "Name the file in a column image."));
      }
      continue;
    }
    const Measured& m = image->measured;
    const int strip = strips.of(image, e);
    if (strip == 0) {
      if (told.insert("strip " + e.antibody).second) {
        problems.push_back(at(e,
                              fmt::format("{} has {} strips, and which one shows {} is not said",
                                          image->file,
                                          m.layout.strips.size(),
                                          printable(e.antibody)),
                              "Add a column strip (1 is the top one), or antibody = \"...\" to the "
                              "layout's strips."));
      }
      continue;
    }
    const auto lanes =
        std::ranges::count_if(m.lanes, [&](const LaneResult& l) { return l.where.strip == strip; });
    if (e.lane > lanes) {
      if (told.insert(fmt::format("lanes {} {}", image->file, strip)).second) {
        problems.push_back(at(e,
                              fmt::format("the sheet names lane {}; strip {} of {} has {}",
                                          e.lane,
                                          strip,
                                          image->file,
                                          lanes),
                              "Correct the sheet, or draw the lane in the layout file."));
      }
      continue;
    }
    const int band = e.band > 0 ? e.band : strongest_band(m, strip);
    const auto found = std::ranges::find_if(m.bands, [&](const BandResult& b) {
      return b.where.strip == strip && b.where.lane == e.lane && b.where.band == band;
    });
    if (found == m.bands.end()) {
      problems.push_back(at(e,
                            fmt::format("lane {} of strip {} has no band {}", e.lane, strip, band),
                            "Correct the sheet, or draw the band in the layout file."));
      continue;
    }
    out.push_back({&e, image, &found->volume});
  }
  return out;
}

/// Target and reference antibodies, from what was asked or from the names.
std::vector<std::pair<std::string, std::string>> wanted(const LaneSheet& sheet,
                                                        const RatioOptions& options,
                                                        Problems& problems) {
  std::vector<std::string> names;
  for (const LaneEntry& e : sheet.entries) {
    if (std::ranges::find(names, e.antibody) == names.end()) names.push_back(e.antibody);
  }
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& text : options.ratios) {
    const auto slash = text.find('/');
    const std::string a = text.substr(0, slash),
                      b = slash == std::string::npos ? "" : text.substr(slash + 1);
    for (const std::string& n : {a, b}) {
      if (std::ranges::find(names, n) != names.end()) continue;
      problems.push_back(
          {{sheet.file, 0, 0, "", ""},
           fmt::format("the ratio {} needs the antibody \"{}\", which the sheet does not name",
                       printable(text),
                       printable(n)),
           "Write TARGET/REFERENCE with names from the sheet's column antibody."});
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
  if (a.lane != b.lane || a.line != b.line || a.drug != b.drug || a.dose_nM != b.dose_nM ||
      a.sample != b.sample) {
    return false;
  }
  if (!a.membrane.empty() || !b.membrane.empty()) return a.membrane == b.membrane;
  return t.image == r.image;
}

}  // namespace

Problems add_ratios(const LaneSheet& sheet, const RatioOptions& options, Estimate& estimate) {
  Problems problems;
  const auto pairs = wanted(sheet, options, problems);
  const auto found = look_up(sheet, estimate, problems);
  if (has_errors(problems)) return problems;
  if (pairs.empty()) {
    problems.push_back({{sheet.file, 0, 0, "", ""},
                        "which antibody is the target and which its reference cannot be told",
                        "Name them with --ratio TARGET/REFERENCE.",
                        Severity::warning});
  }
  for (const auto& [target, reference] : pairs) {
    for (const Found& t : found) {
      if (t.entry->antibody != target) continue;
      for (const Found& r : found) {
        if (r.entry->antibody != reference || !belong(t, r)) continue;
        const LaneEntry& e = *t.entry;
        estimate.ratios.push_back({target,
                                   reference,
                                   t.image->file,
                                   e.membrane.empty() ? t.image->file : e.membrane,
                                   e.sample,
                                   e.line,
                                   e.drug,
                                   e.lane,
                                   e.dose_nM,
                                   over(*t.volume, *r.volume, options.level)});
        break;
      }
    }
  }
  add_folds(options, estimate);
  return problems;
}

}  // namespace kinescape::immunoblot
