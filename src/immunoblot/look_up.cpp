// SPDX-License-Identifier: Apache-2.0
// From rows of the lane sheet to the bands they speak of.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.hpp"
#include "immunoblot/look_up_internal.hpp"

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

BlotImage* find_image(const LaneEntry& e, Estimate& estimate) {
  if (e.image.empty()) return estimate.images.size() == 1 ? &estimate.images.front() : nullptr;
  for (BlotImage& i : estimate.images) {
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
  Strips(const LaneSheet& sheet, Estimate& estimate) {
    std::map<const BlotImage*, std::vector<std::string>> order;
    for (const LaneEntry& e : sheet.entries) {
      const BlotImage* image = find_image(e, estimate);
      if (image == nullptr || e.role == LaneEntry::Role::marker) continue;
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
    if (b.where.strip == strip && b.volume.relation != Relation::less &&
        !is_marker(m.layout, strip, b.where.lane)) {
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

/// The band of a strip whose masses lie nearest to what is expected; 0 where no masses are known.
int expected_band(const Measured& m, int strip, double mass_kDa) {
  std::map<int, std::vector<double>> off;
  for (const BandResult& b : m.bands) {
    if (b.where.strip != strip || !b.mass_kDa.exact()) continue;
    if (is_marker(m.layout, strip, b.where.lane)) continue;
    off[b.where.band].push_back(std::abs(std::log(b.mass_kDa.value / mass_kDa)));
  }
  int best = 0;
  double least = 1e300;
  for (const auto& [band, values] : off) {
    double mean = 0.0;
    for (const double v : values) mean += v / double(values.size());
    if (mean < least) least = mean, best = band;
  }
  return best;
}

int band_of(const LaneEntry& e, const Measured& m, int strip) {
  if (e.band > 0) return e.band;
  const int expected = e.masses_kDa.empty() ? 0 : expected_band(m, strip, e.masses_kDa.front());
  return expected > 0 ? expected : strongest_band(m, strip);
}

Problem at(const LaneEntry& e, std::string what, std::string fix) {
  return {e.where, std::move(what), std::move(fix)};
}

}  // namespace

BlotImage* image_of(const LaneEntry& entry, Estimate& estimate) {
  return find_image(entry, estimate);
}

std::vector<Found> look_up(const LaneSheet& sheet, Estimate& estimate, Problems& problems) {
  const Strips strips(sheet, estimate);
  std::vector<Found> out;
  std::set<std::string> told;
  for (const LaneEntry& e : sheet.entries) {
    if (e.role == LaneEntry::Role::marker) continue;
    BlotImage* image = find_image(e, estimate);
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
    Measured& m = image->measured;
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
    const auto lane = std::ranges::find_if(m.lanes, [&](const LaneResult& l) {
      return l.where.strip == strip && l.where.lane == e.lane;
    });
    if (e.whole_lane && lane != m.lanes.end()) {
      out.push_back({&e, image, nullptr, &*lane});
      continue;
    }
    const int band = band_of(e, m, strip);
    const auto found = std::ranges::find_if(m.bands, [&](const BandResult& b) {
      return b.where.strip == strip && b.where.lane == e.lane && b.where.band == band;
    });
    if (found == m.bands.end()) {
      problems.push_back(at(e,
                            fmt::format("lane {} of strip {} has no band {}", e.lane, strip, band),
                            "Correct the sheet, or draw the band in the layout file."));
      continue;
    }
    out.push_back({&e, image, &*found, &*lane});
  }
  return out;
}

Problems far_from_mass(const std::vector<Found>& found) {
  constexpr double slack = 0.15;  // gels and modified proteins: a seventh either way is usual
  Problems out;
  std::set<std::pair<const BlotImage*, std::string>> told;
  for (const Found& f : found) {
    if (f.band == nullptr || f.entry->masses_kDa.empty()) continue;
    const Estimated& mass = f.band->mass_kDa;
    const double expected = f.entry->masses_kDa.front();
    const bool below = mass.high < expected * (1.0 - slack);
    const bool above = mass.low > expected * (1.0 + slack);
    if (!below && !above) continue;
    if (!told.insert({f.image, f.entry->antibody}).second) continue;
    Problem p =
        at(*f.entry,
           fmt::format("the band of {} in lane {} runs at {}{:.3g} kDa, and {:.3g} kDa is declared",
                       printable(f.entry->antibody),
                       f.entry->lane,
                       mass.exact() ? ""
                       : below      ? "under "
                                    : "over ",
                       mass.value,
                       expected),
           "Name the band that is meant in the column band, or correct mass_kDa.");
    p.severity = Severity::warning;
    out.push_back(std::move(p));
  }
  return out;
}

}  // namespace kinescape::immunoblot
