// SPDX-License-Identifier: Apache-2.0
#include "immunoblot/plan.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/errors.hpp"
#include "base/number.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::immunoblot {
namespace {

double power_of(const PlanOptions& o, int samples, int membranes) {
  const double variance =
      2.0 * (o.sample_sd * o.sample_sd + o.blot_sd * o.blot_sd / membranes) / samples;
  const double df = 2.0 * (samples - 1);
  const double shift = std::abs(std::log(o.fold)) / std::sqrt(variance);
  const double t = numeric::student_t_quantile(0.5 + 0.5 * o.level, df);
  return 1.0 - numeric::noncentral_t_cdf(t, df, shift) + numeric::noncentral_t_cdf(-t, df, shift);
}

}  // namespace

Plan plan(const PlanOptions& o) {
  if (!(o.fold > 0.0) || o.fold == 1.0) throw UsageError("plan: a fold above 0 other than 1");
  if (!(o.sample_sd >= 0.0) || !(o.blot_sd >= 0.0) || !(o.sample_sd + o.blot_sd > 0.0))
    throw UsageError("plan: spreads of 0 or more, one of them above");
  Plan out;
  for (int membranes = 1; membranes <= o.most_membranes; ++membranes) {
    PlanRow row{0, membranes, 0.0};
    for (int samples = 2; samples <= o.most_samples && row.power < o.power; ++samples) {
      row = {samples, membranes, power_of(o, samples, membranes)};
      out.rows.push_back(row);
    }
    const std::string each = membranes == 1 ? "1 membrane" : fmt::format("{} membranes", membranes);
    out.says += row.power >= o.power
                    ? fmt::format("{}: {} samples of each treatment reach a power of {}.\n",
                                  each,
                                  row.samples,
                                  rounded(row.power, 2))
                    : fmt::format("{}: {} samples of each treatment do not reach it (power {}).\n",
                                  each,
                                  row.samples,
                                  rounded(row.power, 2));
  }
  return out;
}

}  // namespace kinescape::immunoblot
