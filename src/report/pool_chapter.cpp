// SPDX-License-Identifier: Apache-2.0
// Small series pooled: a forest of what each saw, what they say together and what a new one may
// see.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/clinical_internal.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/page_table_internal.hpp"
#include "report/tidy_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

/// `key` tells rows of one name in two groups apart.
Json pooled_row(const std::string& key,
                const std::string& row,
                const char* kind,
                const Estimated& e,
                const std::string& count) {
  return {{"key", key},
          {"row", row},
          {"kind", kind},
          {"rate_percent", number_or_null(100.0 * e.value)},
          {"low_percent", number_or_null(100.0 * e.low)},
          {"high_percent", number_or_null(100.0 * e.high)},
          {"count", count},
          {"shown", fmt::format("{} to {} %", rounded(100.0 * e.low), rounded(100.0 * e.high))}};
}

/// Rows of a forest in their order.
struct ForestRows {
  Json rows = Json::array(), order = Json::array();
  void add(const std::string& name,
           const char* kind,
           const Estimated& e,
           const std::string& count,
           int n) {
    const std::string key = fmt::format("{}|{}", rows.size(), name);
    Json row = pooled_row(key, name, kind, e, count);
    row["n"] = n;
    rows.push_back(std::move(row));
    order.push_back(key);
  }
};

std::string forest_spec(const std::string& title, const std::string& subtitle, ForestRows in) {
  Json spec = base_spec(title,
                        subtitle,
                        "Response rates with their intervals",
                        60 + 40 * static_cast<int>(in.rows.size()));
  spec["datasets"] = {{"series", std::move(in.rows)}};
  Json x = quantitative("low_percent");
  x["scale"] = {{"domain", {0, 100}}};
  x["axis"] = {{"title", "response rate (%)"}, {"grid", true}, {"tickCount", 6}};
  Json y = nominal("key");
  y["sort"] = std::move(in.order);
  y["axis"] = name_axis();
  y["axis"]["labelExpr"] = "split(datum.label, '|')[1]";
  y["axis"]["labelLimit"] = 250;
  SharedLayers over("series",
                    {{"y", y},
                     {"color", {{"value", "#0072B2"}}},
                     {"tooltip",
                      {tip("row", "series"),
                       tip("count", "responders"),
                       tip("rate_percent", "rate (%)"),
                       tip("shown", "interval")}}});
  const Json high{{"field", "high_percent"}};
  Json value = x;
  value["field"] = "rate_percent";
  over.add("new",
           "datum.kind == 'predictive'",
           {{"type", "bar"}, {"height", 9}, {"color", "#9aa5b1"}, {"opacity", 0.6}},
           {{"x", x}, {"x2", high}, {"color", {{"value", "#9aa5b1"}}}});
  over.add("interval",
           "datum.kind != 'predictive'",
           {{"type", "rule"}, {"strokeWidth", 3}, {"opacity", 0.6}},
           {{"x", x}, {"x2", high}});
  over.add("rate",
           "datum.kind == 'series' && isValid(datum.rate_percent)",
           {{"type", "point"}, {"filled", true}, {"opacity", 1}},
           {{"x", value},
            {"size",
             {{"field", "n"},
              {"type", "quantitative"},
              {"scale", {{"range", {50, 300}}}},
              {"legend", nullptr}}}});
  over.add(
      "pooled",
      "datum.kind == 'pooled' && isValid(datum.rate_percent)",
      {{"type", "point"}, {"filled", true}, {"shape", "diamond"}, {"size", 320}, {"opacity", 1}},
      {{"x", value}, {"color", {{"value", "#D55E00"}}}});
  over.add_right_labels({"label_count", "count"}, {"label_interval", "shown"});
  spec["layer"] = std::move(over.layers);
  return text_of(spec);
}

std::string counts_of(const clinical::Pooled& p) {
  return fmt::format("{} of {}", p.responders, p.n);
}

std::string group_name(const clinical::Pooled& p) {
  return p.group.empty() ? "Pooled series" : p.group;
}

/// Every group in one figure.
Figure groups_forest(const std::vector<clinical::Pooled>& pooled) {
  Figure figure{"clinical_pool_groups",
                "All groups",
                "A row for each group. Diamond: beta-binomial mean over its series with its "
                "profile interval; circle: its only series with its Clopper-Pearson interval (the "
                "larger, the more patients).",
                ""};
  ForestRows rows;
  for (const clinical::Pooled& p : pooled)
    rows.add(group_name(p),
             p.studies > 1 ? "pooled" : "series",
             p.rate,
             p.studies > 1 ? fmt::format("{} in {} series", counts_of(p), p.studies) : counts_of(p),
             p.n);
  figure.spec = forest_spec(figure.title, "", std::move(rows));
  return figure;
}

