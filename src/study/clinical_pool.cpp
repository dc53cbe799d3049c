// SPDX-License-Identifier: Apache-2.0
// How small series of patients join a study.
#include "base/files.hpp"
#include "study/room_internal.hpp"

namespace kinescape::study {

void read_clinical_pool(TomlReader& top, Study& study) {
  for (TomlReader& block : top.tables("clinical_pool")) {
    study.clinical_pool.push_back({read_files(block, study.folder)});
    block.finish();
  }
  if (study.clinical_pool.size() > 1)
    top.problem("clinical_pool",
                "there are several [[clinical_pool]] blocks",
                "Name all tables of series in one block; what is pooled together is their group.");
}

void load_clinical_pool(const Study& study, Loaded& loaded, Problems& problems) {
  for (const PoolInput& in : study.clinical_pool) {
    auto series = clinical::read_series_files(in.files);
    append(problems, std::move(series.problems));
    loaded.series = std::move(series.value);
  }
}

void run_clinical_pool(const Study& study, const Loaded& loaded, Results& results) {
  results.clinical_pool = clinical::pool(loaded.series, study.level);
}

std::vector<std::string> files_of_clinical_pool(const Study& study) {
  std::vector<std::string> files;
  for (const PoolInput& in : study.clinical_pool)
    files.insert(files.end(), in.files.begin(), in.files.end());
  return files;
}

}  // namespace kinescape::study
