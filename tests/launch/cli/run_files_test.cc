#include "launch/cli/run_files.h"

#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/found_input.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

class RunFilesTest : public ::testing::Test {
 protected:
  RunFilesTest()
      : dir_(NewDir()), store_(Store::OpenOrCreate(dir_ + "/store").value()) {
    run_.id = kId;
    run_.dir = store_.RunDir(kId, kCode);
    run_.result.set_code(kCode);
    TrainJob& job = *run_.launch.mutable_train();
    RunSpec& spec = *job.mutable_run();
    spec.mutable_data()->mutable_synthesis();
    spec.mutable_tokenizer()->mutable_sentencepiece();
    spec.mutable_weights()->mutable_random();
    job.set_tokenizer_path(dir_ + "/spiece.model");
    job.mutable_initial_weights()->set_trained(dir_ + "/initial.safetensors");
    job.set_data_root(dir_ + "/data");
    Put(job.tokenizer_path(), "pieces");
    Put(job.initial_weights().trained(), "numbers");
    Put(run_.dir + "/weights.safetensors", "numbers");
  }

  std::string dir_;
  Store store_;
  FoundRun run_;
};

TEST_F(RunFilesTest, OfARunAreItsInputsAndWhatItTrained) {
  ASSERT_OK_AND_ASSIGN(const RunFiles files,
                       FilesOfRun(store_, run_, InputsUsed::kTokenizer));
  EXPECT_EQ(files.id(), kId);
  EXPECT_EQ(files.code(), kCode);
  EXPECT_EQ(files.trained_weights_path(), run_.dir + "/weights.safetensors");
  EXPECT_EQ(files.job().initial_weights().trained(),
            dir_ + "/initial.safetensors");
}

TEST_F(RunFilesTest, WithoutTrainedWeightsTheRunSaysHowToGoOn) {
  ASSERT_TRUE(std::filesystem::remove(run_.dir + "/weights.safetensors"));
  EXPECT_THAT(
      FilesOfRun(store_, run_, InputsUsed::kTokenizer),
      StatusIs(absl::StatusCode::kNotFound,
               AllOf(HasSubstr("the trained weights of run 0123456789ab are "
                               "gone: "),
                     HasSubstr("what the run measured still counts"),
                     HasSubstr(run_.dir + "/result.textproto"))));
}

TEST_F(RunFilesTest, AnInputThatIsGoneIsNamed) {
  EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kData),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("data set"), HasSubstr(dir_))));
  run_.launch.mutable_train()->mutable_initial_weights()->set_trained(dir_ +
                                                                      "/gone");
  EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kTokenizer),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("initial weights: " + dir_ +
                                 "/gone no longer exists")));
  EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kNone), IsOk());
  run_.launch.clear_train();
  EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kTokenizer),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is not a training")));
}

TEST_F(RunFilesTest, AFoundInputMustBeTheOneThatTheRunRead) {
  RunSpec* const run = run_.launch.mutable_train()->mutable_run();
  run->mutable_tokenizer()->mutable_found()->set_role("siglip");
  // As the plan of the run made it.
  ASSERT_OK_AND_ASSIGN(
      const std::string content,
      ComputeIdentity(store_, Input::Kind::kTokenizer, dir_ + "/spiece.model",
                      [](int64_t, int64_t) {}));
  ASSERT_OK_AND_ASSIGN(const RunInputs inputs,
                       ListInputs(*run, {{"tokenizer/siglip", content}}));
  run_.inputs.set_tokenizer(inputs.reads[InputName::kTokenizer]);
  EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kTokenizer), IsOk());
  Put(dir_ + "/spiece.model", "other pieces, and more of them");
  EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kTokenizer),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("tokenizer"),
                             HasSubstr("changed after the run"))));
  // Who does not read it does not ask.
  EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kWeights), IsOk());
}

// Each of the weights, not the first alone.
TEST_F(RunFilesTest, FoundWeightsMustBeThoseThatTheRunRead) {
  TrainJob& job = *run_.launch.mutable_train();
  WeightsSpec& weights = *job.mutable_run()->mutable_weights();
  weights.mutable_found()->set_siglip_role("towers");
  weights.mutable_found()->set_sam_role("masks");
  weights.mutable_adapters()->set_role("tuned");
  job.clear_initial_weights();
  InputIdentities found;
  for (const auto& [name, role] : {std::pair(InputName::kSiglip, "towers"),
                                   std::pair(InputName::kSam, "masks"),
                                   std::pair(InputName::kAdapters, "tuned")}) {
    const std::string place = absl::StrCat(dir_, "/", role);
    Put(place + "/config.json", "{}");
    Put(place + "/model.safetensors", role);
    *MutablePlaceOf(name, &job) = place;
    ASSERT_OK_AND_ASSIGN(found[absl::StrCat("weights/", role)],
                         ComputeIdentity(store_, InputKind::kWeights, place,
                                         [](int64_t, int64_t) {}));
  }
  ASSERT_OK_AND_ASSIGN(const RunInputs inputs, ListInputs(job.run(), found));
  const JobInputs then = ToJobInputs(inputs.reads);
  run_.inputs = then;
  EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kWeights), IsOk());
  for (const InputName name :
       {InputName::kSiglip, InputName::kSam, InputName::kAdapters}) {
    Reads other = ReadsOf(then);
    other[name] = std::string(32, '7');
    run_.inputs = ToJobInputs(other);
    EXPECT_THAT(FilesOfRun(store_, run_, InputsUsed::kWeights),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr(std::string(InfoOf(name).noun)),
                               HasSubstr(PlaceOf(name, job)),
                               HasSubstr("the run's is 777777777777"))));
  }
}

TEST_F(RunFilesTest, ASpecSaysWhatIsWrongWithItOrMissing) {
  const std::string path = dir_ + "/model.textproto";
  const auto error = [&](const std::string& text) {
    Put(path, text);
    const auto files = FilesOfSpec(store_, SiteFile(), kCode, path);
    EXPECT_FALSE(files.ok());
    return std::string(files.status().message());
  };
  const std::string mark = "# proto-message: transect.RunSpec\n";
  EXPECT_THAT(error(mark + "modell {}\n"), HasSubstr("model.textproto:2:1"));
  EXPECT_THAT(error(mark + "model { rsrefseg {} }\n"),
              AllOf(HasSubstr(path), HasSubstr("data")));
  const std::string small =
      "model { rsrefseg { siglip { variant: TINY } sam { variant: TINY } } }"
      "data { synthesis { image_size: 64 } } weights { random {} }"
      "training { steps: 1 global_batch: 1 }"
      "tokenizer { max_tokens: 32 sentencepiece { vocab_size: 64"
      " corpus { image_size: 64 } } }\n";
  EXPECT_THAT(error(mark + small), AllOf(HasSubstr("tokenizer, 64 pieces"),
                                         HasSubstr("is not in the store")));
  // An experiment means its base.
  EXPECT_THAT(error("name: 'x' base {" + small + "}\n"),
              HasSubstr("is not in the store"));
}

}  // namespace
}  // namespace transect
