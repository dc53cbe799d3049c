// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/xlsx.hpp"
#include "plate/cells_internal.hpp"
#include "plate/write.hpp"
#include "plate/write_internal.hpp"

namespace kinescape::plate {
namespace {

using Cells = std::vector<std::string>;

/// The readings of one plate by channel.
struct Board {
  PlateInfo info;
  std::vector<std::string> channels;
  std::map<std::string, std::map<Position, const Well*>> wells;

  [[nodiscard]] std::string text(const std::string& channel,
                                 Position at,
                                 std::string_view saturated) const {
    const auto& of_channel = wells.at(channel);
    const auto well = of_channel.find(at);
    return well == of_channel.end() ? "" : signal_text(*well->second, saturated);
  }
};

std::vector<Board> boards_of(const PlateSet& set) {
  if (set.scale != Scale::signal) {
    throw UsageError("an instrument prints signals; write normalised values as a tidy table");
  }
  std::vector<Board> boards;
  std::map<std::string, std::size_t> index;
  for (const PlateInfo& plate : set.plates) {
    index.emplace(plate.name, boards.size());
    boards.push_back({plate, {}, {}});
  }
  for (const Well& w : set.wells) {
    const auto at = index.find(w.plate);
    if (!w.placed || at == index.end()) {
      throw UsageError("an instrument prints plates; write wells without a place as a tidy table");
    }
    Board& board = boards[at->second];
    auto [of_channel, fresh] = board.wells.try_emplace(w.channel);
    if (fresh) board.channels.push_back(w.channel);
    if (!of_channel->second.emplace(w.position, &w).second) {
      throw UsageError("well " + name(w.position) + " of plate " + w.plate +
                       " has several readings in one channel; write time courses as a tidy table");
    }
    board.info.format.rows = std::max(board.info.format.rows, w.position.row + 1);
    board.info.format.columns = std::max(board.info.format.columns, w.position.column + 1);
  }
  for (Board& board : boards) {
    Format& format = board.info.format;
    format = smallest_format(format.rows, format.columns).value_or(Format{32, 48});
  }
  return boards;
}

/// "490 nm" -> "490"; other names as they are.
std::string without_nm(const std::string& channel) {
  return channel.ends_with(" nm") ? channel.substr(0, channel.size() - 3) : channel;
}

std::string joined(const Cells& cells, char delimiter) {
  std::ostringstream out;
  write_csv_row(out, cells, delimiter);
  return out.str();
}

Cells numbers(int columns) {
  Cells cells{""};
  for (int c = 1; c <= columns; ++c) cells.push_back(std::to_string(c));
  return cells;
}

std::string gen5(const std::vector<Board>& boards, const std::string& note) {
  std::string text;
  const auto row = [&](const Cells& cells) { text += joined(cells, '\t'); };
  for (const Board& board : boards) {
    text += "\n\n";
    row({"Software Version", "3.12.08"});
    text += "\n\n\n";
    row({"Experiment File Path:", note});
    row({"Protocol File Path:", ""});
    text += "\n\n\n";
    row({"Plate Number", board.info.name});
    row({"Reader Type:", "Synergy H1"});
    row({"Reading Type", "Simulation"});
    text += "\nProcedure Details\n\n";
    row({"Plate Type", std::to_string(board.info.format.wells()) + " WELL PLATE"});
    text += "\nResults\n";
    row(numbers(board.info.format.columns));
    for (int r = 0; r < board.info.format.rows; ++r) {
      bool first = true;
      for (const std::string& channel : board.channels) {
        Cells cells{first ? row_name(r) : ""};
        for (int c = 0; c < board.info.format.columns; ++c) {
          cells.push_back(board.text(channel, {r, c}, "OVRFLW"));
        }
        cells.push_back(channel.empty() ? "" : "read:" + without_nm(channel));
        row(cells);
        first = false;
      }
    }
    text += "\n";
  }
  return text;
}

std::string utf16(std::string_view utf8) {
  std::string out = "\xFF\xFE";
  const auto unit = [&](unsigned value) {
    out += static_cast<char>(value & 0xFFU);
    out += static_cast<char>((value >> 8U) & 0xFFU);
  };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned point = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k) {
      point = (point << 6U) | (static_cast<unsigned char>(utf8[i + k]) & 0x3FU);
    }
    i += length;
    if (point < 0x10000) {
      unit(point);
    } else {
      unit(0xD800U + ((point - 0x10000U) >> 10U));
      unit(0xDC00U + ((point - 0x10000U) & 0x3FFU));
    }
  }
  return out;
}

