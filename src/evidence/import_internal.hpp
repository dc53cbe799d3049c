// SPDX-License-Identifier: Apache-2.0
/// \file What the importers share. Shared inside the room.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "evidence/import.hpp"

namespace kinescape::evidence {

/// Cells of one record by the name of their column, "" where there is none.
using Field = std::function<std::string(std::string_view)>;

void import_civic_record(const Field& field, const Where& where, PackBuilder& builder);
void import_chembl_record(const Field& field,
                          const Where& where,
                          const ImportOptions& options,
                          PackBuilder& builder);
void import_bindingdb_record(const Field& field,
                             const Where& where,
                             const ImportOptions& options,
                             PackBuilder& builder);
void import_maf_record(const Field& field,
                       const Where& where,
                       const std::vector<std::string>& columns,
                       PackBuilder& builder);
void import_table_record(const Field& field,
                         const Where& where,
                         const ImportOptions& options,
                         PackBuilder& builder);

void import_civic_vcf(std::string_view bytes, const std::string& file, PackBuilder& builder);
/// CIViC's GraphQL answer or ChEMBL's activities.
[[nodiscard]] Problems import_json(ImportFrom from,
                                   std::string_view bytes,
                                   const std::string& file,
                                   const ImportOptions& options,
                                   PackBuilder& builder);

/// ">10000", "<= 1.5", "~3": relation and number; nothing for other text.
struct PrintedValue {
  PrintedRelation relation = PrintedRelation::exact;
  double value = unknown, high = unknown;
};
[[nodiscard]] std::optional<PrintedValue> printed_value(std::string_view text);

/// One value as a row of the builder: relation, unit and variant are checked; a problem skips it.
struct ImportedValue {
  std::string id, source, citation, doi, pmid, agent, gene, variant, endpoint, system, assay,
      printed, relation, unit, note;
  int year = 0;
  SystemKind system_kind = SystemKind::unstated;
  Readout readout = Readout::unclear;
};
void add_value(const ImportedValue& value,
               const Where& where,
               const ImportOptions& options,
               PackBuilder& builder);

}  // namespace kinescape::evidence
