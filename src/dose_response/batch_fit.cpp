// SPDX-License-Identifier: Apache-2.0
#include "dose_response/batch_fit.hpp"

#include <limits>

#include "base/errors.hpp"
#include "dose_response/batch_run_internal.hpp"

namespace kinescape::dose_response {
namespace batch {

namespace {

/// Distinct doses of a row.
int distinct(std::span<const double> dose) {
  std::size_t steps = dose.empty() ? 0 : 1;
  bool rising = true;
  for (std::size_t i = 1; i < dose.size(); ++i) {
    steps += dose[i] != dose[i - 1] ? 1 : 0;
    rising &= dose[i] >= dose[i - 1];
  }
  if (rising) return static_cast<int>(steps);
  Layout layout;
  layout.make(dose);
  return layout.doses();
}

}  // namespace

Run::Run(const BatchData& data, const BatchOptions& options)
    : data_(data), options_(options), shared_(data.dose_nM.size() == data.wells) {
  using Lanes = BatchOptions::Lanes;
  const Isa best = best_isa();
  const Isa asked = options.lanes == Lanes::baseline ? Isa::baseline
                    : options.lanes == Lanes::avx2   ? Isa::avx2
                                                     : best;
  kernels_ = &kernels(std::min(asked, best));
  low_slope_ = simd::log(options.lowest_slope);
  high_slope_ = simd::log(options.highest_slope);
  if (shared_) {
    layout_.make(data.dose_nM);
    most_doses_ = layout_.doses();
    make_basis();
  } else {
    for (std::size_t c = 0; c < data.curves; ++c) {
      most_doses_ = std::max(most_doses_, distinct(doses_of(c)));
    }
  }
  resize();
}

/// Unit curves of the shared design with all wells present.
void Run::make_basis() {
  const int k = layout_.doses();
  basis_.doses = k;
  double low = 0.0, high = 0.0, total = 0.0;
  window(layout_, low, high);
  std::vector<double> weight, g(static_cast<std::size_t>(k));
  for (std::size_t d = 0; d + 1 < layout_.begins.size(); ++d) {
    weight.push_back(static_cast<double>(layout_.begins[d + 1] - layout_.begins[d]));
    total += weight.back();
  }
  full_ = weight;
  for (int i = 0; i < shared_midpoints; ++i) {
    const double e = low + (high - low) * i / (shared_midpoints - 1);
    for (int j = 0; j < shared_slopes; ++j) {
      const double c = (e > 0.0 ? -1.0 : 1.0) * simd::exp(grid_slope(j, shared_slopes)) * ln10;
      double mean = 0.0, norm = 0.0;
      for (std::size_t d = 0; d < g.size(); ++d) {
        const double x = layout_.log10_dose[d] - layout_.middle;
        g[d] = 1.0 / (1.0 + simd::exp(std::clamp(c * (x - e), -300.0, 300.0)));
        mean += weight[d] * g[d] / total;
      }
      for (std::size_t d = 0; d < g.size(); ++d) {
        g[d] -= mean;
        norm += weight[d] * g[d] * g[d];
      }
      const double scale = norm > 1e-280 ? 1.0 / std::sqrt(norm) : 0.0;
      for (const double v : g) basis_.direction.push_back(static_cast<float>(v * scale));
    }
  }
}

namespace {

/// The finite of some wells of row `y`, in order of size, so that the order of the wells does not
/// show. \returns how many.
std::size_t in_order(const double* y, std::span<const std::size_t> wells, double* values) {
  if (wells.size() == 3) {  // the usual number, without a branch on noise
    const double a = y[wells[0]], b = y[wells[1]], c = y[wells[2]];
    if (std::isfinite(a + b + c)) {
      const double low = std::min(a, b), high = std::max(a, b), upper = std::min(high, c);
      values[0] = std::min(low, c);
      values[1] = std::max(low, upper);
      values[2] = std::max(high, c);
      return 3;
    }
  }
  std::size_t n = 0;
  for (const std::size_t well : wells) {
    const double v = y[well];
    if (!std::isfinite(v)) continue;
    std::size_t j = n++;
    for (; j > 0 && values[j - 1] > v; --j) values[j] = values[j - 1];
    values[j] = v;
  }
  return n;
}

}  // namespace

/// Means, weights and sums of squares of one curve into row `at` of the block.
void Run::reduce(Block& b, std::size_t curve, std::size_t at, const Layout& layout, int& doses) {
  const double* y = data_.response.data() + curve * data_.wells;
  const auto k = static_cast<std::size_t>(b.doses);
  double* x = b.x.data() + at * k;
  double* weight = b.weight.data() + at * k;
  double* weighted = b.weighted.data() + at * k;
  std::fill(x, x + k, 0.0);
  std::fill(weight, weight + k, 0.0);
  std::fill(weighted, weighted + k, 0.0);
  double total = 0.0, sum = 0.0, within = 0.0;
  double sorted[64];
  std::vector<double> many;
  doses = 0;
  for (std::size_t d = 0; d + 1 < layout.begins.size(); ++d) {
    const std::size_t width = layout.begins[d + 1] - layout.begins[d];
    double* values = sorted;
    if (width > 64) {
      many.resize(width);
      values = many.data();
    }
    const std::size_t n =
        in_order(y, std::span(layout.order).subspan(layout.begins[d], width), values);
    x[d] = layout.log10_dose[d] - layout.middle;
    if (n == 0) continue;
    double s = 0.0;
    for (std::size_t j = 0; j < n; ++j) s += values[j];
    const auto count = static_cast<double>(n);
    const double mean = s / count;
    for (std::size_t j = 0; j < n; ++j) within += (values[j] - mean) * (values[j] - mean);
    weight[d] = count;
    weighted[d] = mean;
    total += count;
    sum += s;
    ++doses;
  }
  const double mean = total > 0.0 ? sum / total : 0.0;
  double between = 0.0;
  for (std::size_t d = 0; d < k; ++d) {
    const double off = weighted[d] - mean;
    weighted[d] = weight[d] * off;
    between += weighted[d] * off;
  }
  b.total_weight[at] = total > 0.0 ? total : 1.0;
  b.mean[at] = mean;
  b.between[at] = between;
  b.within[at] = within;
  b.first[at] = layout.first - layout.middle;
  b.last[at] = layout.last - layout.middle;
  window(layout, b.low[at], b.high[at]);
  out_.wells[curve] = static_cast<int>(total);
}

void Run::prepare(Work& w, std::size_t first, std::size_t count) {
  Block& b = w.b;
  b.curves = static_cast<int>(count);
  b.doses = most_doses_;
  const std::size_t cells = count * static_cast<std::size_t>(b.doses);
  for (auto* v : {&b.x, &b.weight, &b.weighted}) v->resize(cells);
  for (auto* v :
       {&b.total_weight, &b.mean, &b.between, &b.within, &b.low, &b.high, &b.first, &b.last}) {
    v->resize(count);
  }
  const std::size_t tiles = (count + tile - 1) / tile * tile;
  for (auto* v : {&b.row_share, &b.row_slope}) v->resize(tiles * shared_midpoints);
  for (auto* v : {&b.column_share, &b.column_row}) v->resize(tiles * shared_slopes);
  for (auto* v : {&b.row_peaks, &b.column_peaks}) v->assign(count, 0);
  b.low_slope = low_slope_;
  b.high_slope = high_slope_;
  for (int j = 0; j < own_slopes; ++j) {
    b.own_slope[j] = static_cast<float>(simd::exp(grid_slope(j, own_slopes)) * ln10);
  }
  w.rows.resize(count);
  w.middle.resize(count);
  w.own.assign(count, shared_ ? 0 : 1);
  Layout own;
  for (std::size_t i = 0; i < count; ++i) {
    if (!shared_) own.make(doses_of(first + i));
    const Layout& layout = shared_ ? layout_ : own;
    w.middle[i] = layout.middle;
    reduce(b, first + i, i, layout, w.rows[i]);
    if (shared_ && !std::equal(full_.begin(),
                               full_.end(),
                               b.weight.begin() + static_cast<std::ptrdiff_t>(i * full_.size()))) {
      w.own[i] = 1;
    }
  }
  if (shared_) kernels_->scan_shared(b, basis_);
  std::vector<int> own_curves;
  for (std::size_t i = 0; i < count; ++i) {
    if (w.own[i] != 0 && w.rows[i] > 0) own_curves.push_back(static_cast<int>(i));
  }
  kernels_->scan_own(b, own_curves.data(), static_cast<int>(own_curves.size()));
}

void Run::finish(const Work& w, std::size_t first, const std::vector<Solution>& best) {
  const auto count = best.size();
  std::vector<Plateaus> plateaus(count);
  kernels_->plateaus(w.b, best.data(), plateaus.data());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t c = first + i;
    if (w.rows[i] < 4) continue;
    out_.log10_ec50[c] = w.middle[i] + best[i].midpoint;
    out_.hill_slope[c] = plateaus[i].slope;
    out_.top[c] = plateaus[i].top;
    out_.bottom[c] = plateaus[i].bottom;
    out_.residual_sum[c] = plateaus[i].sum + w.b.within[i];
    out_.status[c] = Status::ok;
    if (!best[i].converged || !std::isfinite(out_.top[c])) out_.status[c] = Status::failed;
    if (best[i].midpoint > w.b.last[i]) out_.status[c] = Status::above_highest_dose;
    if (best[i].midpoint < w.b.first[i]) out_.status[c] = Status::below_lowest_dose;
    if (!options_.flat_test || out_.wells[c] <= 4) continue;
    const auto null = nulls_.get(options_,
                                 w.rows[i],
                                 out_.wells[c],
                                 w.b.last[i] - w.b.first[i],
                                 shared_ ? &layout_ : nullptr);
    out_.flat_p[c] = flat_p(*null, out_.residual_sum[c], w.b.between[i] + w.b.within[i]);
    if (out_.flat_p[c] > options_.flat_alpha) out_.status[c] = Status::no_response;
  }
}

void Run::work(std::size_t block) {
  const std::size_t first = block * block_curves;
  const std::size_t count = std::min(block_curves, data_.curves - first);
  Work w;
  prepare(w, first, count);
  std::vector<Solution> best;
  optimise(w, best);
  finish(w, first, best);
  if (options_.intervals) intervals(w, first, best);
}

}  // namespace batch

