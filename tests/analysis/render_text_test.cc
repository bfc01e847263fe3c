#include "analysis/render_text.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/sample_report.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Code points of the longest line.
size_t WidestLine(absl::string_view text) {
  size_t widest = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    size_t width = 0;
    for (const char c : line) {
      width += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }
    widest = std::max(widest, width);
  }
  return widest;
}

TEST(RenderText, TableLooksLikeThis) {
  EXPECT_EQ(RenderText(SampleReport(), {.width = 140, .color = false}),
            R"(LoRA on another style

prompts
  cell            n            Pr@0.5       Pr@0.6       Pr@0.7       Pr@0.8       Pr@0.9          cIoU          gIoU   Δ gIoU
  ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
● base            2     50.00 ± 70.71  0.00 ± 0.00  0.00 ± 0.00  0.00 ± 0.00  0.00 ± 0.00  55.00 ± 7.07  55.00 ± 7.07       –
  prompts=SPARSE  1/2†   0.00†         0.00†        0.00†        0.00†        0.00†        30.00†        30.00†        -25.00†
  rank=2          0/2†      –†            –†           –†           –†           –†            –†            –†             –†
Percent; mean ± sample standard deviation (n − 1) over seeds, n in column n. Split val, 10 items. Pr@X: share of items with IoU above X;
  cIoU: sum of intersections over sum of unions; gIoU: mean IoU. Δ gIoU: difference of means to base (rank=16, prompts=SPARSE_AND_DENSE).
  Code c0de00000000.
† prompts=SPARSE, seed 2 (run bbbb2222) is missing: failed: the loss became infinite.
† rank=2, seed 1 (run cccc1111) is missing: not started.
† rank=2, seed 2 (run cccc2222) is missing: not started.

prompts: controls
  cell            n             gIoU  permuted sentence   all objects  target > distractor
  ───────────────────────────────────────────────────────────────────────────────
● base            2     55.00 ± 7.07  10.00 ± 0.00    25.00 ± 0.00  100.00 ± 0.00
  prompts=SPARSE  1/2†  30.00†        10.00†          25.00†          0.00†
  rank=2          0/2†      –†            –†              –†             –†
Other sentence: gIoU with the sentences permuted among the images.
All objects: gIoU of the mask of all objects, which no run changes.
Named > other: share of the 4 scenes with another object of the named category in which the prediction covers more of the named one than of
  that other.
)");
}

TEST(RenderText, NarrowTerminalGetsTheTableInBlocks) {
  const std::string text =
      RenderText(SampleReport(), {.width = 80, .color = false});
  EXPECT_LE(WidestLine(text), 80);
  EXPECT_EQ(text, R"(LoRA on another style

prompts
  cell            n            Pr@0.5       Pr@0.6       Pr@0.7       Pr@0.8
  ──────────────────────────────────────────────────────────────────────────
● base            2     50.00 ± 70.71  0.00 ± 0.00  0.00 ± 0.00  0.00 ± 0.00
  prompts=SPARSE  1/2†   0.00†         0.00†        0.00†        0.00†
  rank=2          0/2†      –†            –†           –†           –†

  cell            n          Pr@0.9          cIoU          gIoU   Δ gIoU
  ──────────────────────────────────────────────────────────────────────
● base            2     0.00 ± 0.00  55.00 ± 7.07  55.00 ± 7.07       –
  prompts=SPARSE  1/2†  0.00†        30.00†        30.00†        -25.00†
  rank=2          0/2†     –†            –†            –†             –†
Percent; mean ± sample standard deviation (n − 1) over seeds, n in column n.
  Split val, 10 items. Pr@X: share of items with IoU above X; cIoU: sum of
  intersections over sum of unions; gIoU: mean IoU. Δ gIoU: difference of means
  to base (rank=16, prompts=SPARSE_AND_DENSE). Code c0de00000000.
† prompts=SPARSE, seed 2 (run bbbb2222) is missing: failed: the loss became
  infinite.
† rank=2, seed 1 (run cccc1111) is missing: not started.
† rank=2, seed 2 (run cccc2222) is missing: not started.

prompts: controls
  cell            n             gIoU  permuted sentence   all objects
  ────────────────────────────────────────────────────────────────
● base            2     55.00 ± 7.07  10.00 ± 0.00    25.00 ± 0.00
  prompts=SPARSE  1/2†  30.00†        10.00†          25.00†
  rank=2          0/2†      –†            –†              –†

  cell            n     target > distractor
  ───────────────────────────────────
● base            2     100.00 ± 0.00
  prompts=SPARSE  1/2†    0.00†
  rank=2          0/2†       –†
Other sentence: gIoU with the sentences permuted among the images.
All objects: gIoU of the mask of all objects, which no run changes.
Named > other: share of the 4 scenes with another object of the named category
  in which the prediction covers more of the named one than of that other.
)");
}

TEST(RenderText, NoLimitMeansOneLinePerRowAndCaption) {
  const std::string text = RenderText(SampleReport(), {});
  EXPECT_GT(WidestLine(text), 200) << "the caption is one line";
}

TEST(RenderText, TerminalThatFitsNothingGetsOneColumnPerBlock) {
  const std::string text = RenderText(SampleReport(), {.width = 1});
  // Eight blocks of metrics and four of controls.
  EXPECT_EQ(std::vector<std::string>(absl::StrSplit(text, "● base")).size(),
            1 + 8 + 4);
}

TEST(RenderText, ColorIsOnlyForTerminalsThatWantIt) {
  const std::string plain = RenderText(SampleReport(), {.width = 140});
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  std::string colored =
      RenderText(SampleReport(), {.width = 140, .color = true});
  EXPECT_THAT(colored, HasSubstr("\x1b[1m● base"));
  EXPECT_THAT(colored, HasSubstr("\x1b[33m  prompts=SPARSE"));
  // Without its escape sequences it is the plain text.
  for (const std::string code : {"\x1b[1m", "\x1b[33m", "\x1b[0m"}) {
    for (size_t at; (at = colored.find(code)) != std::string::npos;) {
      colored.erase(at, code.size());
    }
  }
  EXPECT_EQ(colored, plain);
}

TEST(RenderText, LabelsCannotSteerTheTerminal) {
  ComparisonReport report = SampleReport();
  report.set_title("a\x1b[2Jb");
  report.mutable_tables(0)->mutable_rows(1)->set_label("x\ny\xc2\x9bz");
  const std::string text = RenderText(report, {});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(text, HasSubstr("a [2Jb\n"));
  EXPECT_THAT(text, HasSubstr("x y  z"));
}

TEST(RenderText, TableWithoutRowsAndReportWithoutTablesArePrinted) {
  ComparisonReport report;
  report.set_title("empty");
  EXPECT_EQ(RenderText(report, {.width = 80}), "empty\n");
  report.add_tables()->set_name("t");
  EXPECT_THAT(RenderText(report, {.width = 80}), HasSubstr("Pr@0.5"));
}

}  // namespace
}  // namespace transect
