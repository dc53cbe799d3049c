// SPDX-License-Identifier: Apache-2.0
// SynergyFinder's four scores of one matrix.
#include "combination/compatible.hpp"

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "combination/compatible_internal.hpp"
#include "combination/hill_internal.hpp"

namespace kinescape::combination {
namespace {

constexpr int loewe_levels = 100;

/// A matrix in percent inhibition, its doses in the tool's unit.
struct Matrix {
  const Surface& surface;
  double unit_nM = 1.0;
  std::vector<double> inhibition;

  [[nodiscard]] std::size_t drugs() const { return surface.axis_nM.size(); }
  [[nodiscard]] double dose(std::size_t i, std::size_t k) const {
    return surface.axis_nM[k][surface.at(i, k)] / unit_nM;
  }
  [[nodiscard]] int dosed(std::size_t i) const {
    int n = 0;
    for (std::size_t k = 0; k < drugs(); ++k) n += surface.at(i, k) > 0;
    return n;
  }
  [[nodiscard]] std::vector<double> axis(std::size_t k) const {
    std::vector<double> out = surface.axis_nM[k];
    for (double& d : out) d /= unit_nM;
    return out;
  }
  /// The responses along drug k from cell `first`, which has no dose of it.
  [[nodiscard]] std::vector<double> along(std::size_t k, std::size_t first) const {
    std::vector<double> out;
    for (std::size_t i = 0; i < surface.axis_nM[k].size(); ++i) {
      out.push_back(inhibition[first + i * surface.stride(k)]);
    }
    return out;
  }
};

std::vector<ToolCurve> single_curves(const Matrix& m, double lower, double upper) {
  std::vector<ToolCurve> out;
  for (std::size_t k = 0; k < m.drugs(); ++k) {
    out.push_back(fit_tool_curve(m.axis(k), m.along(k, 0), lower, upper));
  }
  return out;
}

bool all_usable(const std::vector<ToolCurve>& curves) {
  return std::all_of(curves.begin(), curves.end(), [](const ToolCurve& c) { return c.usable; });
}

/// False where a curve that it needs cannot be fitted.
bool correct_baseline(Matrix& m, Baseline how) {
  if (how == Baseline::none) return true;
  const auto curves = single_curves(m, unknown, unknown);
  if (!all_usable(curves)) return false;
  double least = HUGE_VAL;
  for (std::size_t k = 0; k < curves.size(); ++k) {
    for (const double dose : m.axis(k)) least = std::min(least, value(curves[k], dose));
  }
  for (double& x : m.inhibition) {
    if (how == Baseline::all || x < 0.0) x -= (100.0 - x) / 100.0 * least;
  }
  return true;
}

/// The fitted surface of ZIP: each cell the mean of its curves along the drugs.
std::vector<double> zip_surface(const Matrix& m) {
  std::vector<double> out(m.inhibition.size(), 0.0);
  for (std::size_t k = 0; k < m.drugs(); ++k) {
    for (std::size_t first = 0; first < out.size(); ++first) {
      if (m.surface.at(first, k) != 0) continue;
      const auto axis = m.axis(k);
      const ToolCurve c = fit_tool_curve(axis, m.along(k, first), m.inhibition[first], unknown);
      for (std::size_t i = 0; i < axis.size(); ++i) {
        out[first + i * m.surface.stride(k)] +=
            (c.usable ? value(c, axis[i]) : unknown) / static_cast<double>(m.drugs());
      }
    }
  }
  return out;
}

double loewe(const Matrix& m, std::size_t i, const std::vector<ToolCurve>& curves) {
  bool reached = false;
  double total_dose = 0.0;
  for (std::size_t k = 0; k < m.drugs(); ++k) {
    reached = reached || std::isfinite(dose_for(curves[k], m.inhibition[i]));
    total_dose += m.dose(i, k);
  }
  if (!reached) {
    double best = -HUGE_VAL;
    for (const ToolCurve& c : curves) best = std::max(best, value(c, total_dose));
    return best;
  }
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const ToolCurve& c : curves) {
    low = std::min({low, c.c, c.d});
    high = std::max({high, c.c, c.d});
  }
  double nearest = HUGE_VAL, at = unknown;
  for (int s = 0; s < loewe_levels; ++s) {
    const double y = s + 1 == loewe_levels ? high : low + s * ((high - low) / (loewe_levels - 1));
    double sum = 0.0;
    for (std::size_t k = 0; k < m.drugs(); ++k) {
      const double x = m.dose(i, k);
      sum += x > 0.0 ? x / dose_for(curves[k], y) : 0.0;
    }
    const double off = std::fabs(sum - 1.0);
    if (!(off < nearest)) continue;
    nearest = off;
    at = y;
  }
  return at;
}

double product(const std::vector<double>& percent) {
  double left = 1.0;
  for (const double x : percent) left *= 1.0 - x / 100.0;
  return 100.0 * (1.0 - left);
}

void score_cells(const Matrix& m, const std::vector<ToolCurve>& curves, Compatible& out) {
  const auto fitted = zip_surface(m);
  std::array<double, reference_count> total{};
  for (std::size_t i = 0; i < m.inhibition.size(); ++i) {
    // With three drugs the tool scores pairs within the block too; its mean is over full cells.
    if (m.dosed(i) < static_cast<int>(m.drugs())) continue;
    CompatibleCell cell;
    std::vector<double> alone, on_curve;
    for (std::size_t k = 0; k < m.drugs(); ++k) {
      const std::size_t at = m.surface.at(i, k);
      cell.dose_nM[k] = m.surface.axis_nM[k][at];
      alone.push_back(m.inhibition[at * m.surface.stride(k)]);
      on_curve.push_back(value(curves[k], m.dose(i, k)));
    }
    cell.inhibition_percent = m.inhibition[i];
    cell.zip_fitted = fitted[i];
    cell.expected = {*std::max_element(alone.begin(), alone.end()),
                     product(alone),
                     loewe(m, i, curves),
                     product(on_curve)};
    for (const Reference ref : references) {
      const auto r = static_cast<std::size_t>(ref);
      const double seen = ref == Reference::zip ? cell.zip_fitted : cell.inhibition_percent;
      cell.delta[r] = seen - cell.expected[r];
      total[r] += cell.delta[r];
    }
    out.cells.push_back(cell);
  }
  for (std::size_t r = 0; r < reference_count; ++r) {
    out.summary[r] = total[r] / static_cast<double>(out.cells.size());
  }
}

/// The curves as they ended, beside what a log-logistic curve could have reached.
void describe(const Matrix& m,
              const std::vector<ToolCurve>& curves,
              const std::vector<std::string>& drugs,
              Compatible& out) {
  for (std::size_t k = 0; k < curves.size(); ++k) {
    const ToolCurve& c = curves[k];
    CompatibleCurve curve{drugs[k], c.in_logarithm ? "L.4" : "LL.4", c.b, c.c, c.d, c.e, 0.0, 0.0};
    const auto y = m.along(k, 0);
    std::vector<double> left;
    for (const double x : y) left.push_back(1.0 - x / 100.0);
    HillLimits limits;
    limits.lowest_bottom = -10.0;
    limits.highest = 10.0;
    if (!std::isnan(out.options.emin_percent)) limits.top = 1.0 - out.options.emin_percent / 100.0;
    if (!std::isnan(out.options.emax_percent)) {
      limits.bottom = 1.0 - out.options.emax_percent / 100.0;
    }
    const Hill best = fit_hill(m.surface.axis_nM[k], left, limits);
    for (std::size_t i = 0; i < y.size(); ++i) {
      curve.residual_sum += std::pow(y[i] - value(c, m.axis(k)[i]), 2);
      curve.least_sum += std::pow(100.0 * (left[i] - value(best, m.surface.axis_nM[k][i])), 2);
    }
    curve.least_sum = std::min(curve.least_sum, curve.residual_sum);
    if (!best.usable()) curve.least_sum = unknown;
    out.curves.push_back(std::move(curve));
  }
}

void explain(const Matrix& m, const PointScores& ours, Compatible& out) {
  for (const CompatibleCurve& c : out.curves) {
    if (!(c.residual_sum > 1.02 * c.least_sum + 0.01)) continue;
    out.differs.push_back("Its curve of " + c.drug + " stops at a residual sum of " +
                          rounded(c.residual_sum) + " squared points where " +
                          rounded(c.least_sum) +
                          " can be reached: the search of drc ended early. ZIP and Loewe rest on "
                          "that curve.");
  }
  if (out.options.baseline != Baseline::none) {
    out.differs.push_back(
        std::string("It shifts ") +
        (out.options.baseline == Baseline::part ? "the cells below zero inhibition"
                                                : "every cell") +
        " by the least inhibition on the single agents' curves; Kinescape scores the data as they "
        "were normalised and shows such shifts among the choices.");
  }
  if (!std::isnan(out.options.emin_percent) || !std::isnan(out.options.emax_percent)) {
    out.differs.push_back(
        "The single agents' curves have fixed plateaus, the curves along rows and columns have "
        "not, so that ZIP compares two kinds of curve.");
  }
  out.differs.push_back(
      "Its single agents each have a response without drug of their own, and its curves along rows "
      "and columns start at a measured mean with its noise; ours share one response without drug "
      "and start at the fitted curve.");
  if (ours.loewe_undefined > 0) {
    out.differs.push_back("Past the largest effect of the weaker drug no doses add up: " +
                          std::to_string(ours.loewe_undefined) + " of " +
                          std::to_string(out.cells.size()) +
                          " cells have no Loewe value here. It gives them the nearest of " +
                          std::to_string(loewe_levels) + " levels, or the higher curve.");
  } else {
    out.differs.push_back("Its Loewe is the nearest of " + std::to_string(loewe_levels) +
                          " levels, ours solves the equation.");
  }
  if (m.drugs() > 2) {
    out.differs.push_back(
        "With more than two drugs its curves start at the measured response to the others.");
  }
  out.differs.push_back(
      "It has no interval: its p value takes the cells of one matrix for independent replicates.");
}

}  // namespace

