// SPDX-License-Identifier: Apache-2.0
// Chapter of the clinical room: what it says, its tables and figures.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/clinical_internal.hpp"
#include "report/page_table_internal.hpp"
#include "report/tidy_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

std::string unit_of(const clinical::Estimate& e) {
  return e.time_unit == "as in the file" ? "time units" : e.time_unit;
}

std::string summary(const clinical::Estimate& e) {
  std::string all;
  for (const clinical::ArmResult& a : e.arms) {
    const Wording said = wording(a.median);
    all += card(std::isnan(a.median.value) ? said.flag : said.value,
                fmt::format("median {} in {}; {}{} of {} had the event",
                            unit_of(e),
                            a.arm,
                            said.interval.empty() ? "" : said.interval + "; ",
                            a.events,
                            a.n),
                "clinical-arms");
  }
  std::string sentences;
  if (!e.reconstructed_from.empty())
    sentences += item("",
                      "Reconstructed from a published curve (" + e.reconstructed_from +
                          "): these rows are not real patients.");
  for (const clinical::CoxTerm& t : e.cox.coefficients)
    sentences += item("",
                      fmt::format("Hazard ratio of {}: {}, p {}.{}",
                                  term_words(e, t.name),
                                  in_line(t.hazard_ratio, ""),
                                  p_value(t.p),
                                  e.cox.penalised ? " Penalised likelihood." : ""));
  if (!e.logrank.why.empty()) sentences += item("", e.logrank.why);
  if (!e.cox.why.empty()) sentences += item("", e.cox.why);
  return cards(all) + says(sentences);
}

std::string arms_html(const clinical::Estimate& e) {
  HtmlTable table("clinical_arms", "One row for each arm. Hover for full precision and method.");
  table.heading("Arm");
  table.heading("Patients", "", true);
  table.heading("Events", "", true);
  table.heading(fmt::format("Median ({})", unit_of(e)), "", true);
  if (!e.interval_censored)
    table.heading(fmt::format("Restricted mean ({})", unit_of(e)),
                  "Area under the curve to the horizon",
                  true);
  if (e.interval_censored) table.heading("Weibull median", "", true);
  if (!e.arms.empty())
    for (const clinical::Landmark& l : e.arms.front().landmarks)
      table.heading(fmt::format("Event-free at {} (%)", number(l.time)), "", true);
  for (const clinical::ArmResult& a : e.arms) {
    table.row();
    table.text(a.arm);
    table.count(a.n);
    table.count(a.events);
    table.estimate(a.median);
    table.estimate(e.interval_censored ? a.weibull_median : a.restricted_mean);
    for (const clinical::Landmark& l : a.landmarks) table.estimate(l.survival, 100.0);
  }
  return "<section id=\"clinical-arms\"><h2>Arms</h2>\n" + table.str() + "</section>\n";
}

/// Best responses and rates of each arm, and the audit trail of every visit.
std::string response_html(const clinical::ResponseEstimate& r) {
  HtmlTable rates("clinical_response",
                  "Best overall response by RECIST 1.1; not evaluable counts as no response.");
  rates.heading("Arm");
  for (const char* title : {"CR", "PR", "SD", "PD", "NE"}) rates.heading(title, "", true);
  rates.heading("Response rate (%)", "Clopper-Pearson", true);
  rates.heading("Disease control (%)", "Clopper-Pearson", true);
  rates.heading("Intracranial response (%)", "Of patients with brain lesions at baseline", true);
  for (const clinical::ArmResponse& a : r.arms) {
    rates.row();
    rates.text(a.arm);
    for (const int n : {a.complete, a.partial, a.stable, a.progression, a.not_evaluable})
      rates.count(n);
    rates.estimate(a.orr.clopper_pearson, 100.0);
    rates.estimate(a.dcr.clopper_pearson, 100.0);
    rates.estimate(a.intracranial_orr.clopper_pearson, 100.0);
  }
  HtmlTable between("clinical_response_compared", "Response and disease control of two arms.");
  between.heading("Arm");
  between.heading("Rate");
  between.heading("Difference (%)", "Newcombe", true);
  between.heading("Odds ratio", "Conditional, exact interval", true);
  between.heading("p", "Fisher's exact test", true);
  for (const clinical::ArmResponse& a : r.arms) {
    if (a.reference.empty()) continue;
    for (const bool response : {true, false}) {
      const clinical::RateComparison& c = response ? a.orr_against : a.dcr_against;
      between.row();
      between.text(a.arm + " against " + a.reference);
      between.text(response ? "response" : "disease control");
      between.estimate(c.difference, 100.0);
      between.estimate(c.odds_ratio);
      between.p(c.fisher_p);
    }
  }
  HtmlTable audit("clinical_visits", "Every call with the rule that made it.");
  for (const char* title : {"Patient", "Day", "Target", "Non-target", "Overall", "Why"})
    audit.heading(title);
  std::size_t shown = 0;
  for (const clinical::PatientCall& p : r.patients)
    for (const clinical::VisitCall& v : p.visits) {
      if (++shown > 300) break;
      audit.row();
      audit.text(p.patient);
      audit.number(v.day);
      audit.text(name(v.target));
      audit.text(name(v.non_target));
      audit.text(name(v.overall));
      audit.text(v.why);
    }
  return "<section id=\"clinical-response\"><h2>Response</h2>\n" + rates.str() +
         (r.arms.size() > 1 ? between.str() : "") + "<details><summary>The audit trail</summary>" +
         audit.str() +
         (shown > 300 ? "<p class=\"note\">The first 300 visits; the table has them all.</p>"
                      : "") +
         "</details></section>\n";
}

