// SPDX-License-Identifier: Apache-2.0
// The chapters of immunoblots and protein assays: what a person reads.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "report/immunoblot.hpp"
#include "report/immunoblot_internal.hpp"
#include "report/page_table_internal.hpp"
#include "report/tidy_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

std::string section(const std::string& id, const std::string& name, const std::string& body) {
  return "<section id=\"" + id + "\"><h2>" + name + "</h2>" + body + "</section>";
}

struct BandRow {
  std::string image;
  immunoblot::BandResult band;
};

OutputFile band_table(const immunoblot::Estimate& estimate) {
  std::vector<BandRow> rows;
  for (const auto& image : estimate.images) {
    for (const auto& b : image.measured.bands) rows.push_back({image.file, b});
  }
  return table("immunoblot_bands", rows, [](Tidy& t, const BandRow& row) {
    const immunoblot::BandResult& b = row.band;
    t.text("image", row.image);
    t.count("strip", b.where.strip);
    t.count("lane", b.where.lane);
    t.count("band", b.where.band);
    t.number("x0_px", b.where.box.x0);
    t.number("y0_px", b.where.box.y0);
    t.number("x1_px", b.where.box.x1);
    t.number("y1_px", b.where.box.y1);
    t.estimate("volume", "_counts", b.volume);
    t.number("background_counts", b.background);
    t.number("snr", b.snr);
    t.count("clipped_pixels", b.clipped_pixels);
    t.number("rolling_ball_counts", b.alternatives.rolling_ball);
    t.number("ring_median_counts", b.alternatives.ring_median);
    t.number("inter_lane_counts", b.alternatives.inter_lane);
    t.number("valley_line_counts", b.alternatives.valley_line);
    t.number("no_background_counts", b.alternatives.none);
    t.number("choice_fold", b.choice_fold);
    t.estimate("mass", "_kDa", b.mass_kDa);
    t.text("linear", std::string(immunoblot::name(b.linear)));
    t.method(b.volume);
  });
}

OutputFile ratio_table(const immunoblot::Estimate& estimate) {
  return table("immunoblot_ratios", estimate.ratios, [](Tidy& t, const immunoblot::Ratio& r) {
    t.text("target", r.target);
    t.text("reference", r.reference);
    t.text("image", r.image);
    t.text("membrane", r.membrane);
    t.count("lane", r.lane);
    t.text("sample", r.sample);
    t.text("line", r.line);
    t.text("drug", r.drug);
    t.number("dose_nM", r.dose_nM);
    t.number("time_h", r.time_h);
    t.text("load_error", std::string(immunoblot::name(r.load_error)));
    t.estimate("ratio", "", r.ratio);
    t.method(r.ratio);
  });
}

OutputFile fold_table(const immunoblot::Estimate& estimate) {
  return table("immunoblot_folds", estimate.folds, [](Tidy& t, const immunoblot::Fold& f) {
    t.text("target", f.target);
    t.text("reference", f.reference);
    t.text("line", f.line);
    t.text("drug", f.drug);
    t.number("dose_nM", f.dose_nM);
    t.number("time_h", f.time_h);
    t.text("against", f.against);
    t.estimate("fold", "", f.fold);
    t.number("p_suppressed", f.p_suppressed);
    t.number("p_maintained", f.p_maintained);
    t.text("call", std::string(immunoblot::name(f.call)));
    t.count("lanes", f.lanes);
    t.count("membranes", f.membranes);
    t.method(f.fold);
  });
}

