// SPDX-License-Identifier: Apache-2.0
/// \file The picture as signal: bright bands on a dark ground, dust removed, its noise known.
#pragma once

#include <cstddef>
#include <vector>

#include "immunoblot/image.hpp"

namespace kinescape::immunoblot {

/// Values of a picture, row by row.
struct Plane {
  int width = 0, height = 0;
  std::vector<float> v;
  Plane() = default;
  Plane(int w, int h)
      : width(w), height(h), v(static_cast<std::size_t>(w) * static_cast<std::size_t>(h)) {}
  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(x);
  }
  float& at(int x, int y) { return v[index(x, y)]; }
  [[nodiscard]] float at(int x, int y) const { return v[index(x, y)]; }
};

/// Camera noise: variance of a pixel = floor + gain x level.
struct PixelNoise {
  double floor = 1.0, gain = 0.0;
  [[nodiscard]] double variance(double level) const;
};

struct Signal {
  Plane plane;  ///< Bright bands; dust replaced by the median of its surroundings.
  PixelNoise noise;
  double largest = 0.0;   ///< The value of a clipped pixel.
  bool inverted = false;  ///< plane = largest - pixel.
  std::size_t dust = 0;   ///< Pixels replaced.
};

enum class Polarity { automatic, bright, dark };

[[nodiscard]] Signal signal_of(const Image& image, Polarity polarity);

/// Mean of k x k pixels.
[[nodiscard]] Plane binned(const Plane& plane, int k);

/// Gaussian smoothing along x or y; the edge is continued. `order` 0, or 2 for the second
/// derivative.
void smooth_x(Plane& plane, double sigma);
[[nodiscard]] Plane smoothed_y(const Plane& plane, double sigma, int order);
[[nodiscard]] std::vector<double> smoothed(const std::vector<double>& v,
                                           double sigma,
                                           int order = 0);

[[nodiscard]] double quantile_of(std::vector<double> v, double p);
[[nodiscard]] double median_of(std::vector<double> v);

}  // namespace kinescape::immunoblot