std::string tests_html(const clinical::Estimate& e) {
  HtmlTable table("clinical_tests",
                  "Tests of a difference between arms. Choose one before the data are seen.");
  table.heading("Test");
  table.heading("Chi-squared", "", true);
  table.heading("df", "", true);
  table.heading("p", "", true);
  table.heading("Status");
  const auto add = [&](const clinical::TestResult& t) {
    table.row();
    table.text(t.name, t.why);
    table.number(t.chi2);
    table.number(t.df);
    table.p(t.p);
    table.text(words(t.status), t.why);
  };
  add(e.logrank);
  for (const clinical::TestResult& t : e.tests) add(t);
  std::string html = "<section id=\"clinical-tests\"><h2>Tests</h2>\n" + table.str();
  if (!e.cox.proportionality.empty()) {
    HtmlTable zph(
        "clinical_proportionality",
        "Do hazard ratios change over time? Small p: they do, and one ratio does not say it all.");
    zph.heading("Term");
    zph.heading("Chi-squared", "", true);
    zph.heading("df", "", true);
    zph.heading("p", "", true);
    for (const clinical::ProportionalTerm& t : e.cox.proportionality) {
      zph.row();
      zph.text(t.name);
      zph.number(t.chi2);
      zph.number(t.df);
      zph.p(t.p);
    }
    html += zph.str();
  }
  return html + "</section>\n";
}

std::string hazard_html(const clinical::Estimate& e) {
  if (e.cox.coefficients.empty()) return "";
  HtmlTable table("clinical_hazard_ratios", "Cox model; above 1 the event comes sooner.");
  table.heading("Term");
  table.heading("Hazard ratio", "", true);
  table.heading("p", "", true);
  for (const clinical::CoxTerm& t : e.cox.coefficients) {
    table.row();
    table.text(t.name);
    table.estimate(t.hazard_ratio);
    table.p(t.p);
  }
  return "<section id=\"clinical-hazard\"><h2>Cox model</h2>\n" + table.str() + "</section>\n";
}

}  // namespace

