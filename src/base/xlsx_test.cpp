// SPDX-License-Identifier: Apache-2.0
#include "base/xlsx.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/errors.hpp"
#include "base/zip_internal.hpp"

namespace kinescape {
namespace {

using Parts = std::vector<std::pair<std::string, std::string>>;

const std::string spaces =
    "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// The parts of a workbook with these <sheetData> and shared strings, as Excel lays them out.
Parts book_parts(const std::vector<std::string>& sheets, const std::string& shared = "") {
  const std::string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  Parts parts = {{"_rels/.rels",
                  "<Relationships><Relationship Id=\"rId1\" Type=\"" + office +
                      "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"}};
  std::string book = "<workbook " + spaces + "><sheets>", relations = "<Relationships>";
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    book += fmt::format("<sheet name=\"S{0}\" sheetId=\"{0}\" r:id=\"rId{0}\"/>", i + 1);
    relations += fmt::format(
        "<Relationship Id=\"rId{0}\" Type=\"{1}/worksheet\" Target=\"worksheets/sheet{0}.xml\"/>",
        i + 1,
        office);
    parts.emplace_back(
        fmt::format("xl/worksheets/sheet{}.xml", i + 1),
        "<worksheet " + spaces + "><sheetData>" + sheets[i] + "</sheetData></worksheet>");
  }
  if (!shared.empty()) {
    relations += "<Relationship Id=\"rIdS\" Type=\"" + office +
                 "/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/>";
    parts.emplace_back("xl/sharedStrings.xml", "<sst " + spaces + ">" + shared + "</sst>");
  }
  parts.emplace_back("xl/workbook.xml", book + "</sheets></workbook>");
  parts.emplace_back("xl/_rels/workbook.xml.rels", relations + "</Relationships>");
  return parts;
}

std::string book(const std::vector<std::string>& sheets, const std::string& shared = "") {
  return zip_of(book_parts(sheets, shared));
}

Grid only_sheet(const std::string& bytes) {
  auto sheets = read_xlsx(bytes, "b.xlsx");
  EXPECT_TRUE(sheets.ok()) << describe(sheets.problems);
  return sheets.ok() ? sheets.value.at(0) : Grid();
}

/// The one problem that a workbook has.
Problem fault(const std::string& bytes, const XlsxLimits& limits = {}) {
  const auto sheets = read_xlsx(bytes, "b.xlsx", limits);
  EXPECT_FALSE(sheets.ok());
  EXPECT_TRUE(sheets.value.empty());
  EXPECT_EQ(sheets.problems.size(), 1U) << describe(sheets.problems);
  return sheets.problems.empty() ? Problem{} : sheets.problems[0];
}

TEST(ReadXlsx, ReadsEveryKindOfCell) {
  const Grid grid = only_sheet(book(
      {"<row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c><c r=\"B1\"><v>0.10000000000000001</v></c>"
       "<c r=\"C1\" t=\"b\"><v>1</v></c><c r=\"D1\" t=\"e\"><v>#DIV/0!</v></c>"
       "<c r=\"E1\" t=\"str\"><f>A1&amp;1</f><v>a &lt; &#181;M</v></c>"
       "<c r=\"F1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">in</t></is></c>"
       "<c r=\"G1\" s=\"4\"><v>45000</v></c><c r=\"H1\" t=\"b\"><v>0</v></c>"
       "<c r=\"I1\"><v>1E-3</v></c><c r=\"J1\" t=\"n\"><v>-2</v></c></row>"},
      "<si><t>no</t></si><si><r><rPr/><t>ri</t></r><r><t>ch</t></r><rPh><t>hint</t></rPh></si>"));
  const std::vector<std::string> want = {
      "rich", "0.1", "TRUE", "#DIV/0!", "a < µM", "in", "45000", "FALSE", "0.001", "-2"};
  ASSERT_EQ(grid.columns(0), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_EQ(grid.at(0, i), want[i]);
}

TEST(ReadXlsx, KeepsEmptyRowsAndColumnsSoThatCellNamesStayRight) {
  const Grid grid =
      only_sheet(book({"<row r=\"3\"><c r=\"C3\"><v>7</v></c><c r=\"E3\" s=\"1\"/></row>"
                       "<row r=\"9\" ht=\"20\"/><row><c><v>1</v></c><c "
                       "r=\"D10\"><v>2</v></c><c><v>3</v></c></row>"}));
  ASSERT_EQ(grid.rows(), 10U);
  EXPECT_EQ(grid.at(2, 2), "7");
  EXPECT_EQ(grid.columns(2), 3U) << "a cell with a format only is no cell";
  EXPECT_EQ(grid.where(2, 2).item, "S1!C3");
  EXPECT_EQ(grid.at(9, 0), "1");
  EXPECT_EQ(grid.at(9, 3), "2");
  EXPECT_EQ(grid.at(9, 4), "3");
}

TEST(ReadXlsx, GivesTheSheetsInTheOrderOfTheWorkbook) {
  Parts parts = book_parts({"<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>",
                            "<row r=\"1\"><c r=\"A1\"><v>2</v></c></row>"});
  for (auto& [name, text] : parts) {
    if (name != "xl/workbook.xml") continue;
    text =
        "<x:workbook xmlns:x=\"a\" xmlns:r=\"b\"><x:sheets>"
        "<x:sheet name=\"Second &amp; last\" sheetId=\"9\" r:id=\"rId2\"/>"
        "<x:sheet name=\"First\" sheetId=\"1\" r:id=\"rId1\"/></x:sheets></x:workbook>";
  }
  const auto sheets = read_xlsx(zip_of(parts), "b.xlsx");
  ASSERT_TRUE(sheets.ok()) << describe(sheets.problems);
  ASSERT_EQ(sheets.value.size(), 2U);
  EXPECT_EQ(sheets.value[0].sheet(), "Second & last");
  EXPECT_EQ(sheets.value[0].at(0, 0), "2");
  EXPECT_EQ(sheets.value[1].at(0, 0), "1");
}

TEST(ReadXlsx, ReadsNamespacePrefixesAndEscapedControls) {
  Parts parts = book_parts({""});
  parts[1].second =
      "<?xml version=\"1.0\"?><!-- made by hand --><x:worksheet xmlns:x=\"m\"><x:sheetData>"
      "<x:row r=\"1\"><x:c r=\"A1\" t=\"inlineStr\"><x:is><x:t>a_x000A_b_x005F_x000A_</x:t></x:is>"
      "</x:c><x:c r='B1'><x:v><![CDATA[5]]></x:v></x:c></x:row></x:sheetData></x:worksheet>";
  const Grid grid = only_sheet(zip_of(parts));
  EXPECT_EQ(grid.at(0, 0), "a\nb_x000A_");
  EXPECT_EQ(grid.at(0, 1), "5");
}

TEST(ReadXlsx, NamesTheCellThatIsWrong) {
  const auto cell = [](const std::string& xml) {
    return fault(book({"<row r=\"2\">" + xml + "</row>"}, "<si><t>only</t></si>"));
  };
  EXPECT_EQ(cell("<c r=\"B2\" t=\"s\"><v>1</v></c>").where.item, "S1!B2");
  EXPECT_EQ(cell("<c r=\"B2\" t=\"s\"><v>-1</v></c>").where.item, "S1!B2");
  EXPECT_EQ(cell("<c r=\"B2\"><v>1.2.3</v></c>").where.column, 2U);
  EXPECT_EQ(cell("<c r=\"B2\"><v>nan</v></c>").where.line, 2U);
  EXPECT_EQ(cell("<c r=\"B2\"><v>1</v></c><c r=\"B2\"><v>2</v></c>").where.item, "S1!B2");
  for (const std::string place : {"ZZZ99999999",
                                  "B3",
                                  "XFE2",
                                  "2",
                                  "B",
                                  "B0",
                                  "b2",
                                  "",
                                  "B2x",
                                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA2",
                                  "B99999999999999999999"}) {
    EXPECT_NE(cell("<c r=\"" + place + "\"><v>1</v></c>").what.find("\"" + place + "\""),
              std::string::npos)
        << place;
  }
}

TEST(ReadXlsx, RefusesRowsOutOfOrder) {
  EXPECT_NE(fault(book({"<row r=\"2\"/><row r=\"2\"/>"})).what.find("\"2\""), std::string::npos);
  EXPECT_NE(fault(book({"<row r=\"1048577\"/>"})).what.find("1048577"), std::string::npos);
  EXPECT_NE(fault(book({"<row r=\"-1\"/>"})).what.find("-1"), std::string::npos);
}

TEST(ReadXlsx, CapsWhatASmallFileUnpacksTo) {
  XlsxLimits limits;
  limits.max_part_bytes = 1U << 20U;
  const std::string bomb = book({std::string(2U << 20U, ' ')});
  EXPECT_LT(bomb.size(), 10'000U);
  EXPECT_NE(fault(bomb, limits).what.find("more than 1048576 bytes"), std::string::npos);
}

TEST(ReadXlsx, CapsTheCellsAndTextThatSmallPartsClaim) {
  XlsxLimits limits;
  limits.max_cells = 1000;
  // One cell far to the right or far below makes many empty ones before it.
  EXPECT_NE(fault(book({"<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>"}), limits)
                .what.find("more cells"),
            std::string::npos);
  EXPECT_NE(fault(book({"<row r=\"5000\"><c r=\"A5000\"><v>1</v></c></row>"}), limits)
                .what.find("more cells"),
            std::string::npos);
  // One long shared string, named by many cells.
  std::string cells;
  for (int i = 0; i < 500; ++i) cells += "<c t=\"s\"><v>0</v></c>";
  limits.max_total_bytes = 1U << 20U;
  const std::string shared = "<si><t>" + std::string(10'000, 'x') + "</t></si>";
  EXPECT_NE(fault(book({"<row>" + cells + "</row>"}, shared), limits).what.find("more cells"),
            std::string::npos);
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "<si/>";
  EXPECT_NE(fault(book({""}, many), limits).what.find("strings"), std::string::npos);
}

TEST(ReadXlsx, ReportsMissingPartsAndOtherContainers) {
  Parts parts = book_parts({""});
  Parts without_sheet = parts;
  without_sheet.erase(without_sheet.begin() + 1);
  EXPECT_NE(fault(zip_of(without_sheet)).what.find("sheet1.xml"), std::string::npos);
  Parts without_relations = parts;
  without_relations.pop_back();
  EXPECT_FALSE(read_xlsx(zip_of(without_relations), "b").ok());
  EXPECT_NE(fault(zip_of({{"word/document.xml", "<x/>"}})).what.find("not an .xlsx"),
            std::string::npos);
  Parts without_root = parts;  // some writers leave it out; the usual place is tried
  without_root.erase(without_root.begin());
  EXPECT_TRUE(read_xlsx(zip_of(without_root), "b").ok());
}

TEST(ReadXlsx, ReportsEveryTruncationAndDamagedXml) {
  const std::string whole =
      book({"<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>"}, "<si><t>a</t></si>");
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 7) {
    EXPECT_FALSE(read_xlsx(whole.substr(0, bytes), "b.xlsx").ok()) << bytes;
  }
  for (const std::string xml : {"<row r=\"1\">",
                                "<row></c>",
                                "<row r=1/>",
                                "<row><row/></row>",
                                "&bad;",
                                "<row r=\"1",
                                "<!DOCTYPE x [<!ENTITY a \"b\">]>",
                                "<row><c><c/></c></row>",
                                "<row><c t=\"str\"><v>&#0;</v></c></row>",
                                "<row><c t=\"str\"><v>&amp</v></c></row>"}) {
    const auto sheets = read_xlsx(book({xml}), "b.xlsx");
    EXPECT_EQ(sheets.ok(), xml == "&bad;") << xml << " (text outside cells is not looked at)";
  }
}

TEST(WriteXlsx, IsReadBackToTheSameCellsAndTheSameBytes) {
  Grid grid("", "Res/ults");
  grid.add_row({"drug", "ic50_nM", "note"}, 1);
  grid.add_row({}, 2);
  grid.add_row({"A & <b>", "0.30000000000000004", "\"q\"\nline _x0041_ \x01\r"}, 3);
  grid.add_row({"", "1e-300", "007"}, 4);
  grid.add_row({"1234567890123456", "-12.5", "µM"}, 5);
  Grid second("", "res_ults");
  second.add_row({"x"}, 1);
  const std::string bytes = write_xlsx({grid, second});
  EXPECT_TRUE(looks_like_zip(bytes));
  EXPECT_EQ(bytes, write_xlsx({grid, second}));
  const auto back = read_xlsx(bytes, "b.xlsx");
  ASSERT_TRUE(back.ok()) << describe(back.problems);
  ASSERT_EQ(back.value.size(), 2U);
  EXPECT_EQ(back.value[0].sheet(), "Res_ults");
  EXPECT_EQ(back.value[1].sheet(), "res_ults (2)") << "names differ by more than case";
  for (std::size_t row = 0; row < grid.rows(); ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      EXPECT_EQ(back.value[0].at(row, column), grid.at(row, column));
    }
  }
}

TEST(WriteXlsx, StoresNumbersAsNumbersUnlessThatChangesThem) {
  Grid grid("", "S");
  grid.add_row({"1.50", "007", "1234567890123456", "1,5", "2"}, 1);
  const std::string bytes = write_xlsx({grid});
  ZipParts parts(bytes, 1U << 20U, 1U << 20U);
  const std::string sheet = parts.read("xl/worksheets/sheet1.xml").bytes;
  EXPECT_NE(sheet.find("<c r=\"A1\"><v>1.5</v>"), std::string::npos);
  EXPECT_NE(sheet.find("<c r=\"B1\" t=\"inlineStr\">"), std::string::npos);
  EXPECT_NE(sheet.find("<c r=\"C1\" t=\"inlineStr\">"), std::string::npos);
  EXPECT_NE(sheet.find("<c r=\"D1\" t=\"inlineStr\">"), std::string::npos);
  EXPECT_NE(sheet.find("<c r=\"E1\"><v>2</v>"), std::string::npos);
}

TEST(WriteXlsx, RefusesWhatNoWorkbookHolds) {
  EXPECT_THROW(static_cast<void>(write_xlsx({})), UsageError);
  Grid wide("", "S");
  wide.add_row(std::vector<std::string>(16385, "x"), 1);
  EXPECT_THROW(static_cast<void>(write_xlsx({wide})), UsageError);
}

}  // namespace
}  // namespace kinescape
