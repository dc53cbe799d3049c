// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/number.hpp"
#include "immunoblot/design.hpp"

namespace kinescape::immunoblot {
namespace {

enum Draw : std::uint32_t {
  draw_load = 400,
  draw_transfer,
  draw_gain,
  draw_camera,
  draw_dust,
  draw_uneven
};

constexpr double margin_px = 60.0;  ///< Around the lanes, half of it membrane.
constexpr double seam_px = 16.0;    ///< Between strips.

double factor(Stream stream, double percent) {
  const double sd = std::sqrt(std::log1p(1e-4 * percent * percent));
  return std::exp(sd * stream.normal() - 0.5 * sd * sd);
}

/// Where things lie before the membrane is tilted.
struct Geometry {
  int width, height;
  double slope;
  double middle_x, middle_y;
  explicit Geometry(const Design& d, const Noise& n)
      : width(int(2.0 * margin_px + d.lanes * d.lane_px + (d.lanes - 1) * d.gap_px)),
        height(int(2.0 * margin_px + double(d.strips.size()) * (d.strip_px + seam_px) +
                   std::abs(std::tan(n.tilt_degrees * M_PI / 180.0)) * width +
                   std::abs(n.smile_px))),
        slope(std::tan(n.tilt_degrees * M_PI / 180.0)),
        middle_x(0.5 * width),
        middle_y(0.5 * height) {}
};

/// Membrane coordinates of a pixel.
struct Place {
  double x, y;
};

Place on_membrane(const Geometry& g, double x, double y) {
  const double dx = x - g.middle_x, dy = y - g.middle_y, c = 1.0 / std::hypot(1.0, g.slope);
  return {g.middle_x + c * (dx + g.slope * dy), g.middle_y + c * (dy - g.slope * dx)};
}

struct Peak {
  double x0, x1, y, volume, sigma, skew;
};

double lane_left(const Design& d, int lane) {
  return margin_px + lane * (d.lane_px + d.gap_px);
}

double strip_top(const Geometry& g, const Design& d, std::size_t strip) {
  const double whole = double(d.strips.size()) * (d.strip_px + seam_px) - seam_px;
  return g.middle_y - 0.5 * whole + double(strip) * (d.strip_px + seam_px);
}

double smile(const Geometry& g, const Design& d, const Noise& n, double x) {
  const double half = 0.5 * (d.lanes * d.lane_px + (d.lanes - 1) * d.gap_px);
  const double t = (x - g.middle_x) / half;
  return n.smile_px * t * t;
}

double counts_at(const Peak& p, double x, double y) {
  const double z = (y - p.y) / p.sigma;
  if (std::abs(z) > 8.0) return 0.0;
  const double soft = 1.5;  // how softly a lane ends, in pixels
  const double across =
      1.0 / (1.0 + std::exp((p.x0 - x) / soft)) / (1.0 + std::exp((x - p.x1) / soft));
  const double down = std::exp(-0.5 * z * z) / std::sqrt(2.0 * M_PI) / p.sigma *
                      std::erfc(-p.skew * z / std::sqrt(2.0));
  return p.volume / (p.x1 - p.x0) * across * down;
}

}  // namespace

Problems check(const Design& design, const Truth& truth, const Noise& noise) {
  Problems out;
  const auto wrong = [&](bool is, const char* what, const char* fix) {
    if (is) out.push_back({{}, what, fix});
  };
  wrong(
      design.strips.empty(), "there is no strip", "Add a [[strip]] with an antibody and amounts.");
  wrong(design.lanes < 1 || design.lanes > 60, "a gel has 1 to 60 lanes", "Give so many amounts.");
  wrong(truth.amounts.size() != design.strips.size(), "each strip needs its amounts", "Add them.");
  for (const auto& amounts : truth.amounts) {
    wrong(int(amounts.size()) != design.lanes,
          "strips differ in their number of amounts",
          "All strips show the same lanes.");
    wrong(std::ranges::any_of(amounts, [](double a) { return !(a >= 0.0); }),
          "an amount is below 0",
          "Mend it.");
  }
  wrong(std::abs(noise.tilt_degrees) > 10.0, "the tilt is above 10 degrees", "Keep it below.");
  wrong(design.bits != 8 && design.bits != 12 && design.bits != 16,
        "bits must be 8, 12 or 16",
        "Choose one of them.");
  return out;
}

Simulated simulate(const Design& design, const Truth& truth, const Noise& noise, Seed seed) {
  if (const auto problems = check(design, truth, noise); has_errors(problems)) {
    throw UsageError(problems.front().what);
  }
  const Geometry g(design, noise);
  Simulated out;
  std::vector<std::vector<Peak>> peaks(design.strips.size());
  for (std::size_t s = 0; s < design.strips.size(); ++s) {
    const StripDesign& strip = design.strips[s];
    const double gain = factor({seed, draw_gain, s}, noise.gain_percent);
    for (int l = 0; l < design.lanes; ++l) {
      const auto lane = std::uint64_t(l);
      double v = truth.amounts[s][lane] * strip.counts_per_amount * gain *
                 factor({seed, draw_load, lane}, noise.load_percent) *
                 factor({seed, draw_transfer, s * 1000 + lane}, noise.transfer_percent);
      if (!std::isnan(strip.depletion_counts)) v /= 1.0 + v / strip.depletion_counts;
      const double x0 = lane_left(design, l), x1 = x0 + design.lane_px;
      const double y = strip_top(g, design, s) + 0.5 * design.strip_px;
      peaks[s].push_back({x0, x1, y, v, strip.sigma_px, strip.skew});
      const double middle = 0.5 * (x0 + x1), drop = smile(g, design, noise, middle);
      out.bands.push_back({int(s) + 1,
                           l + 1,
                           strip.antibody,
                           truth.amounts[s][lane],
                           v,
                           x0,
                           x1,
                           y + drop + g.slope * (middle - g.middle_x),
                           0});
    }
  }
  Image& image = out.image;
  image.width = g.width, image.height = g.height, image.bits = design.bits;
  image.pixels.resize(std::size_t(g.width) * std::size_t(g.height));
  Stream uneven(seed, draw_uneven);
  const double a = uneven.normal(), b = uneven.normal(), c = uneven.normal();
  Stream camera(seed, draw_camera), dust(seed, draw_dust);
  const double hot = 1e-6 * noise.dust_per_megapixel;
  for (int y = 0; y < g.height; ++y) {
    for (int x = 0; x < g.width; ++x) {
      const Place p = on_membrane(g, x + 0.5, y + 0.5);
      double counts = noise.dark_counts;
      const bool across = p.x > 0.5 * margin_px && p.x < g.width - 0.5 * margin_px;
      for (std::size_t s = 0; s < design.strips.size(); ++s) {
        const double top = strip_top(g, design, s);
        if (!across || p.y < top || p.y > top + design.strip_px) continue;
        const double u = p.x / g.width - 0.5, v = p.y / g.height - 0.5;
        counts +=
            noise.membrane_counts *
            std::max(0.1, 1.0 + 0.01 * noise.uneven_percent * (a * u + b * v + 2.0 * c * u * v));
        const double drop = smile(g, design, noise, p.x);
        for (const Peak& peak : peaks[s]) counts += counts_at(peak, p.x, p.y - drop);
      }
      counts += std::sqrt(noise.floor_counts2 + noise.gain * counts) * camera.normal();
      if (dust.uniform() < hot) counts += 3000.0 + 20000.0 * dust.uniform();
      const double whole = std::clamp(std::round(counts), 0.0, double(image.largest()));
      image.pixels[std::size_t(y) * std::size_t(g.width) + std::size_t(x)] =
          static_cast<std::uint16_t>(whole);
      if (whole < image.largest()) continue;
      for (auto& band : out.bands) {
        const double near_y = p.y - smile(g, design, noise, p.x);
        const Peak& peak = peaks[std::size_t(band.strip - 1)][std::size_t(band.lane - 1)];
        if (p.x >= peak.x0 && p.x < peak.x1 && std::abs(near_y - peak.y) < 4.0 * peak.sigma)
          ++band.clipped_pixels;
      }
    }
  }
  return out;
}

std::string truth_csv(const Simulated& simulated) {
  std::ostringstream out;
  const std::vector<std::string> header{"strip",
                                        "lane",
                                        "antibody",
                                        "amount",
                                        "volume_counts",
                                        "x0_px",
                                        "x1_px",
                                        "y_centre_px",
                                        "clipped_pixels"};
  write_csv_row(out, header);
  for (const auto& b : simulated.bands) {
    const std::vector<std::string> row{std::to_string(b.strip),
                                       std::to_string(b.lane),
                                       b.antibody,
                                       exact(b.amount),
                                       exact(b.volume_counts),
                                       exact(b.x0),
                                       exact(b.x1),
                                       exact(b.y_centre),
                                       std::to_string(b.clipped_pixels)};
    write_csv_row(out, row);
  }
  return out.str();
}

}  // namespace kinescape::immunoblot
