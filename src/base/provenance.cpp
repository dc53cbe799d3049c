// SPDX-License-Identifier: Apache-2.0
#include "base/provenance.hpp"

#include <filesystem>
#include <system_error>

#include "base/files.hpp"
#include "base/parallel.hpp"

namespace kinescape {

std::string version() {
  return KINESCAPE_VERSION;
}

Checked<InputFile> input_file(const std::string& path) {
  Checked<InputFile> out;
  auto hash = sha256_file(path);
  out.problems = std::move(hash.problems);
  if (!out.ok()) return out;
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  out.value = {path, std::move(hash.value), error ? 0 : bytes};
  return out;
}

Checked<std::vector<InputFile>> input_files(const std::vector<std::string>& paths,
                                            Threads threads) {
  std::vector<Checked<InputFile>> found(paths.size());
  parallel_for(paths.size(), threads, [&](std::size_t i) { found[i] = input_file(paths[i]); });
  Checked<std::vector<InputFile>> out;
  for (auto& one : found) {
    append(out.problems, std::move(one.problems));
    out.value.push_back(std::move(one.value));
  }
  return out;
}

}  // namespace kinescape
