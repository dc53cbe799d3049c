// SPDX-License-Identifier: Apache-2.0
// The numbers that are read off fitted curves, as the profile holds them.
#include "dose_response/fit.hpp"

namespace kinescape::dose_response {

using enum Parameter;

Scalar parameter_of(Parameter p, std::size_t group) {
  Scalar s;
  s.name = "parameter";
  s.value = [=](std::span<const Curve> c) { return c[group][p]; };
  s.is_parameter = true;
  s.parameter = p;
  s.group = group;
  const bool dose = p == log10_ec50 || p == log10_ec50_b;
  const bool response = p == top || p == bottom;
  s.unit = dose       ? Scalar::Unit::log10_dose
           : response ? Scalar::Unit::response
                      : Scalar::Unit::other;
  return s;
}

Scalar log10_relative_ic(double x, std::size_t group) {
  Scalar s;
  s.name = "log10_relative_ic";
  s.value = [=](std::span<const Curve> c) { return log10_relative_ic_nM(c[group], x); };
  return s;
}

Scalar log10_dose_at(double level, std::size_t group) {
  Scalar s;
  s.name = "log10_dose_at";
  s.value = [=](std::span<const Curve> c) { return log10_dose_at_nM(c[group], level); };
  s.equation = [=](std::span<const Curve> c, double at) {
    return value_at_log10(c[group], at) - level;
  };
  s.unit = Scalar::Unit::response;
  return s;
}

Scalar response_at(double dose_nM, std::size_t group) {
  Scalar s;
  s.name = "response_at";
  s.value = [=](std::span<const Curve> c) { return value(c[group], dose_nM); };
  s.unit = Scalar::Unit::response;
  return s;
}

Scalar area(double low_nM, double high_nM, std::size_t group) {
  Scalar s;
  s.name = "area";
  s.value = [=](std::span<const Curve> c) { return normalised_auc(c[group], low_nM, high_nM); };
  s.unit = Scalar::Unit::response;
  return s;
}

Scalar log10_fold(std::size_t a, std::size_t b) {
  Scalar s;
  s.name = "log10_fold";
  s.value = [=](std::span<const Curve> c) {
    return log10_relative_ic_nM(c[a], 0.5) - log10_relative_ic_nM(c[b], 0.5);
  };
  s.lowest = -12.0;
  s.highest = 12.0;
  return s;
}

}  // namespace kinescape::dose_response
