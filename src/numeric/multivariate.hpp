// SPDX-License-Identifier: Apache-2.0
/// \file What is the chance that several correlated statistics all stay within bounds?
#pragma once

#include <span>

namespace kinescape::numeric {

/// P(|T_1| <= c, ..., |T_k| <= c) of a multivariate Student t with correlation matrix
/// `correlation` (k x k, row-major; positive semi-definite) and `df` degrees of freedom (infinity:
/// normal). Separation of variables (Genz & Bretz 2002, doi:10.1198/106186002394): by nested
/// Gauss-Legendre rules where the statistics have at most three directions (error below 3e-5, where
/// p is small below 1e-6), else on a fixed lattice with fixed shifts (about 1e-4): the same bits
/// every time. k = 1 is exact.
[[nodiscard]] double within_all(double c, std::span<const double> correlation, int k, double df);

}  // namespace kinescape::numeric
