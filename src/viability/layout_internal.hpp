// SPDX-License-Identifier: Apache-2.0
/// \file Which treatment stands in which well? The plan of all plates, before any number is drawn.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "viability/design.hpp"

namespace kinescape::viability {

/// What draws of this room are for; the numbers name streams and never change.
enum class Draw : std::uint32_t {
  placement = 0x0400,
  repeat_level,
  plate_level,
  repeat_shift,
  pipetting,
  well_error,
  outlier,
  plan_study,
  plan_confirmation,
};

/// One planned well. Indices point into Design and Layout.
struct Place {
  std::size_t plate = 0;
  plate::Position position{};
  plate::Role role = plate::Role::sample;
  std::size_t line = 0;
  std::size_t drug = 0;  ///< Of samples.
  double dose_nM = 0.0;  ///< Of samples.
  int technical = 0;     ///< Which of the wells of this treatment on this plate, from 0.
};

struct PlannedPlate {
  plate::PlateInfo info;
  int repeat = 0;              ///< From 0.
  int of_repeat = 0;           ///< Which plate of its lines in this repeat, from 0.
  std::size_t first_line = 0;  ///< Lines [first_line, last_line) stand on it.
  std::size_t last_line = 0;
};

struct Layout {
  std::vector<PlannedPlate> plates;
  std::vector<Place> places;  ///< Plate by plate, in reading order.
};

/// The doses of one drug in nM, from the highest to the lowest.
[[nodiscard]] std::vector<double> doses_of(const Design& design, std::string_view drug);

/// Wells of one plate that may be used, and those that its controls take.
[[nodiscard]] int usable_wells(const Design& design);
[[nodiscard]] int control_wells(const Design& design);

/// Curves fill plates in the order of drugs (then of lines where these share plates), a curve never
/// torn between plates; controls stand on every plate. Ordered layouts go down the columns,
/// controls first; random ones deal all usable wells by the seed.
[[nodiscard]] Layout lay_out(const Design& design, Seed seed);

/// A name for a stream from what it belongs to: stable over versions and machines (FNV-1a, mixed).
class Name {
 public:
  Name& add(std::string_view text);
  Name& add(std::uint64_t number);
  Name& add(double number);
  [[nodiscard]] std::uint64_t value() const;

 private:
  void byte(unsigned char b);
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

[[nodiscard]] Stream stream(Seed seed, Draw purpose, const Name& who);

}  // namespace kinescape::viability
