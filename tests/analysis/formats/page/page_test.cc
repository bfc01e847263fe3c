#include "analysis/formats/page/page.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analysis/formats/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "re2/re2.h"
#include "tests/analysis/formats/page/made_page.h"
#include "tests/testing/golden.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string DataOf(const std::string& html) {
  const std::string head = "<script type=\"application/json\" id=\"data\">";
  const size_t start = html.find(head) + head.size();
  return html.substr(start, html.find("</script>", start) - start);
}

// Without style and script, which have files of their own.
TEST(Page, LooksLikeThis) {
  std::string html = RenderPage(MadePage(2, 12));
  RE2::GlobalReplace(&html, "(?s)<style>.*?</style>", "<style></style>");
  RE2::GlobalReplace(&html, "(?s)<script>.*?</script>", "<script></script>");
  ExpectGolden("tests/analysis/formats/page/testdata/page.html", html);
}

TEST(Page, NeedsNoNetwork) {
  const std::string html = RenderPage(MadePage(2, 12));
  EXPECT_FALSE(RE2::PartialMatch(
      html, "(?i)(src|href|srcset|action|data)=\"?(https?:)?//"));
  EXPECT_FALSE(RE2::PartialMatch(html,
                                 "(?i)url\\(|@import|fetch\\(|"
                                 "XMLHttpRequest|<link|<iframe"));
  EXPECT_FALSE(RE2::PartialMatch(html, "https?://"));
}

TEST(Page, VerifyReadsItsTables) {
  const PageInput page = MadePage(3, 60);
  const std::string html = RenderPage(page);
  ASSERT_OK_AND_ASSIGN(const VerifiedTables verified,
                       VerifyTables(html, "page.html", page.report));
  EXPECT_THAT(verified.problems, IsEmpty());
  EXPECT_EQ(verified.tables, 1) << "the page's other tables are none of it";
  EXPECT_GT(verified.numbers, 4 * 8);
  // The first number of the first row.
  std::string changed = html;
  ASSERT_TRUE(RE2::Replace(&changed,
                           "(<th scope=\"row\">base</th><td>3</td>"
                           "<td>\\d+\\.\\d)\\d",
                           "\\1x"));
  ASSERT_OK_AND_ASSIGN(const VerifiedTables differs,
                       VerifyTables(changed, "page.html", page.report));
  EXPECT_THAT(differs.problems, Not(IsEmpty()));
}

TEST(Page, StrangersTextActsOnNothing) {
  const std::string html = RenderPage(MadePage(2, 12, /*hostile=*/true));
  EXPECT_FALSE(absl::StrContains(html, "<script>alert"));
  EXPECT_FALSE(absl::StrContains(html, "<img src=x"));
  EXPECT_FALSE(absl::StrContains(html, "\xe2\x80\xae"));
  EXPECT_FALSE(absl::StrContains(html, "\xff"));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
  // The data ends where it should: the script has all of it.
  const auto data = nlohmann::json::parse(DataOf(html), nullptr, false);
  ASSERT_FALSE(data.is_discarded());
  EXPECT_THAT(data["tables"][0]["rows"][2]["label"].get<std::string>(),
              HasSubstr("</script>"));
  // An attribute ends at its quote: of each tag every quote is closed.
  const std::string end = html.substr(html.rfind("</script>"));
  EXPECT_EQ(end, "</script>\n</body></html>\n");
}

TEST(Page, HasTheNumbersOfAllItems) {
  const PageInput page = MadePage(2, 12);
  const auto data = nlohmann::json::parse(DataOf(RenderPage(page)));
  ASSERT_EQ(data["sets"].size(), 1u);
  EXPECT_EQ(data["sets"][0]["ids"].size(), 12u);
  ASSERT_EQ(data["runs"].size(), 7u);
  const EvalItem& item = page.input.tables[0].rows[1].runs[0].items->at(5);
  const int run = data["tables"][0]["rows"][1]["runs"][0];
  EXPECT_EQ(data["runs"][run]["i"][5], item.prediction().intersection());
  EXPECT_EQ(data["runs"][run]["u"][5], item.prediction().union_());
  EXPECT_EQ(data["sets"][0]["area"][5], item.target_area());
}

TEST(Page, DesignsShareRuns) {
  PageInput page = MadePage(2, 12);
  page.input.tables.push_back(page.input.tables[0]);
  page.input.tables[1].name = "again";
  page.report = MadePageReport(page.input);
  const auto data = nlohmann::json::parse(DataOf(RenderPage(page)));
  EXPECT_EQ(data["tables"].size(), 2u);
  EXPECT_EQ(data["sets"].size(), 1u);
  EXPECT_EQ(data["runs"].size(), 7u);
}

// The page of 28 runs of 3,481 items of large images, without pictures, which
// have a budget of their own.
TEST(Page, IsSmallEnough) {
  PageInput page = MadePage(7, 1);
  page.input = Study({.seeds = 7,
                      .items = 3481,
                      .area = [](int item) { return 300'000 + item; }},
                     [](const std::string& row, int seed, int item) {
                       return 0.5 + 0.4 * Noise(row, seed, item);
                     });
  page.report = MadePageReport(page.input);
  const std::string html = RenderPage(page);
  EXPECT_LT(html.size(), 4u << 20);
  EXPECT_GT(html.size(), 1u << 20) << "the items are missing";
}

TEST(Page, WithoutAResultSaysSo) {
  PageInput page = MadePage(2, 12);
  for (RowInput& row : page.input.tables[0].rows) {
    for (RunInput& run : row.runs) {
      run.items = nullptr;
      run.missing = "not run yet";
    }
  }
  page.report = MadePageReport(page.input);
  page.gallery = {};
  const std::string html = RenderPage(page);
  EXPECT_THAT(html, HasSubstr("No run has a result yet."));
  EXPECT_THAT(html, HasSubstr("0 of 8 runs have a result."));
  EXPECT_THAT(html, HasSubstr("Training loss"))
      << "curves of running trainings";
  EXPECT_THAT(html, HasSubstr("There are no pictures."));
}

TEST(Page, IsTheSameEachTime) {
  EXPECT_EQ(RenderPage(MadePage(2, 12)), RenderPage(MadePage(2, 12)));
}

}  // namespace
}  // namespace transect
