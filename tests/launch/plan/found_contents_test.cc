#include "launch/plan/found_contents.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/job_inputs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

FoundInput Found(InputKind kind, const std::string& role,
                 const std::string& identity) {
  FoundInput found;
  found.kind = kind;
  found.role = role;
  found.identity = identity;
  return found;
}

// A run that reads the roles "photos" and "pieces", and made weights.
TrainJob PhotosJob() {
  TrainJob job;
  RunSpec& run = *job.mutable_run();
  run.mutable_data()->mutable_found()->set_role("photos");
  run.mutable_tokenizer()->mutable_found()->set_role("pieces");
  run.mutable_weights()->mutable_random();
  return job;
}

JobInputs InputsOf(const TrainJob& job, const std::string& photos) {
  return ToJobInputs(ListInputs(job.run(), {{"data/photos", photos},
                                            {"tokenizer/pieces", "p"}})
                         .value()
                         .reads);
}

TEST(AddFoundContentsTest, TellsWhatTheIdentitiesRestOn) {
  TrainJob job = PhotosJob();
  // The same role read in another layout comes first.
  const std::vector<FoundInput> found = {
      Found(InputKind::kData, "photos", "other layout"),
      Found(InputKind::kWeights, "photos", "w"),
      Found(InputKind::kData, "photos", "d"),
      Found(InputKind::kTokenizer, "pieces", "p")};
  ASSERT_THAT(AddFoundContents(found, InputsOf(job, "d"), &job), IsOk());
  TrainJob expected = PhotosJob();
  FoundContent* const data = expected.add_found();
  data->set_input("data");
  data->set_sha256("d");
  FoundContent* const tokenizer = expected.add_found();
  tokenizer->set_input("tokenizer");
  tokenizer->set_sha256("p");
  EXPECT_THAT(job, EqualsProto(expected));
  // A second call does not add to the first.
  ASSERT_THAT(AddFoundContents(found, InputsOf(job, "d"), &job), IsOk());
  EXPECT_THAT(job, EqualsProto(expected));
}

TEST(AddFoundContentsTest, AnIdentityThatNothingGivesIsABug) {
  TrainJob job = PhotosJob();
  EXPECT_THAT(
      AddFoundContents({Found(InputKind::kData, "photos", "d")},
                       InputsOf(job, "another"), &job),
      StatusIs(absl::StatusCode::kInternal, HasSubstr("of the data set")));
}

TEST(AddFoundContentsTest, MadeInputsAreNoneOfIt) {
  TrainJob job;
  job.mutable_run()->mutable_data()->mutable_synthesis();
  job.mutable_run()->mutable_tokenizer()->mutable_sentencepiece();
  job.mutable_run()->mutable_weights()->mutable_random();
  const TrainJob before = job;
  EXPECT_THAT(AddFoundContents({}, JobInputs(), &job), IsOk());
  EXPECT_THAT(job, EqualsProto(before));
}

// A tokenizer of the train sentences of the role "photos".
TokenizerJob PhotosTokenizer() {
  TokenizerJob job;
  FoundCorpus* const corpus = job.mutable_spec()->mutable_found_corpus();
  corpus->set_role("photos");
  corpus->set_format(FoundDataset::JSONL);
  return job;
}

TEST(AddFoundContentsTest, TheCorpusOfATokenizerIsOne) {
  TokenizerJob job = PhotosTokenizer();
  const absl::StatusOr<std::string> identity =
      FoundInputId(CorpusOf(job.spec()), {{"data/photos (JSONL)", "d"}});
  ASSERT_THAT(identity, IsOk());
  JobInputs inputs;
  inputs.set_data(*identity);
  const std::vector<FoundInput> found = {
      Found(InputKind::kData, "photos", "another"),
      Found(InputKind::kData, "photos", "d")};
  ASSERT_THAT(AddFoundContents(found, inputs, &job), IsOk());
  ASSERT_THAT(AddFoundContents(found, inputs, &job), IsOk());
  TokenizerJob expected = PhotosTokenizer();
  FoundContent* const data = expected.add_found();
  data->set_input("data");
  data->set_sha256("d");
  EXPECT_THAT(job, EqualsProto(expected));
  EXPECT_THAT(
      AddFoundContents({Found(InputKind::kData, "photos", "another")}, inputs,
                       &job),
      StatusIs(absl::StatusCode::kInternal, HasSubstr("of the data set")));
  TokenizerJob made;
  made.mutable_spec()->mutable_corpus();
  const TokenizerJob before = made;
  EXPECT_THAT(AddFoundContents({}, JobInputs(), &made), IsOk());
  EXPECT_THAT(made, EqualsProto(before));
}

}  // namespace
}  // namespace transect