std::string softmax(const std::vector<Board>& boards, const std::string& note) {
  std::string text = "##BLOCKS= " + std::to_string(boards.size() + (note.empty() ? 0 : 1)) + "\r\n";
  if (!note.empty()) text += "Note:\r\n" + note + "\r\n~End\r\n";
  for (const Board& board : boards) {
    std::string wavelengths, mode = "Absorbance";
    for (const std::string& channel : board.channels) {
      const std::string nm = without_nm(channel);
      if (nm != channel) {
        wavelengths += nm + " ";
      } else if (board.channels.size() == 1) {
        wavelengths = "0 ";
        if (!channel.empty()) mode = channel;
      } else {
        throw UsageError("SoftMax Pro names several channels by wavelength, not \"" + channel +
                         "\"");
      }
    }
    const Format format = board.info.format;
    Cells head{
        "Plate:", board.info.name, "1.3", "PlateFormat", "Endpoint", mode, "Raw", "FALSE", "1"};
    head.insert(head.end(), 5, "");
    head.insert(head.end(),
                {std::to_string(board.channels.size()),
                 wavelengths,
                 "1",
                 std::to_string(format.columns),
                 std::to_string(format.wells()),
                 "1",
                 std::to_string(format.rows)});
    Cells titles{"", "Temperature(°C)"};
    for (std::size_t k = 0; k < board.channels.size(); ++k) {
      if (k > 0) titles.emplace_back("");
      const Cells columns = numbers(format.columns);
      titles.insert(titles.end(), columns.begin() + 1, columns.end());
    }
    const auto row = [&](const Cells& cells) {
      for (std::size_t i = 0; i < cells.size(); ++i) text += (i > 0 ? "\t" : "") + cells[i];
      text += "\r\n";
    };
    row(head);
    row(titles);
    for (int r = 0; r < format.rows; ++r) {
      Cells cells{"", r == 0 ? "25" : ""};
      for (std::size_t k = 0; k < board.channels.size(); ++k) {
        if (k > 0) cells.emplace_back("");
        for (int c = 0; c < format.columns; ++c) {
          cells.push_back(board.text(board.channels[k], {r, c}, "#SAT"));
        }
      }
      // A row without a reading would end the block for the reader: SoftMax prints its tabs.
      row(cells);
    }
    text += "~End\r\n";
  }
  return utf16(text + "Original Filename: simulated\r\n");
}

void write_block(std::string& text,
                 const Board& board,
                 const std::string& channel,
                 std::string_view saturated) {
  text += joined(numbers(board.info.format.columns), ',');
  for (int r = 0; r < board.info.format.rows; ++r) {
    Cells cells{row_name(r)};
    for (int c = 0; c < board.info.format.columns; ++c) {
      cells.push_back(board.text(channel, {r, c}, saturated));
    }
    text += joined(cells, ',');
  }
}

std::string bmg(const std::vector<Board>& boards, const std::string& note) {
  std::string text;
  int run = 0;
  for (const Board& board : boards) {
    text += joined({"User: USER", "Path: " + note, "Test run no.: " + std::to_string(++run)}, ',');
    text += joined({"Test name: viability"}, ',') + "\n";
    text += joined({"ID1: " + board.info.name}, ',');
    for (const std::string& channel : board.channels) {
      const std::string label = channel.empty() ? "" : " (" + without_nm(channel) + ")";
      text += "\n" + joined({"Raw Data" + label}, ',') + "\n";
      write_block(text, board, channel, "overflow");
    }
    text += "\n";
  }
  return text;
}