std::string bands_html(const immunoblot::Estimate& estimate) {
  HtmlTable t("immunoblot_bands",
              "Volumes: counts above the background. Choice: the largest over the smallest volume "
              "that the fit and the usual backgrounds give.");
  for (const auto* text : {"image", "strip", "lane", "band"}) t.heading(text);
  t.heading("volume (counts)", "of the joint fit", true);
  t.heading("rolling ball", "counts", true);
  t.heading("ring median", "counts", true);
  t.heading("valley line", "counts", true);
  t.heading("choice", "fold between the largest and the smallest", true);
  const bool masses = std::ranges::any_of(
      estimate.images, [](const auto& image) { return !image.measured.masses.empty(); });
  if (masses) t.heading("mass (kDa)", "by the marker lane", true);
  for (const auto& image : estimate.images) {
    for (const auto& b : image.measured.bands) {
      t.row();
      t.text(image.file);
      t.text(std::to_string(b.where.strip));
      t.text(std::to_string(b.where.lane));
      t.text(std::to_string(b.where.band));
      t.estimate(b.volume);
      t.number(b.alternatives.rolling_ball);
      t.number(b.alternatives.ring_median);
      t.number(b.alternatives.valley_line);
      t.number(b.choice_fold);
      if (masses) t.estimate(b.mass_kDa);
    }
  }
  return section("immunoblot-bands", "Bands", t.str());
}

/// "day 1/gel.tif" -> "gel": what the files made from an image are called, each its own name.
std::vector<std::string> stems_of(const immunoblot::Estimate& estimate) {
  std::set<std::string> taken;
  std::vector<std::string> out;
  for (const auto& image : estimate.images) {
    const std::string stem = std::filesystem::path(image.file).stem().string();
    std::string name = stem;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", stem, i);
    out.push_back(std::move(name));
  }
  return out;
}

/// The picture with its boxes, and the boxes as a file that can be edited and given back.
std::vector<OutputFile> picture_files(const immunoblot::Estimate& estimate) {
  std::vector<OutputFile> files;
  const auto stems = stems_of(estimate);
  for (std::size_t i = 0; i < stems.size(); ++i) {
    const auto& image = estimate.images[i];
    files.push_back({stems[i] + ".layout.toml", immunoblot::write_layout(image.measured.layout)});
    if (image.overlay.rgb.empty()) continue;
    files.push_back({stems[i] + ".overlay.png", immunoblot::write_png(image.overlay)});
  }
  return files;
}

constexpr int most_shown_px = 1400;  ///< A page holds no picture at an imager's full size.

std::string pictures_html(const immunoblot::Estimate& estimate) {
  std::string html;
  for (const auto& image : estimate.images) {
    if (image.overlay.rgb.empty()) continue;
    const std::string png =
        immunoblot::write_png(immunoblot::smaller(image.overlay, most_shown_px));
    html += fmt::format(
        "<figure><img style=\"max-width:100%\" alt=\"{0} with the boxes that were measured\" "
        "src=\"data:image/png;base64,{1}\"/><figcaption>{0}. Lanes: blue dashes. Bands: green "
        "where "
        "the volume is a number, orange where it is a bound, purple where the camera was full."
        "</figcaption></figure>\n",
        escaped(image.file),
        base64(png));
  }
  return html.empty() ? "" : section("immunoblot-pictures", "What was measured", html);
}

std::string samples_html(const immunoblot::ProteinResult& result) {
  HtmlTable t("protein_samples", "Protein of each lysate, and what to load.");
  t.heading("sample");
  t.heading("wells", "", true);
  t.heading("dilution", "", true);
  t.heading("protein (ug/ml)", "of the undiluted lysate", true);
  t.heading("lysate (ul)", "", true);
  t.heading("buffer (ul)", "", true);
  t.heading("water (ul)", "", true);
  for (const auto& s : result.samples) {
    t.row();
    t.text(s.sample);
    t.count(s.wells);
    t.number(s.dilution);
    t.estimate(s.concentration_ug_per_ml);
    t.estimate(s.lysate_ul);
    t.number(s.buffer_ul);
    t.number(s.water_ul);
  }
  return section("protein-samples", "Samples", t.str());
}

}  // namespace

