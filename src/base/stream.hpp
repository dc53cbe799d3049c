// SPDX-License-Identifier: Apache-2.0
/// \file Random numbers by name: the draw for a well depends on the seed and on what it is for,
/// never on who asked first. Adding a well, a draw or a thread moves no other number.
///
/// Counter-based Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405). The samplers are
/// our own: those of `std::` differ between libraries and some are biased.
#pragma once

#include <array>
#include <cstdint>

namespace kinescape {

/// The seed of a run: explicit, echoed in every output, never taken from the clock.
struct Seed {
  std::uint64_t value = 0;
  bool operator==(const Seed&) const = default;
};

/// A stream of random numbers named by (seed, purpose, who). Cheap to make and to copy. Arguments
/// out of range throw UsageError; the 2^34th word of a stream throws InternalError, rather than
/// repeat.
class Stream {
 public:
  /// \param purpose what the draws are for, from an enum of the room that draws.
  /// \param who index of the well, animal, clone, ... that they belong to.
  Stream(Seed seed, std::uint32_t purpose, std::uint64_t who = 0);

  std::uint32_t bits();    ///< 32 uniform random bits.
  std::uint64_t bits64();  ///< 64 uniform random bits.
  double uniform();        ///< On (0, 1), never 0 or 1; 52 random bits.
  double normal();         ///< Standard normal by inverse CDF (AS241), one uniform a draw.
  double exponential();    ///< Mean 1.
  double gamma(
      double shape);  ///< Scale 1, shape > 0 (Marsaglia & Tsang 2000, doi:10.1145/358407.358414).
  std::uint64_t below(std::uint64_t n);  ///< Uniform on {0, ..., n-1}, without bias; n >= 1.
  std::uint64_t poisson(double mean);    ///< Exact for every mean in [0, 1e15].
  std::uint64_t binomial(std::uint64_t n, double p);  ///< Exact for every n and p in [0, 1].

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
  bool exhausted_ = false;  // every draw number has been used once
};

/// Quantile of the standard normal, p in (0, 1) (Wichura 1988, AS241, doi:10.2307/2347330).
[[nodiscard]] double normal_quantile(double p);

}  // namespace kinescape
