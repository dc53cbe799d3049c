// SPDX-License-Identifier: Apache-2.0
#include "viability/screen.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/provenance.hpp"
#include "base/text.hpp"
#include "viability/screen_internal.hpp"

namespace kinescape::viability {

namespace {

namespace fs = std::filesystem;

/// What a finished chunk leaves behind, beside the results. All of it must agree before a run goes
/// on from there; if anything differs, the run starts over.
struct Journal {
  std::string identity;  ///< Version, options and input.
  std::uint64_t curves = 0, output_bytes = 0;
  std::array<std::uint64_t, 6> by_class{};

  [[nodiscard]] std::string text() const {
    std::string t = "kinescape screen journal 1\n" + identity + "\n" + std::to_string(curves) +
                    "\n" + std::to_string(output_bytes) + "\n";
    for (const std::uint64_t n : by_class) t += std::to_string(n) + "\n";
    return t + "end\n";
  }
};

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The journal of an earlier run of the same work, if it is whole.
std::optional<Journal> read_journal(const fs::path& path, const std::string& identity) {
  std::error_code none;
  if (!fs::is_regular_file(path, none)) return std::nullopt;
  const Checked<std::string> bytes = read_file(path.string(), 1U << 16U);
  if (!bytes.ok()) return std::nullopt;
  const std::vector<std::string_view> lines = split_lines(bytes.value);
  Journal j;
  const std::size_t fixed = 4;
  if (lines.size() < fixed + j.by_class.size() + 1) return std::nullopt;
  if (lines[0] != "kinescape screen journal 1" || lines[1] != identity) return std::nullopt;
  if (lines[fixed + j.by_class.size()] != "end") return std::nullopt;
  const auto curves = whole_number(lines[2]), output = whole_number(lines[3]);
  if (!curves || !output) return std::nullopt;
  for (std::size_t i = 0; i < j.by_class.size(); ++i) {
    const auto n = whole_number(lines[fixed + i]);
    if (!n) return std::nullopt;
    j.by_class[i] = *n;
  }
  j.identity = identity;
  j.curves = *curves;
  j.output_bytes = *output;
  return j;
}

/// The growing file of results. Bytes are on the disk before the journal speaks of them.
class PartFile {
 public:
  explicit PartFile(fs::path path) : path_(std::move(path)) {}
  ~PartFile() { close(); }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  void open(std::uint64_t keep_bytes) {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0) fail();
    if (::ftruncate(file_, static_cast<off_t>(keep_bytes)) != 0) fail();
    if (::lseek(file_, 0, SEEK_END) < 0) fail();
  }
  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail();
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void settle() {
    if (::fsync(file_) != 0 && errno != EINVAL) fail();
  }
  void close() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

 private:
  [[noreturn]] void fail() const { throw FileError(path_.string(), std::strerror(errno)); }
  fs::path path_;
  int file_ = -1;
};

/// Everything that decides the bytes of the output.
std::string identity_of(const ScreenOptions& options, const std::string& sha, std::uint64_t bytes) {
  return version() + " level " + exact(options.level) + " unit " + printable(options.dose_unit) +
         " decimal " + std::to_string(static_cast<int>(options.decimal)) + " chunk " +
         std::to_string(options.chunk_curves) + " input " + sha + " " + std::to_string(bytes);
}

class Run {
 public:
  Run(const std::string& input, fs::path output, const ScreenOptions& options)
      : options_(options),
        output_(std::move(output)),
        part_path_(output_.string() + ".part"),
        journal_path_(output_.string() + ".journal"),
        part_(part_path_),
        reader_(input, options) {
    chunk_.reserve(options.chunk_curves);
  }

