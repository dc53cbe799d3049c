// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "immunoblot/plane_internal.hpp"

namespace kinescape::immunoblot {
namespace {

/// Median of nine by exchanges (Paeth 1990, Graphics Gems): no branches, so that a row of pixels is
/// done eight at a time.
std::int16_t median9(std::array<std::int16_t, 9> v) {
  const auto order = [&](std::size_t a, std::size_t b) {
    const std::int16_t low = std::min(v[a], v[b]), high = std::max(v[a], v[b]);
    v[a] = low, v[b] = high;
  };
  order(1, 2), order(4, 5), order(7, 8), order(0, 1), order(3, 4), order(6, 7);
  order(1, 2), order(4, 5), order(7, 8), order(0, 3), order(5, 8), order(4, 7);
  order(3, 6), order(1, 4), order(2, 5), order(4, 7), order(4, 2), order(6, 4);
  order(4, 2);
  return v[4];
}

/// Median of the 3 x 3 pixels about each of row y, in [1, width - 1). Values less 32768, so that
/// they are signed: the machine has minima of those.
void median3(const std::vector<std::int16_t>& in,
             int width,
             int y,
             std::vector<std::int16_t>& out) {
  const auto w = static_cast<std::size_t>(width);
  const std::int16_t* b = in.data() + static_cast<std::size_t>(y) * w;
  const std::int16_t *a = b - w, *c = b + w;
  std::int16_t* to = out.data();
  for (std::size_t x = 1; x + 1 < w; ++x) {
    to[x] = median9({a[x - 1], a[x], a[x + 1], b[x - 1], b[x], b[x + 1], c[x - 1], c[x], c[x + 1]});
  }
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
  constexpr std::size_t classes = 24;
  const std::size_t size = pairs.size() / classes;
  // Classes, not their order within.
  for (std::size_t k = 0; k + 1 < classes; ++k) {
    const auto from = pairs.begin() + std::ptrdiff_t(k * size);
    std::ranges::nth_element(from, from + std::ptrdiff_t(size), pairs.end(), {}, &Pair::level);
  }
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
  std::vector<double> k(2 * static_cast<std::size_t>(radius) + 1);
  double sum = 0.0;
  const auto at = [&](std::size_t i) { return (static_cast<double>(i) - radius) / sigma; };
  for (std::size_t i = 0; i < k.size(); ++i) sum += k[i] = std::exp(-0.5 * at(i) * at(i));
  for (double& x : k) x /= sum;
  if (order == 0) return k;
  for (std::size_t i = 0; i < k.size(); ++i) k[i] *= (at(i) * at(i) - 1.0) / (sigma * sigma);
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
  const auto at = static_cast<std::size_t>(std::llround(p * static_cast<double>(v.size() - 1)));
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
  std::vector<std::int16_t> shifted(image.pixels.size());
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const int value = out.inverted ? image.largest() - image.pixels[i] : image.pixels[i];
    out.plane.v[i] = static_cast<float>(value);
    shifted[i] = static_cast<std::int16_t>(value - 32768);
  }
  out.noise = noise_of(out.plane);
  std::vector<std::int16_t> middle(static_cast<std::size_t>(image.width));
  for (int y = 1; y + 1 < image.height; ++y) {
    median3(shifted, image.width, y, middle);
    for (int x = 1; x + 1 < image.width; ++x) {
      float& value = out.plane.at(x, y);
      const float usual = static_cast<float>(middle[static_cast<std::size_t>(x)]) + 32768.0F;
      const double m = static_cast<double>(usual), d = static_cast<double>(value) - m;
      if (d * d > 49.0 * out.noise.variance(m) && std::abs(d) > 0.1 * m) {
        value = usual;
        ++out.dust;
      }
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
