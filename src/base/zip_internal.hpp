// SPDX-License-Identifier: Apache-2.0
/// \file Parts of a zip container in memory, read under a cap and written to the same bytes each
/// time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/problem.hpp"

namespace kinescape {

/// A zip container whose parts are read one by one. What a part claims about its size is not
/// believed: reading stops where the caps are reached. `bytes` must outlive this object.
class ZipParts {
 public:
  ZipParts(std::string_view bytes, std::size_t max_part_bytes, std::size_t max_total_bytes);
  ZipParts(std::string&&, std::size_t, std::size_t) = delete;  // the bytes must outlive it
  ~ZipParts();
  ZipParts(const ZipParts&) = delete;
  ZipParts& operator=(const ZipParts&) = delete;

  /// "" if the container could be opened, else why not.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] bool has(const std::string& name) const;
  /// The part's bytes, or a sentence about why there are none. Names ignore case.
  struct Part {
    std::string bytes, failure;
  };
  [[nodiscard]] Part read(const std::string& name);

 private:
  struct Archive;
  std::unique_ptr<Archive> archive_;
  std::size_t max_part_, left_;
  std::string failure_;
};

/// A zip container with these parts (name, bytes) in this order. No time of day goes into it.
[[nodiscard]] std::string zip_of(const std::vector<std::pair<std::string, std::string>>& parts);

}  // namespace kinescape
