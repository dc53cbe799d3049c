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
  draw_uneven,
  draw_migration,
  draw_protein
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

struct DrawnBand {
  double x0, x1, y, volume, sigma, skew;
  std::size_t of;  ///< Which of the truth's bands it belongs to.
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

double counts_at(const DrawnBand& p, double x, double y) {
  const double z = (y - p.y) / p.sigma;
  if (std::abs(z) > 8.0 || x < p.x0 - 60.0 || x > p.x1 + 60.0) return 0.0;
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
  wrong(!design.loads.empty() && int(design.loads.size()) != design.lanes,
        "loads and amounts differ in number",
        "Give a load for each lane.");
  wrong(design.marker_lane < 0 || design.marker_lane > design.lanes,
        "the marker's lane is not on the gel",
        "Lanes count from 1.");
  wrong((design.marker_lane > 0) == design.marker_masses_kDa.empty(),
        "a marker needs its lane and its masses",
        "Give marker_lane and marker_masses_kDa, or neither.");
  for (const StripDesign& s : design.strips) {
    wrong(!(s.top_kDa > s.bottom_kDa),
          "a strip's top_kDa is not above its bottom_kDa",
          "Heavy proteins stay at the top.");
    wrong(s.mass_kDa > s.top_kDa || s.mass_kDa < s.bottom_kDa,
          "a strip's protein does not run on it",
          "Its mass_kDa lies between bottom_kDa and top_kDa.");
  }
  wrong(std::abs(noise.tilt_degrees) > 10.0, "the tilt is above 10 degrees", "Keep it below.");
  wrong(design.bits != 8 && design.bits != 12 && design.bits != 16,
        "bits must be 8, 12 or 16",
        "Choose one of them.");
  return out;
}

namespace {

/// Row of a mass on a strip: nearly linear in its logarithm, as gels are.
double row_of(const StripDesign& strip, const Design& d, double top_y, double mass_kDa) {
  const double u = std::log(strip.top_kDa / mass_kDa) / std::log(strip.top_kDa / strip.bottom_kDa);
  return top_y + d.strip_px * (0.06 + 0.88 * (u + 0.15 * u * (1.0 - u)));
}

/// Draws all bands of one strip, lane by lane.
class StripDrawer {
 public:
  StripDrawer(const Design& d, const Truth& t, const Noise& n, Seed seed, std::size_t s)
      : design_(d), truth_(t), noise_(n), seed_(seed), s_(s), g_(d, n), strip_(d.strips[s]) {
    gain_ = factor({seed, draw_gain, s}, noise_.gain_percent);
    top_ = strip_top(g_, d, s);
  }

  void draw(Simulated& out, std::vector<DrawnBand>& drawn) {
    for (int l = 0; l < design_.lanes; ++l) {
      if (l + 1 == design_.marker_lane) {
        for (std::size_t k = 0; k < design_.marker_masses_kDa.size(); ++k) {
          const double mass = design_.marker_masses_kDa[k];
          if (mass > strip_.bottom_kDa && mass < strip_.top_kDa)
            add(out, drawn, l, 0.5, 0.5 * strip_.counts_per_amount * gain_, mass, k + 1);
        }
      } else if (strip_.proteins > 0) {
        add_stain(out, drawn, l);
      } else {
        add(out,
            drawn,
            l,
            truth_.amounts[s_][std::size_t(l)],
            volume_of_lane(l),
            strip_.mass_kDa,
            0);
      }
    }
  }

 private:
  [[nodiscard]] double volume_of_lane(int l) const {
    const auto lane = std::uint64_t(l);
    double v = truth_.amounts[s_][lane] * strip_.counts_per_amount * gain_ *
               factor({seed_, draw_load, lane}, noise_.load_percent) *
               factor({seed_, draw_transfer, s_ * 1000 + lane}, noise_.transfer_percent);
    if (!design_.loads.empty()) v *= design_.loads[lane];
    if (!std::isnan(strip_.depletion_counts)) v /= 1.0 + v / strip_.depletion_counts;
    return v;
  }

