// SPDX-License-Identifier: Apache-2.0
// One search for all surfaces: wells of all repeats, each repeat with its own vehicle level and
// potencies, variance weights from the residuals, and the profile of each interaction.
#include "combination/surface.hpp"

#include <algorithm>
#include <cmath>

#include "combination/descent_internal.hpp"
#include "combination/hill_internal.hpp"
#include "combination/models_internal.hpp"
#include "combination/surface_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::combination {
namespace {

constexpr std::size_t shifts = 3;  // of a repeat: ln level, ln potency of a and of b

std::vector<SurfaceRow> rows_of(const Cells& cells) {
  std::vector<SurfaceRow> rows;
  const auto& axis = cells.mean.axis_nM;
  for (std::size_t r = 0; r < cells.repeats(); ++r) {
    for (std::size_t i = 0; i < cells.mean.size(); ++i) {
      const int n = cells.wells[r][i];
      if (n == 0) continue;
      const auto log_dose = [&](std::size_t k) {
        const std::size_t at = cells.mean.at(i, k);
        return at == 0 ? -HUGE_VAL : std::log(axis[k][at]);
      };
      rows.push_back({log_dose(0),
                      log_dose(1),
                      cells.of_repeat[r][i],
                      std::sqrt(static_cast<double>(n)),
                      r,
                      n});
    }
  }
  return rows;
}

/// Keeps the midpoints near the doses: beyond, the data hold nothing on them.
void narrow(const Cells& cells, const ModelSpec& spec, DescentOptions& o) {
  for (std::size_t k = 0; k < 2; ++k) {
    const auto& axis = cells.mean.axis_nM[k];
    const std::size_t at = k == 0 ? spec.log_c1 : spec.log_c2;
    o.lower[at] = std::log(axis[1]) - 6.9;
    o.upper[at] = std::log(axis.back()) + 6.9;
  }
}

std::vector<double> start_of(Model model, const std::vector<Hill>& h, const Surface& s) {
  const double corner = s.viability.back();
  const double strong = std::min(h[0].bottom, h[1].bottom), top = h[0].top;
  const double span = std::max(top - strong, 0.05);
  const double beta = std::isnan(corner) ? 0.0 : std::clamp((strong - corner) / span, -1.0, 1.0);
  const double l0 = std::log(h[0].slope), l1 = std::log(h[1].slope);
  switch (model) {
    case Model::musyc:
      return {top, h[0].bottom, h[1].bottom, beta, l0, l1, h[0].log_c, h[1].log_c, 0, 0, 0, 0};
    case Model::braid:
      return {top, h[0].bottom, h[1].bottom, l0, l1, h[0].log_c, h[1].log_c, 0};
    case Model::zimmer:
      return {top, l0, l1, h[0].log_c, h[1].log_c, 0, 0};
  }
  return {};
}

/// Other places to start the interaction from; the optimum need not lie in the first valley.
std::vector<std::vector<double>> starts_of(Model model, const std::vector<double>& first) {
  std::vector<std::vector<double>> out{first};
  const auto with = [&](std::initializer_list<std::pair<std::size_t, double>> changes) {
    out.push_back(first);
    for (const auto& [at, value] : changes) out.back()[at] = value;
  };
  if (model == Model::musyc) {
    with({{8, 1.5}, {9, 1.5}});
    with({{8, -1.5}, {9, -1.5}});
    with({{8, 2.5}, {9, -1.0}});
    with({{8, -1.0}, {9, 2.5}});
  } else if (model == Model::braid) {
    with({{7, 2.0}});
    with({{7, -0.8}});
  } else {
    with({{5, -0.6}, {6, -0.6}});
    with({{5, 1.0}, {6, 1.0}});
  }
  return out;
}

double deviance(const std::vector<SurfaceRow>& rows,
                const std::vector<double>& fitted,
                double a,
                double b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double off = rows[i].y - fitted[i], v = a + b * fitted[i] * fitted[i];
    sum += std::log(v) + rows[i].wells * off * off / v;
  }
  return sum;
}

