// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/number.hpp"
#include "viability/boards_internal.hpp"

namespace kinescape::viability {

using plate::Reading;
using plate::Role;
using plate::Well;

Where where_of(const Well& w) {
  Where where;
  where.file = w.origin.file;
  where.item =
      (w.plate.empty() ? "" : "plate " + w.plate) +
      (w.placed ? std::string(w.plate.empty() ? "" : " ") + "well " + name(w.position) : "");
  if (!w.origin.cell.empty()) where.item += (where.item.empty() ? "" : ", ") + w.origin.cell;
  where.shown = w.printed;
  return where;
}

std::string quoted(const std::string& s) {
  return "\"" + s + "\"";
}

namespace {

bool before(const Well* a, const Well* b) {
  const auto key = [](const Well* w) {
    return std::tie(w->role,
                    w->line,
                    w->drug,
                    w->dose_nM,
                    w->repeat,
                    w->position.row,
                    w->position.column,
                    w->reading);
  };
  if (key(a) != key(b)) return key(a) < key(b);
  return a->signal < b->signal;
}

class Sorter {
 public:
  Sorter(const plate::PlateSet& set, const Options& options, Gathered& out)
      : set_(set), options_(options), out_(out) {}

  std::map<std::string, Board> boards() {
    check_channels();
    for (const Well& w : set_.wells) {
      if (w.role == Role::unused) continue;
      if (keep(w)) boards_[w.plate].wells.push_back(&w);
    }
    for (auto& [name, board] : boards_) {
      board.name = name;
      for (const auto& info : set_.plates)
        if (info.name == name) board.format = info.format;
      choose_time(board);
      std::sort(board.wells.begin(), board.wells.end(), before);
      for (const Well* w : board.wells) {
        if (w->role == Role::sample) board.lines.insert(w->line);
        if (w->reading != Reading::measured) continue;
        board.most = std::max(board.most, w->signal);
        board.least = std::min(board.least, w->signal);
      }
    }
    return std::move(boards_);
  }

 private:
  void check_channels() {
    std::set<std::string> channels;
    for (const Well& w : set_.wells)
      if (w.role == Role::sample) channels.insert(w.channel);
    if (channels.size() < 2) return;
    std::string list;
    for (const auto& c : channels) list += (list.empty() ? "" : ", ") + quoted(c);
    out_.problems.push_back({where_of(set_.wells.front()),
                             "The data hold several channels (" + list +
                                 "), and each well can answer with one number only.",
                             "Choose one with --channel, or in the study file.",
                             Severity::error});
    several_channels_ = true;
  }

  bool keep(const Well& w) {
    if (several_channels_) return false;
    if (!w.drug_b.empty() && w.dose_b_nM > 0.0) {
      exclude(w, "holds two drugs; it belongs to a combination");
      return false;
    }
    if (!w.excluded.empty()) {
      exclude(w, w.excluded);
      return w.role == Role::sample || w.role == Role::vehicle;  // Still drawn.
    }
    if (w.reading == Reading::masked || w.reading == Reading::missing) {
      exclude(w, w.reading == Reading::masked ? "masked" : "missing");
      return false;
    }
    if (w.reading == Reading::measured && !std::isfinite(w.signal)) {
      out_.problems.push_back({where_of(w),
                               "The signal is not a finite number.",
                               "Correct the cell, or leave it empty to exclude the well.",
                               Severity::error});
      return false;
    }
    if (w.role == Role::sample && !(std::isfinite(w.dose_nM) && w.dose_nM >= 0.0)) {
      out_.problems.push_back({where_of(w),
                               "The dose of a sample well is " +
                                   (w.dose_nM < 0.0 ? rounded(w.dose_nM) + " nM" : "not known") +
                                   ".",
                               "Give every sample well a dose of 0 or more.",
                               Severity::error});
      return false;
    }
    return true;
  }

  void exclude(const Well& w, const std::string& reason) {
    out_.exclusions.push_back(
        {w.plate, w.placed ? plate::name(w.position) : "", w.line, w.drug, reason});
  }

  // End-point: the time nearest to the exposure asked for, else the last one of the plate.
  void choose_time(Board& board) {
    std::set<double> times;
    for (const Well* w : board.wells)
      if (w->role != Role::day0 && w->time_h == w->time_h) times.insert(w->time_h);
    if (times.empty()) {
      board.time_h = options_.time_h;
      return;
    }
    board.time_h = *times.rbegin();
    if (options_.time_h == options_.time_h)
      for (double t : times)
        if (std::abs(t - options_.time_h) < std::abs(board.time_h - options_.time_h))
          board.time_h = t;
    if (options_.time_h == options_.time_h &&
        std::abs(board.time_h - options_.time_h) > 0.05 * options_.time_h)
      out_.problems.push_back({where_of(*board.wells.front()),
                               "Plate " + quoted(board.name) + " was not read near " +
                                   rounded(options_.time_h) + " h; its reading at " +
                                   rounded(board.time_h) + " h is used.",
                               "Check the exposure time of this plate.",
                               Severity::warning});
    else if (times.size() > 1 && options_.time_h != options_.time_h)
      out_.problems.push_back({where_of(*board.wells.front()),
                               "Plate " + quoted(board.name) + " was read at several times; " +
                                   rounded(board.time_h) + " h, the last, is used.",
                               "Name the exposure time to use another one.",
                               Severity::warning});
    std::erase_if(board.wells, [&](const Well* w) {
      return w->role != Role::day0 && w->time_h == w->time_h && w->time_h != board.time_h;
    });
  }

  const plate::PlateSet& set_;
  const Options& options_;
  Gathered& out_;
  std::map<std::string, Board> boards_;
  bool several_channels_ = false;
};

}  // namespace

std::map<std::string, Board> sort_wells(const plate::PlateSet& set,
                                        const Options& options,
                                        Gathered& out) {
  return Sorter(set, options, out).boards();
}

bool vehicle_of(const Board& board, const Well& w, const std::string& line) {
  const bool untreated = w.role == Role::vehicle || (w.role == Role::sample && w.dose_nM == 0.0);
  if (!untreated) return false;
  return w.line == line ||
         (w.line.empty() && board.lines.size() == 1 && *board.lines.begin() == line);
}

}  // namespace kinescape::viability
