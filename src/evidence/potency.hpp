// SPDX-License-Identifier: Apache-2.0
/// \file How potent is an agent against a variant, from everything that was published, and how sure
/// is that? One hierarchical model of log10 IC50 for all rows of a library.
///
///   log10 IC50 = mean + target + level(agent, gene) + shift(variant) + shift(agent, variant)
///              + source + source:agent + series + readout + readout:agent + system + residual
///
/// The shift of a compound variant is the sum of those of its changes plus an epistasis term of its
/// own. Wild type has no shift; parental cells are a gene of their own. Shifts have heavy tails
/// (Student-t), and targets share what a change does on average. Rows enter as they are
/// printed: values, bounds and intervals by the Gaussian distribution, folds as contrasts within
/// their source, words by ordered probit on the fold over wild type with estimated cut points. The
/// words on one agent and variant weigh together what one number of one more source would weigh at
/// most. Fitted by numeric::LatentPosterior. docs/rooms/evidence.md states the priors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/parallel.hpp"
#include "base/stream.hpp"
#include "evidence/library.hpp"

namespace kinescape::evidence {

struct PotencyOptions {
  Admission admission;
  double level = 0.95;
  bool student_t = false;  ///< Residuals of printed values with 4 degrees of freedom, for outliers.
  std::size_t draws = 96;  ///< Of the model's standard deviations; 0: their mode alone.
  Threads threads{1};      ///< For those draws; the same bits at any count.
  [[nodiscard]] Problems check() const;
};

/// One row as it bears on an answer.
struct RowUse {
  std::size_t row = 0;  ///< Index into Library::rows.
  std::string role;     ///< "this pair", "wild type", "part of the compound variant", "parental"
  bool used = false;
  std::string why;               ///< How it enters, or why it does not.
  double shift_log10 = unknown;  ///< Of the answer when the source of the row is left out.
};

/// What one source does to an answer.
struct SourceWeight {
  std::string identity, citation;
  int rows = 0;                  ///< Used rows of this source on the agent or the variant.
  double shift_log10 = unknown;  ///< Answer without the source minus answer with it.
};

struct PotencyEstimate {
  std::string agent;
  VariantOf variant;
  Estimated ic50_nM;             ///< Mean of log10 over sources, cell viability.
  Estimated ic50_predictive_nM;  ///< What one more laboratory would print.
  Estimated fold_over_wild_type;
  Estimated window_over_parental;                      ///< IC50 of parental cells over this IC50.
  int sources = 0, numbers = 0, folds = 0, words = 0;  ///< On this pair, used.
  bool measured = false;                               ///< Some used row is on this very pair.
  bool unread_weigh = false;  ///< Rows not read in their source weigh on the answer.
  std::vector<RowUse> rows;
  std::vector<SourceWeight> by_source;  ///< Largest shift first.
};

/// Draws from the joint posterior of several agents against one variant, log10 nM.
struct PotencyDraws {
  std::vector<std::vector<double>> log10_ic50;    ///< [draw][agent]
  std::vector<std::vector<double>> log10_fold;    ///< [draw][agent]
  std::vector<std::vector<double>> log10_window;  ///< [draw][agent]; NaN: no parental row
};

/// What one more source would print, and where a value at hand lies in that.
struct Prediction {
  Estimated expected;            ///< nM, or a fold.
  double p_below = unknown;      ///< Chance that it prints less than the value at hand.
  double sd_log10 = unknown;     ///< Of what it prints.
  double log_density = unknown;  ///< Of log10 of the value at hand.
};

/// A variance component of the fit, in log10 units.
struct Spread {
  std::string name;
  double sd = unknown;
};

class PotencyModel {
 public:
  /// Fits all rows of `library` that `options` admits. The library must outlive the model.
  PotencyModel(const Library& library, const PotencyOptions& options);
  ~PotencyModel();
  PotencyModel(PotencyModel&&) noexcept;
  PotencyModel& operator=(PotencyModel&&) noexcept;

  [[nodiscard]] bool usable() const;  ///< There are rows, and the fit settled.
  [[nodiscard]] const std::string& why() const;
  [[nodiscard]] std::vector<Spread> spreads() const;
  [[nodiscard]] std::size_t used_rows() const;

  /// The whole answer. Without any row of the agent on that gene: NaN with a status.
  [[nodiscard]] PotencyEstimate estimate(const std::string& agent, const VariantOf& variant) const;
  /// The three intervals alone, for tables.
  [[nodiscard]] PotencyEstimate summary(const std::string& agent, const VariantOf& variant) const;
  /// `n` draws, antithetic in pairs, from `seed`.
  [[nodiscard]] PotencyDraws draws(const std::vector<std::string>& agents,
                                   const VariantOf& variant,
                                   std::size_t n,
                                   Seed seed) const;
  /// Posterior mean of log10 IC50 without the rows of one source (standard deviations kept).
  [[nodiscard]] double log10_without(const std::string& agent,
                                     const VariantOf& variant,
                                     const std::string& source_identity) const;
  /// What one more source would print in the place of `row`, with the standard error of the row.
  [[nodiscard]] Prediction prediction(const Row& row) const;
  /// The IC50 in the cells, by the readout and in the hands of the source of `row`.
  [[nodiscard]] Estimated in_setting(const Row& row) const;
  /// The fold that one more source would print of one variant over another, beside a `fold` at hand
  /// whose log10 has that standard error.
  [[nodiscard]] Prediction fold_prediction(const std::string& agent,
                                           const VariantOf& variant,
                                           const VariantOf& over,
                                           double fold,
                                           double se_log10) const;
  /// log10 nM of a printed value less what its source, readout and system add; NaN for other rows.
  [[nodiscard]] double adjusted_log10(const Row& row) const;
  /// Agents with a used row on `gene`, in name order.
  [[nodiscard]] std::vector<std::string> agents_of(const std::string& gene) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kinescape::evidence