std::vector<OutputFile> clinical_tables(const clinical::Estimate& e) {
  std::vector<OutputFile> out;
  out.push_back(table("clinical_arms", e.arms, [](Tidy& t, const clinical::ArmResult& a) {
    t.text("arm", a.arm);
    t.count("n", a.n);
    t.count("events", a.events);
    t.estimate("median", "", a.median);
    t.estimate("restricted_mean", "", a.restricted_mean);
    t.number("horizon", a.horizon);
  }));
  struct Step {
    std::string arm;
    clinical::CurvePoint p{};
  };
  std::vector<Step> steps;
  for (const auto& a : e.arms)
    for (const auto& p : a.survival) steps.push_back({a.arm, p});
  out.push_back(table("clinical_survival", steps, [](Tidy& t, const Step& s) {
    t.text("arm", s.arm);
    t.number("time", s.p.time);
    t.number("survival", s.p.survival);
    t.number("low", s.p.low);
    t.number("high", s.p.high);
    t.number("at_risk", s.p.at_risk);
    t.number("events", s.p.events);
    t.number("censored", s.p.censored);
  }));
  out.push_back(
      table("clinical_hazard_ratios", e.cox.coefficients, [](Tidy& t, const clinical::CoxTerm& c) {
        t.text("term", c.name);
        t.number("log_hazard_ratio", c.estimate);
        t.number("se", c.se);
        t.number("p", c.p);
        t.estimate("hazard_ratio", "", c.hazard_ratio);
      }));
  std::vector<clinical::TestResult> tests = {e.logrank};
  tests.insert(tests.end(), e.tests.begin(), e.tests.end());
  out.push_back(table("clinical_tests", tests, [](Tidy& t, const clinical::TestResult& r) {
    t.text("test", r.name);
    t.number("chi2", r.chi2);
    t.number("df", r.df);
    t.number("p", r.p);
    t.text("status", std::string(name(r.status)));
  }));
  out.push_back(table("clinical_proportionality",
                      e.cox.proportionality,
                      [](Tidy& t, const clinical::ProportionalTerm& r) {
                        t.text("term", r.name);
                        t.number("chi2", r.chi2);
                        t.number("df", r.df);
                        t.number("p", r.p);
                      }));
  if (!e.response) return out;
  out.push_back(
      table("clinical_response", e.response->arms, [](Tidy& t, const clinical::ArmResponse& a) {
        t.text("arm", a.arm);
        t.count("CR", a.complete);
        t.count("PR", a.partial);
        t.count("SD", a.stable);
        t.count("PD", a.progression);
        t.count("NE", a.not_evaluable);
        t.estimate("orr", "", a.orr.clopper_pearson);
        t.estimate("dcr", "", a.dcr.clopper_pearson);
        t.text("reference", a.reference);
        t.estimate("orr_difference", "", a.orr_against.difference);
        t.estimate("orr_odds_ratio", "", a.orr_against.odds_ratio);
        t.number("orr_fisher_p", a.orr_against.fisher_p);
      }));
  struct Visit {
    std::string patient;
    clinical::VisitCall v;
  };
  std::vector<Visit> visits;
  for (const auto& p : e.response->patients)
    for (const auto& v : p.visits) visits.push_back({p.patient, v});
  out.push_back(table("clinical_visits", visits, [](Tidy& t, const Visit& x) {
    t.text("patient", x.patient);
    t.number("day", x.v.day);
    t.number("sum_mm", x.v.sum_mm);
    t.number("nadir_mm", x.v.nadir_mm);
    t.number("change_from_baseline_percent", x.v.change_from_baseline_percent);
    t.text("target", std::string(name(x.v.target)));
    t.text("non_target", std::string(name(x.v.non_target)));
    t.text("overall", std::string(name(x.v.overall)));
    t.text("why", x.v.why);
  }));
  return out;
}

Chapter clinical_chapter(const clinical::Estimate& e) {
  Chapter c;
  c.room = "clinical";
  c.name = "Clinical";
  c.title = "Clinical: time to event";
  c.summary = summary(e);
  c.figures = clinical_figures(e);
  settle_names(c.figures);
  for (const Figure& f : c.figures) {
    std::string id = f.name;
    std::replace(id.begin(), id.end(), '_', '-');
    c.sections.push_back(figure_section(id, f.title, f));
  }
  if (e.response)
    c.sections.push_back({"clinical-response", "Response", response_html(*e.response)});
  c.sections.push_back({"clinical-arms", "Arms", arms_html(e)});
  c.sections.push_back({"clinical-hazard", "Cox model", hazard_html(e)});
  c.sections.push_back({"clinical-tests", "Tests", tests_html(e)});
  c.methods = e.methods;
  c.citations = e.citations;
  c.problems = e.problems;
  c.tables = clinical_tables(e);
  c.json = clinical_body(e);
  return c;
}

std::vector<OutputFile> clinical_files(const clinical::Estimate& e,
                                       const Provenance& provenance,
                                       const Problems& problems) {
  return room_files(clinical_chapter(e), provenance, problems);
}

}  // namespace kinescape::report
