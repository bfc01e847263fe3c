#include "analysis/render_markdown.h"

#include <string>

#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/sample_report.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RenderMarkdown, TableLooksLikeThis) {
  EXPECT_EQ(RenderMarkdown(SampleReport()), R"(# LoRA on another style

## prompts

| cell | n | Pr@0.5 | Pr@0.6 | Pr@0.7 | Pr@0.8 | Pr@0.9 | cIoU | gIoU | Δ gIoU |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|
| **base** | 2 | 50.00 ± 70.71 | 0.00 ± 0.00 | 0.00 ± 0.00 | 0.00 ± 0.00 | 0.00 ± 0.00 | 55.00 ± 7.07 | 55.00 ± 7.07 | – |
| prompts=SPARSE | 1/2† | 0.00† | 0.00† | 0.00† | 0.00† | 0.00† | 30.00† | 30.00† | -25.00† |
| rank=2 | 0/2† | –† | –† | –† | –† | –† | –† | –† | –† |

Percent; mean ± sample standard deviation (n − 1) over seeds, n in column n. Split val, 10 items. Pr@X: share of items with IoU above X; cIoU: sum of intersections over sum of unions; gIoU: mean IoU. Δ gIoU: difference of means to base (rank=16, prompts=SPARSE\_AND\_DENSE). Code c0de00000000.

- † prompts=SPARSE, seed 2 (run bbbb2222) is missing: failed: the loss became infinite.
- † rank=2, seed 1 (run cccc1111) is missing: not started.
- † rank=2, seed 2 (run cccc2222) is missing: not started.

### prompts: controls

| cell | n | gIoU | permuted sentence | all objects | target > distractor |
|---|---|---:|---:|---:|---:|
| **base** | 2 | 55.00 ± 7.07 | 10.00 ± 0.00 | 25.00 ± 0.00 | 100.00 ± 0.00 |
| prompts=SPARSE | 1/2† | 30.00† | 10.00† | 25.00† | 0.00† |
| rank=2 | 0/2† | –† | –† | –† | –† |

Other sentence: gIoU with the sentences permuted among the images.

All objects: gIoU of the mask of all objects, which no run changes.

Named > other: share of the 4 scenes with another object of the named category in which the prediction covers more of the named one than of that other.

<!-- runs
base: seed 1 aaaa1111/c0de00000000, seed 2 aaaa2222/c0de00000000
prompts=SPARSE: seed 1 bbbb1111/c0de00000000, seed 2 bbbb2222/missing
rank=2: seed 1 cccc1111/missing, seed 2 cccc2222/missing
-->
)");
}

TEST(RenderMarkdown, TextFromFilesIsEscaped) {
  ComparisonReport report = SampleReport();
  ReportRow* row = report.mutable_tables(0)->mutable_rows(1);
  row->set_label("a|b\n*c* <i> --> text_tuning");
  row->mutable_runs(1)->set_missing("<script> & co");
  const std::string text = RenderMarkdown(report);
  EXPECT_THAT(text,
              HasSubstr("| a\\|b \\*c\\* &lt;i> --> text\\_tuning | 1/2† |"));
  EXPECT_THAT(text, HasSubstr("missing: &lt;script> &amp; co."));
  // The comment with the runs ends where it should.
  EXPECT_THAT(text, HasSubstr("a|b *c* <i> - -> text_tuning: seed 1"));
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
