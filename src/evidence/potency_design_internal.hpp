// SPDX-License-Identifier: Apache-2.0
/// \file The rows of a library as observations of a latent Gaussian model. Shared inside the room.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "evidence/potency.hpp"
#include "numeric/latent_gaussian.hpp"

namespace kinescape::evidence {

/// The standard deviations of the model, in the order of its components.
enum Component : std::size_t {
  by_target,
  by_target_shift,  // what a change does on average differs by target
  by_agent,
  by_variant,
  by_pair,
  by_epistasis,
  by_source,
  by_source_agent,
  by_series,
  by_enzyme_agent,  // of assays without cells, where agents differ in how they get into cells
  by_enzyme_variant,
  by_readout_agent,  // of other readouts in cells
  by_system,
  by_system_agent,
  by_word,
  by_residual,
  of_mean,
  of_shift,
  of_enzyme,
  of_readout,
  of_unclear,
  of_unstated,
  of_parental,
  of_cut,
  of_print,
  component_count
};

/// A linear form with the spread of what no column stands for.
struct Predictor {
  numeric::LatentForm form;
  std::vector<numeric::NoiseShare> extra;
  void add(const Predictor& other, double sign);
};

/// Columns by name, and the observations made of the rows.
class PotencyDesign {
 public:
  PotencyDesign(const Library& library, const PotencyOptions& options);

  numeric::LatentModel model;
  struct Use {
    std::size_t row = 0;
    bool used = false;
    std::string why;
    std::vector<std::size_t> observations;
  };
  std::vector<Use> uses;  ///< One a row of the library.

  /// Shift of the variant over wild type for this agent.
  [[nodiscard]] Predictor shift(const std::string& agent,
                                const std::string& gene,
                                const std::string& variant,
                                const std::vector<std::string>& changes) const;
  /// log10 IC50 in viability, engineered cells, average source.
  [[nodiscard]] Predictor potency(const std::string& agent,
                                  const std::string& gene,
                                  const std::string& variant,
                                  const std::vector<std::string>& changes) const;
  /// Noise of a value beside the residual: its standard error, or of two printed digits.
  [[nodiscard]] static numeric::NoiseShare print_noise(double se_log10);
  /// What the readout, system and source of a row add.
  [[nodiscard]] Predictor setting(const Row& row, bool with_source) const;
  [[nodiscard]] bool knows_level(const std::string& agent, const std::string& gene) const;

 private:
  void add_columns(const Row& row);
  void add_column(const std::string& name, std::size_t component, double mean = 0.0);
  void add_term(Predictor& to,
                const std::string& name,
                std::size_t component,
                double weight = 1.0) const;
  void add_row(std::size_t index);
  void add_value(
      std::size_t index, double low, double high, PrintedRelation relation, bool as_wild_type);
  void add_fold(std::size_t index);
  void add_word(std::size_t index);
  [[nodiscard]] const Row* counterpart(const Row& row, const std::string& variant) const;

  const Library& library_;
  PotencyOptions options_;
  std::map<std::string, std::size_t> columns_;
  std::map<std::string, int> same_fact_, words_on_pair_;
  double center_ = 2.0;  // log10 nM; mean of the printed numbers, so that units are all the same
  bool intermediate_ = false;
};

}  // namespace kinescape::evidence
