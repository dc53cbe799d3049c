// SPDX-License-Identifier: Apache-2.0
#include "evidence_common.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/errors.hpp"

namespace kinescape::cli {
namespace {

namespace fs = std::filesystem;

/// The pack itself, or the packs that lie in a folder.
std::vector<std::string> packs_in(const std::string& folder) {
  std::error_code error;
  if (fs::exists(fs::path(folder) / "pack.json", error)) return {folder};
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (fs::exists(entry.path() / "pack.json", error)) out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out.empty() ? std::vector<std::string>{folder} : out;
}

}  // namespace

std::string knowledge_folder() {
  std::error_code error;
  if (const char* named = std::getenv("KINESCAPE_KNOWLEDGE")) return named;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  for (const char* beside : {"../knowledge", "../share/kinescape/knowledge", "knowledge"}) {
    const fs::path candidate = (program.parent_path() / beside).lexically_normal();
    if (fs::is_directory(candidate, error)) return candidate.string();
  }
  return "";
}

std::vector<std::string> shipped_packs() {
  const std::string root = knowledge_folder();
  return root.empty() ? std::vector<std::string>{} : packs_in(root);
}

void add_evidence_options(CLI::App& app, EvidenceCall& call, EvidenceUse use) {
  app.add_option(
         "--pack", call.packs, "Pack folder; may be given again. None: the packs that are shipped")
      ->type_name("DIR");
  if (use != EvidenceUse::names) {
    app.add_flag("--include-unread",
                 call.include_unread,
                 "Also rows that were not read in their source, marked wherever they weigh");
  }
  if (use == EvidenceUse::estimates)
    app.add_flag("--student-t", call.student_t, "Heavy-tailed residuals of printed values");
  add_json(app, call.common);
  app.add_flag("-q,--quiet", call.common.quiet, "No warnings");
}

LoadedEvidence load_evidence(const EvidenceCall& call, const std::string& typed) {
  LoadedEvidence out;
  std::vector<std::string> folders;
  if (call.packs.empty()) {
    folders = shipped_packs();
    if (folders.empty())
      throw UsageError("The shipped evidence packs were not found; name a pack with --pack DIR.");
  }
  for (const auto& named : call.packs) {
    const auto packs = packs_in(named);
    folders.insert(folders.end(), packs.begin(), packs.end());
  }
  auto library = evidence::load(folders);
  out.problems = std::move(library.problems);
  out.library = std::move(library.value);
  out.ok = !has_errors(out.problems);
  out.include_unread = call.include_unread;
  out.options.admission.unread = call.include_unread;
  // Whoever names a pack asks for what it prints; among the shipped ones, quoted rows stay beside.
  out.options.admission.quoted = !call.packs.empty() || call.include_unread;
  out.options.student_t = call.student_t;
  out.options.threads = {};
  out.provenance.version = version();
  out.provenance.command = typed;
  for (const auto& pack : out.library.packs) {
    for (const auto& [file, hash] : pack.sha256) {
      const auto path = fs::path(pack.folder) / file;
      std::error_code error;
      out.provenance.inputs.push_back({path.string(), hash, fs::file_size(path, error)});
    }
  }
  show(out.problems, call.common);
  return out;
}

int refuse_evidence(const LoadedEvidence& loaded, const EvidenceCall& call) {
  if (call.common.json)
    std::fputs(report::evidence_check_json(loaded.context(), {}).c_str(), stdout);
  return data_problems;
}

}  // namespace kinescape::cli
