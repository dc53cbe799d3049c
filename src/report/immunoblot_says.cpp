// SPDX-License-Identifier: Apache-2.0
// What a blot says: sentences of folds, readings, courses, ranges and masses, and their tables.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/immunoblot_internal.hpp"
#include "report/page_table_internal.hpp"
#include "report/tidy_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

std::string hours(double time_h) {
  return std::isnan(time_h) ? "" : fmt::format(" after {} h", rounded(time_h));
}

/// A probability as one reads it: three decimals, and no more certain than that.
std::string chance(double p) {
  if (std::isnan(p)) return "not known";
  return p > 0.999 ? "above 0.999" : p < 0.001 ? "below 0.001" : fmt::format("{:.3f}", p);
}

std::string at_least(double p) {
  return p > 0.999 || p < 0.001 ? chance(p) : "at least " + chance(p);
}

/// "pT/T of a line, drug 100 nM, against no drug: 0.12 (0.08 to 0.19) is left: suppressed."
std::string sentence_of(const immunoblot::Fold& f) {
  std::string call;
  switch (f.call) {
    case immunoblot::Call::suppressed:
      call = "suppressed";
      break;
    case immunoblot::Call::not_suppressed:
      call = "not suppressed";
      break;
    case immunoblot::Call::inconclusive:
      call = "the data cannot tell whether it is suppressed";
      break;
    case immunoblot::Call::cannot_say:
      return "";
  }
  return fmt::format(
      "{}/{} of {}, {} {} nM{}: {} of that {} is left ({}, {}): {} "
      "(probability of suppression {}).",
      f.target,
      f.reference,
      f.line.empty() ? "the only line" : f.line,
      f.drug,
      number(f.dose_nM),
      hours(f.time_h),
      in_line(f.fold, ""),
      f.against == "time 0" ? "at time 0" : "with " + f.against,
      counted(std::size_t(f.lanes), "lane"),
      counted(std::size_t(f.membranes), "membrane"),
      call,
      chance(f.p_suppressed));
}

std::string treated(const std::string& line, const std::string& drug, double dose_nM) {
  std::string out = line.empty() ? "The only line" : line;
  if (dose_nM > 0.0) out += fmt::format(", {} {} nM", drug, number(dose_nM));
  return out;
}

/// "L, drug 100 nM: bypass-like: the target is off, and pE/E is maintained (probability at least
/// 0.97)."
std::string sentence_of(const immunoblot::MechanismReading& r) {
  std::string down;
  for (const auto& d : r.downstream) {
    if (!down.empty()) down += "; ";
    down += fmt::format("{}/{}: {} is left, maintained with probability {}",
                        d.target,
                        d.reference,
                        in_line(d.fold, ""),
                        chance(d.p_maintained));
  }
  std::string what;
  switch (r.mechanism) {
    case immunoblot::Mechanism::on_target_like:
      what = fmt::format("on-target-like: the target still signals (probability {})",
                         chance(r.p_on_target));
      break;
    case immunoblot::Mechanism::bypass_like:
      what = fmt::format(
          "bypass-like: the target is off, and a signal downstream of it is maintained "
          "(probability {})",
          at_least(r.p_bypass));
      break;
    case immunoblot::Mechanism::both_off:
      what = fmt::format(
          "no escape is seen: the target and what lies downstream of it are off (probability {})",
          at_least(r.p_both_off));
      break;
    case immunoblot::Mechanism::undecided:
      what =
          fmt::format("undecided: the target is off with probability {}", chance(r.p_target_off));
      break;
  }
  return fmt::format("{}{}, {}/{}: {}. {}",
                     treated(r.line, r.drug, r.dose_nM),
                     hours(r.time_h),
                     r.target,
                     r.reference,
                     what,
                     down.empty() ? "Nothing downstream of it was measured." : down + ".");
}

