// SPDX-License-Identifier: Apache-2.0
#include "viability/plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "base/errors.hpp"
#include "base/number.hpp"
#include "numeric/distribution.hpp"
#include "viability/layout_internal.hpp"

namespace kinescape::viability {

namespace {

using dose_response::Parameter;

constexpr int first_look =
    24;  // enough to give up on a design whose power is half of what is asked

Truth truth_of(const PlanOptions& o) {
  Truth t = o.signals;
  t.curves.clear();
  t.curves.push_back({o.parental, o.drug, o.parental_curve});
  t.curves.push_back({o.resistant, o.drug, o.parental_curve});
  t.curves.back().curve[Parameter::log10_ec50] += std::log10(o.fold);
  return t;
}

/// Whether the experiment with this seed shows the shift.
bool seen(const PlanOptions& o, const Design& design, const Truth& truth, Seed seed) {
  Options how;
  how.pairs = {{o.resistant, o.parental}};
  how.threads = Threads{1};
  const auto found = estimate(simulate(design, truth, o.noise, seed), how);
  for (const Comparison& c : found.value.comparisons) {
    if (c.drug != o.drug) continue;
    return c.p < o.alpha && c.fold_ic50.value > 1.0 && c.fold_ic50.relation != Relation::less;
  }
  return false;
}

Estimated power_of(int hits, int runs) {
  Estimated e;
  e.value = static_cast<double>(hits) / runs;
  e.low = hits == 0 ? 0.0 : numeric::beta_quantile(0.025, hits, runs - hits + 1.0);
  e.high = hits == runs ? 1.0 : numeric::beta_quantile(0.975, hits + 1.0, runs - hits);
  e.status = Status::ok;
  e.n = runs;
  e.method = "simulated experiments, Clopper-Pearson interval; n counts experiments";
  return e;
}

class Planner {
 public:
  Planner(const PlanOptions& options, Seed seed)
      : o_(options), seed_(seed), truth_(truth_of(options)) {}

  Plan run() {
    make_rows();
    for (const std::size_t i : middle_first()) judge(i);
    choose();
    return std::move(plan_);
  }

 private:
  void make_rows() {
    for (const int doses : o_.doses) {
      for (const int repeats : o_.repeats) {
        for (const int wells : o_.wells) {
          PlanRow row;
          row.doses = doses, row.repeats = repeats, row.wells = wells;
          const Design d = design_of(o_, doses, repeats, wells);
          if (const Problems p = check(d); has_errors(p)) {
            row.why = p.front().what;
          } else {
            const Layout layout = lay_out(d, seed_);
            row.plates = static_cast<int>(layout.plates.size());
            row.total_wells = static_cast<int>(layout.places.size());
          }
          plan_.rows.push_back(std::move(row));
        }
      }
    }
    std::stable_sort(plan_.rows.begin(), plan_.rows.end(), [](const PlanRow& a, const PlanRow& b) {
      return std::tie(a.total_wells, a.repeats, a.plates) <
             std::tie(b.total_wells, b.repeats, b.plates);
    });
  }

  /// Rows so that each answer spares as many others as it can: the middle of what is left first.
  [[nodiscard]] std::vector<std::size_t> middle_first() const {
    std::vector<std::size_t> order;
    std::vector<std::pair<std::size_t, std::size_t>> parts{{0, plan_.rows.size()}};
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const auto [begin, end] = parts[k];
      if (begin >= end) continue;
      const std::size_t middle = begin + (end - begin) / 2;
      order.push_back(middle);
      parts.emplace_back(begin, middle);
      parts.emplace_back(middle + 1, end);
    }
    return order;
  }

  static bool within(const PlanRow& a, const PlanRow& b) {
    return a.doses <= b.doses && a.repeats <= b.repeats && a.wells <= b.wells;
  }
  static std::string words(const PlanRow& r) {
    return std::to_string(r.doses) + " doses, " + std::to_string(r.repeats) + " repeats, " +
           std::to_string(r.wells) + (r.wells == 1 ? " well" : " wells") + " per dose";
  }

  /// More of everything does not see less: what follows from another row need not be simulated.
  bool follows(PlanRow& row) const {
    if (o_.whole_grid) return false;
    for (const PlanRow& other : plan_.rows) {
      if (other.power.n == 0) continue;
      if (other.power.low >= o_.power && within(other, row)) {
        row.reaches = true;
        row.why =
            "Not simulated: larger than a design that clearly reaches it (" + words(other) + ").";
        return true;
      }
      if (other.power.high < o_.power && within(row, other)) {
        row.why =
            "Not simulated: smaller than a design that clearly misses it (" + words(other) + ").";
        return true;
      }
    }
    return false;
  }

  void judge(std::size_t index) {
    PlanRow& row = plan_.rows[index];
    ++judged_;
    if (o_.progress) o_.progress({"simulating designs", judged_, plan_.rows.size()});
    if (row.total_wells == 0 || follows(row)) return;
    simulate_row(row, Draw::plan_study, std::min(first_look, o_.simulations));
    // Give up early only where the power asked for is out of the question.
    const int hits = static_cast<int>(std::lround(row.power.value * row.power.n));
    const double high =
        hits == row.power.n ? 1.0 : numeric::beta_quantile(0.999, hits + 1.0, row.power.n - hits);
    if (high >= o_.power) simulate_row(row, Draw::plan_study, o_.simulations);
    row.reaches = row.power.value >= o_.power;
  }

