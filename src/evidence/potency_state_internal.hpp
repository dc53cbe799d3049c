// SPDX-License-Identifier: Apache-2.0
/// \file The fitted model behind PotencyModel, and how its mixtures become answers. Shared inside
/// the room.
#pragma once

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
