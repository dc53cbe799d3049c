// SPDX-License-Identifier: Apache-2.0
// kinescape evidence estimate | rank | table | conflicts (check, frequencies, diff, import:
// evidence_packs.cpp)
#include "report/evidence.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "common.hpp"
#include "evidence_common.hpp"

namespace kinescape::cli {
namespace evidence_verbs {

using namespace evidence;  // NOLINT(google-build-using-namespace): one file, one room

/// Everything a verb that estimates needs; nothing where the packs have errors.
struct Asked {
  EvidenceCall call;
  std::string agent, variant, gene;
};

void notice() {
  std::printf("%s.\n\n", report::research_only);
}

std::string unknown_agent(const Library& library, const std::string& typed) {
  std::vector<std::string> known;
  for (const auto& [spelled, agent] : library.agent_names) known.push_back(spelled);
  const auto near = nearest(lower(typed), known);
  return "No pack knows the agent \"" + printable(typed) + "\"." +
         (near ? " Did you mean " + library.agent(*near) + "?" : "");
}

/// The target with the most rows: of one agent, or of all ("").
std::string most_printed_target(const Library& library, const std::string& agent) {
  std::map<std::string, std::size_t> rows;
  for (const auto& row : library.rows) {
    if (!row.gene.empty() && (agent.empty() || row.agent == agent)) ++rows[row.gene];
  }
  std::string most;
  for (const auto& [gene, n] : rows) {
    if (most.empty() || n > rows[most]) most = gene;
  }
  return most;
}

/// The variant; where its text and --gene name no target, the only one that the agent has rows on.
VariantOf asked_variant(const Library& library,
                        const Asked& a,
                        Problems& problems,
                        const std::string& agent = "") {
  std::set<std::string> targets;
  for (const auto& row : library.rows) {
    if (row.agent == agent && !row.gene.empty()) targets.insert(row.gene);
  }
  // The wild type has no residue that tells its target: that with the most rows, and said so.
  const auto named = parse_variants(a.variant);
  if (!named.ok()) throw UsageError(describe(named.problems));
  if (a.gene.empty() && named.value.variants.size() == 1 &&
      named.value.variants.front().key() == "WT" && named.value.variants.front().gene.empty()) {
    const std::string target = most_printed_target(library, agent);
    problems.push_back({{"", 0, 0, "variant", a.variant},
                        "WT is taken to be that of " + target + ", the target with the most rows",
                        "Name another with --gene.",
                        Severity::warning});
    show({problems.back()}, a.call.common);
    return {target, "WT"};
  }
  auto variant = library.variant(a.variant, a.gene);
  if (!variant.ok() && a.gene.empty() && targets.size() == 1)
    variant = library.variant(a.variant, *targets.begin());
  if (!variant.ok()) throw UsageError(describe(variant.problems));
  return variant.value;
}

void print_estimate(const Library& library,
                    const PotencyEstimate& e,
                    const std::vector<Conflict>& conflicts) {
  notice();
  std::printf("%s against %s\n", e.agent.c_str(), e.variant.text().c_str());
  std::printf("  IC50, nM               %s\n", shown(e.ic50_nM).c_str());
  std::printf("  what one more lab sees %s\n", shown(e.ic50_predictive_nM).c_str());
  std::printf("  fold over wild type    %s\n", shown(e.fold_over_wild_type).c_str());
  std::printf("  window over parental   %s\n", shown(e.window_over_parental).c_str());
  std::printf("  %d sources; %d numbers, %d folds, %d words on this pair\n",
              e.sources,
              e.numbers,
              e.folds,
              e.words);
  if (!e.ic50_nM.why.empty()) std::printf("  %s\n", e.ic50_nM.why.c_str());
  if (e.unread_weigh) std::printf("  Rows that were not read in their source weigh on this.\n");
  std::printf(
      "\n%-10s %-30s %-22s %-28s %s\n", "row", "as printed", "source", "role", "how it enters");
  for (const auto& use : e.rows) {
    const Row& row = library.rows[use.row];
    std::printf("%-10s %-30s %-22s %-28s %s%s\n",
                row.id.c_str(),
                (row.as_printed + (row.kind == RowKind::fold ? "-fold" : "")).c_str(),
                row.source.c_str(),
                use.role.c_str(),
                use.used ? "" : "left out: ",
                use.why.c_str());
  }
  if (!e.by_source.empty()) {
    std::printf("\nWithout one source the IC50 moves by a factor of:\n");
    std::size_t shown_sources = 0;
    for (const auto& w : e.by_source) {
      if (++shown_sources > 6 || std::isnan(w.shift_log10)) break;
      std::printf("  %-6s %s\n",
                  rounded(std::pow(10.0, w.shift_log10)).c_str(),
                  w.citation.empty() ? w.identity.c_str() : w.citation.c_str());
    }
  }
  if (!conflicts.empty()) std::printf("\nConflicts:\n");
  for (const auto& c : conflicts) std::printf("  %s\n", c.says.c_str());
}

int run_estimate(const Asked& a, const std::string& typed) {
  auto loaded = load_evidence(a.call, typed);
  if (!loaded.ok) return refuse_evidence(loaded, a.call);
  const Library& library = loaded.library;
  const std::string agent = library.agent(a.agent);
  if (agent.empty()) throw UsageError(unknown_agent(library, a.agent));
  const VariantOf variant = asked_variant(library, a, loaded.problems, agent);
  const PotencyModel model(library, loaded.options);
  const PotencyEstimate e = model.estimate(agent, variant);
  std::vector<Conflict> conflicts;
  for (auto& c : find_conflicts(library, &model, {a.call.include_unread, 10.0})) {
    if (c.contradiction() && c.agent == agent && c.variant == variant)
      conflicts.push_back(std::move(c));
  }
  if (a.call.common.json) {
    std::fputs(
        report::evidence_estimate_json(loaded.context(), e, model.spreads(), conflicts).c_str(),
        stdout);
  } else {
    print_estimate(library, e, conflicts);
  }
  return done;
}

/// Agents with one reason stand on one line.
void print_list(const char* title, const std::vector<Listed>& list) {
  std::printf("%s:%s\n", title, list.empty() ? " none" : "");
  std::vector<std::pair<std::string, std::string>> by_reason;
  for (const auto& l : list) {
    const auto same = std::find_if(
        by_reason.begin(), by_reason.end(), [&](const auto& r) { return r.first == l.why; });
    if (same == by_reason.end()) {
      by_reason.emplace_back(l.why, l.agent);
    } else {
      same->second += ", " + l.agent;
    }
  }
  for (const auto& [why, agents] : by_reason)
    std::printf("  %s%s%s\n", agents.c_str(), why.empty() ? "" : ": ", why.c_str());
}

void print_ranking(const Ranking& r) {
  notice();
  std::printf("%s, by %s\n", r.variant.text().c_str(), std::string(name(r.criterion)).c_str());
  if (!r.why.empty()) std::printf("%s\n", r.why.c_str());
  std::printf("\n%-14s %-30s %-28s %-8s %-14s %s\n",
              "agent",
              "IC50 nM (95 %)",
              "fold over wild type",
              "P(best)",
              "P(cover > 1)",
              "cannot be told from");
  for (const auto& x : r.ranking) {
    std::string tied;
    for (const auto& t : x.tied_with) tied += (tied.empty() ? "" : ", ") + t;
    std::printf(
        "%-14s %-30s %-28s %-8s %-14s %s\n",
        x.agent.c_str(),
        shown(x.potency.ic50_nM).c_str(),
        shown(x.potency.fold_over_wild_type).c_str(),
        rounded(x.p_best, 2).c_str(),
        std::isnan(x.p_cover_above_1) ? "no exposure" : rounded(x.p_cover_above_1, 2).c_str(),
        tied.c_str());
  }
  std::printf("\n");
  print_list("Supported by rows on this pair that agree, in either direction", r.supported);
  print_list("Conflicting", r.conflicting);
  print_list("Unmeasured", r.unmeasured);
  print_list("Out of scope", r.out_of_scope);
  std::printf("\nWhat would change the order at the top:%s\n",
              r.would_change.empty() ? " no single source or exposure" : "");
  for (const auto& f : r.would_change) std::printf("  %s\n", f.what.c_str());
  if (!r.conflicts.empty()) std::printf("\nConflicts on this variant:\n");
  for (const auto& c : r.conflicts) std::printf("  %s\n", c.says.c_str());
}

int run_rank(const Asked& a, const std::string& by, double ic_percent, const std::string& typed) {
  auto loaded = load_evidence(a.call, typed);
  if (!loaded.ok) return refuse_evidence(loaded, a.call);
  const VariantOf variant = asked_variant(loaded.library, a, loaded.problems);
  const PotencyModel model(loaded.library, loaded.options);
  RankOptions options;
  options.include_unread = a.call.include_unread;
  options.ic_percent = ic_percent;
  options.seed = Seed{a.call.common.seed.value_or(1)};
  if (by == "cover") options.by = Criterion::cover;
  if (by == "fold") options.by = Criterion::fold;
  if (by == "window") options.by = Criterion::window;
  if (by == "ic50") options.by = Criterion::ic50;
  const auto conflicts = find_conflicts(loaded.library, &model, {a.call.include_unread, 10.0});
  loaded.provenance.seed = options.seed;
  const Ranking r = evidence::rank(loaded.library, model, conflicts, variant, options);
  if (a.call.common.json) {
    std::fputs(report::evidence_rank_json(loaded.context(), r).c_str(), stdout);
  } else {
    print_ranking(r);
  }
  return done;
}

int run_conflicts(const EvidenceCall& call, const std::string& typed) {
  auto loaded = load_evidence(call, typed);
  if (!loaded.ok) return refuse_evidence(loaded, call);
  const PotencyModel model(loaded.library, loaded.options);
  const auto conflicts = find_conflicts(loaded.library, &model, {call.include_unread, 10.0});
  if (call.common.json) {
    std::fputs(report::evidence_conflicts_json(loaded.context(), conflicts).c_str(), stdout);
    return done;
  }
  notice();
  bool doubts = false;
  std::printf("Contradictions\n");
  for (const auto& c : conflicts) {
    if (!c.contradiction() && !doubts) std::printf("\nDoubtful rows\n");
    doubts = !c.contradiction();
    std::printf("  %-24s %s%s\n",
                c.kind.c_str(),
                doubts ? ("pack " + c.pack + ": ").c_str() : "",
                c.says.c_str());
  }
  return done;
}

int run_table(const Asked& a,
              const std::vector<std::string>& variants,
              const std::string& format,
              const std::string& typed) {
  auto loaded = load_evidence(a.call, typed);
  if (!loaded.ok) return refuse_evidence(loaded, a.call);
  std::vector<VariantOf> only;
  std::string gene = a.gene;
  for (const auto& text : variants) {
    const auto v = loaded.library.variant(text, gene);
    if (!v.ok()) throw UsageError(describe(v.problems));
    gene = v.value.gene;
    only.push_back(v.value);
  }
  if (gene.empty()) gene = most_printed_target(loaded.library, "");
  const PotencyModel model(loaded.library, loaded.options);
  const auto conflicts = find_conflicts(loaded.library, &model, {a.call.include_unread, 10.0});
  const ComparisonTable table = comparison_table(loaded.library, model, conflicts, gene, only);
  if (table.agents.empty()) throw UsageError("No pack holds a row on \"" + printable(gene) + "\".");
  const auto context = loaded.context();
  const std::string json = report::evidence_table_json(context, table),
                    csv = report::evidence_table_csv(context, table),
                    html = report::evidence_table_html(context, table);
  if (!a.call.common.output.empty()) {
    write_all(a.call.common.output,
              {{"table.html", html}, {"table.csv", csv}, {"table.json", json}});
    if (!a.call.common.json)
      std::printf("Written: %s\n",
                  (std::filesystem::path(a.call.common.output) / "table.html").c_str());
  }
  if (a.call.common.json || a.call.common.output.empty()) {
    std::fputs((a.call.common.json || format == "json" ? json
                : format == "html"                     ? html
                                                       : csv)
                   .c_str(),
               stdout);
  }
  return done;
}

template <class Run>
void add_verb(CLI::App& app, Action& action, Run run) {
  app.callback([&action, run] { action = run; });
}

}  // namespace evidence_verbs

void add_evidence(CLI::App& app, Action& action, const std::string& typed) {
  auto* group = app.add_subcommand(
      "evidence", "Published potencies by variant, pooled with intervals; rankings and conflicts");
  group->require_subcommand(1);

  auto* estimate = group->add_subcommand(
      "estimate", "One agent against one variant, from everything that was published");
  auto asked = std::make_shared<evidence_verbs::Asked>();
  estimate->add_option("--agent", asked->agent, "The agent, by any of its names")->required();
  estimate->add_option("--variant", asked->variant, "G1202R, p.Gly1202Arg, L1196M/G1202R, WT, ...")
      ->required();
  estimate->add_option("--gene", asked->gene, "The target, where the variant does not tell it");
  add_evidence_options(*estimate, asked->call);
  estimate->footer(
      "Example:\n  kinescape evidence estimate --agent lorlatinib --variant G1202R --json");
  evidence_verbs::add_verb(
      *estimate, action, [=] { return evidence_verbs::run_estimate(*asked, typed); });

  auto* ranking = group->add_subcommand(
      "rank", "The agents against one variant, with what cannot be told apart");
  auto by = std::make_shared<std::string>("auto");
  auto ic = std::make_shared<double>(50.0);
  auto to_rank = std::make_shared<evidence_verbs::Asked>();
  ranking->add_option("--variant", to_rank->variant, "The variant")->required();
  ranking->add_option("--gene", to_rank->gene, "The target, where the variant does not tell it");
  ranking
      ->add_option(
          "--by", *by, "What best means; auto: cover where two agents have an exposure, else fold")
      ->check(CLI::IsMember({"auto", "cover", "fold", "window", "ic50"}));
  ranking->add_option("--ic", *ic, "Cover is over this IC")->check(CLI::IsMember({50.0, 90.0}));
  add_seed(*ranking, to_rank->call.common);
  add_evidence_options(*ranking, to_rank->call);
  ranking->footer("Example:\n  kinescape evidence rank --variant G1202R --include-unread");
  evidence_verbs::add_verb(
      *ranking, action, [=] { return evidence_verbs::run_rank(*to_rank, *by, *ic, typed); });

  auto* table = group->add_subcommand("table", "Agents by variants, as printed and estimated");
  auto to_table = std::make_shared<evidence_verbs::Asked>();
  auto variants = std::make_shared<std::vector<std::string>>();
  auto format = std::make_shared<std::string>("csv");
  table->add_option("--gene", to_table->gene, "The target; none: the one with the most rows");
  table->add_option("--variant", *variants, "Only these variants");
  table->add_option("--format", *format, "Of what is printed when no folder is given")
      ->check(CLI::IsMember({"csv", "html", "json"}));
  add_output(*table, to_table->call.common, false);
  add_evidence_options(*table, to_table->call);
  table->footer("Example:\n  kinescape evidence table --gene ALK -o table");
  evidence_verbs::add_verb(*table, action, [=] {
    return evidence_verbs::run_table(*to_table, *variants, *format, typed);
  });

  auto* conflicts = group->add_subcommand(
      "conflicts", "Rows that contradict each other, and rows that cannot be what they say");
  auto of_conflicts = std::make_shared<EvidenceCall>();
  add_evidence_options(*conflicts, *of_conflicts);
  conflicts->footer("Example:\n  kinescape evidence conflicts --json");
  evidence_verbs::add_verb(
      *conflicts, action, [=] { return evidence_verbs::run_conflicts(*of_conflicts, typed); });

  add_evidence_validate(*group, action, typed);
  add_evidence_packs(*group, action, typed);
}

}  // namespace kinescape::cli
