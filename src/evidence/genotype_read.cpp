// SPDX-License-Identifier: Apache-2.0
// Genotype files: which reader, what annotations mean, and the MAF.
#include <algorithm>
#include <filesystem>
#include <set>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "evidence/genotype_internal.hpp"

namespace kinescape::evidence {
namespace {

/// Calls with the cells of a delimited table by the name of their column.
class Columns {
 public:
  Columns(const Grid& grid, std::size_t header) : grid_(grid) {
    for (std::size_t c = 0; c < grid.columns(header); ++c)
      at_.emplace(std::string(trimmed(grid.at(header, c))), c);
  }
  [[nodiscard]] bool has(const std::string& name) const { return at_.contains(name); }
  [[nodiscard]] std::string text(std::size_t row, const std::string& name) const {
    const auto at = at_.find(name);
    return at == at_.end() || at->second >= grid_.columns(row)
               ? ""
               : std::string(trimmed(grid_.at(row, at->second)));
  }
  /// -1 where there is no number.
  [[nodiscard]] int count(std::size_t row, const std::string& name) const {
    const ParsedNumber n = parse_number(text(row, name), Decimal::point);
    return n.kind == NumberKind::number && n.value >= 0 && n.value < 1e9 ? static_cast<int>(n.value)
                                                                         : -1;
  }

