// SPDX-License-Identifier: Apache-2.0
/// \file The fitted model behind PotencyModel, and how its mixtures become answers. Shared inside
/// the room.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "evidence/potency_design_internal.hpp"

namespace kinescape::evidence {

using numeric::LatentMixture;

/// 10^ of a mixture of log10 values.
[[nodiscard]] Estimated interval(const LatentMixture& m, double level);
[[nodiscard]] Estimated none(Status status, double level, std::string why);
/// The single changes of a key; empty for a single change or none.
[[nodiscard]] std::vector<std::string> changes_of(const std::string& key);

struct PotencyModel::State {
  State(const Library& l, const PotencyOptions& o) : library(l), options(o), design(l, o) {}
  const Library& library;
  PotencyOptions options;
  PotencyDesign design;
  std::unique_ptr<numeric::LatentPosterior> posterior;
  std::string why;
  std::map<std::string, std::vector<std::size_t>>
      observations_of;  // source identity -> observations

  [[nodiscard]] LatentMixture mixture(const Predictor& p,
                                      std::vector<numeric::NoiseShare> more = {}) const {
    more.insert(more.end(), p.extra.begin(), p.extra.end());
    return posterior->distribution(p.form, more);
  }
  /// Standard deviation, at each draw, of the noise in `extra` that is (or is not) of a variant as
  /// such.
  [[nodiscard]] std::vector<double> loose_sd(const std::vector<numeric::NoiseShare>& extra,
                                             bool of_variant) const {
    std::vector<numeric::NoiseShare> part;
    for (const auto& share : extra) {
      const bool common = share.component == by_variant || share.component == by_target_shift ||
                          share.component == of_shift;
      if (common == of_variant) part.push_back(share);
    }
    std::vector<double> out = posterior->distribution({}, part).variance;
    for (double& one : out) one = std::sqrt(one);
    return out;
  }
  [[nodiscard]] Predictor potency(const std::string& agent, const VariantOf& v) const {
    return design.potency(agent, v.gene, v.key, changes_of(v.key));
  }
  [[nodiscard]] bool parental_known(const std::string& agent) const {
    return design.knows_level(agent, "");
  }
  void fill_intervals(PotencyEstimate& out) const;
  void fill_rows(PotencyEstimate& out) const;
  void fill_sources(PotencyEstimate& out) const;
};

}  // namespace kinescape::evidence
