// SPDX-License-Identifier: Apache-2.0
/// \file What has been published, row by row, as it was printed? The evidence pack.
///
/// A pack is a folder of UTF-8 CSV tables and pack.json (name, version, date, schema, licence,
/// SHA-256 of each table). docs/rooms/evidence.md lists the columns. Rows are never changed or
/// deleted: a later row supersedes an earlier one. All names of agents, genes and variants are data
/// of packs.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "evidence/variant.hpp"

namespace kinescape::evidence {

/// The highest schema of a pack that this version reads; it reads every lower one.
inline constexpr int newest_schema = 1;

/// Was the row read where it comes from?
enum class Read {
  yes,     ///< In its source, or in a curated record that names it.
  quoted,  ///< In a document that prints it and cites something else for it.
  no,      ///< Quoted without the paper at hand.
};

enum class PrintedRelation { exact, about, below, at_most, above, at_least, interval, missing };

/// What a printed word says about the potency against the variant.
enum class Meaning {
  sensitive,
  intermediate,
  resistant,
  comparison,  ///< Compares two variants; sets no level.
  unmeasured,  ///< "not determined"
};

enum class Readout { viability, phosphorylation, enzyme, clinical, review, unclear };

enum class SystemKind {
  engineered,
  engineered_parental,
  cancer_line,
  patient,
  animal,
  cell_free,
  unstated
};

enum class RowKind { measurement, fold, statement };

struct Source {
  std::string id, kind, citation, doi, pmid, url;
  int year = 0;          ///< 0: not known.
  std::string identity;  ///< One paper, one identity, in whatever pack it stands.
  std::string pack;
};

/// One printed potency: a concentration, a fold over another variant, or a word.
struct Row {
  RowKind kind = RowKind::measurement;
  std::string id, fact, pack;
  std::string source, source_identity;
  std::string agent, gene;
  std::string variant_as_printed, variant;  ///< As in the pack, and its key.
  std::vector<std::string> changes;         ///< Keys of the single changes of a compound variant.
  std::string over;                         ///< fold: key of the variant it is over.
  std::string fusion, system, assay, endpoint, unit, word, as_printed;
  SystemKind system_kind = SystemKind::unstated;
  Readout readout = Readout::unclear;
  PrintedRelation relation = PrintedRelation::missing;
  double low = unknown, high = unknown;  ///< nM, or fold; `high` for an interval only.
  double spread_nM = unknown;
  std::string spread_kind;  ///< "se", "sd", "unstated" or "".
  std::string curve;        ///< IC50 "absolute" (half of control), "relative" or "unstated".
  int replicates = 0;       ///< 0: not stated.
  /// Standard error of log10 value, where the row tells it: adds to the noise of the value.
  double se_log10 = unknown;
  double dose_low_nM = unknown, dose_high_nM = unknown;
  Meaning meaning = Meaning::unmeasured;
  Read read = Read::no;
  std::string confidence, read_in, note;
  std::vector<std::string> cites, supersedes, disputes;
  bool superseded = false;  ///< By another row of the packs that are loaded together.
  Where where;
  [[nodiscard]] bool parental() const { return variant == "parental"; }
};

/// What patients or models did under a regimen.
struct Outcome {
  std::string id, pack, source, regimen, mechanism, setting, phase, as_printed, safety, read_in,
      note;
  double n = unknown, responders = unknown, orr_percent = unknown, pfs_months = unknown;
  /// Printed intervals of the two, of the level that the source gives (0.95 where it says none).
  double orr_low_percent = unknown, orr_high_percent = unknown, pfs_low_months = unknown,
         pfs_high_months = unknown, level = unknown;
  Read read = Read::no;
  std::vector<std::string> cites;
  Where where;
};

/// How often a mechanism was found after an agent.
struct MechanismCount {
  std::string id, pack, source, source_identity, setting, prior_agent, mechanism, kind, as_printed,
      read_in, note;
  double positive = unknown, total = unknown, percent = unknown;
  Read read = Read::no;
  std::vector<std::string> cites;
  Where where;
};

/// Steady-state exposure of an agent in patients.
struct Exposure {
  std::string id, pack, source, agent, regimen, read_in, note;
  double cmax_ng_per_mL = unknown, ctrough_ng_per_mL = unknown, auc_ng_h_per_mL = unknown,
         tau_h = unknown;
  double fraction_unbound = unknown, fraction_unbound_low = unknown,
         fraction_unbound_high = unknown;
  double molar_mass_g_per_mol = unknown;
  Read read = Read::no;
  Where where;
  /// Mean free concentration over the dosing interval: AUC / tau * unbound / molar mass.
  [[nodiscard]] double free_average_nM() const;
};

struct Agent {
  std::string name;
  std::vector<std::string> aliases;
};

struct NamedVariant {
  std::string gene, variant;
  std::vector<std::string> aliases;
  Where where;
};

struct ProteinSegment {
  std::string gene, accession, residues, origin;
  std::size_t first = 0;
};

struct Pack {
  std::string folder, name, version, date, licence, description;
  int schema = 0;
  std::map<std::string, std::string> sha256;  ///< Of each table, as found.
  std::vector<Source> sources;
  std::vector<Agent> agents;
  std::vector<NamedVariant> variants;
  std::vector<ProteinSegment> proteins;
  std::map<std::string, SystemKind> systems;
  std::map<std::string, Readout> assays;
  std::map<std::string, Meaning> words;
  std::vector<Row> rows;
  std::vector<Outcome> outcomes;
  std::vector<MechanismCount> mechanisms;
  std::vector<Exposure> exposures;
};

/// Reads a pack folder: all problems, cell by cell. Variants are keyed by join() (library.hpp).
[[nodiscard]] Checked<Pack> read_pack(const std::string& folder);

/// One table of a pack from its bytes; what fuzz targets and importers use.
void read_table(Pack& pack,
                std::string_view table,
                std::string_view bytes,
                const std::string& file,
                Problems& problems);

/// The tables of `pack` as CSV and its pack.json, by file name.
[[nodiscard]] std::map<std::string, std::string> pack_files(const Pack& pack);

[[nodiscard]] std::string_view name(Read read);
[[nodiscard]] std::string_view name(PrintedRelation relation);  ///< "=", "~", "<", "<=", ...
[[nodiscard]] std::string_view name(Meaning meaning);
[[nodiscard]] std::string_view name(Readout readout);
[[nodiscard]] std::string_view name(SystemKind kind);
[[nodiscard]] std::string_view name(RowKind kind);
[[nodiscard]] std::optional<PrintedRelation> parse_relation(std::string_view text);

}  // namespace kinescape::evidence
