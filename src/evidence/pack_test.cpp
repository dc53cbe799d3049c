// SPDX-License-Identifier: Apache-2.0
#include "evidence/pack.hpp"

#include <gtest/gtest.h>

#include "base/number.hpp"
#include "evidence/library.hpp"
#include "evidence/potency.hpp"

namespace kinescape::evidence {
namespace {

std::string knowledge(const std::string& pack) {
  return std::string(KINESCAPE_SOURCE_DIR) + "/knowledge/" + pack;
}

TEST(Pack, try_it) {
  const auto library = load({knowledge("guide"), knowledge("literature"), knowledge("literature-unread")});
  std::fputs(describe(library.problems).c_str(), stdout);
  ASSERT_TRUE(library.ok());
  for (const bool unread : {false, true}) {
    PotencyOptions options;
    options.admission.unread = unread;
    const PotencyModel model(library.value, options);
    std::printf("usable %d %s rows %zu\n", model.usable(), model.why().c_str(), model.used_rows());
    for (const auto& s : model.spreads()) std::printf("  %s %.3f\n", s.name.c_str(), s.sd);
    for (const char* v : {"G1202R", "L1196M", "WT", "I1171T", "C1156Y+L1198F", "L1196M+G1202R", "D1203N+E1210K"}) {
      for (const auto& agent : model.agents_of("ALK")) {
        const auto e = model.summary(agent, {"ALK", v});
        std::printf("%-14s %-12s %8s (%s - %s) pred (%s - %s) fold %s (%s-%s) win %s  n %d/%d/%d\n", v, agent.c_str(), rounded(e.ic50_nM.value).c_str(),
                    rounded(e.ic50_nM.low).c_str(), rounded(e.ic50_nM.high).c_str(), rounded(e.ic50_predictive_nM.low).c_str(), rounded(e.ic50_predictive_nM.high).c_str(),
                    rounded(e.fold_over_wild_type.value).c_str(), rounded(e.fold_over_wild_type.low).c_str(), rounded(e.fold_over_wild_type.high).c_str(),
                    rounded(e.window_over_parental.value).c_str(), e.numbers, e.folds, e.words);
      }
    }
  }
}

}  // namespace
}  // namespace kinescape::evidence
