// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/number.hpp"
#include "viability/boards_internal.hpp"

namespace kinescape::viability {
namespace {

using plate::Reading;
using plate::Role;
using plate::Well;

constexpr double infinity = std::numeric_limits<double>::infinity();

class Builder {
 public:
  Builder(const plate::PlateSet& set,
          const std::map<std::string, Board>& boards,
          const Options& options,
          Gathered& out)
      : set_(set), boards_(boards), options_(options), out_(out) {}

  Job build(const std::string& line, const std::string& drug) {
    job_ = {};
    job_.line = line, job_.drug = drug;
    job_.data.normalised = set_.scale != plate::Scale::signal;
    job_.data.student_t = options_.student_t;
    for (const auto& [name, board] : boards_) collect_repeats(board);
    for (const auto& [name, board] : boards_) add_board(board);
    summarise();
    return std::move(job_);
  }

 private:
  [[nodiscard]] bool mine(const Well& w) const {
    return w.role == Role::sample && w.line == job_.line && w.drug == job_.drug && w.dose_nM > 0.0;
  }

  void collect_repeats(const Board& board) {
    for (const Well* w : board.wells)
      if (mine(*w) && w->excluded.empty()) repeats_seen(w->repeat);
  }
  void repeats_seen(const std::string& r) {
    auto& names = job_.data.repeats;
    const auto it = std::lower_bound(names.begin(), names.end(), r);
    if (it == names.end() || *it != r) names.insert(it, r);
  }
  [[nodiscard]] int repeat_index(const std::string& r) const {
    const auto& names = job_.data.repeats;
    const auto it = std::lower_bound(names.begin(), names.end(), r);
    return it != names.end() && *it == r ? static_cast<int>(it - names.begin()) : -1;
  }

  // One unit of the likelihood for a plate, or one for each repeat on it where each repeat has
  // vehicles of its own (tables without a plate column, plates shared by days).
  void add_board(const Board& board) {
    std::set<std::string> repeats, with_vehicle;
    for (const Well* w : board.wells) {
      if (mine(*w) && w->excluded.empty()) repeats.insert(w->repeat);
      if (vehicle_of(board, *w, job_.line) && w->excluded.empty()) with_vehicle.insert(w->repeat);
    }
    if (repeats.empty()) return;
    ++job_.physical_plates;
    if (job_.time_h != job_.time_h) job_.time_h = board.time_h;
    const bool split =
        repeats.size() > 1 &&
        std::includes(with_vehicle.begin(), with_vehicle.end(), repeats.begin(), repeats.end());
    if (!split) {
      add_unit(board, repeats, nullptr);
      return;
    }
    for (const std::string& r : repeats) add_unit(board, {r}, &r);
  }

  void add_unit(const Board& board, const std::set<std::string>& repeats, const std::string* only) {
    auto& data = job_.data;
    const auto in_unit = [&](const Well& w) {
      return !only || w.repeat == *only || (w.repeat.empty() && w.role == Role::blank);
    };
    double vehicles = 0.0, blanks = 0.0;
    for (const Well* w : board.wells) {
      if (!w->excluded.empty() || !in_unit(*w)) continue;
      vehicles += vehicle_of(board, *w, job_.line) && w->reading == Reading::measured;
      blanks += w->role == Role::blank && w->reading == Reading::measured;
    }
    const bool no_vehicle = !data.normalised && vehicles == 0.0;
    const int unit = no_vehicle ? -1 : static_cast<int>(data.plates.size());
    if (no_vehicle) lacks_vehicle(board, only);
    if (!no_vehicle) {
      data.plates.push_back(only ? board.name + "|" + *only : board.name);
      data.has_blank.push_back(blanks > 0.0 ? 1 : 0);
      data.fit_edge.push_back(board.edge ? 1 : 0);
      data.fit_gradient.push_back(board.gradient ? 1 : 0);
      if (!data.normalised && blanks == 0.0) lacks_blank(board);
    }
    for (const Well* w : board.wells) {
      if (!in_unit(*w)) continue;
      const bool untreated = vehicle_of(board, *w, job_.line);
      const bool blank = w->role == Role::blank && !data.normalised;
      if (!mine(*w) && !untreated && !blank) continue;
      std::string why = w->excluded;
      if (why.empty() && no_vehicle) why = "no vehicle wells on its plate";
      if (!blank) {
        const Place place = place_of(board, *w);
        job_.wells.push_back({w, why.empty() ? unit : -1, why, place.edge, place.gradient});
      }
      if (!why.empty()) {
        ++job_.excluded;
        continue;
      }
      add_well(board, *w, unit, untreated, blank, repeats);
    }
  }

  // Where a well lies, for the terms that its plate's own test asked for.
  struct Place {
    double edge = 0.0, gradient = 0.0;
  };
  static Place place_of(const Board& board, const Well& w) {
    Place p;
    if (!w.placed) return p;
    const auto& f = board.format;
    const auto& at = w.position;
    if (board.edge)
      p.edge = at.row == 0 || at.column == 0 || at.row == f.rows - 1 || at.column == f.columns - 1;
    if (board.gradient)
      p.gradient = board.gradient_by_row ? (at.row + 0.5) / f.rows - 0.5
                                         : (at.column + 0.5) / f.columns - 0.5;
    return p;
  }

