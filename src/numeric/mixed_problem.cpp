// SPDX-License-Identifier: Apache-2.0
// From columns of data to the groups whose covariance the model gives.
#include <cmath>
#include <map>
#include <numeric>

#include "numeric/mixed_internal.hpp"

namespace kinescape::numeric {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MixedBlock block_of(const MixedData& d,
                    const MixedProblem& problem,
                    const MixedScale& scale,
                    const VectorXd& ols,
                    const std::vector<std::size_t>& rows) {
  const auto n = static_cast<Index>(rows.size());
  MixedBlock block;
  block.rows = rows;
  block.x.resize(n, d.fixed), block.z.resize(n, d.random), block.y.resize(n);
  std::map<int, std::vector<Index>> units;
  for (Index i = 0; i < n; ++i) {
    const std::size_t row = rows[static_cast<std::size_t>(i)];
    for (Index j = 0; j < d.fixed; ++j)
      block.x(i, j) = d.x[row * static_cast<std::size_t>(d.fixed) + static_cast<std::size_t>(j)];
    for (Index j = 0; j < d.random; ++j)
      block.z(i, j) =
          d.z[row * static_cast<std::size_t>(d.random) + static_cast<std::size_t>(j)] / scale.z(j);
    block.y(i) = (d.y[row] - block.x.row(i).dot(ols)) / scale.y;
    if (problem.nested) units[d.subgroup[row]].push_back(i);
  }
  for (auto& [unit, unit_rows] : units) block.units.push_back(std::move(unit_rows));
  if (!problem.serial) return block;
  block.distance.resize(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) {
      const std::size_t a = rows[static_cast<std::size_t>(i)],
                        b = rows[static_cast<std::size_t>(j)];
      const bool together = !problem.nested || d.subgroup[a] == d.subgroup[b];
      block.distance(i, j) = together ? std::fabs(d.time[a] - d.time[b]) : -1.0;
    }
  return block;
}

MixedMoments moments_of(const MixedBlock& block, const std::vector<Index>& rows) {
  const MatrixXd z = block.z(rows, Eigen::all);
  MatrixXd xy(z.rows(), block.x.cols() + 1);
  xy << block.x(rows, Eigen::all), block.y(rows);
  return {z.transpose() * z, z.transpose() * xy, xy.transpose() * xy, z.rows()};
}

}  // namespace

MixedProblem problem_of(const MixedData& d,
                        const MixedOptions& options,
                        const MixedScale& scale,
                        const VectorXd& ols) {
  MixedProblem out;
  out.rows = static_cast<Index>(d.y.size());
  out.fixed = d.fixed, out.random = d.random;
  out.reml = options.reml, out.correlated = options.correlated;
  out.serial = options.serial_correlation, out.nested = !d.subgroup.empty();
  const Index shared = d.random - d.lone;
  for (Index a = 0; a < shared; ++a)
    for (Index b = options.correlated ? 0 : a; b <= a; ++b) out.entries.emplace_back(a, b);
  if (out.nested) out.unit_entries = out.entries;
  for (Index a = shared; a < d.random; ++a) out.entries.emplace_back(a, a);
  std::map<int, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < d.group.size(); ++i) members[d.group[i]].push_back(i);
  for (const auto& [id, rows] : members) {
    out.blocks.push_back(block_of(d, out, scale, ols, rows));
    out.blocks.back().id = id;
  }
  return out;
}

void add_moments(MixedProblem& problem) {
  if (problem.serial) return;
  std::vector<MixedMoments> groups;
  for (const MixedBlock& block : problem.blocks) {
    if (problem.nested) {
      problem.nested_moments.emplace_back();
      for (const auto& rows : block.units)
        problem.nested_moments.back().push_back(moments_of(block, rows));
    } else if (problem.random <= 4 && problem.fixed <= 23) {
      std::vector<Index> all(static_cast<std::size_t>(block.y.size()));
      std::iota(all.begin(), all.end(), Index{0});
      groups.push_back(moments_of(block, all));
    }
  }
  problem.classes = classes_of(groups);
}

}  // namespace kinescape::numeric