/// Variance a^2 + b^2 v^2 through the squared residuals, each worth its own inverse square; only
/// where the residuals ask for it (likelihood ratio at 5 %), since estimated weights cost too.
/// Gives the share of the constant part at full viability.
double reweigh(std::vector<SurfaceRow>& rows, const std::vector<double>& fitted, double before) {
  double a = 1.0, b = 0.0;
  for (int round = 0; round < 4; ++round) {
    double s00 = 0, s01 = 0, s11 = 0, t0 = 0, t1 = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double x = fitted[i] * fitted[i], v = a + b * x, w = 1.0 / (v * v);
      const double off = rows[i].y - fitted[i], y = rows[i].wells * off * off;
      s00 += w;
      s01 += w * x;
      s11 += w * x * x;
      t0 += w * y;
      t1 += w * x * y;
    }
    const double det = s00 * s11 - s01 * s01;
    if (!(det > 0.0)) return before;
    a = (t0 * s11 - t1 * s01) / det;
    b = (t1 * s00 - t0 * s01) / det;
    if (b < 0.0) {
      a = t0 / s00;
      b = 0.0;
    } else if (a < 0.0) {
      b = t1 / s11;
      a = 0.0;
    }
    const double least = 0.02 * (a + b);  // no cell counts fifty times as much as a vehicle well
    a = std::max(a, least);
    if (!(a > 0.0)) return before;
  }
  double same = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double off = rows[i].y - fitted[i];
    same += rows[i].wells * off * off / static_cast<double>(rows.size());
  }
  if (deviance(rows, fitted, same, 0.0) - deviance(rows, fitted, a, b) < 3.84) {
    for (SurfaceRow& row : rows) row.weight = std::sqrt(static_cast<double>(row.wells));
    return 1.0;
  }
  const double unit = a + b;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].weight = std::sqrt(rows[i].wells * unit / (a + b * fitted[i] * fitted[i]));
  }
  return a / unit;
}

}  // namespace

bool SurfaceProblem::operator()(const double* p, double* r, double* jacobian) const {
  const std::size_t k = spec->parameters.size(), all = width();
  double g[16];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const SurfaceRow& row = rows[i];
    double level = 0.0, da = 0.0, db = 0.0;
    const bool last = repeats > 1 && row.repeat + 1 == repeats;
    const double* own = p + k + shifts * row.repeat;
    if (repeats > 1 && !last) {
      level = own[0];
      da = own[1];
      db = own[2];
    } else if (last) {  // the shifts sum to zero over repeats
      for (std::size_t q = 0; q + 1 < repeats; ++q) {
        level -= p[k + shifts * q];
        da -= p[k + shifts * q + 1];
        db -= p[k + shifts * q + 2];
      }
    }
    const double scale = std::exp(level);
    const double e = spec->evaluate(p, row.log_a - da, row.log_b - db, jacobian ? g : nullptr);
    if (!std::isfinite(e)) return false;
    r[i] = row.weight * (scale * e - row.y);
    if (!jacobian) continue;
    double* d = jacobian + i * all;
    std::fill(d, d + all, 0.0);
    const double w = row.weight * scale;
    for (std::size_t j = 0; j < k; ++j) d[j] = w * g[j];
    if (repeats < 2) continue;
    const double own_shift[shifts] = {w * e, w * g[spec->log_c1], w * g[spec->log_c2]};
    for (std::size_t q = 0; q + 1 < repeats; ++q) {
      if (!last && q != row.repeat) continue;
      for (std::size_t s = 0; s < shifts; ++s) {
        d[k + shifts * q + s] = last ? -own_shift[s] : own_shift[s];
      }
    }
  }
  return true;
}

SurfaceProblem surface_problem(Model model, const Cells& cells) {
  const ModelSpec& spec = spec_of(model);
  SurfaceProblem p{&spec, rows_of(cells), cells.repeats(), {}};
  std::vector<bool> there(cells.repeats(), false);
  for (const SurfaceRow& row : p.rows) there[row.repeat] = true;
  if (std::count(there.begin(), there.end(), false) > 0) p.repeats = 1;
  for (const ModelParameter& q : spec.parameters) {
    p.bounds.lower.push_back(q.lower);
    p.bounds.upper.push_back(q.upper);
  }
  if (cells.mean.axis_nM[0].size() > 1 && cells.mean.axis_nM[1].size() > 1) {
    narrow(cells, spec, p.bounds);
  }
  p.bounds.lower.resize(p.width(), -2.0);
  p.bounds.upper.resize(p.width(), 2.0);
  p.bounds.tolerance = 1e-9;
  return p;
}

