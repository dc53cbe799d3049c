// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include "plate/cells_internal.hpp"
#include "plate/layout_groups_internal.hpp"

namespace kinescape::plate {
namespace {

/// Wells that exist: those of blocks and wells, and those where a named row meets a named column.
/// With rows only (or columns only), the whole line, as far as the plate reaches.
std::map<Position, bool> existing(const std::vector<const Scope*>& scopes) {
  std::set<int> rows, columns;
  std::set<Position> irows, icols;
  std::map<Position, bool> wells;  // true: implied only
  for (const Scope* scope : scopes) {
    for (const Group& group : scope->groups) {
      const bool line = group.layer != Layer::block && group.layer != Layer::well;
      if (!line) {
        for (const Run& run : group.runs) {
          for (Position p : run) wells[p] = false;
        }
      } else if (group.layer == Layer::row || group.layer == Layer::irow) {
        for (const Run& run : group.runs) irows.insert(run.begin(), run.end());
      } else {
        for (const Run& run : group.runs) icols.insert(run.begin(), run.end());
      }
    }
  }
  if (!irows.empty() && !icols.empty()) {
    for (Position p : irows) {
      if (icols.contains(p)) wells[p] = false;
    }
  } else {
    for (const auto* lines : {&irows, &icols}) {
      for (Position p : *lines) wells.try_emplace(p, true);
    }
  }
  return wells;
}

int layer_of(const Group& group) {
  return group.layer == Layer::block || group.layer == Layer::well ? 2 : 1;
}

/// Where one group makes a well a control and another gives it a dose, the more specific group
/// is meant; of two lines that cross, the control.
void settle_control(Cells& cells) {
  auto role = cells.end();
  for (auto at = cells.begin(); at != cells.end(); ++at) {
    const auto column = recognise(at->first);
    if (column && column->field == Field::role) role = at;
  }
  if (role == cells.end()) return;
  const auto meant = parse_role(role->second.text);
  if (!meant || *meant == Role::sample || *meant == Role::positive) return;
  const PlanCell control = role->second;
  bool role_goes = false;
  std::erase_if(cells, [&](const auto& entry) {
    const auto column = recognise(entry.first);
    if (!column) return false;
    const Field f = column->field;
    const bool treats =
        f == Field::drug || f == Field::drug_b || f == Field::dose || f == Field::dose_b;
    if (!treats || (entry.second.group == control.group && entry.second.layer == control.layer)) {
      return false;
    }
    const bool dose = f == Field::dose || f == Field::dose_b;
    if (entry.second.layer > control.layer) {
      role_goes = role_goes || dose;
      return false;
    }
    return true;
  });
  if (role_goes) cells.erase(role->first);
}

void lay_series(const Group& group, std::map<Position, Cells>& plans, Problems& problems) {
  const PlanCell& top_cell = group.cells.at("top_dose");
  const auto top = parse_amount(top_cell.text, Decimal::point);
  double factor = unknown;
  for (const auto& [title, cell] : group.cells) {
    const auto column = recognise(title);
    if (!column || column->field != Field::dilution_factor) continue;
    const auto number = parse_number(cell.text, Decimal::point);
    if (number.kind == NumberKind::number) factor = number.value;
  }
  const auto direction = group.cells.find("direction");
  const std::string way =
      direction == group.cells.end()
          ? (group.layer == Layer::col || group.layer == Layer::icol ? "down" : "right")
          : direction->second.text;
  const bool known = way == "right" || way == "left" || way == "down" || way == "up";
  if (!top || !(top->value > 0.0) || !(factor > 1.0) || !known) {
    problems.push_back(
        {top_cell.where,
         "the dose series is not complete",
         "Give top_dose_uM (or _nM), dilution_factor above 1 and, if it does not run to the "
         "right, direction = \"left\", \"down\" or \"up\".",
         Severity::error});
    return;
  }
  const bool back = way == "left" || way == "up";
  const bool columns = (way == "down" || way == "up") && !group.across.empty();
  for (Run run : columns ? group.across : group.runs) {
    std::erase_if(run, [&](Position p) { return !plans.contains(p); });
    if (back) std::reverse(run.begin(), run.end());
    for (std::size_t step = 0; step < run.size(); ++step) {
      const double dose = top->value / std::pow(factor, static_cast<double>(step));
      std::string text = exact(dose);
      if (!top->unit.empty()) text += " " + top->unit;
      plans[run[step]]["dose"] = {text, top_cell.where, layer_of(group), group.line};
    }
  }
}

void lay(const Group& group, std::map<Position, Cells>& plans, Problems& problems) {
  Cells cells = group.cells;
  const auto top = cells.find("top_dose");
  const bool series = top != cells.end();
  if (series) lay_series(group, plans, problems);
  std::erase_if(cells, [](const auto& entry) {
    const auto column = recognise(entry.first);
    return entry.first == "direction" || (column && (column->field == Field::top_dose ||
                                                     column->field == Field::dilution_factor));
  });
  for (const Run& run : group.runs) {
    for (Position p : run) {
      const auto at = plans.find(p);
      if (at == plans.end()) continue;
      for (const auto& [title, cell] : cells) {
        at->second[title] = cell;
        at->second[title].layer = layer_of(group);
        at->second[title].group = group.line;
      }
    }
  }
}

}  // namespace

Run line_of(Layer layer, int index) {
  constexpr int rows = 32, columns = 48;
  Run run;
  if (layer == Layer::row || layer == Layer::irow) {
    for (int c = 0; c < columns; ++c) {
      const int r = layer == Layer::irow && c % 2 == 1 ? (index ^ 1) : index;
      if (r < rows) run.push_back({r, c});
    }
  } else {
    for (int r = 0; r < rows; ++r) {
      const int c = layer == Layer::icol && r % 2 == 1 ? (index ^ 1) : index;
      if (c < columns) run.push_back({r, c});
    }
  }
  return run;
}

bool add_block(Position corner, Format size, Group& group) {
  if (corner.row + size.rows > 32 || corner.column + size.columns > 48) return false;
  for (int r = 0; r < size.rows; ++r) {
    Run run;
    for (int c = 0; c < size.columns; ++c) run.push_back({corner.row + r, corner.column + c});
    group.runs.push_back(std::move(run));
  }
  for (int c = 0; c < size.columns; ++c) {
    Run run;
    for (int r = 0; r < size.rows; ++r) run.push_back({corner.row + r, corner.column + c});
    group.across.push_back(std::move(run));
  }
  return true;
}

Cells resolve_scopes(const std::string& plate,
                     const std::vector<const Scope*>& scopes,
                     std::vector<PlanEntry>& entries,
                     Problems& problems) {
  Cells common;
  for (const Scope* scope : scopes) {
    for (const auto& [title, cell] : scope->common) common[title] = cell;
  }
  const auto wells = existing(scopes);
  std::map<Position, Cells> plans;
  for (const auto& [position, implied] : wells) plans[position] = common;
  for (const Scope* scope : scopes) {
    std::vector<const Group*> order;
    for (const Group& group : scope->groups) order.push_back(&group);
    std::stable_sort(order.begin(), order.end(), [](const Group* a, const Group* b) {
      return a->layer != b->layer ? a->layer < b->layer : a->area > b->area;
    });
    for (const Group* group : order) lay(*group, plans, problems);
  }
  for (auto& [position, cells] : plans) {
    cells.erase("direction");
    cells.erase("top_dose");
    settle_control(cells);
    entries.push_back({plate, position, wells.at(position), std::move(cells)});
  }
  return common;
}

}  // namespace kinescape::plate
