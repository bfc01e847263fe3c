#include "launch/worker/predict_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>
#include <optional>
#include <regex>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "experiments/run/resolve.h"
#include "google/protobuf/util/json_util.h"
#include "launch/requests/predictions.pb.h"
#include "launch/worker/prediction_input.h"
#include "model/checkpoint/tensor_file.h"
#include "tests/launch/testing/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string Dir(const std::string& name) {
  const std::string dir = absl::StrCat(testing::TempDir(), "/", name);
  fs::remove_all(dir);
  return dir;
}

// A request with SmallRun's network, as it is before training.
PredictRequest Request(const RunSpec& run = SmallRun()) {
  PredictRequest request;
  TrainJob* const job = request.mutable_files()->mutable_job();
  *job->mutable_run() = run;
  job->set_tokenizer_path(GetSmallFiles().tokenizer_path);
  request.set_format(PredictRequest::JSON);
  return request;
}

RunSpec MapRun() {
  RunSpec run = SmallRun();
  SiglipSpec* const siglip =
      run.mutable_model()->mutable_patch_text_map()->mutable_siglip();
  siglip->set_variant(SiglipSpec::TINY);
  siglip->set_max_positions(64);
  ResolveRun(&run);
  return run;
}

RunSpec OracleRun() {
  RunSpec run = SmallRun();
  run.mutable_model()->mutable_sam_oracle_box()->mutable_sam()->set_variant(
      SamSpec::TINY);
  run.mutable_training()->set_steps(0);
  ResolveRun(&run);
  return run;
}

// An image of the small data set.
std::string SomeImage() {
  for (const auto& file : fs::recursive_directory_iterator(
           GetSmallFiles().data_root + "/images")) {
    if (file.path().extension() == ".jpg") return file.path().string();
  }
  ADD_FAILURE() << "no image";
  return "";
}

absl::StatusOr<PredictionList> Answer(const PredictRequest& request) {
  testing::internal::CaptureStdout();
  const absl::StatusOr<ExitCode::Code> code = Predict(request);
  const std::string out = testing::internal::GetCapturedStdout();
  if (!code.ok()) return code.status();
  PredictionList list;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(out, &list).ok())
      << out;
  return list;
}

// Two noise images of `side` pixels with sentences of 3 and 4 tokens.
TensorMap Tensors(int64_t side) {
  torch::manual_seed(4);
  return {{"input.image", torch::rand({2, 3, side, side})},
          {"input.token_ids",
           torch::tensor({5, 6, 1, 1, 7, 8, 9, 1}, torch::kLong).view({2, 4})},
          {"input.token_counts", torch::tensor({3, 4}, torch::kLong)}};
}

std::string Saved(const std::string& name, const TensorMap& tensors) {
  const std::string path =
      absl::StrCat(testing::TempDir(), "/", name, ".safetensors");
  EXPECT_THAT(SaveTensors(path, tensors), IsOk());
  return path;
}

TEST(Predict, SaysWhatItDidAsText) {
  PredictRequest request = Request();
  request.set_format(PredictRequest::TEXT);
  request.add_image(SomeImage());
  request.add_text("the ship");
  request.set_out(Dir("text"));
  testing::internal::CaptureStdout();
  ASSERT_THAT(Predict(request), IsOk());
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              AllOf(HasSubstr("\"the ship\""), HasSubstr("_mask.png")));
}

