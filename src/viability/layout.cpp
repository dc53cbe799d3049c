// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <functional>
#include <string>

#include "viability/layout_internal.hpp"

namespace kinescape::viability {

namespace {

using plate::Position;
using plate::Role;

/// Wells that may be used, down the columns.
std::vector<Position> usable(const Design& design) {
  const int margin = design.leave_edge_empty ? 1 : 0;
  std::vector<Position> wells;
  for (int column = margin; column < design.format.columns - margin; ++column) {
    for (int row = margin; row < design.format.rows - margin; ++row) wells.push_back({row, column});
  }
  return wells;
}

/// The same for one plate of a random layout: dealt by the seed, so that what is placed later
/// (another drug) leaves what was placed before where it is.
std::vector<Position> slots(const Design& design, Seed seed, const PlannedPlate& plate) {
  std::vector<Position> wells = usable(design);
  if (!design.randomise_wells) return wells;
  Stream s = stream(seed, Draw::placement, Name().add(plate.info.name));
  for (std::size_t i = wells.size(); i > 1; --i) std::swap(wells[i - 1], wells[s.below(i)]);
  return wells;
}

/// Fills plates one after another; a new one is opened when the next curve does not fit.
class Filler {
 public:
  Filler(const Design& design, Seed seed) : design_(design), seed_(seed) {}

  void fill(int repeat, std::size_t first_line, std::size_t last_line) {
    open(repeat, first_line, last_line, 0);
    for (std::size_t drug = 0; drug < design_.drugs.size(); ++drug) {
      const std::vector<double> doses = doses_of(design_, design_.drugs[drug]);
      const std::size_t wells = doses.size() * static_cast<std::size_t>(design_.wells_per_dose);
      for (std::size_t line = first_line; line < last_line; ++line) {
        if (slots_.size() - next_ < wells) {
          open(repeat, first_line, last_line, layout.plates.back().of_repeat + 1);
        }
        if (slots_.size() - next_ < wells) return;  // check() has refused this design
        for (const double dose : doses) {
          for (int k = 0; k < design_.wells_per_dose; ++k) {
            place({.role = Role::sample,
                   .line = line,
                   .drug = drug,
                   .dose_nM = dose,
                   .technical = k});
          }
        }
      }
    }
  }

  Layout layout;

 private:
  void open(int repeat, std::size_t first_line, std::size_t last_line, int of_repeat) {
    PlannedPlate plate;
    const std::string day = "r" + std::to_string(repeat + 1) + "_p" + std::to_string(of_repeat + 1);
    plate.info.name = design_.lines_share_plates ? day : design_.lines[first_line] + "_" + day;
    plate.info.format = design_.format;
    plate.repeat = repeat;
    plate.of_repeat = of_repeat;
    plate.first_line = first_line;
    plate.last_line = last_line;
    layout.plates.push_back(plate);
    slots_ = slots(design_, seed_, plate);
    next_ = 0;
    for (std::size_t line = first_line; line < last_line; ++line) {
      controls(Role::vehicle, line, design_.vehicle_wells);
      controls(Role::positive, line, design_.positive_wells);
      controls(Role::day0, line, design_.day0_wells);
    }
    controls(Role::blank, first_line, design_.blank_wells);
  }

  void controls(Role role, std::size_t line, int wells) {
    for (int k = 0; k < wells && next_ < slots_.size(); ++k) {
      place({.role = role, .line = line, .technical = k});
    }
  }

  void place(Place p) {
    p.plate = layout.plates.size() - 1;
    p.position = slots_[next_++];
    layout.places.push_back(p);
  }

  const Design& design_;
  Seed seed_;
  std::vector<Position> slots_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<double> doses_of(const Design& design, std::string_view drug) {
  const auto own = std::find_if(design.doses_of.begin(), design.doses_of.end(), [&](const auto& d) {
    return d.drug == drug;
  });
  std::vector<double> doses = own == design.doses_of.end() ? design.doses_nM : own->doses_nM;
  std::sort(doses.begin(), doses.end(), std::greater<>());
  return doses;
}

int usable_wells(const Design& design) {
  const int margin = design.leave_edge_empty ? 2 : 0;
  return std::max(0, design.format.rows - margin) * std::max(0, design.format.columns - margin);
}

int control_wells(const Design& design) {
  const int lines = design.lines_share_plates ? static_cast<int>(design.lines.size()) : 1;
  return design.blank_wells +
         lines * (design.vehicle_wells + design.positive_wells + design.day0_wells);
}

Layout lay_out(const Design& design, Seed seed) {
  Filler filler(design, seed);
  for (int repeat = 0; repeat < design.repeats; ++repeat) {
    if (design.lines_share_plates) {
      filler.fill(repeat, 0, design.lines.size());
    } else {
      for (std::size_t line = 0; line < design.lines.size(); ++line) {
        filler.fill(repeat, line, line + 1);
      }
    }
  }
  std::sort(
      filler.layout.places.begin(), filler.layout.places.end(), [](const Place& a, const Place& b) {
        return a.plate != b.plate ? a.plate < b.plate : a.position < b.position;
      });
  return std::move(filler.layout);
}

void Name::byte(unsigned char b) {
  hash_ ^= b;
  hash_ *= 0x100000001b3ULL;
}

Name& Name::add(std::string_view text) {
  add(static_cast<std::uint64_t>(text.size()));  // so that "ab" + "c" is not "a" + "bc"
  for (const char c : text) byte(static_cast<unsigned char>(c));
  return *this;
}

Name& Name::add(std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) byte(static_cast<unsigned char>(number >> shift));
  return *this;
}

Name& Name::add(double number) {
  return add(std::bit_cast<std::uint64_t>(number));
}

std::uint64_t Name::value() const {
  std::uint64_t z = hash_;  // the finaliser of SplitMix64: FNV's low bits are weak
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

Stream stream(Seed seed, Draw purpose, const Name& who) {
  return {seed, static_cast<std::uint32_t>(purpose), who.value()};
}

}  // namespace kinescape::viability