std::string sentence_of(const immunoblot::TimeCourse& c) {
  const auto said = [](const Estimated& e) {
    return std::isnan(e.value) ? "cannot be said (" + e.why + ")" : in_line(e, " h");
  };
  return fmt::format("{}/{} of {}: time until half is left: {}; until half is back: {}.",
                     c.target,
                     c.reference,
                     treated(c.line, c.drug, c.dose_nM),
                     said(c.half_life_h),
                     said(c.return_h));
}

std::string sentence_of(const immunoblot::LinearRange& r) {
  if (std::isnan(r.highest_counts.value))
    return fmt::format("{}: no linear range: {}.", r.antibody, r.highest_counts.why);
  return fmt::format(
      "{}: signals show the load {} counts ({} loads, {} to {} ug); the slope of log signal on log "
      "load is {}. Signals above are lower bounds.",
      r.antibody,
      r.saturates ? "up to " + in_line(r.highest_counts, "")
                  : "over the whole series, to " + number(r.highest_counts.value),
      r.loads,
      number(r.lowest_ug),
      number(r.highest_ug),
      in_line(r.slope, ""));
}

}  // namespace

namespace {

constexpr std::size_t most_said = 6;  ///< More of one kind stand in the table below.

/// Whether no other of `all` says the same of a higher dose or a later time.
template <class T>
bool at_the_top(const T& one, const std::vector<T>& all) {
  return std::ranges::none_of(all, [&](const T& other) {
    return other.target == one.target && other.reference == one.reference &&
           other.line == one.line && other.drug == one.drug &&
           (other.dose_nM > one.dose_nM ||
            (other.dose_nM == one.dose_nM && other.time_h > one.time_h));
  });
}

/// Sentences of all, or of the highest dose of each drug and line where they are many.
template <class T>
std::string sentences_of(const std::vector<T>& all, const std::string& kind) {
  std::vector<std::string> every, top;
  for (const T& one : all) {
    std::string sentence = sentence_of(one);
    if (sentence.empty()) continue;
    if (at_the_top(one, all)) top.push_back(sentence);
    every.push_back(std::move(sentence));
  }
  const bool many = every.size() > most_said;
  std::string items;
  for (const std::string& sentence : many ? top : every) items += item("", sentence);
  if (many && top.size() < every.size()) {
    items += item("",
                  fmt::format("These are the highest doses; all {} {} are in the table of ratios.",
                              every.size(),
                              kind));
  }
  return items;
}

std::string sentence_of(const immunoblot::DoseSeries& s) {
  return fmt::format("{}/{} of {}: {}.",
                     s.target,
                     s.reference,
                     treated(s.line, "", 0.0) + (s.drug.empty() ? "" : ", " + s.drug),
                     std::isnan(s.ic50_nM.value)
                         ? "the dose that leaves half cannot be said (" + s.ic50_nM.why + ")"
                         : "half is left at " + in_line(s.ic50_nM, " nM"));
}

const immunoblot::MechanismReading* reading_of(const immunoblot::Estimate& estimate,
                                               const immunoblot::Fold& f) {
  if (f.against != "no drug" && f.against != "time 0") return nullptr;
  for (const auto& r : estimate.readings) {
    const bool same_time = r.time_h == f.time_h || (std::isnan(r.time_h) && std::isnan(f.time_h));
    if (r.target == f.target && r.reference == f.reference && r.line == f.line &&
        r.drug == f.drug && r.dose_nM == f.dose_nM && same_time) {
      return &r;
    }
  }
  return nullptr;
}

std::string spaced(std::string text) {
  std::ranges::replace(text, '_', ' ');
  return text;
}

}  // namespace

std::string immunoblot_readings(const immunoblot::Estimate& estimate) {
  std::string items = sentences_of(estimate.readings, "readings");
  // A reading has the folds of its target and of what lies downstream in it.
  if (estimate.readings.empty()) items += sentences_of(estimate.folds, "folds");
  for (const auto& s : estimate.series) items += item("", sentence_of(s));
  for (const auto& c : estimate.courses) items += item("", sentence_of(c));
  for (const auto& r : estimate.ranges) items += item("", sentence_of(r));
  return says(items);
}

