#include "analysis/formats/render_markdown.h"

#include <string>

#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/sample_report.h"
#include "tests/testing/golden.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RenderMarkdown, TableLooksLikeThis) {
  ExpectGolden("tests/analysis/formats/testdata/report.md",
               RenderMarkdown(SampleReport()));
}

TEST(RenderMarkdown, TextFromFilesIsEscaped) {
  ComparisonReport report = SampleReport();
  ReportRow* row = report.mutable_tables(0)->mutable_rows(1);
  row->set_label("a|b\n*c* <i> ---> text_tuning ~$x$");
  row->mutable_runs(1)->set_missing("<script> & co");
  const std::string text = RenderMarkdown(report);
  EXPECT_THAT(text, HasSubstr("| a\\|b \\*c\\* &lt;i> ---> text\\_tuning "
                              "\\~\\$x\\$ | 1/2† |"));
  EXPECT_THAT(text, HasSubstr("missing: &lt;script> &amp; co."));
  // The comment with the runs ends where it should.
  EXPECT_THAT(text, HasSubstr("a|b *c* <i> - - -> text_tuning ~$x$: seed 1"));
  const size_t comment = text.find("<!-- runs");
  EXPECT_EQ(text.find("-->", comment), text.rfind("\n-->\n") + 1);
}

TEST(RenderMarkdown, TextThatBeginsALineMakesNoBlock) {
  ComparisonReport report = SampleReport();
  report.mutable_tables(0)->add_training_notes("# one");
  report.mutable_tables(0)->add_training_notes("> two");
  report.mutable_tables(0)->add_training_notes("3. three");
  report.mutable_tables(0)->add_training_notes("1.5 is a number");
  EXPECT_THAT(RenderMarkdown(report),
              HasSubstr("- \\# one\n- \\> two\n- 3\\. three\n- 1\\.5 is a "
                        "number\n"));
}

TEST(RenderMarkdown, BaseOfAnotherNameIsCalledTheBase) {
  ComparisonReport report = SampleReport();
  report.mutable_tables(0)->mutable_rows(0)->set_label("paper");
  EXPECT_THAT(RenderMarkdown(report), HasSubstr("| **paper** (base) | 2 |"));
}

TEST(RenderMarkdown, PublishedRowsAreMarkedAndExplained) {
  ComparisonReport report = SampleReport();
  ReportTable* table = report.mutable_tables(0);
  ReportPublished* published = table->add_published();
  published->set_source("Somebody (2024), Table 3");
  published->mutable_row()->set_label("RMSIN");
  published->mutable_row()->set_origin(PublishedRow::RERUN);
  published->mutable_row()->set_items(1740);
  published->mutable_row()->set_pr_50("71.96");
  published->mutable_row()->set_giou("62.3");
  published->mutable_row()->set_split_evidence("they say so");
  published->mutable_row()->add_note("Spelled RMISN there.");
  published->mutable_evaluator()->set_tie(PublishedEvaluator::AT_LEAST);
  published->mutable_evaluator()->set_resolution(480);
  *table->add_published() = *published;
  table->mutable_published(1)->mutable_row()->set_label("LAVT");
  table->mutable_published(1)->mutable_row()->clear_note();
  table->add_published_left_out("2 rows of x are of split test");
  const std::string text = RenderMarkdown(report);
  EXPECT_THAT(text, HasSubstr("| RMSIN (published) | ? | 71.96 | – | – | – | – "
                              "| – | 62.3 | – |\n"
                              "| LAVT (published) | ? |"));
  EXPECT_THAT(
      text,
      HasSubstr("- Published: RMSIN, LAVT: Somebody (2024), Table 3; run again "
                "by others of 1740 items, NOT the 10 of this table; Pr@X "
                "counts IoU of X too, at 480 px; seeds not known; split val "
                "because they say so.\n"
                "- RMSIN (published): Spelled RMISN there.\n"
                "- Published, not shown: 2 rows of x are of split test.\n"));
  // The rows of the controls are ours alone.
  EXPECT_EQ(text.find("(published)", text.find("controls")), text.npos);
}

TEST(RenderMarkdown, TablesOfOneDesignSayTheirSplit) {
  ComparisonReport report = SampleReport();
  *report.add_tables() = report.tables(0);
  report.mutable_tables(1)->set_split("test");
  const std::string text = RenderMarkdown(report);
  EXPECT_THAT(text, HasSubstr("\n## prompts, split val\n"));
  EXPECT_THAT(text, HasSubstr("\n## prompts, split test\n"));
  EXPECT_THAT(text, HasSubstr("\n### prompts, split test: controls\n"));
}

TEST(RenderMarkdown, WithoutControlsThereIsNoSectionForThem) {
  ComparisonReport report = SampleReport();
  for (ReportRow& row : *report.mutable_tables(0)->mutable_rows()) {
    row.clear_controls();
  }
  EXPECT_THAT(RenderMarkdown(report), Not(HasSubstr("controls")));
}

}  // namespace
}  // namespace transect
