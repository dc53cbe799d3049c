// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "immunoblot/plane_internal.hpp"

namespace kinescape::immunoblot {
namespace {

float median9(std::array<float, 9> a) {
  std::nth_element(a.begin(), a.begin() + 4, a.end());
  return a[4];
}

/// Median of the 3 x 3 pixels about each; edge pixels keep their value.
Plane median3(const Plane& in) {
  Plane out = in;
  for (int y = 1; y + 1 < in.height; ++y) {
    for (int x = 1; x + 1 < in.width; ++x) {
      std::array<float, 9> a;
      std::size_t n = 0;
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) a[n++] = in.at(x + dx, y + dy);
      }
      out.at(x, y) = median9(a);
    }
  }
  return out;
}

/// Second differences along x against the level, in classes of equal size: their robust variance
/// rises linearly with the level where photons are counted. Weighted least squares, both
/// coefficients at least 0.
PixelNoise noise_of(const Plane& plane) {
  struct Pair {
    float level, difference;
  };
  std::vector<Pair> pairs;
  const std::size_t step = std::max<std::size_t>(1, plane.v.size() / 400'000);
  for (std::size_t i = 1; i + 1 < plane.v.size(); i += step) {
    const auto column = i % static_cast<std::size_t>(plane.width);
    if (column == 0 || column + 1 == static_cast<std::size_t>(plane.width)) continue;
    const float a = plane.v[i - 1], b = plane.v[i], c = plane.v[i + 1];
    pairs.push_back({(a + b + c) / 3.0F, std::abs(a - 2.0F * b + c) / std::sqrt(6.0F)});
  }
  PixelNoise noise;
  if (pairs.size() < 200) return noise;
  std::ranges::sort(pairs, {}, &Pair::level);
  const std::size_t classes = 24, size = pairs.size() / classes;
  double sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    std::vector<double> level, difference;
    for (std::size_t i = k * size; i < (k + 1) * size; ++i) {
      level.push_back(static_cast<double>(pairs[i].level));
      difference.push_back(static_cast<double>(pairs[i].difference));
    }
    // Whole numbers tie at zero difference: never below the variance of rounding.
    const double sd = std::max(1.4826 * median_of(std::move(difference)), std::sqrt(1.0 / 12.0));
    const double x = median_of(std::move(level)), y = sd * sd, w = 1.0 / (y * y);
    sw += w, sx += w * x, sy += w * y, sxx += w * x * x, sxy += w * x * y;
  }
  const double determinant = sw * sxx - sx * sx;
  noise.gain = determinant > 0.0 ? std::max(0.0, (sw * sxy - sx * sy) / determinant) : 0.0;
  noise.floor = (sy - noise.gain * sx) / sw;
  if (noise.floor < 1.0 / 12.0) {
    noise.floor = 1.0 / 12.0;
    noise.gain = std::max(0.0, (sxy - noise.floor * sx) / sxx);
  }
  return noise;
}

std::vector<double> kernel(double sigma, int order) {
  const int radius = std::max(1, static_cast<int>(std::ceil(3.5 * sigma)));
  std::vector<double> k(static_cast<std::size_t>(2 * radius + 1));
  double sum = 0.0;
  for (int i = -radius; i <= radius; ++i) {
    const double z = i / sigma;
    sum += k[static_cast<std::size_t>(i + radius)] = std::exp(-0.5 * z * z);
  }
  for (double& x : k) x /= sum;
  if (order == 0) return k;
  for (int i = -radius; i <= radius; ++i) {
    const double z = i / sigma;
    k[static_cast<std::size_t>(i + radius)] *= (z * z - 1.0) / (sigma * sigma);
  }
  double mean = 0.0;
  for (const double x : k) mean += x;
  mean /= static_cast<double>(k.size());
  for (double& x : k) x -= mean;  // a constant has no second derivative
  return k;
}

}  // namespace

double PixelNoise::variance(double level) const {
  return floor + gain * std::max(level, 0.0);
}

double quantile_of(std::vector<double> v, double p) {
  if (v.empty()) return 0.0;
  const auto at = static_cast<std::size_t>(p * static_cast<double>(v.size() - 1) + 0.5);
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(at), v.end());
  return v[at];
}

