// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <zip.h>

#include <array>

#include "base/errors.hpp"
#include "base/zip_internal.hpp"

namespace kinescape {
namespace {

struct CloseFile {
  void operator()(zip_file_t* f) const { zip_fclose(f); }
};

std::string message(zip_error_t& error) {
  std::string out = zip_error_strerror(&error);
  zip_error_fini(&error);
  return out;
}

}  // namespace

struct ZipParts::Archive {
  zip_t* zip = nullptr;
};

ZipParts::ZipParts(std::string_view bytes, std::size_t max_part_bytes, std::size_t max_total_bytes)
    : archive_(std::make_unique<Archive>()), max_part_(max_part_bytes), left_(max_total_bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source != nullptr) {
    archive_->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive_->zip == nullptr) zip_source_free(source);
  }
  if (archive_->zip == nullptr) {
    failure_ = message(error);
  } else {
    zip_error_fini(&error);
  }
}

ZipParts::~ZipParts() {
  if (archive_->zip != nullptr) zip_discard(archive_->zip);
}

bool ZipParts::has(const std::string& name) const {
  return archive_->zip != nullptr &&
         zip_name_locate(archive_->zip, name.c_str(), ZIP_FL_NOCASE) >= 0;
}

ZipParts::Part ZipParts::read(const std::string& name) {
  Part out;
  const zip_int64_t index = zip_name_locate(archive_->zip, name.c_str(), ZIP_FL_NOCASE);
  if (index < 0) return {"", "it is not there"};
  const std::unique_ptr<zip_file_t, CloseFile> file(
      zip_fopen_index(archive_->zip, static_cast<zip_uint64_t>(index), 0));
  if (!file) return {"", zip_strerror(archive_->zip)};
  std::array<char, 65536> buffer{};
  while (true) {
    const zip_int64_t got = zip_fread(file.get(), buffer.data(), buffer.size());
    if (got < 0) return {"", fmt::format("it is damaged ({})", zip_file_strerror(file.get()))};
    if (got == 0) break;
    const auto n = static_cast<std::size_t>(got);
    if (n > left_ || out.bytes.size() + n > max_part_) {
      return {"",
              fmt::format("it unpacks to more than {} bytes",
                          std::min(max_part_, left_ + out.bytes.size()))};
    }
    left_ -= n;
    out.bytes.append(buffer.data(), n);
  }
  return out;
}

std::string zip_of(const std::vector<std::pair<std::string, std::string>>& parts) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const target = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (target == nullptr) throw InternalError("zip: " + message(error));
  zip_source_keep(target);
  zip_t* const zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  if (zip == nullptr) throw InternalError("zip: " + message(error));
  auto must = [&](bool done) {
    if (done) return;
    const std::string what = zip_strerror(zip);
    zip_discard(zip);
    zip_source_free(target);
    throw InternalError("zip: " + what);
  };
  for (const auto& [name, bytes] : parts) {
    zip_source_t* const source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
    must(source != nullptr);
    const zip_int64_t index = zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    must(index >= 0);
    const auto at = static_cast<zip_uint64_t>(index);
    constexpr zip_uint16_t midnight = 0, first_of_january_1980 = 0x0021;
    must(zip_file_set_dostime(zip, at, midnight, first_of_january_1980, 0) == 0);
    must(zip_set_file_compression(zip, at, ZIP_CM_DEFLATE, 6) == 0);
  }
  must(zip_close(zip) == 0);
  zip_stat_t info;
  zip_stat_init(&info);
  std::string out;
  if (zip_source_stat(target, &info) == 0 && zip_source_open(target) == 0) {
    out.resize(info.size);
    if (zip_source_read(target, out.data(), info.size) != static_cast<zip_int64_t>(info.size)) {
      out.clear();
    }
    zip_source_close(target);
  }
  zip_source_free(target);
  if (out.empty()) throw InternalError("zip: the container could not be taken from memory");
  return out;
}

}  // namespace kinescape
