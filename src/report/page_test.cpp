// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <regex>

#include "report/fixture_internal.hpp"
#include "report/viability_internal.hpp"

namespace kinescape::report {
namespace {

std::string page_of(const study::Results& results) {
  return study_files(results)[0].bytes;
}

/// The page without the content of its scripts and style, for a parser of markup.
std::string markup_of(const std::string& html) {
  std::string out;
  std::size_t at = 0;
  while (at < html.size()) {
    std::size_t open = std::min(html.find("<script", at), html.find("<style", at));
    if (open == std::string::npos) break;
    const std::size_t begin = html.find('>', open) + 1;
    const std::size_t end =
        html.find(html.compare(open, 7, "<script") == 0 ? "</script>" : "</style>", begin);
    if (end == std::string::npos) break;
    out += html.substr(at, begin - at);
    at = end;
  }
  out += html.substr(at);
  return out.substr(out.find("<html"));
}

pugi::xml_document parsed(const std::string& html) {
  pugi::xml_document document;
  const auto end =
      document.load_string(markup_of(html).c_str(), pugi::parse_default | pugi::parse_ws_pcdata);
  EXPECT_TRUE(end) << end.description() << " near "
                   << markup_of(html).substr(
                          static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, end.offset - 60)),
                          120);
  return document;
}

std::vector<std::string> figure_specs(const std::string& html) {
  std::vector<std::string> specs;
  const std::string mark = "<script type=\"application/json\">";
  for (std::size_t at = html.find(mark); at != std::string::npos; at = html.find(mark, at)) {
    at += mark.size();
    specs.push_back(html.substr(at, html.find("</script>", at) - at));
  }
  return specs;
}

study::Results hostile() {
  study::Results r = fixture();
  const std::string name = "<img src=x onerror=alert(1)>&\"'</script><script>µ—中";
  r.study.title = name;
  for (auto& c : r.viability->curves) {
    c.line = c.line == "H-R" ? name : c.line;
    c.says = name;
  }
  for (auto& c : r.viability->comparisons) c.resistant = c.drug = c.says = name;
  for (auto& w : r.viability->data.wells) w.line = w.drug = name;
  r.viability->plates[0].reasons = {name};
  r.viability->exclusions[0].reason = name;
  r.viability->methods = {name};
  r.viability->problems[0].where.shown = name;
  return r;
}

TEST(Page, IsWellFormed) {
  (void)parsed(page_of(fixture()));
  (void)parsed(page_of(hostile()));
}

TEST(Page, NamesStayText) {
  const std::string html = page_of(hostile());
  const auto document = parsed(html);
  EXPECT_TRUE(document.select_nodes("//img").empty());
  EXPECT_STREQ(document.select_node("//h1").node().text().get(), hostile().study.title.c_str());
  // Two scripts run; all others are data.
  EXPECT_EQ(document.select_nodes("//script[not(@type)]").size(), 2U);
  for (const std::string& spec : figure_specs(html)) {
    EXPECT_EQ(spec.find('<'), std::string::npos);
    EXPECT_TRUE(nlohmann::json::accept(spec));
  }
}

TEST(Page, AsksNoNetworkForAnything) {
  const auto document = parsed(page_of(fixture()));
  for (const char* attribute : {"src", "srcset", "data", "poster", "action"}) {
    EXPECT_TRUE(document.select_nodes((std::string("//@") + attribute).c_str()).empty())
        << attribute;
  }
  EXPECT_TRUE(document.select_nodes("//link | //iframe | //object | //embed").empty());
  for (const auto& found : document.select_nodes("//@href")) {
    const std::string href = found.attribute().value();
    EXPECT_TRUE(href.starts_with("#") || href.starts_with("https://doi.org/10.")) << href;
  }
}

TEST(Page, ForbidsEvalAndEveryRequest) {
  const auto document = parsed(page_of(fixture()));
  const std::string policy =
      document.select_node("//meta[@http-equiv='Content-Security-Policy']/@content")
          .attribute()
          .value();
  EXPECT_TRUE(policy.starts_with("default-src 'none';")) << policy;
  EXPECT_EQ(policy.find("unsafe-eval"), std::string::npos);
  EXPECT_EQ(policy.find("http"), std::string::npos);
  EXPECT_TRUE(std::regex_search(
      policy, std::regex("script-src 'sha256-[A-Za-z0-9+/]{43}=' 'sha256-[A-Za-z0-9+/]{43}=';")))
      << policy;
}

TEST(Page, SaysVirtualDataOnlyOfVirtualData) {
  study::Results r = fixture();
  EXPECT_NE(page_of(r).find("class=\"virtual\""), std::string::npos);
  r.study.virtual_data = false;
  EXPECT_EQ(page_of(r).find("class=\"virtual\""), std::string::npos);
}

TEST(Page, HeadlinesTheLargestFoldThatIsCalledResistant) {
  study::Results r = fixture();
  EXPECT_NE(page_of(r).find("<b>45.0-fold</b>"), std::string::npos);
  r.viability->comparisons[0].call = viability::ResistanceCall::undecided;
  const std::string html = page_of(r);
  EXPECT_EQ(html.find("<b>45.0-fold</b>"), std::string::npos);
  EXPECT_NE(html.find("<b>&gt; 12.2-fold</b>"), std::string::npos);
  for (auto& c : r.viability->comparisons) c.call = viability::ResistanceCall::undecided;
  EXPECT_EQ(page_of(r).find("-fold</b>"), std::string::npos);
}

