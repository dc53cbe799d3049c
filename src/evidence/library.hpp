// SPDX-License-Identifier: Apache-2.0
/// \file Several packs as one body of evidence: one key for every variant, one name for every
/// agent, one identity for every paper, and each printed fact once.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/pack.hpp"

namespace kinescape::evidence {

/// A variant of a protein, or the parental cells of no gene ("", "parental").
struct VariantOf {
  std::string gene, key;
  auto operator<=>(const VariantOf&) const = default;
  [[nodiscard]] std::string text() const { return gene.empty() ? key : gene + " " + key; }
};

struct Library {
  std::vector<Pack> packs;  ///< Their own rows are moved to `rows`.
  std::vector<Row> rows;    ///< Of all packs, in their order; keyed, superseded ones marked.
  ProteinSet proteins;
  std::map<std::string, std::string> agent_names;    ///< Lower-case name or alias -> name.
  std::map<VariantOf, std::string> variant_aliases;  ///< (gene, other key) -> key.
  std::map<std::pair<std::string, std::string>, Source> sources;  ///< By (pack, id).

  [[nodiscard]] const Source* source(const std::string& pack, const std::string& id) const;
  /// The name of the agent that `text` means, or "".
  [[nodiscard]] std::string agent(std::string_view text) const;
  /// The variant that `text` means. Without a gene in the text or in `gene`, the one gene whose
  /// rows hold that variant; several or none is a Problem.
  [[nodiscard]] Checked<VariantOf> variant(std::string_view text,
                                           const std::string& gene = "") const;
  /// Key of a parsed variant after the aliases of the packs.
  [[nodiscard]] std::string aliased(const std::string& gene, const std::string& key) const;
};

/// Joins packs. A variant that cannot be read, or a residue that the protein does not have, is a
/// Problem at its cell.
[[nodiscard]] Checked<Library> join(std::vector<Pack> packs);

/// Reads and joins pack folders.
[[nodiscard]] Checked<Library> load(const std::vector<std::string>& folders);

/// Which rows may weigh in an estimate.
struct Admission {
  bool unread = false;  ///< Rows that were not read in their source, too.
  bool quoted = false;  ///< Rows that a document prints and cites something else for, too.
};

/// Whether the row weighs in estimates, and if not, why in a few words ("" = it weighs).
[[nodiscard]] std::string left_out(const Row& row, const Admission& admission);

}  // namespace kinescape::evidence
