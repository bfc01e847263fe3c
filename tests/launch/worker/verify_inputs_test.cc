#include "launch/worker/verify_inputs.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_inputs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/found_input.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A training on made inputs, until a test says otherwise.
class VerifyInputsTest : public testing::Test {
 protected:
  VerifyInputsTest() : dir_(NewDir()) {
    Put(dir_ + "/made/data/refs.p", "refs");
    list_ = absl::StrCat(Sha256("refs"), "  data/refs.p\n");
    Put(dir_ + "/made/data.sha256", list_);
    Put(dir_ + "/made/spiece.model", "pieces");
    Put(dir_ + "/made/weights.safetensors", "numbers");
    Put(dir_ + "/made/result.textproto",
        absl::StrCat("file { path: 'data.sha256' sha256: '", Sha256(list_),
                     "' } file { path: 'spiece.model' sha256: '",
                     Sha256("pieces"),
                     "' } file { path: 'weights.safetensors' sha256: '",
                     Sha256("numbers"), "' }\n"));
    RunSpec& run = *train().mutable_run();
    run.mutable_data()->mutable_synthesis();
    run.mutable_tokenizer()->mutable_sentencepiece();
    run.mutable_weights()->mutable_trained();
    train().set_data_root(dir_ + "/made/data");
    train().set_tokenizer_path(dir_ + "/made/spiece.model");
    train().mutable_initial_weights()->set_trained(dir_ +
                                                   "/made/weights.safetensors");
  }

  // The role "photos" at found/, as the launcher tells of it.
  void FindData() {
    Put(dir_ + "/found/rrsisd/refs.p", "refs");
    Put(dir_ + "/found/images/rrsisd/1.jpg", "one");
    const Store store = Store::OpenOrCreate(dir_ + "/store").value();
    train().mutable_run()->mutable_data()->mutable_found()->set_role("photos");
    train().set_data_root(dir_ + "/found");
    content_ = ComputeIdentity(store, Input::Kind::kData, dir_ + "/found",
                               [](int64_t, int64_t) {})
                   .value();
    plan_.set_store(store.root());
    FoundContent* const found = train().add_found();
    found->set_input("data");
    found->set_sha256(content_);
  }

  TrainJob& train() { return *plan_.mutable_train(); }
  absl::Status Verify(int rank = 0) {
    result_.Clear();
    return VerifyInputs(plan_, rank, &result_);
  }
  void ExpectRefused(const std::string& why) {
    const absl::Status status = Verify();
    EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
    EXPECT_THAT(status.message(), HasSubstr(why));
  }
  // "NAME DIGEST" of each input in the result.
  std::vector<std::string> Digests() const {
    std::vector<std::string> digests;
    for (const InputDigest& input : result_.input()) {
      digests.push_back(absl::StrCat(input.input(), " ", input.sha256()));
    }
    return digests;
  }

  std::string dir_;
  std::string list_;
  std::string content_;
  LaunchPlan plan_;
  Result result_;
};

TEST_F(VerifyInputsTest, TheResultSaysWhatTheMadeInputsHeld) {
  ASSERT_THAT(Verify(), IsOk());
  EXPECT_THAT(Digests(), ElementsAre("data " + Sha256(list_),
                                     "tokenizer " + Sha256("pieces"),
                                     "weights " + Sha256("numbers")));
  ASSERT_THAT(Verify(/*rank=*/1), IsOk());
  EXPECT_THAT(Digests(), IsEmpty());
}

TEST_F(VerifyInputsTest, AMadeInputThatChangedIsAnErrorOfTheData) {
  for (const char* file : {"/made/data/refs.p", "/made/spiece.model",
                           "/made/weights.safetensors"}) {
    const std::string path = dir_ + file;
    const std::string bytes = ReadFile(path).value();
    Put(path, "other");
    ExpectRefused(path + ": its SHA-256 is " + Sha256("other"));
    ExpectRefused("remove the directory " + dir_ + "/made");
    EXPECT_THAT(Verify(/*rank=*/1), IsOk());
    Put(path, bytes);
  }
  EXPECT_THAT(Verify(), IsOk());
  std::filesystem::remove(dir_ + "/made/result.textproto");
  ExpectRefused(dir_ + "/made/data");
}

TEST_F(VerifyInputsTest, AFoundInputMustHoldWhatWasHashed) {
  FindData();
  ASSERT_THAT(Verify(), IsOk());
  EXPECT_EQ(Digests()[0], "data " + content_);
  Put(dir_ + "/found/images/rrsisd/1.jpg", "two");
  ExpectRefused("images/rrsisd/1.jpg has other bytes");
  std::filesystem::remove_all(dir_ + "/found");
  ExpectRefused(dir_ + "/found");
}

TEST_F(VerifyInputsTest, AStoreThatWasCopiedWithoutItsCacheHashesAgain) {
  FindData();
  std::filesystem::remove_all(dir_ + "/store/cache");
  EXPECT_THAT(Verify(), IsOk());
  std::filesystem::remove_all(dir_ + "/store/cache");
  std::filesystem::remove_all(dir_ + "/store/cas");
  Put(dir_ + "/found/images/rrsisd/1.jpg", "two");
  ExpectRefused("changed after it was hashed for the id of the run; its");
}

TEST_F(VerifyInputsTest, APlanThatSaysNothingOfAFoundInputIsNotHeldToIt) {
  FindData();
  train().clear_found();
  ASSERT_THAT(Verify(), IsOk());
  EXPECT_THAT(Digests(), ElementsAre("tokenizer " + Sha256("pieces"),
                                     "weights " + Sha256("numbers")));
}

TEST_F(VerifyInputsTest, TheCorpusOfATokenizerIsChecked) {
  plan_.mutable_tokenizer()->set_corpus_root(dir_ + "/made/data");
  ASSERT_THAT(Verify(), IsOk());
  EXPECT_THAT(Digests(), ElementsAre("data " + Sha256(list_)));
  Put(dir_ + "/made/data/refs.p", "other");
  ExpectRefused(dir_ + "/made/data/refs.p");
  plan_.mutable_synthesis();
  EXPECT_THAT(Verify(), IsOk());
}

TEST_F(VerifyInputsTest, AFoundCorpusIsWhatItWasWhenItWasHashed) {
  FindData();
  TokenizerJob* const job = plan_.mutable_tokenizer();
  job->mutable_spec()->mutable_found_corpus()->set_role("photos");
  job->set_corpus_root(dir_ + "/found");
  FoundContent* const found = job->add_found();
  found->set_input("data");
  found->set_sha256(content_);
  ASSERT_THAT(Verify(), IsOk());
  EXPECT_THAT(Digests(), ElementsAre("data " + content_));
  Put(dir_ + "/found/rrsisd/refs.p", "others");
  ExpectRefused("rrsisd/refs.p");
}

}  // namespace
}  // namespace transect