namespace {

void check(const BatchData& data, const BatchOptions& o) {
  const std::size_t cells = data.curves * data.wells;
  if (data.response.size() != cells)
    throw UsageError("batch_fit: responses are not curves x wells");
  if (data.dose_nM.size() != data.wells && data.dose_nM.size() != cells) {
    throw UsageError("batch_fit: doses are neither one row nor one row per curve");
  }
  for (const double d : data.dose_nM) {
    if (!(d >= 0.0) || !std::isfinite(d)) {
      throw UsageError("batch_fit: a dose is negative or not a number");
    }
  }
  const bool slopes = o.lowest_slope > 0.0 && o.highest_slope > o.lowest_slope;
  const bool window =
      !o.lowest_log10_nM || !o.highest_log10_nM || *o.highest_log10_nM > *o.lowest_log10_nM;
  if (!slopes || !window || !(o.level > 0.0 && o.level < 1.0) || !(o.decades_below > 0.0) ||
      !(o.decades_above > 0.0)) {
    throw UsageError("batch_fit: slopes, window or level leave nothing to fit");
  }
}

}  // namespace

BatchFit batch_fit(const BatchData& data, const BatchOptions& options) {
  check(data, options);
  return batch::Run(data, options).fit();
}

}  // namespace kinescape::dose_response
