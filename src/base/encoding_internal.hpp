// SPDX-License-Identifier: Apache-2.0
/// \file Bytes of some encoding to UTF-8, in pieces of any size: used for whole files and streams.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinescape::encoding {

enum class Kind { utf8, utf16le, utf16be, utf32, windows_1252 };

struct Guess {
  Kind kind = Kind::utf8;
  std::size_t mark_bytes = 0;  ///< Length of the byte-order mark at the start.
};

/// Bytes that guess() looks at, at most.
inline constexpr std::size_t guess_bytes = 4096;

/// What the first bytes of a file say about its encoding: a mark, or the pattern of zero bytes.
[[nodiscard]] Guess guess(std::string_view head);

struct Fault {
  std::string what, fix;
};

/// What a file that is known not to be text is, by its first bytes.
[[nodiscard]] std::optional<Fault> known_binary(std::string_view head);

inline constexpr std::string_view windows_1252_warning =
    "the text is not UTF-8; it was read as Windows-1252";
inline constexpr std::string_view windows_1252_fix =
    "Check the signs in the line shown (µ, °, accents); save the file as UTF-8 to be sure.";

/// Turns pieces of a file into UTF-8. Starts with what guess() said; UTF-8 that turns out not to be
/// becomes Windows-1252 where nothing but ASCII came before, and a fault where it did.
class Decoder {
 public:
  explicit Decoder(Guess guess) : kind_(guess.kind), marked_(guess.mark_bytes > 0) {}

  /// Appends the UTF-8 of `bytes` to `out`; `last` says that nothing follows. Stops at a fault:
  /// what was appended until then ends where the fault is.
  void feed(std::string_view bytes, bool last, std::string& out);

  /// The same for bytes that are plain ASCII without NUL and need no work: true if `bytes` could
  /// be used as they are.
  [[nodiscard]] bool passes_unchanged(std::string_view bytes) const;

  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
  /// Where in the output (counted from the start of the file) Windows-1252 was first assumed.
  [[nodiscard]] std::optional<std::size_t> guessed_1252() const { return guessed_1252_; }
  [[nodiscard]] Kind kind() const { return kind_; }
  /// Tells the decoder that `n` bytes bypassed it because passes_unchanged().
  void skipped(std::size_t n) { written_ += n; }

 private:
  void feed_utf8(std::string_view bytes, bool last, std::string& out);
  void feed_1252(std::string_view bytes, bool last, std::string& out);
  void feed_utf16(std::string_view bytes, bool last, std::string& out);
  void fail(std::string what, std::string fix);
  /// Whether Windows-1252 may be assumed from here; otherwise sets the fault.
  bool fall_back(unsigned char byte, std::size_t at);

  Kind kind_;
  bool marked_ = false;
  bool seen_multibyte_ = false;
  std::string carry_;        // an incomplete character at the end of the last piece
  std::size_t written_ = 0;  // UTF-8 bytes so far
  std::optional<std::size_t> guessed_1252_;
  std::optional<Fault> fault_;
};

/// Bytes of the well-formed UTF-8 character at the start of `bytes` (1 to 4); 0 if there is none,
/// -1 if there might be one but `bytes` ends too early.
[[nodiscard]] int utf8_length(std::string_view bytes);

/// Whether every byte is ASCII and none is NUL.
[[nodiscard]] bool plain_ascii(std::string_view bytes);

void append_utf8(std::string& out, std::uint32_t code);

/// The line (from 1) in which `position` of `text` lies.
[[nodiscard]] std::size_t line_of(std::string_view text, std::size_t position);

/// The line of `text` in which `position` lies, at most some 200 bytes of it.
[[nodiscard]] std::string line_around(std::string_view text, std::size_t position);

/// Bytes that the UTF-8 `text` took in the encoding `kind` of its file.
[[nodiscard]] std::size_t source_bytes(std::string_view text, Kind kind);

}  // namespace kinescape::encoding
