// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/source_internal.hpp"

namespace kinescape::plate {
namespace {

std::string_view scale_name(Scale scale) {
  return scale == Scale::signal ? "raw signals" : "values normalised to vehicle";
}

double key_time(const Well& well) {
  return std::isnan(well.time_h) ? -1.0 : well.time_h;
}

using WellKey = std::tuple<std::string_view, Position, std::string_view, double>;
WellKey key_of(const Well& well) {
  return {well.plate, well.position, well.channel, key_time(well)};
}

/// Plate names that several files use for plates that cannot be one.
std::set<std::string> clashing(const std::vector<PlateSet>& files) {
  std::map<std::string, int> users;
  for (const PlateSet& file : files) {
    for (const PlateInfo& plate : file.plates) ++users[plate.name];
  }
  std::set<std::string> shared;
  for (const auto& [name, count] : users) {
    if (count > 1) shared.insert(name);
  }
  if (shared.empty()) return shared;
  std::set<std::string> clash;
  std::set<WellKey> seen;
  for (const PlateSet& file : files) {
    std::vector<WellKey> of_file;
    for (const Well& w : file.wells) {
      if (!shared.contains(w.plate)) continue;
      if (!w.placed) {
        clash.insert(w.plate);
        continue;
      }
      const WellKey key = key_of(w);
      if (seen.contains(key)) clash.insert(w.plate);
      of_file.push_back(key);
    }
    seen.insert(of_file.begin(), of_file.end());
  }
  return clash;
}

void qualify(PlateSet& file, const std::set<std::string>& clash) {
  if (clash.empty()) return;
  for (PlateInfo& plate : file.plates) {
    if (clash.contains(plate.name)) plate.name = file_stem(plate.file) + ": " + plate.name;
  }
  for (Well& w : file.wells) {
    if (clash.contains(w.plate)) w.plate = file_stem(w.origin.file) + ": " + w.plate;
  }
}

bool same_channel(std::string_view asked, std::string_view have) {
  if (iequal(trimmed(asked), trimmed(have))) return true;
  const std::string a = compact(asked);
  const std::string b = compact(have);
  return a == b || a + "nm" == b;
}

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += name.empty() ? "(no name)" : name;
  }
  return text;
}

void subtract_reference(PlateSet& set,
                        const ReadOptions& options,
                        const std::string& file,
                        Problems& problems) {
  using Key = std::tuple<std::string_view, Position, double>;
  std::map<Key, const Well*> reference;
  for (const Well& w : set.wells) {
    if (w.placed && same_channel(options.reference_channel, w.channel)) {
      reference[Key{w.plate, w.position, key_time(w)}] = &w;
    }
  }
  std::size_t without = 0;
  for (Well& w : set.wells) {
    if (!same_channel(options.channel, w.channel)) continue;
    const auto at = reference.find(Key{w.plate, w.position, key_time(w)});
    if (at == reference.end() || at->second->reading != Reading::measured) {
      if (w.reading == Reading::measured) {
        ++without;
        w.printed = exact(w.signal) + " (reference wavelength not read)";
        w.reading = Reading::missing;
        w.signal = unknown;
      }
      continue;
    }
    w.signal -= at->second->signal;
  }
  if (without > 0) {
    problems.push_back({{file, 0, 0, "", ""},
                        std::to_string(without) + " wells have no reading at the reference " +
                            options.reference_channel + " and were set to missing",
                        "Leave out the reference, or give the file with both wavelengths.",
                        Severity::warning});
  }
}

}  // namespace

void join(std::vector<PlateSet> files, PlateSet& all, Problems& problems) {
  const auto clash = clashing(files);
  const PlateSet* first = nullptr;
  for (const PlateSet& file : files) {
    if (file.wells.empty()) continue;
    if (first == nullptr) {
      first = &file;
      all.scale = file.scale;
    } else if ((file.scale == Scale::signal) != (first->scale == Scale::signal)) {
      problems.push_back({{file.wells.front().origin.file, 0, 0, "", ""},
                          "the file holds " + std::string(scale_name(file.scale)) + ", but " +
                              first->wells.front().origin.file + " holds " +
                              std::string(scale_name(first->scale)),
                          "Analyse them apart.",
                          Severity::error});
    }
  }
  std::map<std::string, std::size_t> known;
  for (PlateSet& file : files) {
    qualify(file, clash);
    for (PlateInfo& plate : file.plates) {
      const auto [at, fresh] = known.try_emplace(plate.name, all.plates.size());
      if (fresh) {
        all.plates.push_back(std::move(plate));
      } else {
        Format& format = all.plates[at->second].format;
        format.rows = std::max(format.rows, plate.format.rows);
        format.columns = std::max(format.columns, plate.format.columns);
      }
    }
    if (all.wells.empty()) {
      all.wells = std::move(file.wells);
    } else {
      all.wells.insert(all.wells.end(),
                       std::make_move_iterator(file.wells.begin()),
                       std::make_move_iterator(file.wells.end()));
    }
  }
}

void choose_channel(PlateSet& set, const ReadOptions& options, Problems& problems) {
  if (options.channel.empty() && options.reference_channel.empty()) return;
  if (set.wells.empty()) return;
  const std::string file = set.wells.front().origin.file;
  std::set<std::string> channels;
  for (const Well& w : set.wells) channels.insert(w.channel);
  const auto missing = [&](const std::string& asked) {
    const bool there = std::any_of(channels.begin(), channels.end(), [&](const std::string& have) {
      return same_channel(asked, have);
    });
    if (there) return false;
    problems.push_back({{file, 0, 0, "", ""},
                        "no reading is called \"" + printable(asked) + "\"",
                        "The files have: " + listed(channels) + ".",
                        Severity::error});
    return true;
  };
  if (options.channel.empty()) {
    problems.push_back({{file, 0, 0, "", ""},
                        "a reference channel was given, but not the channel to subtract it from",
                        "Give the channel too; the files have: " + listed(channels) + ".",
                        Severity::error});
    return;
  }
  if (missing(options.channel)) return;
  if (!options.reference_channel.empty()) {
    if (missing(options.reference_channel)) return;
    subtract_reference(set, options, file, problems);
  }
  std::erase_if(set.wells,
                [&](const Well& w) { return !same_channel(options.channel, w.channel); });
}

}  // namespace kinescape::plate