  void add(Simulated& out,
           std::vector<DrawnBand>& drawn,
           int l,
           double amount,
           double volume,
           double mass,
           std::size_t which) {
    const double x0 = lane_left(design_, l), x1 = x0 + design_.lane_px, middle = 0.5 * (x0 + x1);
    double y =
        std::isnan(mass) ? top_ + 0.5 * design_.strip_px : row_of(strip_, design_, top_, mass);
    if (noise_.migration_px > 0.0) {
      const std::uint64_t band = (s_ * 1000 + std::uint64_t(l)) * 100 + which;
      y += noise_.migration_px * Stream(seed_, draw_migration, band).normal();
    }
    drawn.push_back({x0, x1, y, volume, strip_.sigma_px, strip_.skew, out.bands.size()});
    const double drop = smile(g_, design_, noise_, middle);
    out.bands.push_back({int(s_) + 1,
                         l + 1,
                         strip_.antibody,
                         amount,
                         volume,
                         x0,
                         x1,
                         y + drop + g_.slope * (middle - g_.middle_x),
                         0,
                         mass});
  }

  /// Proteins of shares that are the same in all lanes; the truth holds their sum.
  void add_stain(Simulated& out, std::vector<DrawnBand>& drawn, int l) {
    std::vector<double> share;
    double sum = 0.0;
    for (int k = 0; k < strip_.proteins; ++k) {
      share.push_back(
          std::exp(0.8 * Stream(seed_, draw_protein, s_ * 1000 + std::uint64_t(k)).normal()));
      sum += share.back();
    }
    const double x0 = lane_left(design_, l), x1 = x0 + design_.lane_px, total = volume_of_lane(l);
    for (int k = 0; k < strip_.proteins; ++k) {
      const double mass = strip_.top_kDa *
                          std::pow(strip_.bottom_kDa / strip_.top_kDa, (k + 0.5) / strip_.proteins);
      drawn.push_back({x0,
                       x1,
                       row_of(strip_, design_, top_, mass),
                       total * share[std::size_t(k)] / sum,
                       strip_.sigma_px,
                       strip_.skew,
                       out.bands.size()});
    }
    const double middle = 0.5 * (x0 + x1);
    out.bands.push_back({int(s_) + 1,
                         l + 1,
                         strip_.antibody,
                         truth_.amounts[s_][std::size_t(l)],
                         total,
                         x0,
                         x1,
                         top_ + 0.5 * design_.strip_px + smile(g_, design_, noise_, middle) +
                             g_.slope * (middle - g_.middle_x),
                         0});
  }

  const Design& design_;
  const Truth& truth_;
  const Noise& noise_;
  Seed seed_;
  std::size_t s_;
  Geometry g_;
  const StripDesign& strip_;
  double gain_ = 1.0, top_ = 0.0;
};

}  // namespace

Simulated simulate(const Design& design, const Truth& truth, const Noise& noise, Seed seed) {
  if (const auto problems = check(design, truth, noise); has_errors(problems)) {
    throw UsageError(problems.front().what);
  }
  const Geometry g(design, noise);
  Simulated out;
  std::vector<std::vector<DrawnBand>> peaks(design.strips.size());
  for (std::size_t s = 0; s < design.strips.size(); ++s)
    StripDrawer(design, truth, noise, seed, s).draw(out, peaks[s]);
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
        for (const DrawnBand& peak : peaks[s]) counts += counts_at(peak, p.x, p.y - drop);
      }
      counts += std::sqrt(noise.floor_counts2 + noise.gain * counts) * camera.normal();
      if (dust.uniform() < hot) counts += 3000.0 + 20000.0 * dust.uniform();
      const double whole = std::clamp(std::round(counts), 0.0, double(image.largest()));
      image.pixels[std::size_t(y) * std::size_t(g.width) + std::size_t(x)] =
          static_cast<std::uint16_t>(whole);
      if (whole < image.largest()) continue;
      const double near_y = p.y - smile(g, design, noise, p.x);
      for (const auto& of_strip : peaks) {
        for (const DrawnBand& peak : of_strip) {
          if (p.x >= peak.x0 && p.x < peak.x1 && std::abs(near_y - peak.y) < 4.0 * peak.sigma)
            ++out.bands[peak.of].clipped_pixels;
        }
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
                                        "clipped_pixels",
                                        "mass_kDa"};
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
                                       std::to_string(b.clipped_pixels),
                                       std::isnan(b.mass_kDa) ? "" : exact(b.mass_kDa)};
    write_csv_row(out, row);
  }
  return out.str();
}

}  // namespace kinescape::immunoblot
