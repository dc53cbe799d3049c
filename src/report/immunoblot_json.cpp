// SPDX-License-Identifier: Apache-2.0
// What scripts read of immunoblots and protein assays.
#include "report/immunoblot.hpp"
#include "report/immunoblot_internal.hpp"

namespace kinescape::report {
namespace {

Json box_json(const immunoblot::Box& box) {
  return {{"x0", box.x0}, {"y0", box.y0}, {"x1", box.x1}, {"y1", box.y1}};
}

Json lane_json(const std::string& image, const immunoblot::LaneResult& l) {
  Json json{{"image", image}, {"strip", l.where.strip}, {"lane", l.where.lane}};
  json.update(box_json(l.where.box));
  json["tilt"] = l.where.tilt;
  json["shear"] = l.where.shear;
  json["background_per_px"] = number_or_null(l.background_per_px);
  json["converged"] = l.converged;
  json["total"] = estimated(l.total);
  return json;
}

Json band_json(const std::string& image, const immunoblot::BandResult& b) {
  Json json{
      {"image", image}, {"strip", b.where.strip}, {"lane", b.where.lane}, {"band", b.where.band}};
  json.update(box_json(b.where.box));
  json["y_centre"] = b.where.centre;
  json["volume"] = estimated(b.volume);
  json["relation"] = name(b.volume.relation);
  json["background"] = number_or_null(b.background);
  json["snr"] = number_or_null(b.snr);
  json["seen"] = b.where.seen;
  json["clipped_pixels"] = b.clipped_pixels;
  json["alternatives"] = {{"rolling_ball", number_or_null(b.alternatives.rolling_ball)},
                          {"ring_median", number_or_null(b.alternatives.ring_median)},
                          {"inter_lane", number_or_null(b.alternatives.inter_lane)},
                          {"valley_line", number_or_null(b.alternatives.valley_line)},
                          {"none", number_or_null(b.alternatives.none)}};
  json["choice_fold"] = number_or_null(b.choice_fold);
  json["mass_kDa"] = estimated(b.mass_kDa);
  json["linear"] = immunoblot::name(b.linear);
  return json;
}

Json image_json(const immunoblot::BlotImage& image) {
  const immunoblot::Measured& m = image.measured;
  return {{"image", image.file},
          {"width_px", m.width},
          {"height_px", m.height},
          {"bits", m.bits},
          {"bands", m.layout.polarity},
          {"n_strips", m.layout.strips.size()},
          {"noise_floor", number_or_null(m.noise_floor)},
          {"noise_gain", number_or_null(m.noise_gain)},
          {"clipped_at", number_or_null(m.clipped_at)},
          {"n_dust_pixels", m.dust_pixels}};
}

Json ratio_json(const immunoblot::Ratio& r) {
  return {{"target", r.target},
          {"reference", r.reference},
          {"image", r.image},
          {"membrane", r.membrane},
          {"sample", r.sample},
          {"line", r.line},
          {"drug", r.drug},
          {"dose_nM", number_or_null(r.dose_nM)},
          {"time_h", number_or_null(r.time_h)},
          {"lane", r.lane},
          {"ratio", estimated(r.ratio)},
          {"load_error", immunoblot::name(r.load_error)}};
}

Json fold_json(const immunoblot::Fold& f) {
  return {{"target", f.target},
          {"reference", f.reference},
          {"line", f.line},
          {"drug", f.drug},
          {"dose_nM", number_or_null(f.dose_nM)},
          {"time_h", number_or_null(f.time_h)},
          {"against", f.against},
          {"fold", estimated(f.fold)},
          {"p_suppressed", number_or_null(f.p_suppressed)},
          {"p_maintained", number_or_null(f.p_maintained)},
          {"call", immunoblot::name(f.call)},
          {"n_lanes", f.lanes},
          {"n_membranes", f.membranes}};
}

Json series_json(const immunoblot::DoseSeries& s) {
  return {{"target", s.target},
          {"reference", s.reference},
          {"line", s.line},
          {"drug", s.drug},
          {"n_doses", s.doses},
          {"ic50_nM", estimated(s.ic50_nM)}};
}

Json mass_scale_json(const std::string& image, const immunoblot::MassScale& m) {
  return {{"image", image},
          {"strip", m.strip},
          {"n_points", m.points},
          {"degree", m.degree},
          {"sd_log10", number_or_null(m.sd_log10)},
          {"status", name(m.status)},
          {"why", m.why}};
}

Json range_json(const immunoblot::LinearRange& r) {
  return {{"antibody", r.antibody},
          {"image", r.image},
          {"n_loads", r.loads},
          {"lowest_ug", number_or_null(r.lowest_ug)},
          {"highest_ug", number_or_null(r.highest_ug)},
          {"lowest_counts", number_or_null(r.lowest_counts)},
          {"highest_counts", estimated(r.highest_counts)},
          {"slope", estimated(r.slope)},
          {"saturates", r.saturates}};
}

Json course_json(const immunoblot::TimeCourse& c) {
  return {
      {"target", c.target},
      {"reference", c.reference},
      {"line", c.line},
      {"drug", c.drug},
      {"dose_nM", number_or_null(c.dose_nM)},
      {"points",
       listed(
           c.points,
           [](const immunoblot::TimeCourse::Point& p) {
             return Json{{"time_h", p.time_h}, {"fold", estimated(p.fold)}, {"n_lanes", p.lanes}};
           })},
      {"half_life_h", estimated(c.half_life_h)},
      {"return_h", estimated(c.return_h)}};
}

Json reading_json(const immunoblot::MechanismReading& r) {
  return {{"target", r.target},
          {"reference", r.reference},
          {"line", r.line},
          {"drug", r.drug},
          {"dose_nM", number_or_null(r.dose_nM)},
          {"time_h", number_or_null(r.time_h)},
          {"p_target_off", number_or_null(r.p_target_off)},
          {"p_on_target", number_or_null(r.p_on_target)},
          {"p_bypass", number_or_null(r.p_bypass)},
          {"p_both_off", number_or_null(r.p_both_off)},
          {"mechanism", immunoblot::name(r.mechanism)},
          {"downstream", listed(r.downstream, [](const auto& d) {
             return Json{{"target", d.target},
                         {"reference", d.reference},
                         {"fold", estimated(d.fold)},
                         {"p_maintained", number_or_null(d.p_maintained)}};
           })}};
}

Json sample_json(const immunoblot::SampleResult& s) {
  return {{"sample", s.sample},
          {"dilution", s.dilution},
          {"n_wells", s.wells},
          {"absorbance", number_or_null(s.mean_absorbance)},
          {"outside_standards", s.outside_standards},
          {"concentration_ug_per_ml", estimated(s.concentration_ug_per_ml)},
          {"lysate_ul", estimated(s.lysate_ul)},
          {"buffer_ul", number_or_null(s.buffer_ul)},
          {"water_ul", number_or_null(s.water_ul)},
          {"load_ug", estimated(s.load_ug)}};
}

}  // namespace

Json immunoblot_body(const immunoblot::Estimate& estimate) {
  Json json = Json::object();
  json["images"] = listed(estimate.images, image_json);
  Json lanes = Json::array(), bands = Json::array();
  for (const immunoblot::BlotImage& image : estimate.images) {
    for (const auto& l : image.measured.lanes) lanes.push_back(lane_json(image.file, l));
    for (const auto& b : image.measured.bands) bands.push_back(band_json(image.file, b));
  }
  json["lanes"] = std::move(lanes);
  json["bands"] = std::move(bands);
  json["ratios"] = listed(estimate.ratios, ratio_json);
  json["folds"] = listed(estimate.folds, fold_json);
  json["series"] = listed(estimate.series, series_json);
  Json scales = Json::array();
  for (const immunoblot::BlotImage& image : estimate.images) {
    for (const auto& m : image.measured.masses) scales.push_back(mass_scale_json(image.file, m));
  }
  json["mass_scales"] = std::move(scales);
  json["linear_ranges"] = listed(estimate.ranges, range_json);
  json["time_courses"] = listed(estimate.courses, course_json);
  json["readings"] = listed(estimate.readings, reading_json);
  json["between_lanes_sd"] = number_or_null(estimate.between_lanes_sd);
  json["between_membranes_sd"] = number_or_null(estimate.between_membranes_sd);
  json["methods"] = estimate.methods;
  json["citations"] = estimate.citations;
  return json;
}

Json protein_body(const immunoblot::ProteinResult& result) {
  Json json = Json::object();
  json["blank"] = number_or_null(result.blank);
  json["curves"] = listed(result.curves, [](const immunoblot::CurveScore& c) {
    return Json{{"curve", immunoblot::name(c.curve)},
                {"aicc", number_or_null(c.aicc)},
                {"residual_sd", number_or_null(c.residual_sd)},
                {"chosen", c.chosen},
                {"parameters", c.parameters}};
  });
  json["lowest_standard_ug_per_ml"] = number_or_null(result.lowest_ug_per_ml);
  json["highest_standard_ug_per_ml"] = number_or_null(result.highest_ug_per_ml);
  json["samples"] = listed(result.samples, sample_json);
  json["methods"] = result.methods;
  json["citations"] = result.citations;
  return json;
}

std::string immunoblot_json(const immunoblot::Estimate& estimate,
                            const Provenance& provenance,
                            const Problems& problems) {
  return room_json(
      "immunoblot", immunoblot_body(estimate), provenance, together(problems, estimate.problems));
}

std::string protein_json(const immunoblot::ProteinResult& result,
                         const Provenance& provenance,
                         const Problems& problems) {
  return room_json("immunoblot-protein", protein_body(result), provenance, problems);
}

}  // namespace kinescape::report