TEST(Predict, ReplacesNothingUnlessToldTo) {
  PredictRequest request = Request();
  request.add_image(SomeImage());
  request.add_text("the ship");
  request.add_text("the car");
  request.set_out(Dir("kept"));
  request.set_dump(request.out());
  ASSERT_OK_AND_ASSIGN(const PredictionList list, Answer(request));
  const std::string mask = list.prediction(1).mask_file();
  const auto refused = Answer(request);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAlreadyExists,
                                AllOf(HasSubstr("_0_mask.png"),
                                      HasSubstr("--overwrite"))));
  // One file alone, too.
  const std::string dump = list.prediction(0).dump_file();
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(dump));
  fs::remove_all(request.out());
  ASSERT_THAT(MakeDirs(request.out()), IsOk());
  ASSERT_THAT(WriteFile(dump, "mine"), IsOk());
  EXPECT_THAT(Answer(request), StatusIs(absl::StatusCode::kAlreadyExists,
                                        HasSubstr(dump + " exists")));
  EXPECT_THAT(ReadFile(dump), IsOkAndHolds("mine"));
  EXPECT_FALSE(FileExists(mask));
  request.set_overwrite(true);
  EXPECT_THAT(Answer(request), IsOk());
  EXPECT_THAT(ReadFile(dump), IsOkAndHolds(bytes));
  // A batch of tensors, whose files have other names.
  PredictRequest again = Request();
  again.set_inputs(dump);
  again.set_dump(request.out());
  EXPECT_THAT(Answer(again),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(dump)));
}

TEST(NoteOnSize, SaysWhereObjectsHaveAnotherSizeThanInTraining) {
  EXPECT_EQ(NoteOnSize(800, 800, TrainingImageSize{800, 800}, 512), "");
  EXPECT_EQ(NoteOnSize(1000, 700, TrainingImageSize{800, 800}, 512), "");
  EXPECT_THAT(NoteOnSize(4000, 3000, TrainingImageSize{800, 800}, 512),
              AllOf(HasSubstr("4000 x 3000"), HasSubstr("800 x 800")));
  EXPECT_THAT(NoteOnSize(800, 200, TrainingImageSize{800, 800}, 512),
              Not(IsEmpty()));
  EXPECT_EQ(NoteOnSize(2000, 2000, std::nullopt, 512), "");
  EXPECT_THAT(NoteOnSize(4000, 3000, std::nullopt, 512),
              HasSubstr("sees it with 512 x 512"));
}

TEST(SizeOfTrainingImages, IsThatOfTheRecipe) {
  TrainJob job;
  job.mutable_run()->mutable_data()->mutable_synthesis()->set_image_size(96);
  const std::optional<TrainingImageSize> size = SizeOfTrainingImages(job);
  ASSERT_TRUE(size.has_value());
  EXPECT_EQ(size->height, 96);
  EXPECT_EQ(size->width, 96);
  // A found one that is not there.
  job.mutable_run()->mutable_data()->mutable_found()->set_role("x");
  job.set_data_root("/nowhere");
  EXPECT_FALSE(SizeOfTrainingImages(job).has_value());
}

TEST(Predict, SiglipSeesItsOwnResizeWhereTheRunSaysSo) {
  RunSpec run = SmallRun();
  run.mutable_data()->set_siglip_resize(DataSpec::BICUBIC_FROM_ORIGINAL);
  PredictRequest request = Request(run);
  request.add_image(SomeImage());
  request.add_text("the ship");
  request.set_dump(Dir("siglip_resize"));
  ASSERT_OK_AND_ASSIGN(const PredictionList list, Answer(request));
  const std::string dump = list.prediction(0).dump_file();
  ASSERT_OK_AND_ASSIGN(const TensorMap tensors, LoadTensors(dump));
  const int64_t side = run.model().rsrefseg().siglip().image_size();
  EXPECT_EQ(tensors.at("input.siglip_image").sizes(),
            at::IntArrayRef({1, 3, side, side}));

  // Images of this data set have the size of the network's input.
  PredictRequest again = Request(run);
  again.set_inputs(dump);
  ASSERT_OK_AND_ASSIGN(const PredictionList same, Answer(again));
  EXPECT_EQ(same.prediction(0).pixels(), list.prediction(0).pixels());
  EXPECT_EQ(same.prediction(0).score(), list.prediction(0).score());
  again.set_inputs(Saved("no_siglip_image", Tensors(64)));
  EXPECT_THAT(Answer(again), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("no input.siglip_image")));
  PredictRequest plain = Request();
  plain.set_inputs(dump);
  EXPECT_THAT(Answer(plain), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("data.siglip_resize")));
}

