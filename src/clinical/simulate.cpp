// SPDX-License-Identifier: Apache-2.0
// A virtual trial: patients enter over the accrual, have their event at a Weibull time, may drop
// out, and are scanned on a calendar.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/errors.hpp"
#include "base/toml.hpp"
#include "clinical/simulate_internal.hpp"

namespace kinescape::clinical {
namespace {

enum Draw : std::uint32_t { draw_entry = 401, draw_event, draw_cure, draw_drop_out };

/// Turns a dated event or censoring into what scans at multiples of `every` can tell.
void between_scans(double event, double last_seen, double every, Row& row) {
  const double last_scan = every * std::floor(last_seen / every + 1e-9);
  if (event > last_scan) {
    row.time_low = last_scan;
    row.time_high = std::numeric_limits<double>::infinity();
    row.ending = Ending::censored;
    return;
  }
  row.time_high = every * std::ceil(event / every - 1e-9);
  row.time_low = row.time_high - every;
  row.ending = Ending::event;
}

}  // namespace

Problems Design::check() const {
  Problems out;
  const auto say = [&](std::string what, std::string fix) {
    out.push_back({{}, std::move(what), std::move(fix), Severity::error});
  };
  if (arms.empty()) say("the design has no arm", "Add [[arm]] blocks; the first is the reference.");
  if (!(accrual_months >= 0.0) || !(follow_up_months > 0.0))
    say("accrual or follow-up is not a length of time", "Write months, follow-up above 0.");
  return out;
}

std::vector<Fate> fates_of(const Design& d, const Truth& t, Seed seed) {
  if (has_errors(d.check()) || t.median_months.size() != d.arms.size())
    throw UsageError("clinical::simulate: the design has problems, or not one median an arm");
  std::vector<Fate> out;
  std::uint64_t who = 0;
  for (std::size_t arm = 0; arm < d.arms.size(); ++arm) {
    const double scale = t.median_months[arm] / std::pow(std::log(2.0), 1.0 / t.shape);
    const double cured = arm < t.cured_share.size() ? t.cured_share[arm] : 0.0;
    for (int i = 0; i < d.arms[arm].patients; ++i, ++who) {
      Stream entry(seed, draw_entry, who), event(seed, draw_event, who), cure(seed, draw_cure, who),
          drop(seed, draw_drop_out, who);
      Fate f{fmt::format("P{:04d}", who + 1), d.arms[arm].name, 0.0, 0.0, 0.0};
      const double entered = entry.uniform();
      f.entry = d.accrual_months * entered;
      f.followed = d.follow_up_months + d.accrual_months * (1.0 - entered);
      if (t.drop_out_per_month > 0.0)
        f.followed = std::min(f.followed, drop.exponential() / t.drop_out_per_month);
      f.event = scale * std::pow(event.exponential(), 1.0 / t.shape);
      if (cure.uniform() < cured) f.event = std::numeric_limits<double>::infinity();
      out.push_back(std::move(f));
    }
  }
  return out;
}

Table table_at(const Design& d, const std::vector<Fate>& fates, double date) {
  Table out;
  out.time_unit = "months";
  out.interval_censored = d.scan_every_months > 0.0;
  for (const ArmDesign& arm : d.arms) out.arms.push_back(arm.name);
  for (const Fate& f : fates) {
    if (!(f.entry < date)) continue;
    const double followed = std::min(f.followed, date - f.entry);
    Row row;
    row.patient = f.patient, row.arm = f.arm;
    if (out.interval_censored) {
      between_scans(f.event, followed, d.scan_every_months, row);
      if (row.ending == Ending::censored && row.time_low <= 0.0)
        row.time_low = 1e-6;  // not scanned yet
    } else {
      row.time_low = row.time_high = std::min(f.event, followed);
      row.ending = f.event <= followed ? Ending::event : Ending::censored;
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

Table simulate(const Design& d, const Truth& t, Seed seed) {
  return table_at(d, fates_of(d, t, seed), std::numeric_limits<double>::infinity());
}

Checked<VirtualTrial> read_design(std::string_view bytes, const std::string& file) {
  Checked<VirtualTrial> out;
  auto parsed = parse_toml(bytes, file);
  out.problems = std::move(parsed.problems);
  if (has_errors(out.problems)) return out;
  VirtualTrial& v = out.value;
  TomlReader top(parsed.value, file, "", out.problems);
  if (top.has("seed")) v.seed = Seed{static_cast<std::uint64_t>(top.number("seed", 0, 0, 9e15))};
  for (TomlReader& arm : top.tables("arm")) {
    v.design.arms.push_back({arm.required_text("name"), arm.integer("patients", 100, 1, 100000)});
    v.truth.median_months.push_back(arm.required_number("median_months", 0.01, 10000.0));
    v.truth.cured_share.push_back(arm.number("cured_share", 0.0, 0.0, 1.0));
    arm.finish();
  }
  TomlReader design = top.table("design");
  v.design.accrual_months = design.number("accrual_months", 12.0, 0.0, 1000.0);
  v.design.follow_up_months = design.number("follow_up_months", 12.0, 0.1, 1000.0);
  v.design.scan_every_months = design.number("scan_every_months", 0.0, 0.0, 120.0);
  design.finish();
  TomlReader truth = top.table("truth");
  v.truth.shape = truth.number("shape", 1.0, 0.1, 10.0);
  v.truth.drop_out_per_month = truth.number("drop_out_per_month", 0.0, 0.0, 1.0);
  truth.finish();
  top.finish();
  if (!has_errors(out.problems))
    for (Problem p : v.design.check()) {
      p.where.file = file;
      out.problems.push_back(std::move(p));
    }
  return out;
}

}  // namespace kinescape::clinical
