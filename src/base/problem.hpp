// SPDX-License-Identifier: Apache-2.0
/// \file What is wrong with the user's data, where, and what would mend it.
///
/// Three kinds of bad news, three channels: faulty data is a list of Problem; an experiment that
/// cannot answer is a status inside its result; misuse or a bug is an exception (errors.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kinescape {

/// The place of a fault in the user's own file. Lines and columns count from 1; 0 = not known.
struct Where {
  std::string file;        ///< Path as the user gave it.
  std::size_t line = 0;    ///< Text line, or row of a spreadsheet.
  std::size_t column = 0;  ///< Field of a table (not a byte offset), or column of a spreadsheet.
  std::string item;   ///< Sheet, well or key when that says more: "Sheet1!B7", "plate 2 well D07".
  std::string shown;  ///< The user's own line or cell, as it stands in the file.
  bool operator==(const Where&) const = default;
};

enum class Severity {
  error,    ///< No result may be computed from this.
  warning,  ///< A result is computed, and carries this warning wherever it is shown.
};

/// One fault: where it is, what was found and what is allowed, and how to mend it.
struct Problem {
  Where where;
  std::string what;  ///< A sentence: what was found and why it cannot be used.
  std::string fix;   ///< A sentence: what to do.
  Severity severity = Severity::error;
  bool operator==(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

[[nodiscard]] bool has_errors(const Problems& problems);

/// A value together with everything that was wrong on the way to it. The value is usable only if
/// `ok()`: warnings may remain, errors may not.
template <class T>
struct Checked {
  T value{};
  Problems problems;
  [[nodiscard]] bool ok() const { return !has_errors(problems); }
};

/// The problem as the user sees it: place and sentence, then their own line, then the mend.
[[nodiscard]] std::string describe(const Problem& problem);

/// All problems, errors first, at most `most` of them in full and the rest counted.
[[nodiscard]] std::string describe(const Problems& problems, std::size_t most = 50);

/// Appends `more` to `problems`.
void append(Problems& problems, Problems more);

/// `text` with control characters made visible and cut to `most` characters, safe to print.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 60);

}  // namespace kinescape