double median_of(std::vector<double> v) {
  return quantile_of(std::move(v), 0.5);
}

Signal signal_of(const Image& image, Polarity polarity) {
  Signal out;
  out.largest = image.largest();
  out.plane = Plane(image.width, image.height);
  std::vector<double> sample;
  const std::size_t step = std::max<std::size_t>(1, image.pixels.size() / 200'000);
  for (std::size_t i = 0; i < image.pixels.size(); i += step) {
    sample.push_back(static_cast<double>(image.pixels[i]));
  }
  if (polarity == Polarity::automatic) {
    // Bands are a small part of the picture and far from its middle.
    const double middle = median_of(sample);
    const double above = quantile_of(sample, 0.995) - middle;
    const double below = middle - quantile_of(sample, 0.005);
    polarity = above >= below ? Polarity::bright : Polarity::dark;
  }
  out.inverted = polarity == Polarity::dark;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const auto value = static_cast<float>(image.pixels[i]);
    out.plane.v[i] = out.inverted ? static_cast<float>(out.largest) - value : value;
  }
  out.noise = noise_of(out.plane);
  const Plane middle = median3(out.plane);
  for (std::size_t i = 0; i < out.plane.v.size(); ++i) {
    const double m = static_cast<double>(middle.v[i]), d = static_cast<double>(out.plane.v[i]) - m;
    if (d * d > 49.0 * out.noise.variance(m) && std::abs(d) > 0.1 * m) {
      out.plane.v[i] = middle.v[i];
      ++out.dust;
    }
  }
  return out;
}

Plane binned(const Plane& plane, int k) {
  if (k <= 1) return plane;
  Plane out(plane.width / k, plane.height / k);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      float sum = 0.0F;
      for (int dy = 0; dy < k; ++dy) {
        for (int dx = 0; dx < k; ++dx) sum += plane.at(x * k + dx, y * k + dy);
      }
      out.at(x, y) = sum / static_cast<float>(k * k);
    }
  }
  return out;
}

void smooth_x(Plane& plane, double sigma) {
  const auto k = kernel(sigma, 0);
  const int radius = static_cast<int>(k.size() / 2), w = plane.width;
  std::vector<float> padded(static_cast<std::size_t>(w + 2 * radius));
  std::vector<float> weights(k.begin(), k.end());
  for (int y = 0; y < plane.height; ++y) {
    float* row = plane.v.data() + plane.index(0, y);
    for (int i = 0; i < w + 2 * radius; ++i) {
      padded[static_cast<std::size_t>(i)] = row[std::clamp(i - radius, 0, w - 1)];
    }
    std::fill_n(row, w, 0.0F);
    for (std::size_t j = 0; j < weights.size(); ++j) {
      const float* from = padded.data() + j;
      for (int x = 0; x < w; ++x) row[x] += weights[j] * from[x];
    }
  }
}

Plane smoothed_y(const Plane& plane, double sigma, int order) {
  const auto k = kernel(sigma, order);
  const int radius = static_cast<int>(k.size() / 2);
  Plane out(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y) {
    float* to = out.v.data() + out.index(0, y);
    for (std::size_t j = 0; j < k.size(); ++j) {
      const int from_y = std::clamp(y + static_cast<int>(j) - radius, 0, plane.height - 1);
      const float* from = plane.v.data() + plane.index(0, from_y);
      const auto weight = static_cast<float>(k[j]);
      for (int x = 0; x < plane.width; ++x) to[x] += weight * from[x];
    }
  }
  return out;
}

std::vector<double> smoothed(const std::vector<double>& v, double sigma, int order) {
  const auto k = kernel(sigma, order);
  const auto radius = static_cast<std::ptrdiff_t>(k.size() / 2);
  const auto n = static_cast<std::ptrdiff_t>(v.size());
  std::vector<double> out(v.size(), 0.0);
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t j = -radius; j <= radius; ++j) {
      out[static_cast<std::size_t>(i)] +=
          k[static_cast<std::size_t>(j + radius)] *
          v[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i + j, 0, n - 1))];
    }
  }
  return out;
}

}  // namespace kinescape::immunoblot
