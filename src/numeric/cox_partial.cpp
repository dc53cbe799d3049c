// SPDX-License-Identifier: Apache-2.0
// Efron's and Breslow's partial likelihood, the step that Cox fits repeat. The information is a
// weighted cross product of the rows less that of the risk-set means:
//   sum_j w_j (H(t_j) - H(entry_j)) x_j x_j' - sum_events m m',
// so that no matrix is formed at an event. Rows are padded to whole blocks of four covariates, and
// vectors run along a row: the order of every sum is that of the rows, at any width of vector.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "numeric/cox_internal.hpp"

namespace kinescape::numeric {
namespace {

constexpr std::size_t block = 4;

/// Two doubles, as every machine has them.
typedef double Pair __attribute__((vector_size(16)));
Pair pair_at(const double* from) {
  Pair v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
void put(double* to, Pair v) {
  std::memcpy(to, &v, sizeof v);
}

/// Sum of ln of numbers above 0: their product, brought back into [1, 2) before it could overflow.
class LogSum {
 public:
  void add(double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const auto exponent = static_cast<std::int64_t>(bits >> 52);
    if (exponent == 0 || exponent >= 0x7ff) {  // subnormal, negative or not finite
      rest_ += std::log(x);
      return;
    }
    exponents_ += exponent - 1023;
    product_ *= std::bit_cast<double>((bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
    if (++held_ == 512) settle();
  }
  [[nodiscard]] double value() {
    settle();
    return rest_ + static_cast<double>(exponents_) * 0.6931471805599453;
  }

 private:
  void settle() {
    rest_ += std::log(product_);
    product_ = 1.0, held_ = 0;
  }
  double product_ = 1.0, rest_ = 0.0;
  std::int64_t exponents_ = 0;
  int held_ = 0;
};

/// sum_i weight_i x_i x_i', the blocks on and above the diagonal.
class CrossProduct {
 public:
  explicit CrossProduct(std::size_t width) : width_(width), sum_(width * width, 0.0) {}

  /// `rows`: count x width. In the first-level cache: call it with some dozens of rows.
  void add(const double* rows, const double* weight, std::size_t count) {
    for (std::size_t j = 0; j < width_; j += block)
      for (std::size_t k = j; k < width_; k += block) {
        double* at = &sum_[j * width_ + k];
        Pair low[block], high[block];
        for (std::size_t a = 0; a < block; ++a)
          low[a] = pair_at(at + a * width_), high[a] = pair_at(at + a * width_ + 2);
        const double* row = rows;
        for (std::size_t i = 0; i < count; ++i, row += width_) {
          const Pair left = pair_at(row + k) * weight[i], right = pair_at(row + k + 2) * weight[i];
          for (std::size_t a = 0; a < block; ++a)
            low[a] += left * row[j + a], high[a] += right * row[j + a];
        }
        for (std::size_t a = 0; a < block; ++a)
          put(at + a * width_, low[a]), put(at + a * width_ + 2, high[a]);
      }
  }
  [[nodiscard]] Eigen::MatrixXd upper(Eigen::Index p) const {
    Eigen::MatrixXd out(p, p);
    for (Eigen::Index j = 0; j < p; ++j)
      for (Eigen::Index k = j; k < p; ++k)
        out(j, k) = out(k, j) =
            sum_[static_cast<std::size_t>(j) * width_ + static_cast<std::size_t>(k)];
    return out;
  }

 private:
  std::size_t width_;
  std::vector<double> sum_;
};

constexpr std::size_t chunk = 64;

/// One pass from the last time back, then one forward.
class Passes {
 public:
  Passes(const CoxSet& set, const Eigen::VectorXd& beta, Ties ties)
      : set_(set),
        ties_(ties),
        width_(set.width),
        n_(set.time.size()),
        gradient_(width_, 0.0),
        s1_(width_),
        s1d_(width_),
        means_(chunk * width_),
        minus_(chunk, -1.0),
        w_(n_),
        steps_(n_, 0.0),
        own_(n_, 0.0),
        information_(width_) {
    predict(beta);
    for (std::size_t s = 0; s + 1 < set.begin.size(); ++s) {
      backward(set.begin[s], set.begin[s + 1]);
      gathered(set.begin[s], set.begin[s + 1]);
    }
    information_.add(means_.data(), minus_.data(), held_);
    for (std::size_t i = 0; i < n_; ++i) own_[i] = std::max(0.0, w_[i] * own_[i]);
    for (std::size_t i = 0; i < n_; i += chunk)
      information_.add(row(i), &own_[i], std::min(chunk, n_ - i));
  }
  [[nodiscard]] PartialLikelihood result(Eigen::Index p) {
    PartialLikelihood out;
    out.value = value_ - denominators_.value();
    out.gradient = Eigen::Map<const Eigen::VectorXd>(gradient_.data(), p);
    out.information = information_.upper(p);
    return out;
  }

 private:
  const CoxSet& set_;
  Ties ties_;
  std::size_t width_, n_, held_ = 0;
  double value_ = 0.0;
  LogSum denominators_;
  std::vector<double> gradient_, s1_, s1d_, means_, minus_;
  std::vector<double> w_;      // exp of the predictor, each stratum relative to its largest
  std::vector<double> steps_;  // increments of the hazard at each event time's first row
  std::vector<double> own_;    // hazard that each row gathers
  CrossProduct information_;

  [[nodiscard]] const double* row(std::size_t i) const { return &set_.padded[i * width_]; }
  void predict(const Eigen::VectorXd& beta);
  void add_row(std::vector<double>& sum, std::size_t i, double weight) const {
    const double* x = row(i);
    const Pair by = {weight, weight};
    for (std::size_t j = 0; j < width_; j += 2)
      put(&sum[j], pair_at(&sum[j]) + by * pair_at(x + j));
  }
  void tied(std::size_t first, std::size_t last, double s0);
  void backward(std::size_t begin, std::size_t end);
  void gathered(std::size_t begin, std::size_t end);
};

void Passes::predict(const Eigen::VectorXd& beta) {
  std::vector<double> by(width_, 0.0);
  std::copy(beta.data(), beta.data() + beta.size(), by.begin());
  for (std::size_t i = 0; i < n_; ++i) {
    Pair sum = {0.0, 0.0};
    const double* x = row(i);
    for (std::size_t j = 0; j < width_; j += 2) sum += pair_at(x + j) * pair_at(&by[j]);
    w_[i] = sum[0] + sum[1];
  }
  for (std::size_t s = 0; s + 1 < set_.begin.size(); ++s) {
    const std::size_t begin = set_.begin[s], end = set_.begin[s + 1];
    double top = w_[begin];
    for (std::size_t i = begin; i < end; ++i) top = std::max(top, w_[i]);
    for (std::size_t i = begin; i < end; ++i) {
      const double eta = w_[i] - top;
      if (set_.event[i] != 0) value_ += eta;
      w_[i] = std::exp(eta);
    }
  }
}

/// Rows [first, last) end at one time; s0 and s1_ are the sums over those at risk.
void Passes::tied(std::size_t first, std::size_t last, double s0) {
  double d = 0.0, s0d = 0.0;
  std::fill(s1d_.begin(), s1d_.end(), 0.0);
  for (std::size_t i = first; i < last; ++i) {
    if (set_.event[i] == 0) continue;
    d += 1.0;
    s0d += w_[i];
    add_row(s1d_, i, w_[i]);
    add_row(gradient_, i, 1.0);
  }
  if (d == 0.0) return;
  double step = 0.0, correction = 0.0;
  for (int l = 0; l < static_cast<int>(d); ++l) {
    const double share = ties_ == Ties::efron ? l / d : 0.0, denominator = s0 - share * s0d,
                 inverse = 1.0 / denominator;
    denominators_.add(denominator);
    double* mean = &means_[held_ * width_];
    for (std::size_t j = 0; j < width_; ++j) {
      mean[j] = (s1_[j] - share * s1d_[j]) * inverse;
      gradient_[j] -= mean[j];
    }
    if (++held_ == chunk) {
      information_.add(means_.data(), minus_.data(), held_);
      held_ = 0;
    }
    step += inverse;
    correction += share * inverse;
  }
  steps_[first] = step;
  for (std::size_t i = first; i < last; ++i)
    if (set_.event[i] != 0) own_[i] = correction;
}

void Passes::backward(std::size_t begin, std::size_t end) {
  double s0 = 0.0;
  std::fill(s1_.begin(), s1_.end(), 0.0);
  std::size_t entry = end;
  for (std::size_t last = end; last > begin;) {
    std::size_t first = last;
    const double t = set_.time[last - 1];
    bool any = false;
    while (first > begin && set_.time[first - 1] == t) {
      --first;
      s0 += w_[first];
      add_row(s1_, first, w_[first]);
      any |= set_.event[first] != 0;
    }
    if (!set_.entry.empty()) {
      for (; entry > begin && set_.entry[set_.by_entry[entry - 1]] >= t; --entry) {
        const std::size_t i = set_.by_entry[entry - 1];
        s0 -= w_[i];
        add_row(s1_, i, -w_[i]);
      }
    }
    if (any) tied(first, last, s0);
    last = first;
  }
}

/// Hazard gathered by each row of a stratum from its entry to its end, ties in their share.
void Passes::gathered(std::size_t begin, std::size_t end) {
  double hazard = 0.0;
  for (std::size_t i = begin; i < end;) {
    const double t = set_.time[i];
    hazard += steps_[i];
    for (; i < end && set_.time[i] == t; ++i) own_[i] = hazard - own_[i];
  }
  if (set_.entry.empty()) return;
  hazard = 0.0;
  std::size_t at = begin;
  for (std::size_t k = begin; k < end; ++k) {
    const std::size_t i = set_.by_entry[k];
    for (; at < end && set_.time[at] <= set_.entry[i]; ++at) hazard += steps_[at];
    own_[i] -= hazard;
  }
}

}  // namespace

PartialLikelihood partial_likelihood(const CoxSet& set, const Eigen::VectorXd& beta, Ties ties) {
  return Passes(set, beta, ties).result(beta.size());
}

}  // namespace kinescape::numeric
