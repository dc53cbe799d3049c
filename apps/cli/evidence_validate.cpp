// SPDX-License-Identifier: Apache-2.0
// kinescape evidence validate
#include <cmath>
#include <cstdio>
#include <memory>

#include "base/number.hpp"
#include "common.hpp"
#include "evidence/held_out.hpp"
#include "evidence_common.hpp"
#include "report/evidence.hpp"

namespace kinescape::cli {
namespace evidence_validate_verbs {

std::string figure(double x) {
  return std::isnan(x) ? "-" : rounded(x, 3);
}

void print_scores(const evidence::HeldOut& result) {
  std::printf("%s.\n\n", report::research_only);
  std::printf(
      "Each of %d sources left out, its printed values predicted from the others (log10 "
      "units).\n\n",
      result.sources);
  std::printf("%-44s %5s | %-7s %-7s %-8s %-8s | %-7s %-7s %s\n",
              "",
              "n",
              "rmse",
              "mae",
              "covered",
              "density",
              "rmse",
              "mae",
              "density");
  for (const auto& s : result.scores) {
    std::printf("%-44s %5d | %-7s %-7s %-8s %-8s | %-7s %-7s %s\n",
                s.group.c_str(),
                s.n,
                figure(s.rmse).c_str(),
                figure(s.mae).c_str(),
                figure(s.coverage).c_str(),
                figure(s.log_density).c_str(),
                figure(s.geometric_rmse).c_str(),
                figure(s.geometric_mae).c_str(),
                figure(s.geometric_log_density).c_str());
  }
  std::printf(
      "\nLeft the model, right the geometric mean of the other sources with its best spread. "
      "covered: share\nof values inside the %s %% predictive interval. density: mean log density "
      "of a value, more is better.\n",
      rounded(100.0 * result.level, 3).c_str());
}

int run_validate(const EvidenceCall& call, Threads threads, const std::string& typed) {
  const auto loaded = load_evidence(call, typed);
  if (!loaded.ok) return refuse_evidence(loaded, call);
  const evidence::HeldOut result =
      evidence::leave_sources_out(loaded.library, loaded.options, threads);
  if (call.common.json) {
    std::fputs(report::evidence_validate_json(loaded.context(), result).c_str(), stdout);
  } else {
    print_scores(result);
  }
  return done;
}

}  // namespace evidence_validate_verbs

void add_evidence_validate(CLI::App& group, Action& action, const std::string& typed) {
  auto* validate = group.add_subcommand(
      "validate", "How well the packs' own values are predicted when their source is left out");
  auto call = std::make_shared<EvidenceCall>();
  auto threads = std::make_shared<unsigned>(0);
  validate->add_option("--threads", *threads, "0: as many as there are cores");
  add_evidence_options(*validate, *call);
  validate->footer("Example:\n  kinescape evidence validate --include-unread");
  validate->callback([=, &action] {
    action = [=] { return evidence_validate_verbs::run_validate(*call, Threads{*threads}, typed); };
  });
}

}  // namespace kinescape::cli