  void add_well(const Board& board,
                const Well& w,
                int unit,
                bool untreated,
                bool blank,
                const std::set<std::string>& repeats) {
    model::Obs o;
    o.plate = unit;
    o.blank = blank;
    o.vehicle = untreated && !job_.data.normalised;
    o.log10_dose = untreated || blank ? -infinity : std::log10(w.dose_nM);
    o.repeat = repeats.size() == 1 ? repeat_index(*repeats.begin()) : repeat_index(w.repeat);
    if (!blank) {
      const Place place = place_of(board, w);
      o.edge = place.edge, o.gradient = place.gradient;
    }
    o.reading = w.reading;
    o.y = w.signal;
    if (o.reading != Reading::measured) {
      ++job_.censored;
      if (!std::isfinite(o.y)) o.y = o.reading == Reading::saturated ? board.most : board.least;
    }
    job_.data.wells += 1.0;
    auto& obs = job_.data.obs;
    if (!obs.empty() && !job_.data.student_t && same_cell(obs.back(), o)) {
      model::Obs& cell = obs.back();  // Welford: sorted wells give the same bits in any row order.
      const double d = o.y - cell.y;
      cell.n += 1.0;
      cell.y += d / cell.n;
      cell.within += d * (o.y - cell.y);
    } else {
      obs.push_back(o);
    }
  }

  static bool same_cell(const model::Obs& a, const model::Obs& b) {
    const bool same_dose =
        a.log10_dose == b.log10_dose || std::abs(a.log10_dose - b.log10_dose) < 1e-9;
    return a.plate == b.plate && a.repeat == b.repeat && a.blank == b.blank &&
           a.vehicle == b.vehicle && same_dose && a.edge == b.edge && a.gradient == b.gradient &&
           a.reading == Reading::measured && b.reading == Reading::measured;
  }

  void lacks_vehicle(const Board& board, const std::string* only) {
    const Well* shown = nullptr;
    for (const Well* w : board.wells)
      if (mine(*w) && (!only || w->repeat == *only)) {
        shown = w;
        break;
      }
    const std::string what = "Plate " + quoted(board.name) +
                             " holds raw signals but no vehicle wells of line " +
                             quoted(job_.line) + ": there is nothing to compare its wells with.";
    Problem problem{shown ? where_of(*shown) : Where{},
                    what,
                    "Mark the wells with cells and solvent only as vehicle, of this line.",
                    Severity::error};
    problem.where.item = "plate " + board.name;
    once(problem);
  }
  void lacks_blank(const Board& board) {
    Problem problem{board.wells.empty() ? Where{} : where_of(*board.wells.front()),
                    "Plate " + quoted(board.name) +
                        " has no blank wells: zero signal is taken as zero viability.",
                    "Mark wells without cells as blank, if there are any.",
                    Severity::warning};
    problem.where.item = "plate " + board.name;
    problem.where.shown.clear();
    once(problem);
  }
  void once(const Problem& p) {
    if (std::none_of(out_.problems.begin(), out_.problems.end(), [&](const Problem& q) {
          return q.what == p.what;
        }))
      out_.problems.push_back(p);
  }

  void summarise() {
    auto& data = job_.data;
    for (const auto& o : data.obs) {
      if (o.blank || !(o.log10_dose > -infinity)) continue;
      const double dose = std::pow(10.0, o.log10_dose);
      auto& d = data.doses_nM;
      const auto it = std::lower_bound(d.begin(), d.end(), dose * (1.0 - 1e-8));
      if (it == d.end() || *it > dose * (1.0 + 1e-8)) d.insert(it, dose);
    }
    if (!data.doses_nM.empty()) {
      data.lowest = std::log10(data.doses_nM.front());
      data.highest = std::log10(data.doses_nM.back());
    }
    // A repeat that lost all its wells with its plate is no repeat.
    std::vector<char> used(data.repeats.size(), 0);
    for (const auto& o : data.obs)
      if (o.repeat >= 0 && !o.blank && !o.vehicle) used[static_cast<std::size_t>(o.repeat)] = 1;
    std::vector<int> next(used.size(), -1);
    std::vector<std::string> kept;
    for (std::size_t r = 0; r < used.size(); ++r)
      if (used[r]) next[r] = static_cast<int>(kept.size()), kept.push_back(data.repeats[r]);
    data.repeats = kept;
    for (auto& o : data.obs)
      if (o.repeat >= 0) o.repeat = next[static_cast<std::size_t>(o.repeat)];
    const std::string curve = "Line " + quoted(job_.line) + ", drug " + quoted(job_.drug);
    if (data.doses_nM.size() < 3 && !data.plates.empty()) {
      const auto n = std::to_string(data.doses_nM.size());
      job_.hopeless = data.doses_nM.size() == 1 ? "one dose only" : "fewer than three doses";
      if (data.normalised && data.doses_nM.empty()) job_.hopeless = "no dose";
      out_.problems.push_back({first_place(),
                               curve + ": " + job_.hopeless + " (" + n +
                                   " found); a curve needs at least three, better eight.",
                               "Check the dose column and the drug names of these wells.",
                               Severity::error});
    } else if (data.plates.empty()) {
      job_.hopeless = "no usable plate";
    }
  }
  [[nodiscard]] Where first_place() const {
    Where w = job_.wells.empty() ? Where{} : where_of(*job_.wells.front().well);
    return w;
  }