std::string envision(const std::vector<Board>& boards, const std::string& note) {
  std::string text;
  int number = 0;
  for (const Board& board : boards) {
    ++number;
    for (const std::string& channel : board.channels) {
      text += "Plate information\n";
      text += joined({"Plate", "Repeat", "Barcode", "Group", "Label"}, ',');
      text += joined({std::to_string(number), "1", board.info.name, "1", channel + "(1)"}, ',');
      text += "\n" + joined({"Results for " + channel + "(1) - channel 1 (A)"}, ',');
      write_block(text, board, channel, "OVER");
      text += "\n";
    }
  }
  text += "Basic assay information\n";
  text += joined({"Protocol Name: ", "", "", "", note}, ',');
  return text + "Exported with EnVision Workstation version 1.13\n";
}

/// Excel allows 31 characters in the name of a sheet, and not all of them.
std::string sheet_name(const std::string& plate, std::set<std::string>& taken) {
  std::string base;
  for (char c : plate)
    base += std::string_view("[]:*?/\\'").find(c) == std::string_view::npos ? c : '_';
  if (base.size() > 28) base.resize(28);
  while (!base.empty() && (static_cast<unsigned char>(base.back()) & 0x80U) != 0) base.pop_back();
  if (base.empty()) base = "Plate";
  std::string sheet = base;
  for (int n = 2; !taken.insert(lower(sheet)).second; ++n) sheet = base + " " + std::to_string(n);
  return sheet;
}

std::string tecan(const std::vector<Board>& boards, const std::string& note) {
  std::vector<Grid> sheets;
  std::set<std::string> taken;
  for (const Board& board : boards) {
    Grid& grid = sheets.emplace_back("", sheet_name(board.info.name, taken));
    std::size_t line = 0;
    const auto row = [&](Cells cells) { grid.add_row(std::move(cells), ++line); };
    row({"Application: Tecan i-control", "", "Tecan i-control , 2.0.10.0"});
    row({"Device: infinite 200Pro"});
    row({"User", "", note});
    row({"Plate-ID (Stacker)", "", board.info.name});
    for (const std::string& channel : board.channels) {
      row({});
      const std::string nm = without_nm(channel);
      row({"Label: " + (nm == channel ? channel : std::string("Label1"))});
      if (nm != channel) row({"Measurement Wavelength", "", nm, "nm"});
      row({});
      Cells titles = numbers(board.info.format.columns);
      titles.front() = "<>";
      row(titles);
      for (int r = 0; r < board.info.format.rows; ++r) {
        Cells cells{row_name(r)};
        for (int c = 0; c < board.info.format.columns; ++c) {
          cells.push_back(board.text(channel, {r, c}, "OVER"));
        }
        row(std::move(cells));
      }
    }
  }
  return write_xlsx(sheets);
}

}  // namespace

std::string_view name(NativeForm form) {
  switch (form) {
    case NativeForm::gen5:
      return "gen5";
    case NativeForm::softmax:
      return "softmax";
    case NativeForm::bmg:
      return "bmg";
    case NativeForm::envision:
      return "envision";
    case NativeForm::tecan:
      return "tecan";
  }
  return "gen5";
}

std::optional<NativeForm> parse_native_form(std::string_view text) {
  for (NativeForm form : {NativeForm::gen5,
                          NativeForm::softmax,
                          NativeForm::bmg,
                          NativeForm::envision,
                          NativeForm::tecan}) {
    if (iequal(trimmed(text), name(form))) return form;
  }
  return std::nullopt;
}

std::string_view file_ending(NativeForm form) {
  switch (form) {
    case NativeForm::gen5:
    case NativeForm::softmax:
      return ".txt";
    case NativeForm::bmg:
    case NativeForm::envision:
      return ".csv";
    case NativeForm::tecan:
      return ".xlsx";
  }
  return ".txt";
}

std::string write_native(const PlateSet& set, NativeForm form, const std::string& note) {
  const auto boards = boards_of(set);
  std::string line = note;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  switch (form) {
    case NativeForm::gen5:
      return gen5(boards, line);
    case NativeForm::softmax:
      return softmax(boards, line);
    case NativeForm::bmg:
      return bmg(boards, line);
    case NativeForm::envision:
      return envision(boards, line);
    case NativeForm::tecan:
      return tecan(boards, line);
  }
  return {};
}

}  // namespace kinescape::plate
