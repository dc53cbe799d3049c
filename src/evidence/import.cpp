// SPDX-License-Identifier: Apache-2.0
// Files to records: long delimited ones as a stream, the others whole.
#include "evidence/import.hpp"

#include <algorithm>
#include <map>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "evidence/import_internal.hpp"

namespace kinescape::evidence {
namespace {

/// One delimited file, row after row.
class Records {
 public:
  Records(ImportFrom from, std::string file, const ImportOptions& options, PackBuilder& builder)
      : from_(from), file_(std::move(file)), options_(options), builder_(builder) {}

  void row(std::span<const std::string_view> cells, std::size_t line) {
    if (cells.empty() || (cells.size() == 1 && trimmed(cells[0]).empty())) return;
    if (cells[0].starts_with("#")) return;  // MAF version line
    if (columns_.empty()) return header(cells, line);
    const Where where{file_, line, 0, "", shown(cells)};
    if (cells.size() > columns_.size()) {
      return builder_.skip(where,
                           std::to_string(cells.size()) + " cells under a header of " +
                               std::to_string(columns_.size()),
                           "A cell holds the delimiter unquoted; mend the row.");
    }
    const Field field = [&](std::string_view column) {
      const auto at = at_.find(column);
      return at == at_.end() || at->second >= cells.size()
                 ? std::string()
                 : std::string(trimmed(cells[at->second]));
    };
    if (from_ == ImportFrom::civic && cells.size() < columns_.size() / 2) {
      return builder_.skip(where,
                           std::to_string(cells.size()) + " cells under a header of " +
                               std::to_string(columns_.size()),
                           "The row is broken; export the table again.");
    }
    switch (from_) {
      case ImportFrom::civic:
        return import_civic_record(field, where, builder_);
      case ImportFrom::chembl:
        return import_chembl_record(field, where, options_, builder_);
      case ImportFrom::bindingdb:
        return import_bindingdb_record(field, where, options_, builder_);
      case ImportFrom::oncokb_maf:
        return import_maf_record(field, where, columns_, builder_);
      default:
        return import_table_record(field, where, options_, builder_);
    }
  }
  [[nodiscard]] Problems problems() const {
    if (columns_.empty())
      return {
          {{file_, 1, 0, "", ""}, "the table has no header", "Export it with its column names."}};
    return missing_;
  }
  [[nodiscard]] bool stop() const { return !missing_.empty(); }

 private:
  static std::string shown(std::span<const std::string_view> cells) {
    std::string out;
    for (const auto& cell : cells.subspan(0, std::min<std::size_t>(cells.size(), 8)))
      out += (out.empty() ? "" : " | ") + printable(cell, 24);
    return out;
  }
  void header(std::span<const std::string_view> cells, std::size_t line) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      columns_.emplace_back(trimmed(cells[i]));
      at_.emplace(columns_.back(), i);
    }
    const auto needs = [&](std::vector<std::string> any) {
      const bool there = std::any_of(
          any.begin(), any.end(), [&](const std::string& c) { return at_.contains(c); });
      if (there) return;
      std::string names;
      for (const auto& c : any) names += (names.empty() ? "" : " or ") + ("\"" + c + "\"");
      missing_.push_back({{file_, line, 0, "", shown(cells)},
                          "the column " + names + " is missing",
                          "Is it the file that --from says?"});
    };
    const auto mapped = [&](const char* ours) {
      const auto at = options_.columns.find(ours);
      return std::vector<std::string>{at == options_.columns.end() ? ours : at->second};
    };
    switch (from_) {
      case ImportFrom::civic:
        needs({"evidence_id"});
        needs({"therapies", "drugs"});
        needs({"molecular_profile", "variant"});
        break;
      case ImportFrom::chembl:
        needs({"standard_value", "Standard Value"});
        needs({"standard_type", "Standard Type"});
        break;
      case ImportFrom::bindingdb:
        needs({"Target Name", "Target"});
        break;
      case ImportFrom::oncokb_maf:
        needs({"Hugo_Symbol"});
        needs({"HGVSp_Short", "HGVSp", "Protein_Change"});
        break;
      default:
        needs(mapped("agent"));
        needs(mapped("variant"));
    }
  }
  ImportFrom from_;
  std::string file_;
  const ImportOptions& options_;
  PackBuilder& builder_;
  std::vector<std::string> columns_;
  std::map<std::string, std::size_t, std::less<>> at_;
  Problems missing_;
};

