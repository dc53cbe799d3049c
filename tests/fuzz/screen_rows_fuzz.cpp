// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: the curves that a screen's reader hands out are whole.
#include <cmath>
#include <set>

#include "fuzz.hpp"
#include "temporary_file.hpp"
#include "viability/screen_internal.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const std::string& path = fuzz::file_with(fuzz::text(data, size));
  static_cast<void>(viability::is_screen(path, 0));
  for (const char* unit : {"", "uM"}) {
    viability::ScreenOptions options;
    options.dose_unit = unit;
    options.decimal = *unit == '\0' ? Decimal::unstated : Decimal::comma;
    options.most_problems = 5;
    viability::ScreenReader reader(path, options);
    std::set<std::pair<std::string, std::string>> seen;
    std::uint64_t rows = 0;
    reader.read(
        [&](viability::ScreenCurve&& curve) {
          fuzz::require(!curve.line.empty() && !curve.drug.empty(), "a curve has its names");
          fuzz::require(seen.emplace(curve.line, curve.drug).second, "a curve comes once");
          fuzz::require(curve.dose_nM.size() == curve.viability.size() &&
                            curve.dose_nM.size() == curve.repeat.size(),
                        "its columns are of one length");
          rows += curve.dose_nM.size();
          for (const double dose : curve.dose_nM) {
            fuzz::require(std::isfinite(dose) && dose >= 0.0, "a dose is a number from 0 on");
          }
          for (const double v : curve.viability) fuzz::require(!std::isinf(v), "no infinity");
          for (const auto r : curve.repeat) fuzz::require(r < curve.repeats, "a known repeat");
        },
        [](std::uint64_t) {});
    fuzz::require(reader.ok() == !has_errors(reader.problems()), "the verdict agrees");
    // Five, how many more, and what the text itself may be warned of or end with: the code page,
    // text after a quote, a row that cannot be read.
    fuzz::require(reader.problems().size() <= 5 + 1 + 3, "the list is bounded");
    if (reader.ok()) fuzz::require(rows == reader.rows(), "no row is lost");
  }
  return 0;
}