TEST(Predict, TellsTwoImagesOfOneNameApart) {
  const std::string other = Dir("other");
  ASSERT_THAT(MakeDirs(other), IsOk());
  const std::string copy =
      absl::StrCat(other, "/", fs::path(SomeImage()).filename().string());
  fs::copy_file(SomeImage(), copy);
  PredictRequest request = Request();
  request.add_image(SomeImage());
  request.add_image(copy);
  request.add_text("the ship");
  request.set_out(Dir("same_name"));
  ASSERT_OK_AND_ASSIGN(const PredictionList list, Answer(request));
  ASSERT_EQ(list.prediction_size(), 2);
  EXPECT_NE(list.prediction(0).mask_file(), list.prediction(1).mask_file());
  EXPECT_EQ(list.prediction(0).pixels(), list.prediction(1).pixels());
}

TEST(Predict, AnAnswerDoesNotDependOnWhatElseIsAsked) {
  PredictRequest request = Request();
  request.add_image(SomeImage());
  request.add_text("the large white ship on the left");
  request.add_text("the car");
  request.set_out(Dir("both"));
  ASSERT_OK_AND_ASSIGN(const PredictionList both, Answer(request));
  request.mutable_text()->DeleteSubrange(0, 1);
  request.set_out(Dir("one"));
  ASSERT_OK_AND_ASSIGN(const PredictionList one, Answer(request));
  ASSERT_EQ(both.prediction_size(), 2);
  EXPECT_EQ(one.prediction(0).pixels(), both.prediction(1).pixels());
  EXPECT_EQ(one.prediction(0).score(), both.prediction(1).score());
}

TEST(Predict, AskedForWordsThatNobodyKnowsItSaysSo) {
  PredictRequest request = Request();
  request.add_image(SomeImage());
  request.add_text("\xe6\x97\xa5\xe6\x9c\xac");
  request.set_out(Dir("unknown"));
  ASSERT_OK_AND_ASSIGN(const PredictionList list, Answer(request));
  EXPECT_THAT(list.prediction(0).note(),
              ElementsAre(HasSubstr("unknown to the tokenizer")));
}

// Names of stages in files of all three networks, layers as <i>.
TEST(Predict, DumpsTheStagesThatAreDocumentedAndNoOther) {
  std::set<std::string> dumped;
  const auto add = [&dumped](const RunSpec& run, const TensorMap& tensors,
                             const std::string& name) {
    PredictRequest request = Request(run);
    request.set_inputs(Saved(name, tensors));
    request.set_dump(Dir(name));
    ASSERT_OK_AND_ASSIGN(const PredictionList list, Answer(request));
    ASSERT_EQ(list.prediction_size(), 2);
    ASSERT_OK_AND_ASSIGN(const TensorMap stages,
                         LoadTensors(list.prediction(0).dump_file()));
    for (const auto& [stage, tensor] : stages) {
      dumped.insert(
          std::regex_replace(stage, std::regex("\\.[0-9]+$"), ".<i>"));
    }
  };
  add(SmallRun(), Tensors(64), "whole");
  add(MapRun(), Tensors(48), "map");
  RunSpec bicubic = SmallRun();
  bicubic.mutable_data()->set_siglip_resize(DataSpec::BICUBIC_FROM_ORIGINAL);
  TensorMap two_images = Tensors(64);
  two_images["input.siglip_image"] = torch::rand({2, 3, 48, 48});
  add(bicubic, two_images, "bicubic");
  TensorMap told = Tensors(64);
  told["input.boxes"] =
      torch::tensor({3.0f, 4.0f, 20.0f, 30.0f, 0.0f, 0.0f, 63.0f, 63.0f})
          .view({2, 4});
  add(OracleRun(), told, "oracle");

  std::set<std::string> documented;
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile("docs/dump.md"));
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    std::cmatch name;
    if (std::regex_search(line.begin(), line.end(), name,
                          std::regex("^\\| `([^`]+)`"))) {
      documented.insert(name[1].str());
    }
  }
  EXPECT_EQ(dumped, documented);
}

