// SPDX-License-Identifier: Apache-2.0
// Chapter of the xenograft room: what it says, its tables and figures.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/page_table_internal.hpp"
#include "report/tidy_internal.hpp"
#include "report/wording_internal.hpp"
#include "report/xenograft_internal.hpp"

namespace kinescape::report {
namespace {

std::string summary(const xenograft::Estimate& e) {
  std::string all, sentences;
  for (const xenograft::ArmResult& a : e.arms) {
    if (a.reference.empty()) continue;
    const Wording ratio = wording(a.growth_rate_ratio);
    all += card(std::isnan(a.growth_rate_ratio.value) ? ratio.flag : ratio.value,
                fmt::format("growth rate of {} over {}{}; {} mice",
                            a.arm,
                            a.reference,
                            ratio.interval.empty() ? "" : ", " + ratio.interval,
                            a.animals),
                "xenograft-arms");
    if (std::isnan(a.p)) continue;
    sentences += item(
        "",
        fmt::format(
            "{} against {}: growth rate changes by {}, p {}{}.",
            a.arm,
            a.reference,
            in_line(a.growth_rate_difference_per_day, "per day"),
            p_value(a.p),
            std::isnan(a.p_dunnett) ? "" : ", over all arms (Dunnett) " + p_value(a.p_dunnett)));
  }
  if (!e.model.why.empty()) sentences += item("", e.model.why);
  for (const xenograft::CombinationResult& c : e.combinations)
    if (!c.says.empty())
      sentences += item("",
                        fmt::format("{}: {} {}, p {}.",
                                    c.both,
                                    c.says,
                                    in_line(c.excess_per_day, "per day"),
                                    p_value(c.p)));
  return cards(all) + says(sentences);
}

std::string arms_html(const xenograft::Estimate& e) {
  HtmlTable table("xenograft_arms",
                  "One row for each arm. Hover for full precision, the day and the method.");
  table.heading("Arm");
  table.heading("Mice", "", true);
  table.heading("Growth rate (per day)", "Of ln volume, mixed model", true);
  table.heading("Ratio", "Growth rate over that of the reference", true);
  table.heading("p", "Of the difference of growth rates", true);
  table.heading("p (Dunnett)", "For all arms together", true);
  table.heading("TGI (%)", "On the last day on which every mouse of both arms was measured", true);
  table.heading("T/C (%)", "Geometric means of V / V0 on that day", true);
  table.heading("Growth delay (days)", "", true);
  table.heading("CR / PR / SD / PD / NE", e.mrecist_rule);
  table.heading("Largest weight loss (%)", "Mean over mice", true);
  for (const xenograft::ArmResult& a : e.arms) {
    table.row();
    table.text(a.arm);
    table.count(a.animals);
    table.estimate(a.growth_rate_per_day);
    table.estimate(a.growth_rate_ratio);
    table.p(a.p);
    table.p(a.p_dunnett);
    table.estimate(a.tgi_percent);
    table.estimate(a.tc_rtv_percent);
    table.estimate(a.growth_delay_days);
    table.text(fmt::format("{} / {} / {} / {} / {}", a.cr, a.pr, a.sd, a.pd, a.not_classified),
               e.mrecist_rule);
    table.estimate(a.largest_weight_loss_percent);
  }
  std::string turns;
  for (const xenograft::ArmResult& a : e.arms)
    if (a.decay_per_day.n > 0)
      turns += fmt::format(
          "<p class=\"note\">{}: {} of {} mice shrink and then grow again; decay {}, regrowth {} "
          "per "
          "day.</p>\n",
          escaped(a.arm),
          a.decay_per_day.n,
          a.animals,
          escaped(in_line(a.decay_per_day, "")),
          escaped(in_line(a.regrowth_per_day, "")));
  return "<section id=\"xenograft-arms\"><h2>Arms</h2>\n" + table.str() + turns +
         fmt::format("<p class=\"note\">Classes: {}.</p>\n", escaped(e.mrecist_rule)) +
         "</section>\n";
}

std::string model_html(const xenograft::Estimate& e) {
  if (e.model.coefficients.empty()) return "";
  HtmlTable table("xenograft_model",
                  e.model.formula + "; " + e.model.df_method + " degrees of freedom.");
  table.heading("Coefficient");
  table.heading("Estimate", "", true);
  table.heading("Standard error", "", true);
  table.heading("df", "", true);
  table.heading("p", "", true);
  for (const xenograft::Coefficient& c : e.model.coefficients) {
    table.row();
    table.text(c.name);
    table.number(c.estimate);
    table.number(c.se);
    table.number(c.df);
    table.p(c.p);
  }
  return "<section id=\"xenograft-model\"><h2>Growth model</h2>\n" + table.str() + "</section>\n";
}

std::string sensitivity_html(const xenograft::Estimate& e) {
  if (e.sensitivity.empty()) return "";
  HtmlTable table(
      "xenograft_sensitivity",
      "The same difference of growth rates under another assumption about who left and why.");
  table.heading("Analysis");
  table.heading("Arm");
  table.heading("Difference (per day)", "", true);
  table.heading("p", "", true);
  for (const xenograft::Sensitivity& s : e.sensitivity) {
    table.row();
    table.text(s.what, s.why);
    table.text(s.arm);
    table.estimate(s.growth_rate_difference_per_day);
    table.p(s.p);
  }
  std::string notes;
  std::string last;
  for (const xenograft::Sensitivity& s : e.sensitivity)
    if (s.why != last) notes += "<p class=\"note\">" + escaped(s.why) + "</p>\n", last = s.why;
  return "<section id=\"xenograft-sensitivity\"><h2>Who left, and why</h2>\n" + table.str() +
         notes + "</section>\n";
}

std::string lines_html(const xenograft::Estimate& e) {
  if (e.lines.empty()) return "";
  HtmlTable table("xenograft_lines", "Each tumour line on its own.");
  table.heading("Line");
  table.heading("Arm");
  table.heading("Mice", "", true);
  table.heading("Growth rate (per day)", "", true);
  table.heading("Ratio", "", true);
  table.heading("p", "", true);
  table.heading("TGI (%)", "", true);
  std::size_t shown = 0;
  for (const xenograft::LineResult& l : e.lines)
    for (const xenograft::ArmResult& a : l.arms) {
      if (++shown > 200) break;
      table.row();
      table.text(l.line);
      table.text(a.arm);
      table.count(a.animals);
      table.estimate(a.growth_rate_per_day);
      table.estimate(a.growth_rate_ratio);
      table.p(a.p);
      table.estimate(a.tgi_percent);
    }
  std::string varies;
  for (const xenograft::LineEffect& l : e.model.line_effects)
    varies += item("",
                   fmt::format("The effect of {} on the rate varies between lines with an SD of {} "
                               "per day; its test asks for the mean over lines.",
                               l.arm,
                               number(l.sd_per_day)));
  return "<section id=\"xenograft-lines\"><h2>Lines</h2>\n" + says(varies) + table.str() +
         (shown > 200 ? "<p class=\"note\">The first 200 rows; the table has them all.</p>\n"
                      : "") +
         "</section>\n";
}

}  // namespace

std::vector<OutputFile> xenograft_tables(const xenograft::Estimate& e) {
  std::vector<OutputFile> out;
  struct OfLine {
    std::string line;
    xenograft::ArmResult a;
  };
  const auto arm_columns = [](Tidy& t, const OfLine& l) {
    t.text("line", l.line);
    t.text("arm", l.a.arm);
    t.text("reference", l.a.reference);
    t.count("n_animals", l.a.animals);
    t.estimate("growth_rate", "_per_day", l.a.growth_rate_per_day);
    t.estimate("growth_rate_ratio", "", l.a.growth_rate_ratio);
    t.estimate("growth_rate_difference", "_per_day", l.a.growth_rate_difference_per_day);
    t.number("p", l.a.p);
    t.number("p_holm", l.a.p_holm);
    t.number("p_dunnett", l.a.p_dunnett);
    t.number("p_permutation", l.a.p_permutation);
    t.number("last_common_day", l.a.last_common_day);
    t.estimate("tgi", "_percent", l.a.tgi_percent);
    t.estimate("tc", "_percent", l.a.tc_percent);
    t.estimate("tc_rtv", "_percent", l.a.tc_rtv_percent);
    t.estimate("auc_ratio", "", l.a.auc_ratio);
    t.estimate("time_to_multiple", "_days", l.a.time_to_multiple_days);
    t.estimate("growth_delay", "_days", l.a.growth_delay_days);
    t.estimate("largest_weight_loss", "_percent", l.a.largest_weight_loss_percent);
    t.estimate("decay", "_per_day", l.a.decay_per_day);
    t.estimate("regrowth", "_per_day", l.a.regrowth_per_day);
  };
  std::vector<OfLine> arms, lines;
  for (const auto& a : e.arms) arms.push_back({"", a});
  for (const auto& l : e.lines)
    for (const auto& a : l.arms) lines.push_back({l.line, a});
  out.push_back(table("xenograft_arms", arms, arm_columns));
  if (!lines.empty()) out.push_back(table("xenograft_lines", lines, arm_columns));
  out.push_back(
      table("xenograft_model", e.model.coefficients, [](Tidy& t, const xenograft::Coefficient& c) {
        t.text("coefficient", c.name);
        t.number("estimate", c.estimate);
        t.number("se", c.se);
        t.number("df", c.df);
        t.number("p", c.p);
      }));
  out.push_back(
      table("xenograft_animals", e.animals, [](Tidy& t, const xenograft::AnimalResult& a) {
        t.text("animal", a.id);
        t.text("arm", a.arm);
        t.text("line", a.line);
        t.text("removed", a.removal);
        t.number("baseline_mm3", a.baseline_mm3);
        t.text("mrecist", a.mrecist);
        t.number("best_response_percent", a.best_response_percent);
        t.number("best_average_response_percent", a.best_average_percent);
        t.number("slope_per_day", a.slope_per_day);
        t.number("auc_mm3_day", a.auc_mm3_day);
        t.number("largest_weight_loss_percent", a.largest_weight_loss_percent);
      }));
  out.push_back(
      table("xenograft_sensitivity", e.sensitivity, [](Tidy& t, const xenograft::Sensitivity& s) {
        t.text("analysis", s.what);
        t.text("arm", s.arm);
        t.estimate("growth_rate_difference", "_per_day", s.growth_rate_difference_per_day);
        t.number("p", s.p);
      }));
  return out;
}

Chapter xenograft_chapter(const xenograft::Estimate& e) {
  Chapter c;
  c.room = "xenograft";
  c.name = "Xenograft";
  c.title = "Xenograft: tumour growth";
  c.summary = summary(e);
  c.figures = xenograft_figures(e);
  settle_names(c.figures);
  for (const Figure& f : c.figures) {
    std::string id = f.name;
    std::replace(id.begin(), id.end(), '_', '-');
    c.sections.push_back(figure_section(id, f.title, f));
  }
  c.sections.push_back({"xenograft-arms", "Arms", arms_html(e)});
  c.sections.push_back({"xenograft-model", "Growth model", model_html(e)});
  c.sections.push_back({"xenograft-sensitivity", "Who left", sensitivity_html(e)});
  c.sections.push_back({"xenograft-lines", "Lines", lines_html(e)});
  c.methods = e.methods;
  c.citations = e.citations;
  c.problems = e.problems;
  c.tables = xenograft_tables(e);
  c.json = xenograft_body(e);
  return c;
}

std::vector<OutputFile> xenograft_files(const xenograft::Estimate& e,
                                        const Provenance& provenance,
                                        const Problems& problems) {
  return room_files(xenograft_chapter(e), provenance, problems);
}

}  // namespace kinescape::report
