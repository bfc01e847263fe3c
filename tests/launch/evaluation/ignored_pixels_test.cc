// Pixels with FoundDataset.ignored_label, from mask files to loss and integers.
#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/evaluation/evaluator.h"
#include "launch/evaluation/sample_sheet.h"
#include "launch/training/trainer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr int kSide = 16;

// An image of four blocks of one gray each, which JPEG keeps.
std::string Blocks(const std::array<uint8_t, 4>& grays) {
  Image image{kSide, kSide, {}};
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      image.bgr.insert(image.bgr.end(), 3, grays[y / 8 * 2 + x / 8]);
    }
  }
  const absl::StatusOr<std::string> jpeg = EncodeJpeg(image, 100);
  EXPECT_THAT(jpeg, IsOk());
  return *jpeg;
}

// In the layout REFSEGRS: object upper left, label 255 upper right. Files are
// told apart by their first bytes.
DatasetIndex Open(int ignored_label, const std::string& cache = "") {
  static const std::string root = [] {
    const std::string dir = NewDir();
    EXPECT_THAT(MakeDirs(dir + "/images"), IsOk());
    EXPECT_THAT(MakeDirs(dir + "/masks"), IsOk());
    std::string lines;
    for (const char* id : {"1", "2"}) {
      EXPECT_THAT(WriteFile(absl::StrCat(dir, "/images/", id, ".tif"),
                            Blocks({9, 80, 160, 240})),
                  IsOk());
      EXPECT_THAT(WriteFile(absl::StrCat(dir, "/masks/", id, ".tif"),
                            Blocks({100, 255, 0, 0})),
                  IsOk());
      absl::StrAppend(&lines, id, " a ship\n");
    }
    EXPECT_THAT(WriteFile(dir + "/output_phrase_train.txt", lines), IsOk());
    return dir;
  }();
  FoundDataset spec;
  spec.set_format(FoundDataset::REFSEGRS);
  spec.set_ignored_label(ignored_label);
  // Without the label, the files have two kinds of object pixels.
  if (ignored_label == 0) {
    spec.mutable_policy()->set_mask_of_many_values(DefectPolicy::KEEP);
  }
  absl::StatusOr<DatasetIndex> index =
      DatasetIndex::OpenFound(root, spec, "train", cache);
  EXPECT_THAT(index, IsOk());
  return *std::move(index);
}

// A network whose logit is close to `kBias` everywhere.
constexpr double kBias = 1000;

RunSpec BiasedRun(int steps) {
  RunSpec run = SmallRun();
  SiglipSpec* const siglip =
      run.mutable_model()->mutable_patch_text_map()->mutable_siglip();
  siglip->set_variant(SiglipSpec::TINY);
  siglip->set_max_positions(64);
  run.mutable_training()->set_steps(steps);
  run.mutable_training()->mutable_schedule()->set_warmup_steps(0);
  run.mutable_training()->set_global_batch(2);
  run.mutable_training()->mutable_loss()->set_activation_weight(0);
  ResolveRun(&run);
  return run;
}

void SetBias(TrainingRank* rank) {
  const torch::NoGradGuard no_grad;
  rank->model().named_parameters()["siglip.logit_bias"].fill_(kBias);
}

TEST(IgnoredPixels, AreReadFromMaskFilesAndCached) {
  const std::string cache = NewDir();
  for (const std::string& where : {std::string(), cache, cache}) {
    const Sample with = Open(255, where).samples()[0];
    EXPECT_EQ(RleArea(with.mask), 64);
    EXPECT_EQ(RleArea(with.ignored), 64);
    EXPECT_EQ(RleBox(with.ignored)[0], 8);
    // Without the field they are object, as in any mask.
    const Sample without = Open(0, where).samples()[0];
    EXPECT_EQ(RleArea(without.mask), 128);
    EXPECT_EQ(without.ignored.height, 0);
  }
}

TEST(IgnoredPixels, CountInNoMetric) {
  for (const int label : {0, 255}) {
    TrainingRank rank(BiasedRun(1), absl::StrCat("ignored_", label));
    SetBias(&rank);
    SampleSheet sheet(0);
    ASSERT_THAT(Evaluate(rank.task(), Open(label), &sheet), IsOk());
    int items = 0;
    for (const MetricRecord& record : rank.Records()) {
      if (!record.has_eval_item()) continue;
      ++items;
      const EvalItem& item = record.eval_item();
      for (const PixelCounts& counts : {item.prediction(), item.permuted()}) {
        EXPECT_EQ(counts.intersection(), label == 0 ? 128 : 64);
        EXPECT_EQ(counts.union_(), label == 0 ? 256 : 192);
      }
    }
    EXPECT_EQ(items, 2);
  }
}

// Where the logit is large, the cross-entropy of a pixel is the logit on
// background and 0 on the object.
TEST(IgnoredPixels, CountNotInTheLoss) {
  for (const int label : {0, 255}) {
    TrainingRank rank(BiasedRun(1), absl::StrCat("loss_", label));
    SetBias(&rank);
    ASSERT_THAT(Train(rank.task(), Open(label)), IsOk());
    double loss = 0;
    for (const MetricRecord& record : rank.Records()) {
      if (record.has_train_step()) loss = record.train_step().loss();
    }
    EXPECT_NEAR(loss / kBias, label == 0 ? 128.0 / 256 : 128.0 / 192, 0.02);
  }
}

}  // namespace
}  // namespace transect