TEST(Predict, RefusesTensorsThatDoNotFit) {
  const auto error = [](const RunSpec& run, const TensorMap& tensors) {
    PredictRequest request = Request(run);
    request.set_inputs(Saved("wrong", tensors));
    const absl::StatusOr<PredictionList> list = Answer(request);
    EXPECT_EQ(list.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(list.status().message()), HasSubstr("wrong.safe"));
    return std::string(list.status().message());
  };
  EXPECT_THAT(error(SmallRun(), Tensors(48)),
              HasSubstr("is [2, 3, 48, 48], must be [B, 3, 64, 64]"));
  TensorMap tensors = Tensors(64);
  tensors.erase("input.image");
  EXPECT_THAT(error(SmallRun(), tensors), HasSubstr("no input.image"));
  tensors = Tensors(64);
  tensors["input.token_counts"] = torch::tensor({3}, torch::kLong);
  EXPECT_THAT(error(SmallRun(), tensors), HasSubstr("must be [2, T] and [2]"));
  tensors = Tensors(64);
  tensors["input.token_id"] = torch::zeros({1});
  EXPECT_THAT(error(SmallRun(), tensors), HasSubstr("input.token_id is"));
  tensors = Tensors(64);
  tensors["input.siglip_image"] = torch::rand({2, 3, 48, 48});
  EXPECT_THAT(error(SmallRun(), tensors), HasSubstr("input.siglip_image, and"));
  // The truth reaches nobody who must not see it.
  tensors = Tensors(64);
  tensors["input.boxes"] = torch::zeros({2, 4});
  EXPECT_THAT(error(SmallRun(), tensors), HasSubstr("must not see"));
  EXPECT_THAT(error(OracleRun(), Tensors(64)), HasSubstr("no input.boxes"));
  tensors = Tensors(64);
  tensors["input.token_ids"].fill_(100000);
  PredictRequest request = Request();
  request.set_inputs(Saved("ids", tensors));
  EXPECT_THAT(Answer(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("token ids must be")));
}

TEST(Predict, MakesSiglipsImageAsTheRunSays) {
  PredictRequest request = Request();
  request.add_image(SomeImage());
  request.add_text("the ship");
  request.set_out(Dir("bilinear"));
  request.set_dump(Dir("bilinear"));
  ASSERT_OK_AND_ASSIGN(const PredictionList bilinear, Answer(request));
  request.mutable_files()
      ->mutable_job()
      ->mutable_run()
      ->mutable_data()
      ->set_siglip_resize(DataSpec::BICUBIC_FROM_ORIGINAL);
  request.set_out(Dir("bicubic"));
  request.set_dump(request.out());
  ASSERT_OK_AND_ASSIGN(const PredictionList bicubic, Answer(request));
  ASSERT_OK_AND_ASSIGN(const TensorMap one,
                       LoadTensors(bilinear.prediction(0).dump_file()));
  ASSERT_OK_AND_ASSIGN(const TensorMap two,
                       LoadTensors(bicubic.prediction(0).dump_file()));
  EXPECT_EQ(one.count("input.siglip_image"), 0u);
  EXPECT_TRUE(
      two.at("stage.siglip_image").equal(two.at("input.siglip_image") * 2 - 1));
  EXPECT_FALSE(
      one.at("stage.siglip_image").equal(two.at("stage.siglip_image")));
}

TEST(Predict, AnOracleTakesNoFiles) {
  PredictRequest request = Request(OracleRun());
  request.add_image(SomeImage());
  request.add_text("the ship");
  request.set_out(Dir("oracle_files"));
  EXPECT_THAT(Answer(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("input.boxes")));
}

}  // namespace
}  // namespace transect
