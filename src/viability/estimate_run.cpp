// SPDX-License-Identifier: Apache-2.0
// The verb: gather, calibrate, analyse each curve, compare, and say how it was done.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "base/number.hpp"
#include "viability/words_internal.hpp"

namespace kinescape::viability {
namespace {

std::map<std::string, Window> windows_of(const std::vector<Job>& jobs, const Options& options) {
  std::map<std::string, Window> windows;
  for (const Job& job : jobs) {
    if (job.data.doses_nM.empty()) continue;
    Window& w = windows[job.drug];
    w.low = std::isnan(w.low) ? job.data.lowest : std::max(w.low, job.data.lowest);
    w.high = std::isnan(w.high) ? job.data.highest : std::min(w.high, job.data.highest);
  }
  for (auto& [drug, w] : windows) {
    if (options.auc_low_nM) w.low = std::log10(*options.auc_low_nM);
    if (options.auc_high_nM) w.high = std::log10(*options.auc_high_nM);
  }
  return windows;
}

std::vector<Pair> pairs_of(const std::vector<Job>& jobs,
                           const Options& options,
                           Problems& problems) {
  std::vector<std::string> lines;
  for (const Job& j : jobs)
    if (std::find(lines.begin(), lines.end(), j.line) == lines.end()) lines.push_back(j.line);
  if (options.pairs.empty()) {
    if (lines.size() != 2) return {};
    problems.push_back({Where{},
                        "No pair of lines was named: \"" + lines[1] + "\" is compared with \"" +
                            lines[0] + "\", the line that comes first in the data.",
                        "Name the resistant and the parental line.",
                        Severity::warning});
    return {{lines[1], lines[0]}};
  }
  for (const Pair& pair : options.pairs)
    for (const std::string& name : {pair.resistant, pair.parental})
      if (std::find(lines.begin(), lines.end(), name) == lines.end())
        problems.push_back({Where{},
                            "The line \"" + name + "\" of a pair is not in the data.",
                            "Use the names of the column \"line\".",
                            Severity::warning});
  return options.pairs;
}

void describe_methods(const Options& options, const std::vector<Analysed>& all, Estimate& e) {
  bool raw = false, normalised = false, shifts = false, growth = false, censored = false,
       single = false, many = false, other_shape = false, spatial = false;
  int repeated = 0;
  for (const Analysed& a : all) {
    if (!a.fitted) continue;
    const bool v = !a.fit.layout.vehicle.empty() && a.fit.layout.vehicle.front() >= 0;
    (v ? raw : normalised) = true;
    shifts = shifts || a.fit.tau > 0.0;
    growth = growth || a.result.gr_max.value == a.result.gr_max.value;
    censored = censored || a.result.censored_wells > 0;
    (a.result.repeats > 1 ? many : single) = true;
    repeated += a.result.repeats > 1;
    for (int i : a.fit.layout.edge) spatial = spatial || i >= 0;
    for (int i : a.fit.layout.gradient) spatial = spatial || i >= 0;
    const auto s = a.fit.theta.shape;
    other_shape = other_shape || (s != dose_response::Shape::log_logistic3u &&
                                  s != dose_response::Shape::log_logistic4);
  }
  auto& m = e.methods;
  auto& c = e.citations;
  if (raw)
    m.push_back(
        "Raw signals were modelled as blank plus vehicle signal times the response curve, with the "
        "blank and vehicle levels of each plate as parameters; the curve starts at the vehicle.");
  if (normalised)
    m.push_back("Values already normalised to vehicle were fitted with a free upper plateau.");
  if (!raw && !normalised) return;
  m.push_back(
      "The variance of a well was constant plus proportional to its net signal, both estimated by "
      "restricted likelihood.");
  c.push_back(
      "Smyth & Verbyla 1999, variance models, doi:10.1002/(SICI)1099-095X(199911/12)10:6"
      "<695::AID-ENV385>3.0.CO;2-M");
  if (options.student_t)
    m.push_back("Wells were given heavy tails (Student t, 4 degrees of freedom).");
  if (censored)
    m.push_back(
        "Saturated wells entered as right-censored, wells under the range as left-censored.");
  if (spatial)
    m.push_back("Edge or gradient terms entered the likelihood of plates that showed them.");
  if (other_shape || options.shapes.empty()) {
    m.push_back(
        "A shape more complex than the log-logistic was used only where its AICc was lower "
        "by at least 10.");
    c.push_back("Hurvich & Tsai 1989, AICc, doi:10.1093/biomet/76.2.297");
  }
  m.push_back(
      "A constant response was tested by the mean likelihood ratio of all sigmoids, with its null "
      "distribution simulated for the design.");
  c.push_back("Davies 1987, parameters unidentified under the null, doi:10.1093/biomet/74.1.33");
  c.push_back("Andrews & Ploberger 1994, mean likelihood ratio, doi:10.2307/2951753");
  if (many) {
    m.push_back(
        "Intervals are profile-likelihood intervals whose width answers to the spread between "
        "biological repeats: each repeat's score contribution is one replicate, with Student's t "
        "on "
        "the repeats' degrees of freedom.");
    c.push_back("Bell & McCaffrey 2002, small-sample robust variances, Survey Methodology 28:169");
    c.push_back("Zou & Donner 2008, recovered variances, doi:10.1002/sim.3095");
    c.push_back("Chandler & Bate 2007, adjusted profile likelihood, doi:10.1093/biomet/asm015");
  }
  if (repeated > 1) {
    m.push_back(
        "The variance between repeats was shared over the curves of the experiment: each curve's "
        "own, moderated by what the others say of the common scale and of how alike they are.");
    c.push_back("Smyth 2004, moderated variances, doi:10.2202/1544-6115.1027");
  }
  if (shifts) {
    m.push_back("The midpoint was allowed to vary between repeats as a random effect.");
    c.push_back(
        "DerSimonian & Laird 1986, between-repeat variance, "
        "doi:10.1016/0197-2456(86)90046-2");
  }
  if (single)
    m.push_back("Curves with one biological repeat carry technical error only in their intervals.");
  if (growth) {
    m.push_back(
        "Growth-rate measures were read off the fitted curve with the doublings of the "
        "untreated cells.");
    c.push_back("Hafner et al. 2016, GR metrics, doi:10.1038/nmeth.3853");
  }
  if (!e.proliferation.empty()) {
    m.push_back(
        "Rates of proliferation are slopes of log2 net signal over time, from the time after which "
        "a straight line describes it best; the signal is taken to follow the number of cells.");
    c.push_back("Harris et al. 2016, drug-induced proliferation rate, doi:10.1038/nmeth.3852");
  }
  if (!e.comparisons.empty()) {
    m.push_back(
        "Folds are profiles of the joint likelihood of both lines; where repeats have names in "
        "common, the correlation of the two lines over days was estimated. p values were adjusted "
        "by Holm's method.");
    c.push_back(
        "Holm 1979, a simple sequentially rejective multiple test procedure, "
        "Scand J Statist 6:65");
    c.push_back("Schuirmann 1987, two one-sided tests, doi:10.1007/BF01068419");
  }
}

}  // namespace

Checked<Estimate> estimate(const plate::PlateSet& plates, const Options& options) {
  Checked<Estimate> out;
  Gathered gathered = gather(plates, options);
  const auto windows = windows_of(gathered.jobs, options);
  // One calibration of the flat test for each distinct design.
  std::vector<std::string> keys;
  std::map<std::string, std::size_t> first;
  std::vector<std::size_t> designs;
  for (std::size_t i = 0; i < gathered.jobs.size(); ++i) {
    keys.push_back(FlatTest::key(gathered.jobs[i].data));
    if (first.emplace(keys.back(), designs.size()).second) designs.push_back(i);
  }
  std::vector<std::unique_ptr<FlatTest>> flat(designs.size());
  parallel_for(designs.size(), options.threads, [&](std::size_t i) {
    flat[i] = std::make_unique<FlatTest>(gathered.jobs[designs[i]].data);
  });
  std::vector<Analysed> all(gathered.jobs.size());
  const auto window_of = [&](const Job& job) {
    const auto w = windows.find(job.drug);
    return w == windows.end() ? Window{} : w->second;
  };
  std::mutex reporting;
  std::uint64_t done = 0;
  const auto report = [&] {
    if (!options.progress) return;
    const std::scoped_lock lock(reporting);
    options.progress({"fitting curves", ++done, 2 * all.size()});
  };
  parallel_for(all.size(), options.threads, [&](std::size_t i) {
    const Job& job = gathered.jobs[i];
    all[i] = analyse(job, *flat[first.at(keys[i])], window_of(job), options);
    report();
  });
  share(all);
  parallel_for(all.size(), options.threads, [&](std::size_t i) {
    complete(gathered.jobs[i], window_of(gathered.jobs[i]), options, all[i]);
    report();
  });
  Estimate& e = out.value;
  e.plates = std::move(gathered.quality);
  e.exclusions = std::move(gathered.exclusions);
  e.data = plates;
  std::vector<Matched> matched;
  for (const Pair& pair : pairs_of(gathered.jobs, options, gathered.problems))
    for (const Analysed& r : all) {
      if (r.result.line != pair.resistant) continue;
      const auto p = std::find_if(all.begin(), all.end(), [&](const Analysed& a) {
        return a.result.line == pair.parental && a.result.drug == r.result.drug;
      });
      if (p != all.end()) matched.push_back({&r, &*p});
    }
  e.comparisons = compare(matched, options);
  for (Comparison& c : e.comparisons) c.says = says(c, options);
  e.proliferation = proliferation(plates, {options.level, options.time_h});
  describe_methods(options, all, e);
  for (Analysed& a : all) e.curves.push_back(std::move(a.result));
  out.problems = std::move(gathered.problems);
  for (const Problem& p : out.problems)
    if (p.severity == Severity::warning) e.problems.push_back(p);
  return out;
}

}  // namespace kinescape::viability
