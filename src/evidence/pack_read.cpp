// SPDX-License-Identifier: Apache-2.0
// A folder to a pack: pack.json, the hashes, each table cell by cell, then what refers to what.
#include <algorithm>
#include <filesystem>
#include <set>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "evidence/pack_names_internal.hpp"
#include "evidence/pack_rows_internal.hpp"
#include "evidence/pack_table_internal.hpp"

namespace kinescape::evidence {
namespace {

void read_sources(Pack& pack, const NamedTable& t, Problems& problems) {
  for (std::size_t r = 0; r < t.rows(); ++r) {
    Source s;
    s.id = t.text(r, "source");
    s.kind = t.text(r, "kind");
    s.citation = t.text(r, "citation");
    s.doi = t.text(r, "doi");
    s.pmid = t.text(r, "pmid");
    s.url = t.text(r, "url");
    s.pack = pack.name;
    const double year = t.number(r, "year", problems);
    if (year == year) {
      if (year < 1900 || year > 2200 || year != static_cast<int>(year)) {
        problems.push_back(
            {t.where(r, "year"), "this is no year", "Write four digits, or leave the cell empty."});
      } else {
        s.year = static_cast<int>(year);
      }
    }
    s.identity = !s.doi.empty()    ? "doi:" + lower(s.doi)
                 : !s.pmid.empty() ? "pmid:" + s.pmid
                                   : pack.name + ":" + s.id;
    pack.sources.push_back(std::move(s));
  }
}

void read_named(Pack& pack, std::string_view table, const NamedTable& t, Problems& problems) {
  for (std::size_t r = 0; r < t.rows(); ++r) {
    if (table == "agent") {
      pack.agents.push_back({t.text(r, "agent"), split_list(t.text(r, "aliases"))});
    } else if (table == "variant") {
      pack.variants.push_back({t.text(r, "gene"),
                               t.text(r, "variant"),
                               split_list(t.text(r, "aliases")),
                               t.where(r, "variant")});
    } else if (table == "system") {
      pack.systems[t.text(r, "system")] =
          word_of(t, r, "kind", system_words, SystemKind::unstated, problems);
    } else if (table == "assay") {
      pack.assays[t.text(r, "assay")] =
          word_of(t, r, "readout", readout_words, Readout::unclear, problems);
    } else if (table == "word") {
      pack.words[t.text(r, "word")] =
          word_of(t, r, "meaning", meaning_words, Meaning::unmeasured, problems);
    } else {
      ProteinSegment p{
          t.text(r, "gene"), t.text(r, "accession"), t.text(r, "residues"), t.text(r, "origin"), 0};
      const double first = t.number(r, "first", problems);
      const bool letters =
          !p.residues.empty() && p.residues.size() < 50'000 &&
          p.residues.find_first_not_of("ACDEFGHIKLMNPQRSTUVWY") == std::string::npos;
      if (!letters)
        problems.push_back({t.where(r, "residues"),
                            "these are not residues in one-letter code",
                            "Write A to Y, no spaces."});
      if (!(first >= 1 && first < 1e6 &&
            first == static_cast<double>(static_cast<std::size_t>(first)))) {
        problems.push_back({t.where(r, "first"),
                            "the position of the first residue is no whole number from 1",
                            "Count residues from 1."});
      } else if (letters) {
        p.first = static_cast<std::size_t>(first);
        pack.proteins.push_back(std::move(p));
      }
    }
  }
}

std::vector<std::string> required_of(std::string_view table) {
  if (table == "source") return {"source", "kind", "citation"};
  if (table == "agent") return {"agent"};
  if (table == "variant") return {"gene", "variant"};
  if (table == "protein") return {"gene", "first", "residues"};
  if (table == "system") return {"system", "kind"};
  if (table == "assay") return {"assay", "readout"};
  if (table == "word") return {"word", "meaning"};
  if (table == "measurement")
    return {"row",
            "source",
            "agent",
            "gene",
            "variant",
            "relation",
            "as_printed",
            "unit",
            "value_nM",
            "read"};
  if (table == "fold")
    return {"row", "source", "agent", "gene", "variant", "over", "relation", "fold", "read"};
  if (table == "statement") return {"row", "source", "agent", "gene", "variant", "word", "read"};
  if (table == "outcome") return {"row", "source", "regimen", "read"};
  if (table == "mechanism") return {"row", "source", "prior_agent", "mechanism", "read"};
  return {"row", "source", "agent", "fraction_unbound", "molar_mass_g_per_mol", "read"};
}

}  // namespace

void read_table(Pack& pack,
                std::string_view table,
                std::string_view bytes,
                const std::string& file,
                Problems& problems) {
  auto grid = read_csv(bytes, file, {.delimiter = ',', .decimal = Decimal::point});
  append(problems, std::move(grid.problems));
  if (has_errors(problems)) {
    const bool own = std::any_of(problems.begin(), problems.end(), [&](const Problem& p) {
      return p.where.file == file && p.severity == Severity::error;
    });
    if (own) return;
  }
  const NamedTable t(std::move(grid.value), required_of(table), columns_of(table), problems);
  if (!t.usable()) return;
  for (std::size_t r = 0; r < t.rows(); ++r) {
    if (t.width(r) == t.header_width()) continue;
    problems.push_back(
        {t.where(r, ""),
         std::to_string(t.width(r)) + " cells under a header of " +
             std::to_string(t.header_width()),
         "Quote cells that hold commas; give every row as many cells as the header."});
  }
  if (table == "source") {
    read_sources(pack, t, problems);
  } else if (table == "measurement" || table == "fold" || table == "statement") {
    read_potency(pack, table, t, problems);
  } else if (table == "outcome" || table == "mechanism" || table == "exposure") {
    read_clinical(pack, table, t, problems);
  } else {
    read_named(pack, table, t, problems);
  }
}

Checked<Pack> read_pack(const std::string& folder) {
  Checked<Pack> out;
  out.value.folder = folder;
  const std::filesystem::path root(folder);
  const std::string manifest_path = (root / "pack.json").string();
  const auto bytes = read_file(manifest_path, std::size_t{16} << 20U);
  if (!bytes.ok()) {
    out.problems = bytes.problems;
    return out;
  }
  auto manifest = read_manifest(bytes.value, manifest_path);
  append(out.problems, std::move(manifest.problems));
  Pack& pack = out.value;
  const Manifest& m = manifest.value;
  pack.name = m.name;
  pack.version = m.version;
  pack.date = m.date;
  pack.licence = m.licence;
  pack.description = m.description;
  pack.schema = m.schema;
  if (!out.ok()) return out;
  for (const auto& table : table_names()) {
    const std::string file = table + ".csv";
    const auto listed = m.tables.find(file);
    std::error_code error;
    const std::string path = (root / file).string();
    if (listed == m.tables.end()) {
      if (std::filesystem::exists(path, error)) {
        out.problems.push_back({{manifest_path, 0, 0, file, ""},
                                file + " lies in the folder and is not listed",
                                "List it under \"tables\", or remove the file."});
      }
      continue;
    }
    const auto content = read_file(path, std::size_t{1} << 30U);
    append(out.problems, content.problems);
    if (!content.ok()) continue;
    pack.sha256[file] = sha256(content.value);
    if (pack.sha256[file] != lower(listed->second)) {
      out.problems.push_back(
          {{manifest_path, 0, 0, file, ""},
           file + " is not the file that pack.json describes: its SHA-256 is " + pack.sha256[file],
           "Restore the file, or, if the change is meant, write the new hash and a new version."});
    }
    read_table(pack, table, content.value, path, out.problems);
  }
  for (const auto& [file, hash] : m.tables) {
    const auto& known = table_names();
    if (std::find(known.begin(), known.end(), file.substr(0, file.size() - 4)) == known.end()) {
      out.problems.push_back(
          {{manifest_path, 0, 0, file, ""},
           "\"" + printable(file) + "\" is no table of schema " + std::to_string(m.schema),
           "Remove it from \"tables\"; docs/rooms/evidence.md lists the tables.",
           Severity::warning});
    }
  }
  check_references(pack, out.problems);
  return out;
}

double Exposure::free_average_nM() const {
  return auc_ng_h_per_mL / tau_h * fraction_unbound / molar_mass_g_per_mol * 1000.0;
}

}  // namespace kinescape::evidence
