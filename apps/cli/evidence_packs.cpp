// SPDX-License-Identifier: Apache-2.0
// kinescape evidence check | frequencies | diff | import
#include <cmath>
#include <cstdio>
#include <memory>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "common.hpp"
#include "evidence/import.hpp"
#include "evidence_common.hpp"
#include "report/evidence.hpp"

namespace kinescape::cli {
namespace evidence_packs_verbs {

using namespace evidence;  // NOLINT(google-build-using-namespace): one file, one room

void notice() {
  std::printf("%s.\n\n", report::research_only);
}

int run_check(EvidenceCall call,
              const std::vector<std::string>& folders,
              const std::string& typed) {
  if (!folders.empty()) call.packs = folders;
  auto loaded = load_evidence(call, typed);
  const auto doubts = loaded.ok ? find_doubts(loaded.library) : std::vector<Conflict>{};
  if (call.common.json) {
    std::fputs(report::evidence_check_json(loaded.context(), doubts).c_str(), stdout);
  } else if (loaded.ok) {
    notice();
    for (const auto& pack : loaded.library.packs)
      std::printf("%s %s (%s, schema %d): no errors\n",
                  pack.name.c_str(),
                  pack.version.c_str(),
                  pack.date.c_str(),
                  pack.schema);
    for (const auto& d : doubts)
      std::printf("  %s, %s: %s\n", d.pack.c_str(), d.kind.c_str(), d.says.c_str());
  }
  return loaded.ok ? done : data_problems;
}

int run_frequencies(const EvidenceCall& call, const std::string& typed) {
  auto loaded = load_evidence(call, typed);
  if (!loaded.ok) return refuse_evidence(loaded, call);
  const auto frequencies = mechanism_frequencies(loaded.library, loaded.options.admission);
  if (call.common.json) {
    std::fputs(report::evidence_frequencies_json(loaded.context(), frequencies).c_str(), stdout);
    return done;
  }
  notice();
  std::printf(
      "%-28s %-36s %-22s %-7s %s\n", "after", "mechanism", "fraction (95 %)", "series", "setting");
  for (const auto& f : frequencies) {
    std::printf("%-28s %-36s %-22s %-7d %s\n",
                f.prior_agent.c_str(),
                f.mechanism.c_str(),
                shown(f.pooled.proportion).c_str(),
                f.pooled.proportion.n,
                f.setting.c_str());
  }
  return done;
}

int run_genotype(const EvidenceCall& call,
                 const std::string& file,
                 const GenotypeOptions& options,
                 const std::string& typed) {
  auto loaded = load_evidence(call, typed);
  if (!loaded.ok) return refuse_evidence(loaded, call);
  auto read = read_genotype(file, loaded.library.proteins, options);
  show(read.problems, call.common);
  append(loaded.problems, read.problems);
  if (!read.ok()) return refuse_evidence(loaded, call);
  if (call.common.json) {
    std::fputs(report::evidence_genotype_json(loaded.context(), read.value).c_str(), stdout);
    return done;
  }
  notice();
  std::printf("%-12s %-24s %-12s %-10s %s\n", "gene", "variant", "found", "fraction", "reads");
  for (const auto& c : read.value.carried) {
    std::printf("%-12s %-24s %-12s %-10s %s\n",
                c.gene.c_str(),
                c.variant.key().c_str(),
                std::string(name(c.found)).c_str(),
                std::isnan(c.allele_fraction) ? "" : rounded(c.allele_fraction, 2).c_str(),
                c.depth < 0 ? "" : std::to_string(c.depth).c_str());
  }
  std::printf("\nWhat is not listed is not known to be absent.\n");
  return done;
}

int run_diff(const EvidenceCall& call,
             const std::string& a,
             const std::string& b,
             const std::string& typed) {
  EvidenceCall first = call, second = call;
  first.packs = {a};
  second.packs = {b};
  auto was = load_evidence(first, typed), is = load_evidence(second, typed);
  if (!was.ok) return refuse_evidence(was, call);
  if (!is.ok) return refuse_evidence(is, call);
  const PackDiff d = diff(was.library, is.library, is.options);
  is.provenance.inputs.insert(
      is.provenance.inputs.begin(), was.provenance.inputs.begin(), was.provenance.inputs.end());
  if (call.common.json) {
    std::fputs(report::evidence_diff_json(is.context(), d).c_str(), stdout);
    return done;
  }
  notice();
  for (const auto& r : d.rows)
    std::printf("%-8s %-10s %s%s%s\n",
                r.kind.c_str(),
                r.row.c_str(),
                r.was.c_str(),
                r.was.empty() || r.is.empty() ? "" : "  ->  ",
                r.is.c_str());
  for (const auto& e : d.estimates) {
    std::printf("moved    %s %s: %s  ->  %s nM\n",
                e.agent.c_str(),
                e.variant.text().c_str(),
                shown(e.was).c_str(),
                shown(e.is).c_str());
  }
  for (const auto& r : d.ranks) {
    std::string was_order, is_order;
    for (const auto& x : r.was) was_order += (was_order.empty() ? "" : " < ") + x;
    for (const auto& x : r.is) is_order += (is_order.empty() ? "" : " < ") + x;
    std::printf(
        "order    %s: %s  ->  %s\n", r.variant.text().c_str(), was_order.c_str(), is_order.c_str());
  }
  if (d.rows.empty() && d.estimates.empty() && d.ranks.empty()) std::printf("Nothing moved.\n");
  return done;
}

struct ImportCall {
  Common common;
  ImportOptions options;
  std::string file, from = "csv";
  std::vector<std::string> map, targets;
};

/// "ours=theirs" of --map and "NAME=GENE" of --target.
std::pair<std::string, std::string> halves(const std::string& text, const char* option) {
  const auto equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError(std::string(option) + " \"" + text +
                     "\": write two names with = between them.");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

int run_import(ImportCall call) {
  static const std::map<std::string, ImportFrom> forms{{"csv", ImportFrom::table},
                                                       {"civic", ImportFrom::civic},
                                                       {"civic-vcf", ImportFrom::civic_vcf},
                                                       {"chembl", ImportFrom::chembl},
                                                       {"bindingdb", ImportFrom::bindingdb},
                                                       {"oncokb-maf", ImportFrom::oncokb_maf}};
  for (const auto& one : call.map) call.options.columns.insert(halves(one, "--map"));
  for (const auto& one : call.targets) {
    const auto [target, gene] = halves(one, "--target");
    call.options.genes[lower(target)] = gene;
  }
  PackBuilder builder(call.options);
  Problems problems = import_file(forms.at(call.from), call.file, call.options, builder);
  append(problems, builder.problems());
  show(problems, call.common);
  if (has_errors(problems)) return data_problems;
  auto files = builder.take_files();
  std::vector<report::OutputFile> out;
  for (auto& [file, bytes] : files) out.push_back({file, std::move(bytes)});
  if (files.size() < 2) {
    std::fprintf(stderr, "Nothing could be imported from %s.\n", call.file.c_str());
    return data_problems;
  }
  write_all(call.common.output, out);
  std::printf("%zu rows imported, %zu skipped: %s\n",
              builder.rows(),
              builder.skipped(),
              call.common.output.c_str());
  return done;
}

void add_import(CLI::App& group, Action& action) {
  auto* app = group.add_subcommand(
      "import", "What another database holds, as a pack; broken rows are reported and skipped");
  auto call = std::make_shared<ImportCall>();
  app->add_option("FILE", call->file, "The export")->required();
  app->add_option("--from", call->from, "What it is")
      ->check(CLI::IsMember({"csv", "civic", "civic-vcf", "chembl", "bindingdb", "oncokb-maf"}))
      ->required();
  app->add_option("--name", call->options.name, "Of the pack");
  app->add_option("--date", call->options.date, "Of the pack, e.g. 2026-11-25")->required();
  app->add_option("--licence", call->options.licence, "Of the data");
  app->add_option(
      "--map",
      call->map,
      "csv: our column = theirs (agent, variant, gene, value, unit, word, source, system, assay)");
  app->add_option("--target", call->targets, "Target name as printed = gene");
  app->add_option("--gene", call->options.gene, "The gene of all rows that name none");
  app->add_option("--source", call->options.source, "csv: the source of all rows that name none");
  app->add_option(
      "--kind", call->options.source_kind, "Of the sources: own_lab for your own values");
  app->add_option("--unit", call->options.unit, "Of values whose column names none");
  add_output(*app, call->common, true);
  app->add_flag("-q,--quiet", call->common.quiet, "No warnings");
  app->footer(
      "Examples:\n  kinescape evidence import evidence.tsv --from civic --date 2026-11-25 -o "
      "civic\n"
      "  kinescape evidence import mine.csv --from csv --map agent=Drug --map value=IC50 --unit nM "
      "--gene GENE --kind own_lab --date 2026-11-25 -o mine");
  app->callback([=, &action] { action = [=] { return run_import(*call); }; });
}

template <class Run>
void add_verb(CLI::App& app, Action& action, Run run) {
  app.callback([&action, run] { action = run; });
}

}  // namespace evidence_packs_verbs

void add_evidence_packs(CLI::App& app, Action& action, const std::string& typed) {
  auto* group = &app;
  auto* check = group->add_subcommand("check", "Every problem of a pack, cell by cell");
  auto to_check = std::make_shared<EvidenceCall>();
  auto folders = std::make_shared<std::vector<std::string>>();
  check->add_option("PACKS", *folders, "Pack folders; none: the shipped ones");
  add_evidence_options(*check, *to_check, EvidenceUse::names);
  check->footer("Example:\n  kinescape evidence check knowledge/guide");
  evidence_packs_verbs::add_verb(
      *check, action, [=] { return evidence_packs_verbs::run_check(*to_check, *folders, typed); });

  auto* frequencies =
      group->add_subcommand("frequencies", "How often each mechanism was found after each agent");
  auto of_frequencies = std::make_shared<EvidenceCall>();
  add_evidence_options(*frequencies, *of_frequencies, EvidenceUse::rows);
  frequencies->footer("Example:\n  kinescape evidence frequencies --include-unread");
  evidence_packs_verbs::add_verb(*frequencies, action, [=] {
    return evidence_packs_verbs::run_frequencies(*of_frequencies, typed);
  });

  auto* genotype = group->add_subcommand(
      "genotype", "The protein changes that a VCF, BCF or MAF names, as the packs call them");
  auto of_genotype = std::make_shared<EvidenceCall>();
  auto file = std::make_shared<std::string>();
  auto how = std::make_shared<evidence::GenotypeOptions>();
  genotype->add_option("FILE", *file, "Annotated by VEP, SnpEff or vcf2maf")->required();
  genotype->add_option("--sample", how->sample, "Of a file with several");
  genotype->add_option(
      "--min-depth", how->min_depth, "Reads below which what is not seen counts as not covered");
  add_evidence_options(*genotype, *of_genotype, EvidenceUse::names);
  genotype->footer("Example:\n  kinescape evidence genotype patient.vcf.gz --sample tumour");
  evidence_packs_verbs::add_verb(*genotype, action, [=] {
    return evidence_packs_verbs::run_genotype(*of_genotype, *file, *how, typed);
  });

  auto* difference = group->add_subcommand(
      "diff", "Rows, estimates and orders that another version of a pack moves");
  auto of_diff = std::make_shared<EvidenceCall>();
  auto a = std::make_shared<std::string>(), b = std::make_shared<std::string>();
  difference->add_option("A", *a, "Pack folder, before")->required();
  difference->add_option("B", *b, "Pack folder, after")->required();
  add_evidence_options(*difference, *of_diff);
  difference->footer("Example:\n  kinescape evidence diff old/literature knowledge/literature");
  evidence_packs_verbs::add_verb(
      *difference, action, [=] { return evidence_packs_verbs::run_diff(*of_diff, *a, *b, typed); });
  evidence_packs_verbs::add_import(app, action);
}

}  // namespace kinescape::cli
