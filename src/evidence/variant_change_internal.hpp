// SPDX-License-Identifier: Apache-2.0
/// \file One change of a protein from its text, and its standard form. Shared inside the room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/variant.hpp"

namespace kinescape::evidence {

/// "G1202R", "Gly1202Arg", "W557_K558del", "1151Tins", "delE746-A750", ...; nothing for other text.
[[nodiscard]] std::optional<Change> parse_change(std::string_view text);

/// "exon 14 skipping", "exon14skip", "ex14", "exon 4-11 deletion"; nothing for other text.
[[nodiscard]] std::optional<Change> parse_exon_change(std::string_view text);

/// Fills residues that only the protein knows, turns insertions that repeat their neighbours into
/// duplications and shifts deletions and duplications to the last place that they can have
/// (HGVS 3' rule). Returns what contradicts the protein, or "".
[[nodiscard]] std::string standardise(Change& change,
                                      const std::string& gene,
                                      const ProteinSet& set);

}  // namespace kinescape::evidence