Problems CompatibleOptions::check() const {
  Problems out;
  if (emin_percent >= emax_percent) {
    out.push_back({{},
                   "the lower plateau is not below the upper one",
                   "Percent inhibition: 0 and 100 are usual.",
                   Severity::error});
  }
  if (!(unit_nM > 0.0)) {
    out.push_back({{}, "the unit of the doses is not above 0 nM", "nM, uM", Severity::error});
  }
  return out;
}

Compatible compatible_scores(const std::vector<std::string>& drugs,
                             const Surface& mean,
                             const PointScores& ours,
                             const CompatibleOptions& options) {
  Compatible out;
  out.options = options;
  const auto refuse = [&](Status status, std::string why) {
    out.status = status;
    out.why = std::move(why);
    return out;
  };
  const auto missing = std::count_if(
      mean.viability.begin(), mean.viability.end(), [](double v) { return std::isnan(v); });
  if (missing > 0) {
    return refuse(Status::not_applicable,
                  std::to_string(missing) +
                      " cells of the matrix were not measured; SynergyFinder would invent them");
  }
  if (mean.axis_nM.size() < 2 || std::any_of(mean.axis_nM.begin(),
                                             mean.axis_nM.end(),
                                             [](const auto& axis) { return axis.size() < 3; })) {
    return refuse(Status::too_few_data, "its curves need two doses of each drug");
  }
  Matrix m{mean, options.unit_nM, {}};
  for (const double v : mean.viability) m.inhibition.push_back(100.0 * (1.0 - v));
  const char* no_curve = "drc finds no curve for a single agent";
  if (!correct_baseline(m, options.baseline)) return refuse(Status::failed, no_curve);
  const auto curves = single_curves(m, options.emin_percent, options.emax_percent);
  if (!all_usable(curves)) return refuse(Status::failed, no_curve);
  score_cells(m, curves, out);
  describe(m, curves, drugs, out);
  explain(m, ours, out);
  out.status = Status::ok;
  return out;
}

}  // namespace kinescape::combination
