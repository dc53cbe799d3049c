// SPDX-License-Identifier: Apache-2.0
/// \file Which mouse bore what, on which day, until when? Caliper tables, long or wide, read with
/// every fault at its cell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "base/table.hpp"
#include "xenograft/volume.hpp"

namespace kinescape::xenograft {

struct Visit {
  double day = unknown;
  double length_mm = unknown, width_mm = unknown, height_mm = unknown;  ///< As measured.
  double volume_mm3 = unknown;  ///< By the formula, or as given; the limit when below_limit.
  bool below_limit = false;     ///< Not palpable: the volume is below volume_mm3.
  double weight_g = unknown;
  std::string measured_by;
  Where where;
};

/// Why a mouse left the study.
enum class Removal {
  none,          ///< Still there at its last visit, or nothing is written.
  volume_limit,  ///< The tumour reached the size that the licence allows.
  humane,        ///< Weight, ulceration, condition.
  found_dead,
  unrelated,  ///< Technical loss, cage accident, sampling.
  end_of_study,
};
[[nodiscard]] std::string_view name(Removal removal);
/// What people write: "volume limit", "ulceration", "found dead", "end", ...; other words:
/// unrelated.
[[nodiscard]] Removal parse_removal(std::string_view text);

struct Animal {
  std::string id, arm, line;  ///< line: tumour line or PDX model; may be empty.
  std::vector<Visit> visits;  ///< Ascending days.
  Removal removal = Removal::none;
  std::string removal_as_written;
};

struct Experiment {
  std::vector<Animal> animals;
  std::vector<std::string> arms;   ///< The reference first.
  std::vector<std::string> lines;  ///< As first met.
  VolumeFormula formula = VolumeFormula::half_length_width2;
  bool volumes_given = false;  ///< No calipers: the formula is not ours to name.
  double palpable_limit_mm3 = unknown;
  bool limit_assumed = false;  ///< Taken from the data, because none was stated.
};

struct ReadOptions {
  Decimal decimal = Decimal::unstated;
  VolumeFormula formula = VolumeFormula::half_length_width2;
  std::string reference;                ///< Arm that others are compared with.
  double palpable_limit_mm3 = unknown;  ///< Volumes below it are left-censored there.
};

/// Reads one table. Long: animal, arm, day, and length_mm + width_mm or volume_mm3. Wide: a row a
/// mouse and a column a day ("day 3"), or a row a day and a column a mouse ("arm / mouse").
[[nodiscard]] Checked<Experiment> read(std::string_view bytes,
                                       const std::string& file,
                                       const ReadOptions& options = {});
[[nodiscard]] Checked<Experiment> read_files(const std::vector<std::string>& paths,
                                             const ReadOptions& options = {});

/// The experiment as a long tidy CSV, which read() reads to the same visits.
[[nodiscard]] std::string write_experiment(const Experiment& experiment);

}  // namespace kinescape::xenograft