TEST(Page, HoldsItsChaptersInOrder) {
  const std::string html = page_of(fixture());
  std::size_t last = 0;
  for (const char* id : {"summary",
                         "resistance",
                         "potency",
                         "responses",
                         "curves",
                         "comparisons",
                         "plates",
                         "exclusions",
                         "problems",
                         "methods",
                         "provenance"}) {
    const std::size_t at = html.find(std::string("<section id=\"") + id + "\"");
    ASSERT_NE(at, std::string::npos) << id;
    EXPECT_GT(at, last) << id;
    last = at;
  }
}

TEST(Page, ShowsBoundsReasonsAndHashes) {
  const std::string html = markup_of(page_of(fixture()));
  EXPECT_NE(html.find("&gt; 3160</b><i>not reached</i>"), std::string::npos);
  EXPECT_NE(html.find("bubble in the well"), std::string::npos);
  EXPECT_NE(html.find("Edge wells read 14 % lower"), std::string::npos);
  EXPECT_NE(html.find(std::string(64, 'a')), std::string::npos);
  EXPECT_NE(html.find("https://doi.org/10.1177/108705719900400206\""), std::string::npos);
  EXPECT_EQ(html.find(">nan"), std::string::npos);
}

TEST(Page, LinksOldAndNewDois) {
  study::Results r = fixture();
  r.viability->citations = {
      "A (see doi:10.1000/xyz). B doi:10.1002/(SICI)10:6<695::AID-E5>3.0.CO;2-M."};
  const auto document = parsed(page_of(r));
  const auto links = document.select_nodes("//ol[@class='citations']//a/@href");
  ASSERT_EQ(links.size(), 2U);
  EXPECT_STREQ(links[0].attribute().value(), "https://doi.org/10.1000/xyz");
  EXPECT_STREQ(links[1].attribute().value(),
               "https://doi.org/10.1002/(SICI)10:6%3C695::AID-E5%3E3.0.CO;2-M");
}

TEST(Page, StandsWithoutAnyResult) {
  study::Results r = fixture();
  r.viability = viability::Estimate{};
  (void)parsed(page_of(r));
  r.viability.reset();
  (void)parsed(page_of(r));
}

TEST(Figures, HoldTheNumbersAsTheyAre) {
  const study::Results r = fixture();
  const auto styles = line_styles(*r.viability);
  ASSERT_EQ(styles.size(), 2U);
  EXPECT_EQ(styles[0].line, "H-P");  // parental first
  const auto spec =
      nlohmann::json::parse(dose_response_figure(*r.viability, "drug E", styles).spec);
  const auto& rows = spec["datasets"]["ic50"];
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1]["relation"], ">");
  EXPECT_TRUE(rows[1]["open_high"].get<bool>());
  EXPECT_FALSE(rows[1]["exact"].get<bool>());
  EXPECT_TRUE(rows[0]["exact"].get<bool>());
  EXPECT_EQ(spec["datasets"]["repeats"].size(), 2U * 3U * 9U);
  // Labels never closer than they are tall.
  const auto& labels = spec["datasets"]["labels"];
  EXPECT_GT(std::abs(labels[0]["y"].get<double>() - labels[1]["y"].get<double>()), 0.08);
}

TEST(Figures, LabelsOfManyLinesStayApartAndInside) {
  study::Results r = fixture();
  const auto one = r.viability->curves[0];
  r.viability->curves.clear();
  for (int i = 0; i < 5; ++i) {
    r.viability->curves.push_back(one);
    r.viability->curves.back().line = "line " + std::to_string(i);
  }
  const auto spec = nlohmann::json::parse(
      dose_response_figure(*r.viability, "drug A", line_styles(*r.viability)).spec);
  std::vector<double> y;
  for (const auto& label : spec["datasets"]["labels"]) y.push_back(label["y"].get<double>());
  std::sort(y.begin(), y.end());
  for (std::size_t i = 1; i < y.size(); ++i) EXPECT_GT(y[i] - y[i - 1], 0.08);
  EXPECT_LE(y.back(), 1.3);
}

TEST(Svg, OfEveryFigureInOneRun) {
  const auto files = study_files(fixture());
  const auto svg = render_svg(files);
  if (!svg.problems.empty() && svg.problems[0].what.find("no `node`") != std::string::npos) {
    GTEST_SKIP() << "no node here";
  }
  for (const Problem& problem : svg.problems) ADD_FAILURE() << problem.what;
  ASSERT_EQ(svg.value.size(), 14U);
  for (const OutputFile& file : svg.value) {
    pugi::xml_document document;
    EXPECT_TRUE(document.load_string(file.bytes.c_str())) << file.path;
    EXPECT_TRUE(file.path.extension() == ".svg");
    EXPECT_EQ(file.bytes.find("NaN"), std::string::npos) << file.path;
    EXPECT_EQ(file.bytes.find("undefined"), std::string::npos) << file.path;
  }
}

}  // namespace
}  // namespace kinescape::report