  Checked<ScreenSummary> go(const std::string& sha, std::uint64_t bytes) {
    summary_.value.input_sha256 = sha;
    summary_.value.input_bytes = bytes;
    resume(identity_of(options_, sha, bytes));
    report(0);
    reader_.read([&](ScreenCurve&& curve) { take(std::move(curve)); },
                 [&](std::uint64_t at) { report(at); });
    if (reader_.ok()) finish_chunk();
    summary_.problems = reader_.problems();
    summary_.value.rows = reader_.rows();
    summary_.value.missing = reader_.missing();
    part_.close();
    if (reader_.ok()) {
      summary_.value.curves = journal_.curves;
      summary_.value.by_class = journal_.by_class;
      fs::rename(part_path_, output_);
    } else {
      fs::remove(part_path_);
    }
    fs::remove(journal_path_);
    report(bytes);
    return std::move(summary_);
  }

 private:
  void resume(const std::string& identity) {
    std::error_code none;
    const std::optional<Journal> found = read_journal(journal_path_, identity);
    const auto have = fs::file_size(part_path_, none);
    if (found && !none && have >= found->output_bytes) {
      journal_ = *found;
      part_.open(journal_.output_bytes);
    } else {
      journal_.identity = identity;
      part_.open(0);
      const std::string head = screen_head();
      part_.append(head);
      journal_.output_bytes = head.size();
    }
    summary_.value.resumed_after = journal_.curves;
  }

  void take(ScreenCurve&& curve) {
    if (seen_++ < summary_.value.resumed_after) return;  // an earlier run wrote it
    chunk_.push_back(std::move(curve));
    if (chunk_.size() >= options_.chunk_curves) finish_chunk();
  }

  void finish_chunk() {
    if (chunk_.empty()) return;
    const std::vector<ScreenResult> results = fit_screen(chunk_, options_);
    constexpr std::size_t block = 1024;
    std::vector<std::string> text((chunk_.size() + block - 1) / block);
    parallel_for(text.size(), options_.threads, [&](std::size_t b) {
      for (std::size_t i = b * block; i < std::min(chunk_.size(), (b + 1) * block); ++i) {
        append_line(chunk_[i], results[i], text[b]);
      }
    });
    for (const std::string& t : text) {
      part_.append(t);
      journal_.output_bytes += t.size();
    }
    for (const ScreenResult& r : results) {
      ++journal_.by_class[static_cast<std::size_t>(r.curve_class)];
    }
    journal_.curves += chunk_.size();
    chunk_.clear();
    part_.settle();
    write_file(journal_path_, journal_.text());
    if (options_.after_chunk) options_.after_chunk(journal_.curves);
  }

  void report(std::uint64_t done) const {
    if (options_.progress) options_.progress({"fitting curves", done, summary_.value.input_bytes});
  }

  const ScreenOptions& options_;
  fs::path output_, part_path_, journal_path_;
  PartFile part_;
  ScreenReader reader_;
  Journal journal_;
  std::vector<ScreenCurve> chunk_;
  std::uint64_t seen_ = 0;
  Checked<ScreenSummary> summary_;
};

}  // namespace

bool is_screen(const std::string& path, std::uint64_t least_bytes) {
  std::error_code none;
  const auto bytes = std::filesystem::file_size(path, none);
  if (none || bytes < least_bytes) return false;
  bool found = false;
  (void)stream_csv(path, {}, [&](const StreamedRow& row) {
    if (row.cells.empty()) return true;
    found = has_screen_columns(row.cells);
    return false;
  });
  return found;
}

Checked<ScreenSummary> screen(const std::string& input,
                              const std::filesystem::path& output,
                              const ScreenOptions& options) {
  if (!(options.level > 0.0 && options.level < 1.0)) {
    throw UsageError("the level of a screen's intervals lies between 0 and 1");
  }
  if (options.chunk_curves == 0) throw UsageError("a chunk of a screen holds at least one curve");
  Checked<std::string> sha = sha256_file(input);
  if (!sha.ok()) return {{}, std::move(sha.problems)};
  const std::uint64_t bytes = std::filesystem::file_size(input);
  return Run(input, output, options).go(sha.value, bytes);
}

}  // namespace kinescape::viability