/// The series of one group.
Figure pooled_forest(const clinical::Pooled& p) {
  const bool predicted = std::isfinite(p.predictive.low);
  Figure figure{
      "clinical_pool_" + slug(p.group),
      group_name(p),
      fmt::format("Each series with its Clopper-Pearson interval (the larger the mark, "
                  "the more patients), the beta-binomial mean of all with its profile "
                  "interval (diamond){}.",
                  predicted ? ", and where the rate of a new series lies (grey bar)" : ""),
      ""};
  ForestRows rows;
  for (std::size_t i = 0; i < p.series.size(); ++i)
    rows.add(p.series[i].source,
             "series",
             p.each[i],
             fmt::format("{} of {}", p.series[i].responders, p.series[i].n),
             p.series[i].n);
  rows.add("all series", "pooled", p.rate, counts_of(p), p.n);
  if (predicted) rows.add("a new series", "predictive", p.predictive, "", p.n);
  figure.spec =
      forest_spec(figure.title,
                  std::isnan(p.exact_heterogeneity_p)
                      ? std::string()
                      : "heterogeneity p " + p_value(p.exact_heterogeneity_p) + " (exact test)",
                  std::move(rows));
  return figure;
}

std::string pooled_html(const std::vector<clinical::Pooled>& pooled) {
  HtmlTable t("clinical_pool",
              "Rates over series. A sum of counts is right only if all share one rate.");
  t.heading("Group");
  t.heading("Series", "", true);
  t.heading("Responders", "", true);
  t.heading("Pooled rate (%)", "Beta-binomial mean, profile interval", true);
  t.heading("A new series (%)", "Predictive, at the estimates: short with few series", true);
  t.heading("Summed (%)", "Clopper-Pearson of the sums", true);
  t.heading("Heterogeneity p", "Exact test", true);
  for (const clinical::Pooled& p : pooled) {
    t.row();
    t.text(p.group);
    t.count(p.studies);
    t.text(fmt::format("{} of {}", p.responders, p.n));
    t.estimate(p.rate, 100.0);
    t.estimate(p.predictive, 100.0);
    t.estimate(p.exact_rate, 100.0);
    t.p(p.exact_heterogeneity_p);
  }
  return "<section id=\"clinical-pool-table\"><h2>Rates</h2>\n" + t.str() + "</section>\n";
}

}  // namespace

Chapter pool_chapter(const std::vector<clinical::Pooled>& pooled) {
  Chapter c;
  c.room = "clinical-pool";
  c.name = "Pooled series";
  c.title = "Clinical: small series pooled";
  std::string all;
  if (pooled.size() > 1) c.figures.push_back(groups_forest(pooled));
  for (const clinical::Pooled& p : pooled) {
    if (p.studies > 1 || pooled.size() == 1) c.figures.push_back(pooled_forest(p));
    Estimated percent = p.rate;
    percent.value *= 100.0, percent.low *= 100.0, percent.high *= 100.0;
    const Wording said = wording(percent);
    all += card(std::isnan(percent.value) ? said.flag : said.value + " %",
                fmt::format("{}: {} of {} in {} series; {}",
                            p.group.empty() ? "all" : p.group,
                            p.responders,
                            p.n,
                            p.studies,
                            said.interval),
                "clinical-pool-table");
  }
  c.summary = cards(all);
  settle_names(c.figures);
  for (const Figure& f : c.figures) {
    std::string id = f.name;
    std::replace(id.begin(), id.end(), '_', '-');
    c.sections.push_back(figure_section(id, f.title, f));
  }
  c.sections.push_back({"clinical-pool-table", "Rates", pooled_html(pooled)});
  c.methods = {
      "Beta-binomial likelihood over series with profile intervals; heterogeneity by the exact "
      "test "
      "of equal rates; each series by Clopper and Pearson."};
  c.tables.push_back(table("clinical_pool", pooled, [](Tidy& t, const clinical::Pooled& p) {
    t.text("group", p.group);
    t.count("series", p.studies);
    t.count("responders", p.responders);
    t.count("n", p.n);
    t.estimate("rate", "", p.rate);
    t.estimate("predictive", "", p.predictive);
    t.estimate("summed_rate", "", p.exact_rate);
    t.number("heterogeneity_p", p.heterogeneity_p);
    t.number("exact_heterogeneity_p", p.exact_heterogeneity_p);
  }));
  c.json = pool_body(pooled);
  return c;
}

std::vector<OutputFile> pool_files(const std::vector<clinical::Pooled>& pooled,
                                   const Provenance& provenance,
                                   const Problems& problems) {
  return room_files(pool_chapter(pooled), provenance, problems);
}

}  // namespace kinescape::report