  const plate::PlateSet& set_;
  const std::map<std::string, Board>& boards_;
  const Options& options_;
  Gathered& out_;
  Job job_;
};

// Net signal of the day-0 wells of a line in each repeat, where there are any.
std::map<std::string, double> day0_of(const std::map<std::string, Board>& boards,
                                      const std::string& line) {
  std::map<std::string, std::pair<double, double>> sums;
  for (const auto& [name, board] : boards) {
    double blank = 0.0, blanks = 0.0;
    for (const Well* w : board.wells)
      if (w->role == Role::blank && w->excluded.empty()) blank += w->signal, blanks += 1.0;
    if (blanks > 0.0) blank /= blanks;
    for (const Well* w : board.wells) {
      const bool of_line = w->line == line || (w->line.empty() && board.lines.size() <= 1);
      if (w->role != Role::day0 || !of_line || !w->excluded.empty() ||
          w->reading != Reading::measured)
        continue;
      sums[w->repeat].first += w->signal - blank;
      sums[w->repeat].second += 1.0;
    }
  }
  std::map<std::string, double> means;
  for (const auto& [repeat, s] : sums) means[repeat] = s.first / s.second;
  return means;
}

// Spatial terms where the plate's own tests ask for them, at 1 %.
void ask_for_terms(std::map<std::string, Board>& boards,
                   const std::vector<plate::Quality>& quality) {
  constexpr double asked = 0.01;
  for (const plate::Quality& q : quality) {
    const auto it = boards.find(q.plate);
    if (it == boards.end()) continue;
    it->second.edge = q.edge.p < asked;
    it->second.gradient = q.column.p < asked || q.row.p < asked;
    it->second.gradient_by_row = q.row.p < asked && !(q.column.p <= q.row.p);
  }
}

void check_repeat_labels(const plate::PlateSet& set, Gathered& out) {
  const Well* unlabelled = nullptr;
  bool labelled = false;
  for (const Well& w : set.wells) {
    if (w.role != Role::sample) continue;
    if (w.repeat.empty() && !unlabelled) unlabelled = &w;
    labelled = labelled || !w.repeat.empty();
  }
  if (!unlabelled) return;
  Problem p;
  p.where = where_of(*unlabelled);
  p.where.shown.clear();
  p.what = labelled ? "Some sample wells name their biological repeat and some do not; those "
                      "without a label count as one repeat of their own."
                    : "No well names its biological repeat: all count as one repeat (n = 1), and "
                      "every interval holds technical error only.";
  p.fix = "Add a column \"repeat\" that names the independent culture of each well.";
  p.severity = Severity::warning;
  out.problems.push_back(p);
}

}  // namespace

Gathered gather(const plate::PlateSet& plates, const Options& options) {
  Gathered out;
  auto boards = sort_wells(plates, options, out);
  out.quality = plate::assess(plates);
  if (options.spatial_terms && plates.scale == plate::Scale::signal)
    ask_for_terms(boards, out.quality);
  // Curves by drug, then line, as first met in the data.
  std::vector<std::string> drugs, lines;
  std::set<std::pair<std::string, std::string>> pairs;
  for (const Well& w : plates.wells) {
    if (w.role != Role::sample || w.drug.empty() || w.dose_nM == 0.0) continue;
    if (!w.drug_b.empty() && w.dose_b_nM > 0.0) continue;
    if (std::find(drugs.begin(), drugs.end(), w.drug) == drugs.end()) drugs.push_back(w.drug);
    if (std::find(lines.begin(), lines.end(), w.line) == lines.end()) lines.push_back(w.line);
    pairs.insert({w.drug, w.line});
  }
  check_repeat_labels(plates, out);
  Builder builder(plates, boards, options, out);
  for (const auto& drug : drugs)
    for (const auto& line : lines)
      if (pairs.contains({drug, line})) {
        out.jobs.push_back(builder.build(line, drug));
        out.jobs.back().day0 = day0_of(boards, line);
      }
  if (out.jobs.empty() && !has_errors(out.problems))
    out.problems.push_back({Where{},
                            "The data hold no sample well with a drug and a dose.",
                            "Check the columns drug, dose and role.",
                            Severity::error});
  return out;
}

Problems check(const plate::PlateSet& plates, const Options& options) {
  return gather(plates, options).problems;
}

}  // namespace kinescape::viability
