// SPDX-License-Identifier: Apache-2.0
#include "clinical/response.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/titled.hpp"
#include "numeric/proportion.hpp"

namespace kinescape::clinical {
namespace {

using numeric::ProportionMethod;
using Column = std::optional<std::size_t>;

Estimated rate_of(int x, int n, double level, ProportionMethod method, const char* words) {
  Estimated e;
  e.level = level;
  e.n = n;
  e.method = words;
  if (n < 1 || x < 0 || x > n) {
    e.status = Status::not_applicable;
    e.why = "Responders must be between 0 and the number of patients, which is at least 1.";
    return e;
  }
  const auto l = numeric::proportion_interval(x, n, level, method);
  e.value = static_cast<double>(x) / n;
  e.low = l.low, e.high = l.high;
  e.status = Status::ok;
  return e;
}

Estimated with_limits(
    double value, double low, double high, double level, int n, std::string method) {
  Estimated e;
  e.value = std::isfinite(value) ? value : unknown;
  e.low = low, e.high = std::isfinite(high) ? high : unknown;
  e.level = level, e.n = n, e.method = std::move(method);
  e.status = std::isnan(e.high)
                 ? (std::isnan(e.low) ? Status::interval_open : Status::interval_open_high)
             : std::isnan(e.low) ? Status::interval_open_low
                                 : Status::ok;
  if (std::isnan(e.value)) {
    e.status = Status::separated;
    e.why = "A group has no responder or only responders: the ratio is without a finite estimate.";
  }
  return e;
}

}  // namespace

ResponseRate response_rate(int x, int n, double level) {
  return {x,
          n,
          rate_of(x, n, level, ProportionMethod::clopper_pearson, "Clopper-Pearson"),
          rate_of(x, n, level, ProportionMethod::wilson, "Wilson"),
          rate_of(x, n, level, ProportionMethod::wilson_corrected, "Wilson, continuity-corrected"),
          rate_of(x, n, level, ProportionMethod::mid_p, "mid-p"),
          rate_of(x, n, level, ProportionMethod::jeffreys, "Jeffreys"),
          rate_of(x, n, level, ProportionMethod::agresti_coull, "Agresti-Coull")};
}

RateComparison compare_rates(int x1, int n1, int x2, int n2, double level) {
  RateComparison out;
  const auto c = numeric::compare_proportions(x1, n1, x2, n2, level);
  const int n = n1 + n2;
  if (std::isnan(c.difference)) {
    out.difference = out.odds_ratio = out.risk_ratio =
        rate_of(-1, 0, level, ProportionMethod::wilson, "");
    return out;
  }
  out.difference = with_limits(c.difference,
                               c.newcombe.low,
                               c.newcombe.high,
                               level,
                               n,
                               "Newcombe, hybrid of Wilson intervals");
  out.odds_ratio = with_limits(c.odds_ratio,
                               c.odds_ratio_exact.low,
                               c.odds_ratio_exact.high,
                               level,
                               n,
                               "conditional maximum likelihood, exact interval");
  out.risk_ratio = with_limits(c.risk_ratio,
                               c.risk_ratio_log.low,
                               c.risk_ratio_log.high,
                               level,
                               n,
                               "Katz, on the log scale");
  out.fisher_p = c.fisher_p, out.chi2 = c.pearson_chi2;
  return out;
}

namespace {

/// A row's series; nothing where it has no counts or wrong ones.
std::optional<Series> series_of(
    TitledTable& t, std::size_t r, Series s, Column responders, Column patients) {
  const double x = t.number(r, responders), n = t.number(r, patients);
  const auto whole = [](double v) { return v == std::floor(v) && v >= 0.0 && v <= 1e6; };
  if (whole(x) && whole(n) && n >= 1.0 && x <= n) {
    s.responders = static_cast<int>(x), s.n = static_cast<int>(n);
    return s;
  }
  t.problem(r,
            responders,
            fmt::format("{} responders of {} patients cannot be",
                        printable(t.text(r, responders)),
                        printable(t.text(r, patients))),
            "Write whole numbers: 0 <= responders <= n, n >= 1.");
  return std::nullopt;
}

void say_uncounted(const std::vector<std::string>& rows, const std::string& file, Problems& out) {
  if (rows.empty()) return;
  std::string all;
  for (const std::string& row : rows) all += (all.empty() ? "" : ", ") + printable(row);
  out.push_back({{file, 0, 0, "", ""},
                 fmt::format("{} {} no counts and {} not pooled: {}",
                             rows.size(),
                             rows.size() == 1 ? "row has" : "rows have",
                             rows.size() == 1 ? "is" : "are",
                             all),
                 "Write responders and n where the source prints them.",
                 Severity::warning});
}

void refuse_twice(const std::vector<Series>& series, Problems& problems) {
  std::map<std::pair<std::string, std::string>, const Series*> first;
  for (const Series& s : series) {
    const auto [at, added] = first.emplace(std::pair(lower(s.source), lower(s.group)), &s);
    if (added) continue;
    problems.push_back(
        {s.where,
         fmt::format("the series of \"{}\" stands twice in one group: also at line {}",
                     printable(s.source),
                     at->second->where.line),
         "Keep one of the two; give two series of one paper names of their own.",
         Severity::error});
  }
}

}  // namespace

Checked<std::vector<Series>> read_series(std::string_view bytes, const std::string& file) {
  Checked<std::vector<Series>> out;
  auto grids = read_grids(bytes, file);
  append(out.problems, std::move(grids.problems));
  if (has_errors(out.problems)) return out;
  std::vector<std::string> uncounted;
  for (const Grid& grid : grids.value) {
    TitledTable t(grid, out.problems);
    const auto source =
        t.required("source", {"source", "study", "reference", "trial", "pmid", "doi"});
    const auto x = t.required("responders", {"responders", "responses", "events", "x", "r"});
    const auto n = t.required("n", {"n", "patients", "total", "treated", "evaluable"});
    const auto group = t.find({"group", "drug", "agent", "combination", "regimen", "variant"});
    if (!source || !x || !n) continue;
    for (const std::size_t r : t.rows()) {
      Series s{t.text(r, source), t.text(r, group), 0, 0, t.where(r, x)};
      if (is_blank_cell(t.text(r, x)) || is_blank_cell(t.text(r, n))) {
        uncounted.push_back(s.group.empty() ? s.source : s.group + " (" + s.source + ")");
      } else if (auto counted = series_of(t, r, std::move(s), x, n)) {
        out.value.push_back(std::move(*counted));
      }
    }
  }
  say_uncounted(uncounted, file, out.problems);
  refuse_twice(out.value, out.problems);
  return out;
}

Checked<std::vector<Series>> read_series_files(const std::vector<std::string>& paths) {
  Checked<std::vector<Series>> out;
  for (const std::string& path : paths) {
    auto bytes = read_file(path);
    append(out.problems, std::move(bytes.problems));
    if (!bytes.ok()) continue;
    auto series = read_series(bytes.value, path);
    append(out.problems, std::move(series.problems));
    out.value.insert(out.value.end(), series.value.begin(), series.value.end());
  }
  if (paths.size() > 1 && out.ok()) refuse_twice(out.value, out.problems);
  if (out.ok() && out.value.empty())
    out.problems.push_back({{paths.empty() ? "" : paths.front(), 0, 0, "", ""},
                            "no series has counts",
                            "Give at least one row with responders and n.",
                            Severity::error});
  return out;
}

std::vector<Pooled> pool(const std::vector<Series>& series, double level) {
  std::vector<Pooled> out;
  for (const Series& s : series) {
    auto at =
        std::find_if(out.begin(), out.end(), [&](const Pooled& p) { return p.group == s.group; });
    if (at == out.end()) {
      out.emplace_back().group = s.group;
      at = out.end() - 1;
    }
    at->series.push_back(s);
  }
  for (Pooled& p : out) {
    std::vector<numeric::CountOf> counts;
    for (const Series& s : p.series) {
      counts.push_back({s.responders, s.n});
      p.responders += s.responders, p.n += s.n;
      p.each.push_back(
          rate_of(s.responders, s.n, level, ProportionMethod::clopper_pearson, "Clopper-Pearson"));
    }
    p.studies = static_cast<int>(counts.size());
    const auto pooled = numeric::pool_proportions(counts, level);
    p.rate = with_limits(pooled.mean,
                         pooled.low,
                         pooled.high,
                         level,
                         p.n,
                         p.studies == 1 ? "Clopper-Pearson of the only series"
                                        : "beta-binomial over studies, profile likelihood");
    p.exact_rate = rate_of(
        p.responders, p.n, level, ProportionMethod::clopper_pearson, "Clopper-Pearson of the sums");
    p.predictive = with_limits(pooled.mean,
                               pooled.predictive_low,
                               pooled.predictive_high,
                               level,
                               p.n,
                               "rate of a new study, beta quantiles at the estimates");
    p.intraclass = with_limits(pooled.intraclass,
                               0.0,
                               pooled.intraclass_high,
                               level,
                               p.studies,
                               "intraclass correlation, profile likelihood");
    if (p.studies < 2) {
      for (Estimated* e : {&p.predictive, &p.intraclass}) {
        e->value = e->low = e->high = unknown;
        e->status = Status::not_applicable;
        e->why = "One series says nothing about how series differ.";
      }
    }
    p.heterogeneity_p = pooled.heterogeneity_p;
    p.exact_heterogeneity_p = pooled.exact_heterogeneity_p;
  }
  return out;
}

}  // namespace kinescape::clinical
