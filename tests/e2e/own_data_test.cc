// The steps of docs/own_data.md, on pictures made here.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kExperiment[] = "docs/own_data.textproto";
constexpr int kSide = 64;

// A picture with one square of 16 x 16 pixels at (x, y), multiples of 8, whose
// color is blue, green, red; black and white with `mask`.
std::string Picture(int x, int y, const std::vector<uint8_t>& bgr, bool mask) {
  Image image{kSide, kSide,
              std::vector<uint8_t>(3 * kSide * kSide, mask ? 0 : 90)};
  for (int row = y; row < y + 16; ++row) {
    for (int column = x; column < x + 16; ++column) {
      for (int c = 0; c < 3; ++c) {
        image.bgr[3 * (row * kSide + column) + c] = mask ? 255 : bgr[c];
      }
    }
  }
  return *EncodeJpeg(image, 100);
}

// Images first, first + 1, ... of a split, with masks and a line for each.
void WriteSplit(const std::string& root, const std::string& split, int first,
                int count) {
  std::string lines;
  for (int i = first; i < first + count; ++i) {
    const bool red = i % 2 == 0;
    const int x = i % 3 == 0 ? 0 : 40;
    const std::string name = absl::StrCat("caf\xC3\xA9_", i);
    Put(absl::StrCat(root, "/images/", name, ".jpg"),
        Picture(x, 8 * (i % 6), {40, 40, 220}, false));
    Put(absl::StrCat(root, "/masks/", i, ".png"),
        Picture(x, 8 * (i % 6), {}, true));
    absl::StrAppend(&lines, "{\"sent\": \"The ", red ? "red" : "bright",
                    " square on the ", x == 0 ? "left" : "right",
                    "\", \"file_name\": \"", name, ".jpg\", \"mask_file\": \"",
                    i, ".png\"}\n");
  }
  Put(absl::StrCat(root, "/", split, ".jsonl"), lines);
}

class OwnData : public ::testing::Test {
 protected:
  OwnData() : dir_(NewDir()), data_(dir_ + "/mydata"), store_(NewStore()) {
    WriteSplit(data_, "train", 0, 12);
    WriteSplit(data_, "val", 12, 4);
    Put(dir_ + "/mine.site.textproto",
        "data { role: \"mine\" path: \"mydata\" }\n");
  }

  Ended OnIt(const std::string& verb) {
    return Transect({verb, kExperiment, "--site", dir_ + "/mine.site.textproto",
                     "--store", store_, "--set", "base.training.steps=3"});
  }

  std::string dir_;
  std::string data_;
  std::string store_;
};

TEST_F(OwnData, FromAFolderToATable) {
  const Ended check = Transect(
      {"data", "check", data_, "--format-of-data", "JSONL", "--store", store_});
  EXPECT_EQ(check.code, 0) << check.out << check.err;
  EXPECT_THAT(check.out, HasSubstr("train"));
  const Ended plan = OnIt("plan");
  EXPECT_EQ(plan.code, 0) << plan.out << plan.err;
  const Ended run = OnIt("run");
  ASSERT_EQ(run.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("Do the sentences matter?"),
                    HasSubstr("sentence=CONSTANT"), Not(HasSubstr("missing"))));
  // A tokenizer, and 2 cells x 2 seeds.
  EXPECT_EQ(JobDirs(store_).size(), 5u);
  const Ended report = OnIt("report");
  EXPECT_EQ(report.code, 0);
  EXPECT_THAT(report.out, HasSubstr("sentence=CONSTANT"));
  // Another sentence is another corpus and another data set: nothing of it is
  // done.
  const std::string train = data_ + "/train.jsonl";
  Put(train, absl::StrReplaceAll(*ReadFile(train), {{"bright", "blue"}}));
  const Ended again = OnIt("run");
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(JobDirs(store_).size(), 10u);
}

TEST_F(OwnData, ACorpusThatIsNotThereIsSaidBeforeAnythingStarts) {
  Put(dir_ + "/mine.site.textproto", "data { role: \"other\" path: \"x\" }\n");
  const Ended run = OnIt("run");
  EXPECT_EQ(run.code, 1) << run.out << run.err;
  EXPECT_THAT(run.err, HasSubstr("mine"));
  EXPECT_TRUE(JobDirs(store_).empty());
}

}  // namespace
}  // namespace transect