Chapter immunoblot_chapter(const immunoblot::Estimate& estimate) {
  Chapter chapter;
  chapter.room = "immunoblot";
  chapter.name = "Immunoblot";
  chapter.title = "Immunoblot: bands and ratios";
  std::size_t lanes = 0, bands = 0;
  for (const auto& image : estimate.images) {
    lanes += image.measured.lanes.size(), bands += image.measured.bands.size();
  }
  chapter.summary = cards(card(std::to_string(lanes), "lanes", "#immunoblot-bands") +
                          card(std::to_string(bands), "bands", "#immunoblot-bands")) +
                    immunoblot_readings(estimate);
  if (auto folds = immunoblot_fold_figure(estimate)) {
    chapter.sections.push_back(
        {"immunoblot-folds",
         "Ratios",
         section("immunoblot-folds", "Ratios", figure_html(*folds) + folds_html(estimate))});
    chapter.figures.push_back(std::move(*folds));
  }
  if (auto courses = immunoblot_course_figure(estimate)) {
    chapter.sections.push_back({"immunoblot-courses",
                                "Time courses",
                                section("immunoblot-courses",
                                        "Time courses",
                                        figure_html(*courses) + courses_html(estimate))});
    chapter.figures.push_back(std::move(*courses));
  }
  chapter.sections.push_back({"immunoblot-pictures", "What was measured", pictures_html(estimate)});
  std::string profiles;
  for (Figure& figure : profile_figures(estimate)) {
    profiles += figure_html(figure);
    chapter.figures.push_back(std::move(figure));
  }
  chapter.sections.push_back(
      {"immunoblot-profiles", "Lanes", section("immunoblot-profiles", "Lanes", profiles)});
  chapter.sections.push_back({"immunoblot-bands", "Bands", bands_html(estimate)});
  chapter.methods = estimate.methods;
  chapter.citations = estimate.citations;
  chapter.problems = estimate.problems;
  chapter.tables = {band_table(estimate), ratio_table(estimate), fold_table(estimate)};
  for (OutputFile& more : more_blot_tables(estimate)) chapter.tables.push_back(std::move(more));
  chapter.files = picture_files(estimate);
  chapter.json = immunoblot_body(estimate);
  return chapter;
}

Chapter protein_chapter(const immunoblot::ProteinResult& result) {
  Chapter chapter;
  chapter.room = "immunoblot-protein";
  chapter.name = "Protein assay";
  chapter.title = "Protein assay: concentrations and loads";
  chapter.summary =
      cards(card(std::to_string(result.samples.size()), "samples", "#protein-samples"));
  chapter.sections.push_back({"protein-samples", "Samples", samples_html(result)});
  chapter.methods = result.methods;
  chapter.citations = result.citations;
  chapter.tables = {
      table("protein_samples", result.samples, [](Tidy& t, const immunoblot::SampleResult& s) {
        t.text("sample", s.sample);
        t.count("wells", s.wells);
        t.number("dilution", s.dilution);
        t.number("absorbance", s.mean_absorbance);
        t.estimate("concentration", "_ug_per_ml", s.concentration_ug_per_ml);
        t.estimate("lysate", "_ul", s.lysate_ul);
        t.number("buffer_ul", s.buffer_ul);
        t.number("water_ul", s.water_ul);
        t.estimate("load", "_ug", s.load_ug);
        t.method(s.concentration_ug_per_ml);
      })};
  chapter.json = protein_body(result);
  return chapter;
}

std::vector<OutputFile> immunoblot_files(const immunoblot::Estimate& estimate,
                                         const Provenance& provenance,
                                         const Problems& problems) {
  return room_files(immunoblot_chapter(estimate), provenance, problems);
}

std::vector<OutputFile> protein_files(const immunoblot::ProteinResult& result,
                                      const Provenance& provenance,
                                      const Problems& problems) {
  return room_files(protein_chapter(result), provenance, problems);
}

}  // namespace kinescape::report
