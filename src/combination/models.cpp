// SPDX-License-Identifier: Apache-2.0
// MuSyC, BRAID and the effective-dose model at a pair of doses.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/errors.hpp"
#include "combination/models_internal.hpp"

namespace kinescape::combination {
namespace {

/// exp without overflow in products of three.
double rate(double exponent) {
  return std::exp(std::clamp(exponent, -80.0, 80.0));
}

// MuSyC: cells are untouched, bound by one drug, by the other, or by both, and step between these
// four states; the second step's dose is alpha times as large and gamma times as steep. The steady
// state is a sum over the spanning trees of that ring (all backward rates are 1).
enum Musyc : std::size_t {
  m_e0,
  m_e1,
  m_e2,
  m_beta,
  m_h1,
  m_h2,
  m_c1,
  m_c2,
  m_a12,
  m_a21,
  m_g12,
  m_g21
};

double musyc_value(const double* p, double log_a, double log_b, double* g) {
  const double h1 = std::exp(p[m_h1]), h2 = std::exp(p[m_h2]);
  const double g12 = std::exp(p[m_g12]), g21 = std::exp(p[m_g21]);
  const bool on_a = !std::isinf(log_a), on_b = !std::isinf(log_b);
  const double la = on_a ? h1 * (log_a - p[m_c1]) : 0.0;
  const double lb = on_b ? h2 * (log_b - p[m_c2]) : 0.0;
  const double lc = on_a ? g21 * h1 * (p[m_a21] + log_a - p[m_c1]) : 0.0;
  const double ld = on_b ? g12 * h2 * (p[m_a12] + log_b - p[m_c2]) : 0.0;
  const double a = on_a ? rate(la) : 0.0, b = on_b ? rate(lb) : 0.0;
  const double c = on_a ? rate(lc) : 0.0, d = on_b ? rate(ld) : 0.0;
  const double t0 = 2.0 + c + d, t1 = b * c + 2.0 * a + a * c, t2 = a * d + 2.0 * b + b * d;
  const double t3 = b * c * d + b * c + a * d + a * c * d;
  const double total = t0 + t1 + t2 + t3;
  const bool first = p[m_e1] <= p[m_e2];
  const double strong = first ? p[m_e1] : p[m_e2];
  const double e3 = strong - p[m_beta] * (p[m_e0] - strong);
  const double e = (p[m_e0] * t0 + p[m_e1] * t1 + p[m_e2] * t2 + e3 * t3) / total;
  if (g == nullptr) return e;
  const double w0 = (p[m_e0] - e) / total, w1 = (p[m_e1] - e) / total, w2 = (p[m_e2] - e) / total,
               w3 = (e3 - e) / total;
  const double da = w1 * (2.0 + c) + w2 * d + w3 * (d + c * d);
  const double db = w1 * c + w2 * (2.0 + d) + w3 * (c * d + c);
  const double dc = w0 + w1 * (a + b) + w3 * (b * d + b + a * d);
  const double dd = w0 + w2 * (a + b) + w3 * (b * c + a + a * c);
  const double ga = da * a, gb = db * b, gc = dc * c, gd = dd * d;  // by the logarithms
  const double s3 = t3 / total;
  g[m_e0] = t0 / total - p[m_beta] * s3;
  g[m_e1] = t1 / total + (first ? (1.0 + p[m_beta]) * s3 : 0.0);
  g[m_e2] = t2 / total + (first ? 0.0 : (1.0 + p[m_beta]) * s3);
  g[m_beta] = -(p[m_e0] - strong) * s3;
  g[m_h1] = ga * la + gc * lc;
  g[m_h2] = gb * lb + gd * ld;
  g[m_c1] = -ga * h1 - gc * g21 * h1;
  g[m_c2] = -gb * h2 - gd * g12 * h2;
  g[m_a12] = gd * g12 * h2;
  g[m_a21] = gc * g21 * h1;
  g[m_g12] = gd * ld;
  g[m_g21] = gc * lc;
  return e;
}

/// Central differences, for the models of few parameters.
template <std::size_t K, class F>
void differences(F f, const double* p, double* g) {
  std::array<double, K> q{};
  std::copy(p, p + K, q.begin());
  for (std::size_t j = 0; j < K; ++j) {
    constexpr double step = 1e-5;
    q[j] = p[j] + step;
    const double above = f(q.data());
    q[j] = p[j] - step;
    g[j] = (above - f(q.data())) / (2.0 * step);
    q[j] = p[j];
  }
}

// BRAID: each dose becomes an equivalent dose on a common curve that ends at the stronger agent's
// bottom; kappa weighs the geometric mean of the two.
enum Braid : std::size_t { b_e0, b_ea, b_eb, b_ha, b_hb, b_ca, b_cb, b_kappa };

double braid_plain(const double* p, double log_a, double log_b) {
  const double ha = std::exp(p[b_ha]), hb = std::exp(p[b_hb]), mean = std::sqrt(ha * hb);
  const double end = std::min(p[b_ea], p[b_eb]), span = end - p[b_e0];
  const auto equivalent = [&](double log_x, double h, double log_c, double bottom) {
    if (std::isinf(log_x)) return 0.0;
    const double share = span == 0.0 ? 1.0 : (bottom - p[b_e0]) / span;
    const double x = rate(h * (log_x - log_c));
    const double odds = share * x / (1.0 + (1.0 - share) * x);
    return odds > 0.0 ? std::pow(odds, 1.0 / mean) : 0.0;
  };
  const double a = equivalent(log_a, ha, p[b_ca], p[b_ea]);
  const double b = equivalent(log_b, hb, p[b_cb], p[b_eb]);
  const double joint = std::max(0.0, a + b + p[b_kappa] * std::sqrt(a * b));
  if (!(joint > 0.0)) return p[b_e0];
  return p[b_e0] + span / (1.0 + std::pow(joint, -mean));
}

double braid_value(const double* p, double log_a, double log_b, double* g) {
  if (g) differences<8>([&](const double* q) { return braid_plain(q, log_a, log_b); }, p, g);
  return braid_plain(p, log_a, log_b);
}

// Effective doses: each drug turns the dose of the other into d / (1 + a s), s its own saturation;
// the effects of the effective doses multiply. a < 0 is synergy.
// Named as in MuSyC: a_12 is what drug a does to the dose of drug b.
enum Zimmer : std::size_t { z_e0, z_h1, z_h2, z_c1, z_c2, z_a21, z_a12 };

double zimmer_plain(const double* p, double log_a, double log_b) {
  const double x = std::isinf(log_a) ? 0.0 : rate(log_a - p[z_c1]);
  const double y = std::isinf(log_b) ? 0.0 : rate(log_b - p[z_c2]);
  const double on_a = p[z_a21], on_b = p[z_a12];
  // u = x / (1 + on_a v/(1+v)), v = y / (1 + on_b u/(1+u)): a quadratic in u.
  double u = x, v = y;
  if (x > 0.0 && y > 0.0) {
    const double qa = (1.0 + on_b) + y * (1.0 + on_a);
    const double qb = 1.0 + y * (1.0 + on_a) - x * ((1.0 + on_b) + y);
    const double qc = -x * (1.0 + y);
    const double root = std::sqrt(std::max(0.0, qb * qb - 4.0 * qa * qc));
    u = qb >= 0.0 ? -2.0 * qc / (qb + root) : (root - qb) / (2.0 * qa);
    v = y / (1.0 + on_b * u / (1.0 + u));
  }
  const double one = u > 0.0 ? 1.0 / (1.0 + rate(std::exp(p[z_h1]) * std::log(u))) : 1.0;
  const double two = v > 0.0 ? 1.0 / (1.0 + rate(std::exp(p[z_h2]) * std::log(v))) : 1.0;
  return p[z_e0] * one * two;
}

double zimmer_value(const double* p, double log_a, double log_b, double* g) {
  if (g) differences<7>([&](const double* q) { return zimmer_plain(q, log_a, log_b); }, p, g);
  return zimmer_plain(p, log_a, log_b);
}

const double ln_slope_low = std::log(0.1), ln_slope_high = std::log(12.0);
constexpr double ln_alpha = 11.5, ln_gamma = 3.0;  // 1e5-fold, 20-fold

}  // namespace

const ModelSpec& musyc_spec() {
  static const ModelSpec spec{{{"e0", false, false, -1, 3},
                               {"e1", false, false, -1.2, 3},
                               {"e2", false, false, -1.2, 3},
                               {"beta", false, true, -50, 50},
                               {"hill_slope_a", true, false, ln_slope_low, ln_slope_high},
                               {"hill_slope_b", true, false, ln_slope_low, ln_slope_high},
                               {"ec50_a_nM", true, false, -30, 30},
                               {"ec50_b_nM", true, false, -30, 30},
                               {"alpha_12", true, true, -ln_alpha, ln_alpha, 1},
                               {"alpha_21", true, true, -ln_alpha, ln_alpha, 0},
                               {"gamma_12", true, true, -ln_gamma, ln_gamma, 1},
                               {"gamma_21", true, true, -ln_gamma, ln_gamma, 0}},
                              musyc_value,
                              m_c1,
                              m_c2};
  return spec;
}

const ModelSpec& braid_spec() {
  static const ModelSpec spec{{{"e0", false, false, -1, 3},
                               {"emax_a", false, false, -1.2, 3},
                               {"emax_b", false, false, -1.2, 3},
                               {"hill_slope_a", true, false, ln_slope_low, ln_slope_high},
                               {"hill_slope_b", true, false, ln_slope_low, ln_slope_high},
                               {"ec50_a_nM", true, false, -30, 30},
                               {"ec50_b_nM", true, false, -30, 30},
                               {"kappa", false, true, -1.99, 200}},
                              braid_value,
                              b_ca,
                              b_cb};
  return spec;
}

const ModelSpec& zimmer_spec() {
  static const ModelSpec spec{{{"e0", false, false, 0, 3},
                               {"hill_slope_a", true, false, ln_slope_low, ln_slope_high},
                               {"hill_slope_b", true, false, ln_slope_low, ln_slope_high},
                               {"ec50_a_nM", true, false, -30, 30},
                               {"ec50_b_nM", true, false, -30, 30},
                               {"a_21", false, true, -0.999, 100},
                               {"a_12", false, true, -0.999, 100}},
                              zimmer_value,
                              z_c1,
                              z_c2};
  return spec;
}

const ModelSpec& spec_of(Model model) {
  switch (model) {
    case Model::musyc:
      return musyc_spec();
    case Model::braid:
      return braid_spec();
    case Model::zimmer:
      return zimmer_spec();
  }
  throw InternalError("no such surface");
}

std::string_view name(Model model) {
  return model == Model::musyc ? "MuSyC" : model == Model::braid ? "BRAID" : "effective dose";
}

std::string_view key(Model model) {
  return model == Model::musyc ? "musyc" : model == Model::braid ? "braid" : "zimmer";
}

double musyc(const MusycTruth& t, double dose_a_nM, double dose_b_nM) {
  const double strong = std::min(t.e1, t.e2), span = t.e0 - strong;
  const std::array<double, 12> p{t.e0,
                                 t.e1,
                                 t.e2,
                                 span == 0.0 ? 0.0 : (strong - t.e3) / span,
                                 std::log(t.h1),
                                 std::log(t.h2),
                                 std::log(t.c1_nM),
                                 std::log(t.c2_nM),
                                 std::log(t.alpha_12),
                                 std::log(t.alpha_21),
                                 std::log(t.gamma_12),
                                 std::log(t.gamma_21)};
  return musyc_value(p.data(),
                     dose_a_nM > 0.0 ? std::log(dose_a_nM) : -HUGE_VAL,
                     dose_b_nM > 0.0 ? std::log(dose_b_nM) : -HUGE_VAL,
                     nullptr);
}

}  // namespace kinescape::combination
