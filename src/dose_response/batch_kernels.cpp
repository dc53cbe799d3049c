// SPDX-License-Identifier: Apache-2.0
// The lanes, compiled once for each instruction set; all give the same bits.
#include "dose_response/batch_ends_internal.hpp"
#include "dose_response/batch_scan_internal.hpp"

namespace kinescape::dose_response::batch {
namespace {

// Each set is a width and a target attribute; everything below the entry points is inlined into
// them. FMA is never enabled, so nothing is fused.
#if defined(__x86_64__)
#define KINESCAPE_TARGET(x) __attribute__((target(x)))
#else
#define KINESCAPE_TARGET(x)
#endif

using Narrow = simd::Width<32>;
using Wide = simd::Width<64>;

void scan_shared_baseline(Block& b, const Basis& s) {
  scan_shared<Narrow>(b, s);
}
void scan_own_baseline(Block& b, const int* c, int n) {
  scan_own<Narrow>(b, c, n);
}
void solve_baseline(const Block& b, const Task* t, int n, Solution* o) {
  solve<Narrow>(b, t, n, o);
}
void ends_baseline(const Block& b, const EndTask* t, int n, EndSolution* o) {
  ends<Narrow>(b, t, n, o);
}
void profile_baseline(const Block& b, const Probe* p, int n, ProbeSolution* o) {
  profile<Narrow>(b, p, n, o);
}
void plateaus_baseline(const Block& b, const Solution* s, Plateaus* o) {
  plateaus<Narrow>(b, s, o);
}
void largest_baseline(
    const float* r, std::size_t rows, const float* v, std::size_t n, int k, float* o) {
  largest<Narrow>(r, rows, v, n, k, o);
}

KINESCAPE_TARGET("avx2") void scan_shared_avx2(Block& b, const Basis& s) {
  scan_shared<Narrow>(b, s);
}
KINESCAPE_TARGET("avx2") void scan_own_avx2(Block& b, const int* c, int n) {
  scan_own<Narrow>(b, c, n);
}
KINESCAPE_TARGET("avx2") void solve_avx2(const Block& b, const Task* t, int n, Solution* o) {
  solve<Narrow>(b, t, n, o);
}
KINESCAPE_TARGET("avx2") void ends_avx2(const Block& b, const EndTask* t, int n, EndSolution* o) {
  ends<Narrow>(b, t, n, o);
}
KINESCAPE_TARGET("avx2")
void profile_avx2(const Block& b, const Probe* p, int n, ProbeSolution* o) {
  profile<Narrow>(b, p, n, o);
}
KINESCAPE_TARGET("avx2") void plateaus_avx2(const Block& b, const Solution* s, Plateaus* o) {
  plateaus<Narrow>(b, s, o);
}
KINESCAPE_TARGET("avx2")
void largest_avx2(
    const float* r, std::size_t rows, const float* v, std::size_t n, int k, float* o) {
  largest<Narrow>(r, rows, v, n, k, o);
}

KINESCAPE_TARGET("avx512f") void scan_shared_avx512(Block& b, const Basis& s) {
  scan_shared<Wide>(b, s);
}
KINESCAPE_TARGET("avx512f") void scan_own_avx512(Block& b, const int* c, int n) {
  scan_own<Wide>(b, c, n);
}
KINESCAPE_TARGET("avx512f") void solve_avx512(const Block& b, const Task* t, int n, Solution* o) {
  solve<Wide>(b, t, n, o);
}
KINESCAPE_TARGET("avx512f")
void ends_avx512(const Block& b, const EndTask* t, int n, EndSolution* o) {
  ends<Wide>(b, t, n, o);
}
KINESCAPE_TARGET("avx512f")
void profile_avx512(const Block& b, const Probe* p, int n, ProbeSolution* o) {
  profile<Wide>(b, p, n, o);
}
KINESCAPE_TARGET("avx512f") void plateaus_avx512(const Block& b, const Solution* s, Plateaus* o) {
  plateaus<Wide>(b, s, o);
}
KINESCAPE_TARGET("avx512f")
void largest_avx512(
    const float* r, std::size_t rows, const float* v, std::size_t n, int k, float* o) {
  largest<Wide>(r, rows, v, n, k, o);
}

constexpr Kernels all[] = {
    {scan_shared_baseline,
     scan_own_baseline,
     solve_baseline,
     ends_baseline,
     profile_baseline,
     plateaus_baseline,
     largest_baseline},
    {scan_shared_avx2,
     scan_own_avx2,
     solve_avx2,
     ends_avx2,
     profile_avx2,
     plateaus_avx2,
     largest_avx2},
    {scan_shared_avx512,
     scan_own_avx512,
     solve_avx512,
     ends_avx512,
     profile_avx512,
     plateaus_avx512,
     largest_avx512},
};

}  // namespace

Isa best_isa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") != 0) return Isa::avx512;
  if (__builtin_cpu_supports("avx2") != 0) return Isa::avx2;
#endif
  return Isa::baseline;
}

const Kernels& kernels(Isa isa) {
  return all[static_cast<int>(isa)];
}

}  // namespace kinescape::dose_response::batch
