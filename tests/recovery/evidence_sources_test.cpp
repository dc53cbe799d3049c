// SPDX-License-Identifier: Apache-2.0
// What would the model have said of each source, had it not been there? On the shipped packs, and
// on virtual literatures, where the geometric mean of the other sources is what it must beat.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/files.hpp"
#include "evidence/held_out.hpp"
#include "evidence/import.hpp"
#include "evidence/simulate.hpp"

namespace kinescape::evidence {
namespace {

const HeldOutScore* group(const HeldOut& result, const std::string& name) {
  for (const auto& s : result.scores) {
    if (s.group == name) return &s;
  }
  return nullptr;
}

void print(const std::string& title, const HeldOut& result) {
  for (const auto& s : result.scores) {
    std::printf(
        "%-24s %-42s n %4d: rmse %.3f mae %.3f covered %.3f density %.3f | geometric mean %.3f "
        "%.3f "
        "%.3f\n",
        title.c_str(),
        s.group.c_str(),
        s.n,
        s.rmse,
        s.mae,
        s.coverage,
        s.log_density,
        s.geometric_rmse,
        s.geometric_mae,
        s.geometric_log_density);
  }
}

TEST(EvidenceSources, a_shipped_source_that_was_left_out_is_predicted_better_than_by_the_mean) {
  const std::string root = std::string(KINESCAPE_SOURCE_DIR) + "/knowledge/";
  const Library library =
      load({root + "literature", root + "literature-unread", root + "panels"}).value;
  for (const bool unread : {false, true}) {
    PotencyOptions options;
    options.admission.unread = unread;
    const HeldOut result = leave_sources_out(library, options, {});
    print(unread ? "all rows" : "read rows", result);
    const auto* pairs = group(result, "pair printed elsewhere");
    ASSERT_NE(pairs, nullptr);
    EXPECT_LT(pairs->rmse, pairs->geometric_rmse);
    EXPECT_GT(pairs->log_density, pairs->geometric_log_density);
    EXPECT_GT(group(result, "all values")->coverage, 0.92);
    EXPECT_LT(group(result, "compound variants")->rmse, 1.4) << "far from two orders of magnitude";
  }
}

TEST(EvidenceSources,
     a_panel_read_after_the_terms_were_chosen_is_predicted_better_than_by_the_mean) {
  // ChEMBL CHEMBL3745656 (doi:10.1021/acs.jmedchem.5b01136): three agents by nine ALK variants.
  // Heavy tails came after it was read, for the sake of other data, and cost it a hundredth.
  const std::string root = std::string(KINESCAPE_SOURCE_DIR) + "/knowledge/";
  const Library library =
      load({root + "literature", root + "literature-unread", root + "panels"}).value;
  PotencyOptions options;
  options.admission.unread = true;
  double n = 0, pairs = 0, inside = 0, off = 0, off_pairs = 0, mean_off = 0;
  for (const HeldOutValue& v : leave_sources_out(library, options, {}).values) {
    const Row& row = library.rows[v.row];
    if (row.pack != "panels" || row.parental()) continue;
    ++n, off += std::pow(v.expected - v.printed, 2);
    inside += v.p_below > 0.025 && v.p_below < 0.975;
    if (std::isnan(v.geometric_mean)) continue;
    ++pairs, off_pairs += std::pow(v.expected - v.printed, 2);
    mean_off += std::pow(v.geometric_mean - v.printed, 2);
  }
  std::printf(
      "panel: %.0f values, rmse %.3f, %.0f inside; of %.0f printed elsewhere %.3f, geometric mean "
      "%.3f\n",
      n,
      std::sqrt(off / n),
      inside,
      pairs,
      std::sqrt(off_pairs / pairs),
      std::sqrt(mean_off / pairs));
  EXPECT_EQ(n, 27);
  EXPECT_LT(off_pairs, 0.8 * mean_off) << "squared errors: a tenth less in log10 units";
  EXPECT_GE(inside, 24);
}

/// IC50s of ABL1 in cells by five sources, as the named public repositories hold them; no shipped
/// pack has that target. Of Gozgit's values those of imatinib are known to be his, the others are
/// his by the company they keep; values at a ceiling were taken for bounds.
Library abl1() {
  ImportOptions how;
  how.name = "abl1";
  how.date = "2026-11-26";
  how.unit = "nM";
  for (const char* column : {"gene", "agent", "variant", "system", "assay", "value", "source"})
    how.columns[column] = column;
  PackBuilder builder(how);
  const std::string file = std::string(KINESCAPE_SOURCE_DIR) + "/tests/reference/abl1_cells.csv";
  EXPECT_FALSE(has_errors(import_file(ImportFrom::table, file, how, builder)));
  EXPECT_EQ(builder.skipped(), 0U);
  const auto folder =
      std::filesystem::path(::testing::TempDir()) / ("abl1_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (const auto& [name, text] : builder.take_files()) write_file(folder / name, text);
  auto library = load({folder.string()});
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(library.ok()) << describe(library.problems);
  return std::move(library.value);
}

TEST(EvidenceSources, a_target_that_no_pack_has_is_predicted_no_worse_than_by_the_mean) {
  const HeldOut result = leave_sources_out(abl1(), {}, {});
  print("ABL1", result);
  const auto* pairs = group(result, "pair printed elsewhere");
  ASSERT_NE(pairs, nullptr);
  EXPECT_GT(pairs->n, 200);
  EXPECT_LT(pairs->rmse, 1.02 * pairs->geometric_rmse) << "as good as level: panels agree here";
  EXPECT_GT(pairs->coverage, 0.93);
}

/// Pooled over virtual literatures: squared errors of the model, of its Student-t form, and of the
/// geometric mean, where the pair is printed elsewhere.
struct Pooled {
  double n = 0, gaussian = 0, student = 0, mean = 0, density = 0, student_density = 0, covered = 0;
};

/// Few values are bounds: those that are cannot be held against a mean, and what is left of a pair
/// near the top dose would be its low values only.
Pooled virtual_sources(const LiteratureTruth& truth, LiteratureDesign design) {
  design.enzymes = 0.15;
  design.lines = 0.15;
  design.top_dose_log10_nM = 5;
  design.low_dose_log10_nM = -2;
  const char* asked = std::getenv("KINESCAPE_RECOVERY");
  const int count = std::max(3, (asked != nullptr ? std::atoi(asked) : 250) / 25);
  Pooled out;
  for (int i = 0; i < count; ++i) {
    const auto world = simulate(design, truth, Seed{static_cast<std::uint64_t>(5000 + i)});
    PotencyOptions gaussian, student;
    gaussian.draws = student.draws = 24;
    student.student_t = true;
    const HeldOut g = leave_sources_out(world.library, gaussian, {});
    const HeldOut s = leave_sources_out(world.library, student, {});
    const auto* of_g = group(g, "pair printed elsewhere");
    const auto* of_s = group(s, "pair printed elsewhere");
    if (of_g == nullptr || of_s == nullptr || of_g->n != of_s->n) continue;
    out.n += of_g->n;
    out.gaussian += of_g->n * std::pow(of_g->rmse, 2);
    out.student += of_g->n * std::pow(of_s->rmse, 2);
    out.mean += of_g->n * std::pow(of_g->geometric_rmse, 2);
    out.density += of_g->n * of_g->log_density;
    out.student_density += of_g->n * of_s->log_density;
    out.covered += of_g->n * of_g->coverage;
  }
  return out;
}

void print(const char* title, const Pooled& p) {
  std::printf(
      "%-22s %5.0f values: Gaussian %.3f (density %.3f, covered %.3f), Student-t %.3f (%.3f), "
      "geometric mean %.3f\n",
      title,
      p.n,
      std::sqrt(p.gaussian / p.n),
      p.density / p.n,
      p.covered / p.n,
      std::sqrt(p.student / p.n),
      p.student_density / p.n,
      std::sqrt(p.mean / p.n));
}

LiteratureDesign one_target() {
  LiteratureDesign design;
  design.measured = 0.2;
  return design;
}

/// As the shipped packs are: one target with many rows would tell its own mean shift, these do not.
LiteratureDesign several_targets() {
  LiteratureDesign design;
  design.targets = 5;
  design.agents = 3, design.variants = 5, design.sources = 5, design.compound = 1;
  return design;
}

TEST(EvidenceSources, virtual_sources_are_predicted_better_than_by_the_geometric_mean) {
  const Pooled clean = virtual_sources({}, one_target());
  print("clean", clean);
  EXPECT_LT(clean.gaussian, clean.mean);
  EXPECT_NEAR(clean.covered / clean.n, 0.95, 0.03);
  LiteratureTruth slips;
  slips.outliers = 0.08;
  const Pooled off = virtual_sources(slips, one_target());
  print("8 % outliers of tenfold", off);
  EXPECT_LT(off.gaussian, off.mean);
  EXPECT_NEAR(off.covered / off.n, 0.95, 0.03);
  LiteratureTruth targets;
  targets.target = 0.4, targets.target_shift = 0.2;
  const Pooled several = virtual_sources(targets, several_targets());
  print("five targets", several);
  EXPECT_LT(several.gaussian, several.mean);
  EXPECT_NEAR(several.covered / several.n, 0.95, 0.03);
}

}  // namespace
}  // namespace kinescape::evidence