bool looks_json(std::string_view bytes) {
  const auto first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos && (bytes[first] == '[' || bytes[first] == '{');
}

}  // namespace

void import_civic_vcf(std::string_view bytes, const std::string& file, PackBuilder& builder) {
  std::size_t line = 0;
  const auto unescaped = [](std::string text) {  // \x2E, %2E
    std::string out;
    const auto digit = [](char c) {
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                    : -1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::size_t skip = text.compare(i, 2, "\\x") == 0 ? 2 : text[i] == '%' ? 1 : 0;
      if (skip > 0 && i + skip + 1 < text.size() && digit(text[i + skip]) >= 0 &&
          digit(text[i + skip + 1]) >= 0) {
        out += static_cast<char>(digit(text[i + skip]) * 16 + digit(text[i + skip + 1]));
        i += skip + 1;
      } else {
        out += text[i];
      }
    }
    return out;
  };
  for (const auto text : split_lines(bytes)) {
    ++line;
    if (text.empty() || text[0] == '#') continue;
    const Where where{file, line, 0, "INFO", printable(text, 60)};
    std::vector<std::string> cells;
    for (std::size_t from = 0; cells.size() < 9 && from <= text.size();) {
      const auto tab = text.find('\t', from);
      cells.emplace_back(text.substr(from, tab == std::string_view::npos ? tab : tab - from));
      if (tab == std::string_view::npos) break;
      from = tab + 1;
    }
    if (cells.size() < 8) {
      builder.skip(where, "a VCF line has 8 columns and more", "Export it again.");
      continue;
    }
    std::string gene, variant;
    for (std::size_t from = 0; from < cells[7].size();) {
      const auto end = cells[7].find(';', from);
      const std::string entry = cells[7].substr(from, end == std::string::npos ? end : end - from);
      if (entry.starts_with("GN=")) gene = unescaped(entry.substr(3));
      if (entry.starts_with("VT=")) variant = unescaped(entry.substr(3));
      if (end == std::string::npos) break;
      from = end + 1;
    }
    std::replace(variant.begin(), variant.end(), '_', ' ');
    const auto parsed = parse_variants(variant, gene, {}, where);
    if (gene.empty() || !parsed.ok() || parsed.value.variants.size() != 1) {
      builder.skip(
          where,
          "\"" + printable(gene + " " + variant) + "\" is no single variant that can be read",
          "Nothing, if it is a category of variants.");
      continue;
    }
    builder.add_variant(gene, parsed.value.variants.front().key(), {});
  }
}

Problems import_bytes(ImportFrom from,
                      std::string_view bytes,
                      const std::string& file,
                      const ImportOptions& options,
                      PackBuilder& builder) {
  if (from == ImportFrom::civic_vcf) {
    import_civic_vcf(bytes, file, builder);
    return {};
  }
  if ((from == ImportFrom::civic || from == ImportFrom::chembl) && looks_json(bytes))
    return import_json(from, bytes, file, options, builder);
  const auto grid = read_csv(bytes, file, {});
  if (!grid.ok()) return grid.problems;
  Records records(from, file, options, builder);
  for (std::size_t r = 0; r < grid.value.rows() && !records.stop(); ++r) {
    std::vector<std::string_view> cells;
    for (std::size_t c = 0; c < grid.value.columns(r); ++c) cells.push_back(grid.value.at(r, c));
    records.row(cells, grid.value.where(r).line);
  }
  return records.problems();
}

Problems import_file(ImportFrom from,
                     const std::string& path,
                     const ImportOptions& options,
                     PackBuilder& builder) {
  std::string head;
  if (from == ImportFrom::civic_vcf || path.ends_with(".json")) {
    const auto bytes = read_file(path);
    if (!bytes.ok()) return bytes.problems;
    return import_bytes(from, bytes.value, path, options, builder);
  }
  Records records(from, path, options, builder);
  Problems problems = stream_csv(path, {}, [&](const StreamedRow& row) {
    records.row(row.cells, row.line);
    return !records.stop();
  });
  append(problems, records.problems());
  return problems;
}

}  // namespace kinescape::evidence
