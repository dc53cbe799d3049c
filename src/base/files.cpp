// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/sha256_internal.hpp"

namespace kinescape {
namespace fs = std::filesystem;
namespace {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  /// Closes now, so that a late write error is seen.
  [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::string reason(int error) {
  return std::error_code(error, std::generic_category()).message();
}

Problem unreadable(const std::string& path, const std::string& why, const std::string& fix) {
  return {{path, 0, 0, "", ""}, "the file cannot be read: " + why, fix};
}

Problem unreadable(const std::string& path, int error) {
  return unreadable(path,
                    reason(error),
                    error == ENOENT ? "Check the path; it counts from the current folder."
                                    : "Check the path and the permissions.");
}

Problem too_large(const std::string& path, std::size_t max_bytes) {
  return unreadable(path,
                    max_bytes >> 20U == 0
                        ? fmt::format("it is larger than {} bytes", max_bytes)
                        : fmt::format("it is larger than {} MiB", max_bytes >> 20U),
                    "Check that it is the right file, or split it.");
}

/// Calls f(piece) for the whole file. The problem, if it cannot be read.
template <class F>
Problems for_pieces(const std::string& path, std::size_t max_bytes, F f) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) return {unreadable(path, errno)};
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return {unreadable(path, errno)};
  if (S_ISDIR(info.st_mode)) {
    return {unreadable(path, "it is a folder", "Name a file inside it.")};
  }
  if (S_ISREG(info.st_mode) && static_cast<std::uintmax_t>(info.st_size) > max_bytes) {
    return {too_large(path, max_bytes)};  // before a byte of it is in memory
  }
  std::vector<char> buffer(std::size_t{1} << 18U);
  while (true) {
    const ssize_t got = ::read(file.fd(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {unreadable(path, errno)};
    if (got == 0) return {};
    if (!f(std::string_view(buffer.data(), static_cast<std::size_t>(got)))) return {};
  }
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw FileError(path, "cannot be written: " + reason(errno));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// Calls make(name) with names that no other process uses, until one was free in this one too.
template <class F>
fs::path first_free(const fs::path& folder, const std::string& stem, F make) {
  for (unsigned n = 0; n < 10'000; ++n) {
    fs::path name = folder / fmt::format(".{}.{}-{}.part", stem, ::getpid(), n);
    if (make(name)) return name;
  }
  throw FileError(folder.string(), "no name is free for a temporary file");
}

/// Makes a rename last through a power cut. Some file systems cannot; then there is nothing to do.
void sync_folder(const fs::path& folder) {
  const Descriptor d(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (d.fd() >= 0) ::fsync(d.fd());
}

fs::path parent_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

/// Opens a file that must not be there yet; -1 if it is.
int open_new(const fs::path& path, const std::string& shown) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno != EEXIST) throw FileError(shown, "cannot be written: " + reason(errno));
  return fd;
}

/// Writes the file just opened at `path` and makes sure it is on the disk; removes it if not.
void fill_new(int fd, const fs::path& path, std::string_view bytes, const std::string& shown) {
  Descriptor file(fd);
  try {
    write_all(file.fd(), bytes, shown);
    const bool synced = ::fsync(file.fd()) == 0 || errno == EINVAL || errno == ENOTSUP;
    if (!synced || !file.close()) throw FileError(shown, "cannot be written: " + reason(errno));
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

void rename_or_throw(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) throw FileError(to.string(), "cannot be put in place: " + error.message());
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw FileError(folder.string(), "the folder cannot be made: " + error.message());
}

/// Opens a hidden file or folder and marks it as in use until the descriptor is closed, which a
/// killed process does too. -1 if another process uses it, if it is gone, or if the file system has
/// no such marks.
int lock_part(const fs::path& part) {
  Descriptor d(::open(part.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  const bool ours = d.fd() >= 0 && ::flock(d.fd(), LOCK_EX | LOCK_NB) == 0 &&
                    ::fstat(d.fd(), &info) == 0 && info.st_nlink > 0;
  return ours ? d.release() : -1;
}

/// Whether `name` is one that first_free() makes from `stem`.
bool is_part_name(const std::string& name, const std::string& stem) {
  const std::string before = "." + stem + ".", after = ".part";
  if (!name.starts_with(before) || !name.ends_with(after)) return false;
  if (name.size() <= before.size() + after.size()) return false;
  const std::string middle = name.substr(before.size(), name.size() - before.size() - after.size());
  const auto dash = middle.find('-');
  return dash != std::string::npos && dash > 0 && dash + 1 < middle.size() &&
         middle.find_first_not_of("0123456789-") == std::string::npos &&
         middle.find('-', dash + 1) == std::string::npos;
}

/// Removes what killed runs left hidden for `stem`. What living ones use is locked.
void remove_abandoned(const fs::path& folder, const std::string& stem) {
  std::error_code error;
  std::vector<fs::path> found;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (is_part_name(entry->path().filename().string(), stem)) found.push_back(entry->path());
  }
  for (const fs::path& path : found) {
    const Descriptor lock(lock_part(path));
    if (lock.fd() >= 0) fs::remove_all(path, error);
  }
}

/// A new hidden file beside `path`, open at `fd` and locked at `lock` until that is closed.
fs::path open_part(const fs::path& path, const std::string& shown, int& fd, int& lock) {
  const std::string stem = path.filename().string();
  remove_abandoned(parent_of(path), stem);
  return first_free(parent_of(path), stem, [&](const fs::path& name) {
    Descriptor file(open_new(name, shown));
    if (file.fd() < 0) return false;
    // Another run may have taken it for abandoned just now; a file system may have no locks.
    struct stat info {};
    const bool taken = ::flock(file.fd(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (taken || (::fstat(file.fd(), &info) == 0 && info.st_nlink == 0)) return false;
    lock = ::fcntl(file.fd(), F_DUPFD_CLOEXEC, 0);
    fd = file.release();
    return true;
  });
}

}  // namespace

Checked<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  Checked<std::string> out;
  bool fits = true;
  out.problems = for_pieces(path, max_bytes, [&](std::string_view piece) {
    fits = piece.size() <= max_bytes - out.value.size();
    if (fits) out.value += piece;
    return fits;
  });
  if (!fits) out.problems.push_back(too_large(path, max_bytes));
  if (!out.problems.empty()) out.value = {};
  return out;
}

void write_file(const fs::path& path, std::string_view bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) throw FileError(path.string(), "cannot be written: it is a folder");
  if (fs::exists(status) && !fs::is_regular_file(status)) {  // a terminal, a pipe, /dev/null
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.fd() < 0) throw FileError(path.string(), "cannot be written: " + reason(errno));
    write_all(file.fd(), bytes, path.string());
    return;
  }
  // Through a symbolic link, so that the link stays one.
  const fs::path target = fs::is_symlink(path, error) ? fs::canonical(path, error) : path;
  const fs::path real = error || target.empty() ? path : target;
  int fd = -1, locked = -1;
  const fs::path temporary = open_part(real, path.string(), fd, locked);
  const Descriptor lock(locked);  // until the file has its name
  fill_new(fd, temporary, bytes, path.string());
  try {
    rename_or_throw(temporary, real);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(parent_of(real));
}

OutputFolder::OutputFolder(const fs::path& final_path) : final_(final_path.lexically_normal()) {
  if (!final_.has_filename()) final_ = final_.parent_path();  // "results/"
  std::error_code error;
  const fs::file_status status = fs::status(final_, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    throw FileError(final_.string(), "exists and is not a folder");
  }
  // Inside an existing folder rather than beside it: its parent may not be ours to write to.
  const bool there = fs::is_directory(status);
  if (!there) make_folders(parent_of(final_));
  const std::string stem = final_.filename().string();
  remove_abandoned(parent_of(final_), stem);
  if (there) remove_abandoned(final_, stem);
  staging_ = first_free(there ? final_ : parent_of(final_), stem, [&](const fs::path& name) {
    const bool made = fs::create_directory(name, error);
    if (error) {
      throw FileError(final_.string(), "the folder cannot be written: " + error.message());
    }
    if (!made) return false;
    errno = 0;
    lock_ = lock_part(name);
    // Another run may have taken it for abandoned just now; a file system may have no locks.
    return lock_ >= 0 || (errno != EWOULDBLOCK && fs::is_directory(name, error));
  });
}

OutputFolder::~OutputFolder() {
  const Descriptor lock(lock_);
  if (committed_) return;
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void OutputFolder::write(const fs::path& relative, std::string_view bytes) {
  const fs::path normal = relative.lexically_normal();
  if (normal.empty() || normal.is_absolute() || *normal.begin() == ".." || normal == "." ||
      !normal.has_filename()) {
    throw UsageError("\"" + relative.string() + "\" is not a file inside the folder");
  }
  const fs::path path = staging_ / normal;
  make_folders(path.parent_path());
  std::error_code ignored;
  fs::remove(path, ignored);  // written again before commit(): the last one counts
  const std::string shown = (final_ / normal).string();
  const int fd = open_new(path, shown);
  if (fd < 0) throw FileError(shown, "cannot be written: another writer made it meanwhile");
  fill_new(fd, path, bytes, shown);
}

void OutputFolder::commit() {
  if (committed_) return;
  std::error_code error;
  if (!fs::exists(final_, error)) {
    rename_or_throw(staging_, final_);  // the whole folder at once
    sync_folder(parent_of(final_));
    committed_ = true;
    return;
  }
  std::vector<fs::path> files;
  fs::recursive_directory_iterator entry(staging_, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (!entry->is_directory()) files.push_back(entry->path().lexically_relative(staging_));
  }
  if (error) throw FileError(staging_.string(), "cannot be listed: " + error.message());
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    make_folders((final_ / file).parent_path());
    rename_or_throw(staging_ / file, final_ / file);
  }
  sync_folder(final_);
  fs::remove_all(staging_, error);
  committed_ = true;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

Checked<std::string> sha256_file(const std::string& path) {
  Checked<std::string> out;
  Sha256 hash;
  constexpr auto any_size = std::numeric_limits<std::size_t>::max();
  out.problems = for_pieces(path, any_size, [&](std::string_view piece) {
    hash.add(piece);
    return true;
  });
  if (out.problems.empty()) out.value = hash.hex();
  return out;
}

}  // namespace kinescape