std::string folds_html(const immunoblot::Estimate& estimate) {
  HtmlTable t(
      "immunoblot_folds",
      "Folds on the log scale, joined over lanes and membranes, with the probability that less "
      "than the declared share is left.");
  for (const auto* text : {"ratio", "line", "drug"}) t.heading(text);
  t.heading("dose (nM)", "", true);
  const bool timed =
      std::ranges::any_of(estimate.folds, [](const auto& f) { return !std::isnan(f.time_h); });
  if (timed) t.heading("time (h)", "", true);
  t.heading("against");
  t.heading("fold", "", true);
  t.heading("p suppressed", "that less than the declared share is left");
  t.heading("call");
  const bool read = !estimate.readings.empty();
  if (read) t.heading("reading", "with what lies downstream");
  for (const auto& f : estimate.folds) {
    t.row();
    t.text(f.target + "/" + f.reference);
    t.text(f.line);
    t.text(f.drug);
    t.number(f.dose_nM);
    if (timed) t.number(f.time_h);
    t.text(f.against);
    t.estimate(f.fold);
    t.text(std::isnan(f.p_suppressed) ? "" : chance(f.p_suppressed));
    const bool called = f.call != immunoblot::Call::cannot_say;
    t.text(called ? spaced(std::string(immunoblot::name(f.call))) : "");
    if (!read) continue;
    const auto* r = reading_of(estimate, f);
    t.text(r == nullptr ? "" : spaced(std::string(immunoblot::name(r->mechanism))));
  }
  return t.str();
}

std::string courses_html(const immunoblot::Estimate& estimate) {
  if (estimate.courses.empty()) return "";
  HtmlTable t("immunoblot_courses", "Folds against time 0.");
  for (const auto* text : {"target", "reference", "line", "drug"}) t.heading(text);
  t.heading("dose (nM)", "", true);
  t.heading("time (h)", "", true);
  t.heading("fold", "against time 0", true);
  for (const auto& c : estimate.courses) {
    for (const auto& p : c.points) {
      t.row();
      t.text(c.target);
      t.text(c.reference);
      t.text(c.line);
      t.text(c.drug);
      t.number(c.dose_nM);
      t.number(p.time_h);
      t.estimate(p.fold);
    }
  }
  return t.str();
}

std::vector<OutputFile> more_blot_tables(const immunoblot::Estimate& estimate) {
  struct Timed {
    const immunoblot::TimeCourse* course;
    const immunoblot::TimeCourse::Point* point;
  };
  std::vector<Timed> timed;
  for (const auto& c : estimate.courses) {
    for (const auto& p : c.points) timed.push_back({&c, &p});
  }
  std::vector<OutputFile> out;
  if (!timed.empty()) {
    out.push_back(table("immunoblot_courses", timed, [](Tidy& t, const Timed& row) {
      t.text("target", row.course->target);
      t.text("reference", row.course->reference);
      t.text("line", row.course->line);
      t.text("drug", row.course->drug);
      t.number("dose_nM", row.course->dose_nM);
      t.number("time_h", row.point->time_h);
      t.estimate("fold", "", row.point->fold);
      t.estimate("half_life", "_h", row.course->half_life_h);
      t.estimate("return", "_h", row.course->return_h);
      t.method(row.point->fold);
    }));
  }
  if (!estimate.readings.empty()) {
    out.push_back(table("immunoblot_readings",
                        estimate.readings,
                        [](Tidy& t, const immunoblot::MechanismReading& r) {
                          t.text("target", r.target);
                          t.text("reference", r.reference);
                          t.text("line", r.line);
                          t.text("drug", r.drug);
                          t.number("dose_nM", r.dose_nM);
                          t.number("time_h", r.time_h);
                          t.text("mechanism", std::string(immunoblot::name(r.mechanism)));
                          t.number("p_target_off", r.p_target_off);
                          t.number("p_on_target", r.p_on_target);
                          t.number("p_bypass", r.p_bypass);
                          t.number("p_both_off", r.p_both_off);
                        }));
  }
  return out;
}

}  // namespace kinescape::report
