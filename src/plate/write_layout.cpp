// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

#include "base/number.hpp"
#include "base/text.hpp"
#include "plate/write.hpp"
#include "plate/write_internal.hpp"

namespace kinescape::plate {
namespace {

std::string commented(const std::string& note) {
  std::string text;
  for (std::string_view line : split_lines(note)) {
    if (!line.empty()) text += "# " + std::string(line) + "\n";
  }
  return text;
}

/// A TOML basic string.
std::string toml_string(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += hex[byte >> 4U];
      out += hex[byte & 0xFU];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// What a layout says of a well, comparable.
struct Said {
  Role role;
  std::string drug;
  double dose_nM;
  std::string drug_b;
  double dose_b_nM;
  std::string line, repeat;
  double time_h;  ///< -1: not known
  std::string excluded;
  auto operator<=>(const Said&) const = default;
};

Said said(const Well& w) {
  return {w.role,
          w.drug,
          w.dose_nM,
          w.drug_b,
          w.dose_b_nM,
          w.line,
          w.repeat,
          w.time_h == w.time_h ? w.time_h : -1.0,
          w.excluded};
}

struct PlatePlan {
  std::string line, repeat;
  double time_h = -1.0;
  std::map<Said, std::vector<Position>> groups;
};

/// Takes out what is the same for all wells, so that it stands once.
PlatePlan plan_of(const std::map<Position, Said>& wells) {
  PlatePlan plan;
  bool first = true;
  bool same_line = true, same_repeat = true, same_time = true;
  for (const auto& [position, s] : wells) {
    if (s.role == Role::blank && s.line.empty()) continue;
    if (first) {
      plan.line = s.line;
      plan.repeat = s.repeat;
      plan.time_h = s.time_h;
      first = false;
    }
    same_line = same_line && s.line == plan.line;
    same_repeat = same_repeat && s.repeat == plan.repeat;
    same_time = same_time && s.time_h == plan.time_h;
  }
  if (!same_line) plan.line.clear();
  if (!same_repeat) plan.repeat.clear();
  if (!same_time) plan.time_h = -1.0;
  for (const auto& [position, s] : wells) {
    Said rest = s;
    if (rest.line == plan.line) rest.line.clear();
    if (rest.repeat == plan.repeat) rest.repeat.clear();
    if (rest.time_h == plan.time_h) rest.time_h = -1.0;
    plan.groups[rest].push_back(position);
  }
  return plan;
}

void write_common(std::ostream& out, const PlatePlan& plan) {
  if (!plan.line.empty()) out << "line = " << toml_string(plan.line) << "\n";
  if (!plan.repeat.empty()) out << "repeat = " << toml_string(plan.repeat) << "\n";
  if (plan.time_h >= 0.0) out << "time_h = " << exact(plan.time_h) << "\n";
}

void write_groups(std::ostream& out, const PlatePlan& plan, const std::string& scope) {
  for (const auto& [s, positions] : plan.groups) {
    out << "\n[" << scope << "well.\"";
    for (std::size_t i = 0; i < positions.size(); ++i) {
      out << (i > 0 ? "," : "") << name(positions[i]);
    }
    out << "\"]\n";
    if (s.role != Role::sample) out << "role = " << toml_string(name(s.role)) << "\n";
    if (!s.drug.empty()) {
      out << "drug = " << toml_string(s.drug) << "\ndose_nM = " << exact(s.dose_nM) << "\n";
    }
    if (!s.drug_b.empty()) {
      out << "drug_b = " << toml_string(s.drug_b) << "\ndose_b_nM = " << exact(s.dose_b_nM) << "\n";
    }
    if (!s.line.empty()) out << "line = " << toml_string(s.line) << "\n";
    if (!s.repeat.empty()) out << "repeat = " << toml_string(s.repeat) << "\n";
    if (s.time_h >= 0.0) out << "time_h = " << exact(s.time_h) << "\n";
    if (!s.excluded.empty()) out << "exclude = " << toml_string(s.excluded) << "\n";
  }
}

}  // namespace

std::string signal_text(const Well& well, std::string_view saturated) {
  if (well.reading == Reading::measured) return exact(well.signal);
  if (!well.printed.empty()) return well.printed;
  switch (well.reading) {
    case Reading::saturated:
      return std::string(saturated);
    case Reading::below:
      return "UNDER";
    case Reading::masked:
      return "MASKED";
    default:
      return {};
  }
}

std::string write_layout(const PlateSet& set, const std::string& note) {
  std::map<std::string, std::map<Position, Said>> plates;
  for (const Well& w : set.wells) {
    if (w.placed) plates[w.plate].try_emplace(w.position, said(w));
  }
  std::ostringstream out;
  out << commented(note);
  std::map<std::string, PlatePlan> plans;
  for (const auto& [plate, wells] : plates) plans.emplace(plate, plan_of(wells));
  const bool shared = std::all_of(plans.begin(), plans.end(), [&](const auto& plan) {
    return plan.second.groups == plans.begin()->second.groups;
  });
  if (shared && !plans.empty()) write_groups(out, plans.begin()->second, "");
  for (const PlateInfo& info : set.plates) {
    const auto plan = plans.find(info.name);
    if (plan == plans.end()) continue;
    const std::string scope = "plate." + toml_string(info.name);
    out << "\n[" << scope << "]\n";
    write_common(out, plan->second);
    if (!shared) write_groups(out, plan->second, scope + ".");
  }
  return out.str();
}

}  // namespace kinescape::plate
