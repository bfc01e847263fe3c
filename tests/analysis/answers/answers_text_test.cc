#include "analysis/answers/answers_text.h"

#include <string>

#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ComparisonReport Answered() {
  ComparisonReport report;
  EXPECT_THAT(
      ParseTextproto(
          R"pb(tables {
                 name: "study"
                 split: "val"
                 rows { label: "base" }
                 rows { label: "a|b" }
                 claims {
                   name: "text_helps"
                   text: "text=FULL > text=ZERO on gIoU"
                   source: "section III-E"
                   verdict: UNDECIDED
                   effect: 0.1234
                   low: 0.1
                   high: 0.15
                   p: 0.3333333
                   basis: "exact permutation of 2 seeds a row"
                   why: "so few seeds can give p = 0.33 at best"
                 }
                 published {
                   row { label: "theirs" giou: "63.68" }
                   same_as: "base"
                   differences: "the published values are of split test, ours of split val"
                   comparisons {
                     kind: GIOU
                     printed_low: 0.63675
                     printed_high: 0.63685
                     ours: 0.63
                     ours_low: 0.62
                     ours_high: 0.64
                     difference_low: -0.01685
                     difference_high: 0.00325
                     verdict: WITHIN_OURS
                   }
                 }
                 published {
                   row { label: "LAVT" giou: "59.05" }
                   refusals: "the published masks were compared at 480 x 480 pixels, ours at each image's own size"
                 }
                 breakdowns {
                   by: OBJECT_SIZE
                   groups {
                     label: "above 3 % of the image"
                     items: 7
                     cells {
                       n: 2
                       giou: 0.5
                       giou_sd: 0.01
                       ciou: 0.61
                       pr: [ 0.4, 0.3 ]
                     }
                     cells {}
                   }
                 }
                 breakdowns { by: SENTENCE missing: "no log says it" }
               })pb",
          "test", &report),
      IsOk());
  return report;
}

TEST(AnswersTextTest, ClaimsAreSentences) {
  const std::string text = AnswersText(Answered(), {});
  EXPECT_THAT(text,
              HasSubstr("claims about study, split val\n- text_helps: "
                        "undecided. text=FULL > text=ZERO on gIoU: +12.34 "
                        "[+10.00, +15.00], p = 0.33 (exact permutation of 2 "
                        "seeds a row). Why: so few seeds can give p = 0.33 at "
                        "best. Claimed in section III-E.\n"));
}

TEST(AnswersTextTest, PrintedAndOursStandBesideEachOther) {
  const std::string text = AnswersText(Answered(), {});
  EXPECT_THAT(text, HasSubstr("theirs (!)"));
  EXPECT_THAT(text, HasSubstr("[63.675, 63.685)"));
  EXPECT_THAT(text, HasSubstr("[62.00, 64.00]"));
  EXPECT_THAT(text, HasSubstr("within ours"));
  EXPECT_THAT(text, HasSubstr("(!) compared although the published values are "
                              "of split test, ours of split val: theirs."));
  EXPECT_THAT(text, HasSubstr("not compared, because the published masks were "
                              "compared at 480 x 480 pixels, ours at each "
                              "image's own size: LAVT."));
}

TEST(AnswersTextTest, BreakdownsAreShownWhereAskedFor) {
  EXPECT_THAT(AnswersText(Answered(), {}), Not(HasSubstr("by size")));
  const std::string text =
      AnswersText(Answered(), {.breakdowns = {ReportBreakdown::OBJECT_SIZE,
                                              ReportBreakdown::SENTENCE}});
  EXPECT_THAT(text, HasSubstr("gIoU by size, study, split val"));
  EXPECT_THAT(text, HasSubstr("50.00 ± 1.00"));
  EXPECT_THAT(text, HasSubstr("–"));
  EXPECT_THAT(text, HasSubstr("There is none: no log says it."));
  const auto of_metric = [](ReportCell::Kind metric) {
    return AnswersText(
        Answered(),
        {.breakdowns = {ReportBreakdown::OBJECT_SIZE}, .metric = metric});
  };
  EXPECT_THAT(of_metric(ReportCell::CIOU),
              AllOf(HasSubstr("cIoU by size"), HasSubstr("61.00")));
  EXPECT_THAT(of_metric(ReportCell::PR_60),
              AllOf(HasSubstr("Pr@0.6 by size"), HasSubstr("30.00")));
  // Of a report that was kept by an older program.
  EXPECT_THAT(of_metric(ReportCell::PR_90), Not(HasSubstr("30.00")));
}

TEST(AnswersTextTest, MarkdownIsEscaped) {
  const std::string text =
      AnswersText(Answered(), {.format = AnswersFormat::kMarkdown,
                               .breakdowns = {ReportBreakdown::OBJECT_SIZE}});
  EXPECT_THAT(text, HasSubstr("### claims about study, split val\n"));
  EXPECT_THAT(text, HasSubstr("| size | items | base | a\\|b |\n"));
  EXPECT_THAT(text, HasSubstr("text\\_helps: undecided"));
}

TEST(AnswersTextTest, NothingIsAnsweredWithNothing) {
  ComparisonReport report;
  report.add_tables()->set_name("study");
  EXPECT_EQ(AnswersText(report, {}), "");
}

}  // namespace
}  // namespace transect