  void simulate_row(PlanRow& row, Draw purpose, int runs) const {
    const Design d = design_of(o_, row.doses, row.repeats, row.wells);
    std::vector<char> hit(static_cast<std::size_t>(runs), 0);
    parallel_for(hit.size(), o_.threads, [&](std::size_t i) {
      Stream s(seed_, static_cast<std::uint32_t>(purpose), i);
      hit[i] = seen(o_, d, truth_, Seed{s.bits64()}) ? 1 : 0;
    });
    row.power = power_of(static_cast<int>(std::count(hit.begin(), hit.end(), 1)), runs);
  }

  void choose() {
    for (std::size_t i = 0; i < plan_.rows.size(); ++i) {
      PlanRow& row = plan_.rows[i];
      if (!row.reaches) continue;
      simulate_row(row, Draw::plan_confirmation, 2 * o_.simulations);
      row.reaches = row.power.value >= o_.power;
      if (!row.reaches) continue;
      row.why.clear();
      plan_.chosen = i;
      plan_.design = design_of(o_, row.doses, row.repeats, row.wells);
      plan_.plates = planned_plates(plan_.design, seed_);
      break;
    }
    const std::string asked =
        "a " + exact(o_.fold) + "-fold shift with " + exact(100.0 * o_.power) + " % power";
    if (!plan_.chosen) {
      plan_.says = "No design of the grid sees " + asked +
                   ": more repeats, or less spread between them, are needed.";
      return;
    }
    const PlanRow& row = plan_.rows[*plan_.chosen];
    plan_.says = "The smallest design that sees " + asked + " has " + words(row) + " (" +
                 std::to_string(row.total_wells) + " wells on " + std::to_string(row.plates) +
                 " plates): seen in " + rounded(100.0 * row.power.value, 3) + " % of " +
                 std::to_string(row.power.n) + " simulated experiments (" +
                 rounded(100.0 * row.power.low, 3) + " to " + rounded(100.0 * row.power.high, 3) +
                 " %).";
  }

  const PlanOptions& o_;
  Seed seed_;
  Truth truth_;
  Plan plan_;
  std::uint64_t judged_ = 0;
};

}  // namespace

PlanOptions::PlanOptions() {
  parental_curve.shape = dose_response::Shape::log_logistic4;
  parental_curve[Parameter::log10_ec50] = 2.0;
  parental_curve[Parameter::hill_slope] = 1.2;
  parental_curve[Parameter::top] = 1.0;
  parental_curve[Parameter::bottom] = 0.05;
  base.lines_share_plates = true;
  base.randomise_wells = true;
}

Design design_of(const PlanOptions& o, int doses, int repeats, int wells) {
  Design d = o.base;
  d.lines = {o.parental, o.resistant};
  d.drugs = {o.drug};
  d.doses_of.clear();
  const double ic50 = o.parental_curve[Parameter::log10_ec50];
  const double low = std::isnan(o.lowest_nM) ? ic50 - std::log10(30.0) : std::log10(o.lowest_nM);
  const double high =
      std::isnan(o.highest_nM) ? ic50 + std::log10(30.0 * o.fold) : std::log10(o.highest_nM);
  d.doses_nM.clear();
  for (int i = 0; i < doses; ++i) {
    const double share = doses > 1 ? static_cast<double>(i) / (doses - 1) : 1.0;
    d.doses_nM.push_back(
        std::strtod(rounded(std::pow(10.0, low + share * (high - low)), 3).c_str(), nullptr));
  }
  d.repeats = repeats;
  d.wells_per_dose = wells;
  if (has_errors(check(d))) {  // both lines do not fit on one plate: one line a plate
    Design apart = d;
    apart.lines_share_plates = false;
    if (!has_errors(check(apart))) return apart;
  }
  return d;
}

Problems check(const PlanOptions& o) {
  Problems problems;
  const auto need = [&](bool holds, const std::string& item, const std::string& what) {
    if (holds) return;
    Where where;
    where.item = item;
    problems.push_back({std::move(where), what, "Correct " + item + ".", Severity::error});
  };
  need(o.fold > 1.0 && o.fold <= 1e4, "fold", "the fold must be above 1");
  need(o.power > 0.0 && o.power < 1.0, "power", "the power lies between 0 and 1");
  need(o.alpha > 0.0 && o.alpha < 1.0, "alpha", "alpha lies between 0 and 1");
  need(o.simulations >= 20, "simulations", "at least 20 simulations are needed");
  need(o.resistant != o.parental, "lines", "the two lines have the same name");
  need(!(o.lowest_nM <= 0.0) && !(o.highest_nM <= o.lowest_nM),
       "doses",
       "the lowest dose must lie above 0 and below the highest");
  const auto grid = [&](const std::vector<int>& values, int least, const std::string& item) {
    need(!values.empty() && *std::min_element(values.begin(), values.end()) >= least,
         item,
         item + " needs values of " + std::to_string(least) + " or more");
  };
  grid(o.doses, 4, "doses");
  grid(o.repeats, 2, "repeats");
  grid(o.wells, 1, "wells");
  if (has_errors(problems)) return problems;
  append(
      problems,
      check(
          design_of(o, o.doses.front(), o.repeats.front(), o.wells.front()), truth_of(o), o.noise));
  return problems;
}

Plan plan(const PlanOptions& options, Seed seed) {
  if (const Problems problems = check(options); has_errors(problems)) {
    throw UsageError("this experiment cannot be planned:\n" + describe(problems));
  }
  return Planner(options, seed).run();
}

}  // namespace kinescape::viability
