// SPDX-License-Identifier: Apache-2.0
// Plans of mice and of patients: power against size with its interval, and what else was tried.
#include <fmt/format.h>

#include <cmath>

#include "base/number.hpp"
#include "report/chapter_internal.hpp"
#include "report/clinical.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/page_table_internal.hpp"
#include "report/plan_internal.hpp"
#include "report/tidy_internal.hpp"
#include "report/wording_internal.hpp"
#include "report/xenograft.hpp"

namespace kinescape::report {
namespace {

/// One size that was tried.
struct PowerAt {
  int size;
  double power, low, high;
};

Figure power_figure(const char* name,
                    const std::string& size_words,
                    const std::vector<PowerAt>& sizes,
                    const Estimated& needed,
                    double wanted) {
  Figure figure{
      name,
      "Power by size",
      fmt::format("Share of simulated studies in which the test of the analysis finds the "
                  "difference, with its 95 % interval. Dashed: the power wanted, {} %{}.",
                  rounded(100.0 * wanted, 3),
                  needed.status == Status::not_reached
                      ? ""
                      : fmt::format(", which {} reach", exact(needed.value))),
      ""};
  Json rows = Json::array();
  for (const PowerAt& s : sizes)
    rows.push_back({{"size", s.size},
                    {"power_percent", number_or_null(100.0 * s.power)},
                    {"low_percent", number_or_null(100.0 * s.low)},
                    {"high_percent", number_or_null(100.0 * s.high)}});
  Json spec = base_spec(figure.title, "", "Power against size, simulated", 300);
  spec["datasets"] = {{"sizes", std::move(rows)}};
  Json x = quantitative("size"), y = quantitative("power_percent");
  x["scale"] = {{"zero", false}, {"nice", false}, {"padding", 12}};
  x["axis"] = {{"title", size_words}, {"grid", false}, {"tickMinStep", 1}};
  y["scale"] = {{"domain", {0, 100}}};
  y["axis"] = {{"title", "power (%)"}};
  SharedLayers over("sizes",
                    {{"x", x},
                     {"color", {{"value", "#0072B2"}}},
                     {"tooltip",
                      {tip("size", size_words.c_str()),
                       tip("power_percent", "power (%)"),
                       tip("low_percent", "from"),
                       tip("high_percent", "to")}}});
  over.layers.push_back(
      {{"name", "criterion"},
       {"data", {{"values", Json::array({Json{{"power_percent", 100.0 * wanted}}})}}},
       {"mark", {{"type", "rule"}, {"color", "#52606d"}, {"strokeDash", {4, 3}}, {"aria", false}}},
       {"encoding", {{"y", y}}}});
  Json low = y;
  low["field"] = "low_percent";
  over.add("interval",
           "",
           {{"type", "rule"}, {"strokeWidth", 3}, {"opacity", 0.5}},
           {{"y", low}, {"y2", {{"field", "high_percent"}}}});
  over.add("path", "", {{"type", "line"}, {"strokeWidth", 1}, {"opacity", 0.5}}, {{"y", y}});
  over.add(
      "power", "", {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 1}}, {{"y", y}});
  spec["layer"] = std::move(over.layers);
  figure.spec = text_of(spec);
  return figure;
}

/// "11", "> 20".
std::string size_words(const Estimated& e) {
  return (e.status == Status::not_reached ? "> " : "") + exact(e.value);
}

void power_cells(HtmlTable& t, double power, double low, double high) {
  t.text(fmt::format(
      "{} ({} – {})", number(100.0 * power), number(100.0 * low), number(100.0 * high)));
}

void tidy_power(Tidy& t, double power, double low, double high) {
  t.number("power", power);
  t.number("power_low", low);
  t.number("power_high", high);
}

std::string section(const char* id, const char* name, const HtmlTable& table) {
  return fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", id, name, table.str());
}

Chapter opened(const char* room, const char* title, const Estimated& needed, const char* of) {
  Chapter c;
  c.room = room;
  c.name = "Plan";
  c.title = title;
  std::string words = fmt::format("{} an arm", of);
  if (std::isfinite(needed.low) && std::isfinite(needed.high))
    words += fmt::format("; {} – {}", exact(needed.low), exact(needed.high));
  c.summary = cards(card(size_words(needed), words, "sizes"));
  return c;
}

HtmlTable mice_sizes(const xenograft::Plan& plan) {
  HtmlTable t("xenograft_plan", "The design's own days and rules.");
  for (const char* title :
       {"Mice an arm", "Implanted", "Power (%)", "Mouse-days", "Measurements", "At a limit (%)"})
    t.heading(title, "", std::string_view(title) != "Power (%)");
  for (const xenograft::PlanRow& r : plan.rows) {
    t.row();
    t.count(r.animals_per_arm);
    t.count(r.implanted_per_arm);
    power_cells(t, r.power, r.power_low, r.power_high);
    t.number(r.mouse_days);
    t.number(r.measurements);
    t.number(100.0 * r.removed_share);
  }
  return t;
}

HtmlTable mice_protocols(const xenograft::Plan& plan) {
  HtmlTable t("xenograft_protocols",
              "Fewest mice that reach the power, by protocol; all on the same virtual mice.");
  for (const char* title : {"Days between visits", "Until day", "Volume limit (mm³)"})
    t.heading(title, "", true);
  t.heading("Study ends", "Share of the reference's mice whose leaving ends it");
  t.heading("Mice an arm");
  t.heading("Power (%)");
  t.heading("Mouse-days", "", true);
  t.heading("Measurements", "", true);
  for (const xenograft::PlanOption& o : plan.options) {
    t.row();
    t.number(o.every_days);
    t.number(o.until_day);
    t.number(o.volume_limit_mm3, 4);
    t.text((std::isnan(o.stop_when_gone) ? "on the last day"
                                         : number(100.0 * o.stop_when_gone) + " % have left") +
           (o.as_designed ? ", as designed" : ""));
    t.text(size_words(o.animals_per_arm));
    power_cells(t, o.at.power, o.at.power_low, o.at.power_high);
    t.number(o.at.mouse_days);
    t.number(o.at.measurements);
  }
  return t;
}

HtmlTable patient_sizes(const clinical::Plan& plan) {
  const bool looks = plan.looks.size() > 1;
  HtmlTable t("clinical_plan", "Sizes that were tried.");
  t.heading("Patients an arm", "", true);
  t.heading("Events", "When everyone has been followed", true);
  t.heading("Power (%)");
  if (looks) {
    t.heading("Expected events", "With the looks", true);
    t.heading("Expected months", "", true);
    t.heading("Stopped by each look (%)");
  }
  for (const clinical::PlanRow& r : plan.rows) {
    t.row();
    t.count(r.patients_per_arm);
    t.number(r.events);
    power_cells(t, r.power, r.power_low, r.power_high);
    if (!looks) continue;
    t.number(r.expected_events);
    t.number(r.expected_months);
    std::string stopped;
    for (const double s : r.stopped_by)
      stopped += (stopped.empty() ? "" : ", ") + number(100.0 * s);
    t.text(stopped);
  }
  return t;
}

HtmlTable look_limits(const clinical::Plan& plan) {
  HtmlTable t("clinical_looks", "Limits of the looks.");
  for (const char* title : {"Share of the events (%)", "|z| above", "p below"})
    t.heading(title, "", true);
  for (const clinical::Look& l : plan.looks) {
    t.row();
    t.number(100.0 * l.information);
    t.number(l.z_limit, 4);
    t.number(l.p_limit);
  }
  return t;
}

}  // namespace