SurfaceFit fit_surface(Model model, const Cells& cells, const SurfaceOptions& options) {
  SurfaceFit out;
  out.model = model;
  const auto refuse = [&](Status status, const char* why) {
    out.status = status;
    out.why = why;
    for (const ModelParameter& p : spec_of(model).parameters) {
      SurfaceParameter q{std::string(p.key), {}, p.interaction};
      q.estimate.status = status;
      q.estimate.why = why;
      q.estimate.level = options.level;
      q.estimate.method = std::string(name(model));
      out.parameters.push_back(q);
    }
    return out;
  };
  if (cells.mean.axis_nM.size() != 2) return refuse(Status::not_applicable, "two drugs only");
  SurfaceProblem problem = surface_problem(model, cells);
  if (problem.rows.size() < problem.width() + 2 || cells.mean.axis_nM[0].size() < 4 ||
      cells.mean.axis_nM[1].size() < 4) {
    return refuse(Status::too_few_data,
                  "a surface needs three doses of each drug and more cells than parameters");
  }
  const auto agents = fit_agents(cells.mean, options.floor);
  if (!agents[0].usable() || !agents[1].usable()) {
    return refuse(Status::too_few_data, "a single agent was measured at fewer than three doses");
  }
  const bool plateaus = model != Model::zimmer;  // the effective-dose model runs to 0 by itself
  auto& lower = problem.bounds.lower;
  if (plateaus) lower[1] = lower[2] = options.floor < 0.0 ? -1.5 : -0.1;
  if (options.full_range) {
    problem.bounds.held.assign(problem.width(), 0);
    problem.bounds.held[0] = 1;
    if (plateaus) problem.bounds.held[1] = problem.bounds.held[2] = 1;
  }
  Descent best;
  for (auto& start : starts_of(model, start_of(model, agents, cells.mean))) {
    start.resize(problem.width(), 0.0);
    if (options.full_range) start[0] = 1.0;
    if (options.full_range && plateaus) start[1] = start[2] = options.floor;
    DescentOptions coarse = problem.bounds;
    coarse.tolerance = 1e-5;
    const Descent d = descend(problem, problem.rows.size(), start, coarse);
    if (!(d.sum >= best.sum)) best = d;
  }
  for (int round = 0; round < 3; ++round) {
    best = descend(problem, problem.rows.size(), best.at, problem.bounds);
    if (round == 2 || problem.rows.size() < problem.width() + 20) break;
    std::vector<double> r(problem.rows.size()), fitted(r.size());
    problem(best.at.data(), r.data(), nullptr);
    for (std::size_t i = 0; i < r.size(); ++i) {
      fitted[i] = problem.rows[i].y + r[i] / problem.rows[i].weight;
    }
    out.constant_share = reweigh(problem.rows, fitted, out.constant_share);
  }
  if (!std::isfinite(best.sum)) return refuse(Status::failed, "the search found no surface");
  out.status = Status::ok;
  describe_fit(problem, best, agents, cells, options, out);
  return out;
}

double predict(const SurfaceFit& fit, double dose_a_nM, double dose_b_nM) {
  if (!fit.usable()) return unknown;
  return spec_of(fit.model).evaluate(fit.at.data(),
                                     dose_a_nM > 0.0 ? std::log(dose_a_nM) : -HUGE_VAL,
                                     dose_b_nM > 0.0 ? std::log(dose_b_nM) : -HUGE_VAL,
                                     nullptr);
}

double interaction_points(const SurfaceFit& fit, const Surface& surface) {
  if (!fit.usable() || surface.axis_nM.size() != 2) return unknown;
  const ModelSpec& spec = spec_of(fit.model);
  std::vector<double> without = fit.at;
  for (std::size_t j = 0; j < spec.parameters.size(); ++j) {
    if (spec.parameters[j].interaction) without[j] = 0.0;  // as the search holds them
  }
  double sum = 0.0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < surface.size(); ++i) {
    if (surface.at(i, 0) == 0 || surface.at(i, 1) == 0 || std::isnan(surface.viability[i]))
      continue;
    const double a = std::log(surface.axis_nM[0][surface.at(i, 0)]);
    const double b = std::log(surface.axis_nM[1][surface.at(i, 1)]);
    sum +=
        spec.evaluate(without.data(), a, b, nullptr) - spec.evaluate(fit.at.data(), a, b, nullptr);
    ++n;
  }
  return n > 0 ? 100.0 * sum / static_cast<double>(n) : unknown;
}

double potency_variance(const SurfaceFit& fit, std::size_t repeats) {
  const std::size_t k = spec_of(fit.model).parameters.size();
  if (!fit.usable() || repeats < 2 || fit.at.size() != k + shifts * (repeats - 1)) return unknown;
  double sum = 0.0;
  for (std::size_t s = 1; s < shifts; ++s) {  // the shifts sum to zero over repeats
    double last = 0.0;
    for (std::size_t q = 0; q + 1 < repeats; ++q) {
      const double shift = fit.at[k + shifts * q + s];
      sum += shift * shift;
      last -= shift;
    }
    sum += last * last;
  }
  return sum / (2.0 * static_cast<double>(repeats - 1));
}

const Estimated* SurfaceFit::find(std::string_view wanted) const {
  for (const SurfaceParameter& p : parameters) {
    if (p.key == wanted) return &p.estimate;
  }
  return nullptr;
}

}  // namespace kinescape::combination
