// SPDX-License-Identifier: Apache-2.0
/// \file Small made-up packs for the tests of this room. Names are invented.
#pragma once

#include <string>

#include "evidence/library.hpp"
#include "evidence/pack.hpp"

namespace kinescape::evidence::tests {

/// The folder of a shipped pack.
inline std::string knowledge(const std::string& pack) {
  return std::string(KINESCAPE_SOURCE_DIR) + "/knowledge/" + pack;
}

inline const char* const measurement_header =
    "row,source,agent,gene,variant,system,assay,relation,as_printed,unit,value_nM,high_nM,read,"
    "fact,supersedes\n";
inline const char* const statement_header =
    "row,source,agent,gene,variant,system,assay,word,read\n";
inline const char* const fold_header =
    "row,source,agent,gene,variant,over,system,assay,relation,fold,high_fold,read\n";

/// A pack with the vocabulary that the tables below use.
inline Pack vocabulary() {
  Pack pack;
  pack.name = "made-up";
  pack.version = "1.0.0";
  pack.schema = 1;
  Problems problems;
  read_table(pack,
             "source",
             "source,kind,citation,year\nS1,paper,One 2001,2001\nS2,paper,Two "
             "2002,2002\nS3,paper,Three 2003,2003\n",
             "source.csv",
             problems);
  read_table(pack, "agent", "agent,aliases\nblockib,B-1;Blockol\nstopib,\n", "agent.csv", problems);
  read_table(pack,
             "system",
             "system,kind\ncells,engineered\nline,cancer_line\nfree,cell_free\n",
             "system.csv",
             problems);
  read_table(
      pack, "assay", "assay,readout\nviability,viability\nenzyme,enzyme\n", "assay.csv", problems);
  read_table(pack,
             "word",
             "word,meaning\nsensitive,sensitive\nresistant,resistant\nso-so,intermediate\nworse "
             "than A1C,comparison\n",
             "word.csv",
             problems);
  read_table(pack, "protein", "gene,first,residues\nKIN,100,ACDEFGHIKL\n", "protein.csv", problems);
  return pack;
}

/// The vocabulary with rows; `problems` of the tables are appended.
inline Pack pack_of(const std::string& measurements,
                    const std::string& statements,
                    const std::string& folds,
                    Problems& problems) {
  Pack pack = vocabulary();
  if (!measurements.empty())
    read_table(pack, "measurement", measurement_header + measurements, "measurement.csv", problems);
  if (!statements.empty())
    read_table(pack, "statement", statement_header + statements, "statement.csv", problems);
  if (!folds.empty()) read_table(pack, "fold", fold_header + folds, "fold.csv", problems);
  return pack;
}

inline Library library_of(const std::string& measurements,
                          const std::string& statements = "",
                          const std::string& folds = "") {
  Problems problems;
  auto joined = join({pack_of(measurements, statements, folds, problems)});
  return joined.value;
}

}  // namespace kinescape::evidence::tests