 private:
  const Grid& grid_;
  std::map<std::string, std::size_t> at_;
};

std::string first_named(const Columns& columns, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (columns.has(name)) return name;
  return "";
}

/// The exon that a lost splice site leaves out: the donor of intron N is the end of exon N, the
/// acceptor of intron N the start of exon N + 1. "" where nothing is lost or its place is not told.
std::string skipped_exon(const Consequence& c) {
  const bool donor = c.effect.find("splice_donor_variant") != std::string::npos;
  const bool acceptor = c.effect.find("splice_acceptor_variant") != std::string::npos;
  const auto intron = parse_number(c.intron.substr(0, c.intron.find('/')), Decimal::point);
  if (donor == acceptor || intron.kind != NumberKind::number || !(intron.value >= 1) ||
      intron.value > 1000)
    return "";
  return "exon" + std::to_string(static_cast<int>(intron.value) + (acceptor ? 1 : 0)) + "skip";
}

/// A splice change has no change of residues, or what MAF files write for it ("p.X100_splice").
bool of_splicing(const Consequence& c) {
  return c.protein_change.ends_with("_splice") ||
         (c.protein_change.empty() && c.effect.find("splice_") != std::string::npos);
}

}  // namespace

Problems GenotypeOptions::check() const {
  Problems out;
  if (min_depth < 1)
    out.push_back({{"", 0, 0, "min_depth", ""},
                   "the least depth is below one read",
                   "20 is usual; more for low fractions."});
  if (!(amplified_copies > 2))
    out.push_back({{"", 0, 0, "amplified_copies", ""},
                   "a gene of two copies would count as amplified",
                   "5 or 6 copies are usual."});
  return out;
}

void GenotypeBuilder::add(const std::vector<Consequence>& consequences,
                          const Sighting& sighting,
                          const Where& where) {
  std::map<std::string, Carried> by_key;  // of the best rank that can be read
  int best = 1000;
  std::string unread;
  for (const Consequence& c : consequences) {
    if (c.gene.empty()) continue;
    const bool splicing = of_splicing(c);
    if (splicing && !proteins_.knows(c.gene)) continue;
    const std::string change = splicing ? skipped_exon(c) : c.protein_change;
    if (change.empty() && splicing && !c.protein_change.empty())
      unread = c.gene + " " + c.protein_change + " without its Consequence and INTRON";
    if (change.empty() || change.ends_with("=") || change.ends_with("%3D")) continue;
    const auto parsed = parse_variant(change, c.gene, proteins_, where);
    if (!parsed.ok() || parsed.value.kind != VariantKind::changes) {
      unread = c.gene + " " + change;
      continue;
    }
    // A transcript whose residues the packs' protein has comes first: its numbers are the packs'.
    const int rank = c.rank + (proteins_.knows(c.gene) ? 0 : 10);
    if (rank > best) continue;
    if (rank < best) by_key.clear();
    best = rank;
    const std::string written = splicing ? c.effect + " of intron " + c.intron : change;
    Carried carried{c.gene,
                    parsed.value,
                    sighting.found,
                    sighting.allele_fraction,
                    sighting.depth,
                    written,
                    where,
                    sighting.phase_set,
                    sighting.haplotypes};
    by_key.emplace(c.gene + " " + parsed.value.key(), std::move(carried));
  }
  if (by_key.size() == 1) {
    carried_.push_back(std::move(by_key.begin()->second));
  } else if (by_key.size() > 1) {
    std::string names;
    for (const auto& [key, carried] : by_key) names += (names.empty() ? "" : ", ") + key;
    problems_.push_back({where,
                         "transcripts disagree on the change: " + names,
                         "Annotate with one transcript a gene (VEP --pick, MANE).",
                         Severity::warning});
  } else if (!unread.empty()) {
    problems_.push_back({where,
                         "\"" + printable(unread) + "\" is no protein change that can be read here",
                         "Check the gene, the transcript and the annotation.",
                         Severity::warning});
  } else {
    pass_over("without a change of protein in their annotation");
  }
}

void GenotypeBuilder::add_named(const std::string& text,
                                const std::string& gene,
                                Found found,
                                const std::string& as_written,
                                const Where& where) {
  auto parsed = parse_variant(text, gene, proteins_, where);
  if (!parsed.ok()) return pass_over("with a name that cannot be read");
  const std::string of = parsed.value.gene.empty() ? gene : parsed.value.gene;
  for (const Carried& c : carried_) {  // both ends of a fusion, or every transcript, say the same
    if (c.gene == of && c.variant.key() == parsed.value.key() &&
        c.variant.partner == parsed.value.partner)
      return;
  }
  carried_.push_back({of, std::move(parsed.value), found, unknown, -1, as_written, where, "", 0});
}

void GenotypeBuilder::finish(Checked<Genotype>& out, const std::string& file) {
  constexpr std::size_t most = 50;
  if (problems_.size() > most) {
    const auto more = problems_.size() - most;
    problems_.resize(most);
    problems_.push_back({{file, 0, 0, "", ""},
                         std::to_string(more) + " more records could not be read",
                         "Mend those that are listed, then read again.",
                         Severity::warning});
  }
  append(out.problems, std::move(problems_));
  for (const auto& [reason, n] : passed_over_)
    out.problems.push_back({{file, 0, 0, "", ""},
                            std::to_string(n) + " records were passed over: " + reason,
                            "Nothing, if that is meant.",
                            Severity::warning});
  out.value.from_file = true;
  out.value.carried = std::move(carried_);
}

Checked<Genotype> read_genotype_maf(std::string_view bytes,
                                    const std::string& file,
                                    const ProteinSet& proteins,
                                    const GenotypeOptions& options) {
  Checked<Genotype> out;
  CsvOptions how;
  how.delimiter = '\t';
  const auto grid = read_csv(bytes, file, how);
  append(out.problems, grid.problems);
  if (!out.ok()) return out;
  std::size_t header = 0;
  while (header < grid.value.rows() &&
         (grid.value.columns(header) == 0 || grid.value.at(header, 0).starts_with("#")))
    ++header;
  if (header == grid.value.rows()) {
    out.problems.push_back(
        {{file, 1, 0, "", ""}, "the table has no header", "Export it with its column names."});
    return out;
  }
  const Columns columns(grid.value, header);
  const std::string change = first_named(columns, {"HGVSp_Short", "HGVSp", "Protein_Change"}),
                    barcode = first_named(columns, {"Tumor_Sample_Barcode", "Sample"});
  if (!columns.has("Hugo_Symbol") || change.empty()) {
    out.problems.push_back({{file, header + 1, 0, "", ""},
                            "the columns Hugo_Symbol and HGVSp_Short are not there",
                            "Give a MAF with protein changes, or a VCF."});
    return out;
  }
  std::set<std::string> samples;
  for (std::size_t r = header + 1; r < grid.value.rows(); ++r)
    if (grid.value.columns(r) > 0) samples.insert(columns.text(r, barcode));
  if (options.sample.empty() ? samples.size() > 1 : !samples.contains(options.sample)) {
    std::string list;
    for (const auto& s : samples)
      if (list.size() < 300) list += (list.empty() ? "" : ", ") + printable(s);
    out.problems.push_back({{file, 0, 0, barcode, ""},
                            options.sample.empty()
                                ? "the table holds several samples"
                                : "no row is of the sample \"" + printable(options.sample) + "\"",
                            "Name one of: " + list + "."});
    return out;
  }
  GenotypeBuilder builder(proteins, options);
  for (std::size_t r = header + 1; r < grid.value.rows(); ++r) {
    if (grid.value.columns(r) == 0) continue;
    const std::string sample = columns.text(r, barcode);
    if (!options.sample.empty() && sample != options.sample) continue;
    out.value.sample = sample;
    const std::string filter = columns.text(r, "FILTER");
    if (!filter.empty() && filter != "PASS" && filter != ".") {
      builder.pass_over("not passed by their filter");
      continue;
    }
    const int alt = columns.count(r, "t_alt_count"), ref = columns.count(r, "t_ref_count");
    int depth = columns.count(r, "t_depth");
    if (depth < 0 && alt >= 0 && ref >= 0) depth = alt + ref;
    Sighting sighting{alt == 0 ? builder.unseen(depth) : Found::present, unknown, depth, "", 0};
    if (alt >= 0 && depth > 0)
      sighting.allele_fraction = static_cast<double>(alt) / static_cast<double>(depth);
    Where where = grid.value.where(r);
    where.item = change;
    builder.add({{columns.text(r, "Hugo_Symbol"),
                  columns.text(r, change),
                  columns.text(r, "Consequence"),
                  columns.text(r, "INTRON"),
                  0}},
                sighting,
                where);
  }
  builder.finish(out, file);
  return out;
}

Checked<Genotype> read_genotype(const std::string& path,
                                const ProteinSet& proteins,
                                const GenotypeOptions& options) {
  Checked<Genotype> out;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    out.problems.push_back(
        {{path, 0, 0, "", ""}, "there is no such file", "Name a VCF, BCF or MAF."});
    return out;
  }
  const std::string name = lower(path);
  for (const char* end : {".vcf", ".vcf.gz", ".vcf.bgz", ".bcf"})
    if (name.ends_with(end)) return read_genotype_vcf(path, proteins, options);
  const auto bytes = read_file(path);
  if (!bytes.ok()) return {{}, bytes.problems};
  if (bytes.value.starts_with("##fileformat=VCF"))
    return read_genotype_vcf(path, proteins, options);
  return read_genotype_maf(bytes.value, path, proteins, options);
}

}  // namespace kinescape::evidence