std::vector<OutputFile> xenograft_plan_files(const PlanOf<xenograft::Plan>& asked,
                                             const Provenance& provenance,
                                             const Problems& problems) {
  const xenograft::Plan& plan = asked.plan;
  Chapter c = opened("xenograft-plan", "Xenograft: the plan", plan.animals_per_arm, "mice");
  c.summary += says(item("", plan.says) +
                    (plan.says_of_options.empty() ? "" : item("", plan.says_of_options)));
  std::vector<PowerAt> sizes;
  for (const xenograft::PlanRow& r : plan.rows)
    sizes.push_back({r.animals_per_arm, r.power, r.power_low, r.power_high});
  c.figures.push_back(power_figure(
      "xenograft_plan_power", "mice an arm", sizes, plan.animals_per_arm, asked.wanted_power));
  c.sections.push_back(figure_section("power", "Power by size", c.figures.back()));
  c.sections.push_back({"sizes", "Sizes", section("sizes", "Sizes", mice_sizes(plan))});
  if (!plan.options.empty())
    c.sections.push_back(
        {"protocols", "Protocols", section("protocols", "Protocols", mice_protocols(plan))});
  c.methods = {
      "Studies are simulated mouse by mouse and analysed with the mixed model and the "
      "Kenward-Roger "
      "test of the analysis; power is the share with p below the level, its interval exact."};
  c.tables.push_back(table("xenograft_plan", plan.rows, [](Tidy& t, const xenograft::PlanRow& r) {
    t.count("animals_per_arm", r.animals_per_arm);
    t.count("implanted_per_arm", r.implanted_per_arm);
    tidy_power(t, r.power, r.power_low, r.power_high);
    t.number("mouse_days", r.mouse_days);
    t.number("measurements", r.measurements);
    t.number("removed_share", r.removed_share);
  }));
  c.json = xenograft_plan_body(plan);
  return room_files(std::move(c), provenance, problems);
}

std::vector<OutputFile> clinical_plan_files(const PlanOf<clinical::Plan>& asked,
                                            const Provenance& provenance,
                                            const Problems& problems) {
  const clinical::Plan& plan = asked.plan;
  Chapter c = opened("clinical-plan", "Clinical: the plan", plan.patients_per_arm, "patients");
  c.summary += says(item("", plan.says));
  std::vector<PowerAt> sizes;
  for (const clinical::PlanRow& r : plan.rows)
    sizes.push_back({r.patients_per_arm, r.power, r.power_low, r.power_high});
  c.figures.push_back(power_figure(
      "clinical_plan_power", "patients an arm", sizes, plan.patients_per_arm, asked.wanted_power));
  c.sections.push_back(figure_section("power", "Power by size", c.figures.back()));
  c.sections.push_back({"sizes", "Sizes", section("sizes", "Sizes", patient_sizes(plan))});
  if (plan.looks.size() > 1)
    c.sections.push_back({"looks", "Looks", section("looks", "Looks", look_limits(plan))});
  c.methods = {
      "Trials are simulated with accrual, scans and drop-out and analysed by the log-rank test; "
      "power is the share that crosses its limit, its interval exact."};
  c.tables.push_back(table("clinical_plan", plan.rows, [](Tidy& t, const clinical::PlanRow& r) {
    t.count("patients_per_arm", r.patients_per_arm);
    t.number("events", r.events);
    tidy_power(t, r.power, r.power_low, r.power_high);
    t.number("expected_events", r.expected_events);
    t.number("expected_months", r.expected_months);
  }));
  c.json = clinical_plan_body(plan);
  return room_files(std::move(c), provenance, problems);
}

}  // namespace kinescape::report
