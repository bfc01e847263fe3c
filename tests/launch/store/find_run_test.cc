#include "launch/store/find_run.h"

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kOther[] = "eedcba9876543210fedcba9876543210";
constexpr char kThird[] = "ddddba9876543210fedcba9876543210";

RunSpec SpecOf(uint64_t seed) {
  RunSpec spec;
  spec.set_seed(seed);
  return spec;
}

std::string IdOf(uint64_t seed) { return RunId(SpecOf(seed), {}).value(); }

class FindRunTest : public ::testing::Test {
 protected:
  FindRunTest()
      : store_(Store::OpenOrCreate(NewDir() + "/store").value()),
        first_(IdOf(7)),
        start_(first_.substr(0, 2)) {
    for (uint64_t seed = 8; second_.substr(0, 2) != start_; ++seed) {
      second_seed_ = seed;
      second_ = IdOf(seed);
    }
  }

  // Writes a finished training by hand.
  void PutRun(const std::string& dir, const std::string& id,
              absl::string_view code) {
    const std::string spec =
        absl::StrCat("seed: ", id == second_ ? second_seed_ : 7);
    Put(dir + "/spec.textproto", spec);
    Put(dir + "/attempts/0002/inputs.textproto", "");
    Put(dir + "/weights.safetensors", "abc");
    Put(dir + "/result.textproto",
        absl::StrCat("id: '", id, "' code: '", code,
                     "' attempt: 2 file { path: 'weights.safetensors' bytes: 3 "
                     "}\n"));
    Put(dir + "/attempts/0002/launch.textproto",
        absl::StrCat("id: '", id, "' job_dir: '", dir, "' train { run { ", spec,
                     " } data_root: '/data/rrsisd' "
                     "tokenizer_path: '",
                     store_.root(), "/inputs/x/spiece.model' }\n"));
  }

  Store store_;
  // Two runs whose ids begin with start_.
  std::string first_;
  std::string start_;
  std::string second_;
  uint64_t second_seed_ = 0;
};

TEST_F(FindRunTest, AnyStartOfAnIdThatFitsOneRunOnly) {
  PutRun(store_.RunDir(first_, kCode), first_, kCode);
  PutRun(store_.RunDir(second_, kCode), second_, kCode);
  ASSERT_OK_AND_ASSIGN(FoundRun run,
                       FindRun(store_, kCode, first_.substr(0, 12)));
  EXPECT_EQ(run.id, first_);
  EXPECT_EQ(run.dir, store_.RunDir(first_, kCode));
  EXPECT_EQ(run.result.code(), kCode);
  EXPECT_EQ(run.launch.train().run().seed(), 7);
  EXPECT_EQ(run.launch.train().data_root(), "/data/rrsisd");
  ASSERT_OK_AND_ASSIGN(run, FindRun(store_, kCode, second_));
  EXPECT_EQ(run.id, second_);
  EXPECT_THAT(FindRun(store_, kCode, start_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("2 ids"), HasSubstr(first_),
                             HasSubstr(second_))));
  for (const std::string& name :
       {std::string(), std::string("zz"), start_ + "z", first_ + "0"}) {
    EXPECT_THAT(FindRun(store_, kCode, name),
                StatusIs(absl::StatusCode::kNotFound,
                         HasSubstr(absl::StrCat("'", name, "'"))));
  }
}

TEST_F(FindRunTest, ThePresentCodeWinsElseTheChoiceMustBeClear) {
  PutRun(store_.RunDir(first_, kOther), first_, kOther);
  ASSERT_OK_AND_ASSIGN(FoundRun run, FindRun(store_, kCode, start_));
  EXPECT_EQ(run.result.code(), kOther);
  PutRun(store_.RunDir(first_, kThird), first_, kThird);
  EXPECT_THAT(FindRun(store_, kCode, start_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(ShownId(first_) + "/eedcba987654"),
                             HasSubstr(ShownId(first_) + "/ddddba987654"))));
  ASSERT_OK_AND_ASSIGN(run, FindRun(store_, kCode, start_ + "/dd"));
  EXPECT_EQ(run.result.code(), kThird);
  ASSERT_OK_AND_ASSIGN(
      run, FindRun(store_, kCode, absl::StrCat(start_, "/", kOther)));
  EXPECT_EQ(run.result.code(), kOther);
  EXPECT_THAT(FindRun(store_, kCode, start_ + "/aa"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("under a code")));
  PutRun(store_.RunDir(first_, kCode), first_, kCode);
  ASSERT_OK_AND_ASSIGN(run, FindRun(store_, kCode, start_));
  EXPECT_EQ(run.result.code(), kCode);
}

TEST_F(FindRunTest, TrainedInitialWeightsAreARunOtherInputsAreNot) {
  PutRun(store_.WeightsDir(first_, kCode), first_, kCode);
  PutResult(store_.InputDir(second_), second_, "");
  ASSERT_OK_AND_ASSIGN(const FoundRun run, FindRun(store_, kCode, start_));
  EXPECT_EQ(run.dir, store_.WeightsDir(first_, kCode));
  EXPECT_THAT(FindRun(store_, kCode, second_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(second_)));
}

TEST_F(FindRunTest, ARunWithoutAResultIsNotDone) {
  Put(store_.RunDir(first_, kCode) + "/LEASE", "");
  EXPECT_THAT(
      FindRun(store_, kCode, start_),
      StatusIs(absl::StatusCode::kNotFound,
               AllOf(HasSubstr("not done"),
                     HasSubstr(ResultPath(store_.RunDir(first_, kCode))))));
}

TEST_F(FindRunTest, AResultThatDoesNotHoldIsAnErrorUnlessAnotherDoes) {
  PutRun(store_.RunDir(first_, kCode), first_, kCode);
  Put(store_.RunDir(first_, kCode) + "/weights.safetensors", "shorter or not");
  EXPECT_THAT(
      FindRun(store_, kCode, start_),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("weights.safetensors")));
  PutRun(store_.RunDir(first_, kOther), first_, kOther);
  EXPECT_THAT(FindRun(store_, kCode, start_), IsOk());
}

TEST_F(FindRunTest, PlacesFollowAStoreThatWasMoved) {
  PutRun(store_.RunDir(first_, kCode), first_, kCode);
  const std::string moved = NewDir() + "/moved";
  std::filesystem::rename(store_.root(), moved);
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(moved));
  ASSERT_OK_AND_ASSIGN(const FoundRun run, FindRun(store, kCode, start_));
  EXPECT_EQ(run.launch.job_dir(), store.RunDir(first_, kCode));
  EXPECT_EQ(run.launch.train().tokenizer_path(),
            moved + "/inputs/x/spiece.model");
  EXPECT_EQ(run.launch.train().data_root(), "/data/rrsisd");
}

// slurm.scratch of the site file.
TEST_F(FindRunTest, DataThatWereReadFromACopyOnANodeAreThoseOfTheStore) {
  const std::string data(32, 'd');
  Reads reads;
  reads[InputName::kData] = data;
  const std::string id = RunId(SpecOf(7), reads).value();
  const std::string dir = store_.RunDir(id, kCode);
  PutRun(dir, id, kCode);
  const std::string place = store_.InputDir(data).substr(store_.root().size());
  const std::string path = dir + "/attempts/0002/launch.textproto";
  Put(path,
      absl::StrReplaceAll(*ReadFile(path),
                          {{"/data/rrsisd", absl::StrCat("/scratch/transect",
                                                         place, "/data")}}));
  Put(dir + "/attempts/0002/inputs.textproto",
      absl::StrCat("data: '", data, "'"));
  ASSERT_OK_AND_ASSIGN(const FoundRun run, FindRun(store_, kCode, id));
  EXPECT_EQ(run.launch.train().data_root(), store_.InputDir(data) + "/data");
}

TEST_F(FindRunTest, ASpecThatWasChangedByHandIsNoticed) {
  const std::string dir = store_.RunDir(first_, kCode);
  PutRun(dir, first_, kCode);
  Put(dir + "/spec.textproto", "seed: 6");
  EXPECT_THAT(FindRun(store_, kCode, first_),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(dir + "/spec.textproto"),
                             HasSubstr(ShownId(IdOf(6))))));
  PutRun(dir, first_, kCode);
  Put(dir + "/attempts/0002/inputs.textproto", "tokenizer: 'another'");
  EXPECT_THAT(FindRun(store_, kCode, first_),
              StatusIs(absl::StatusCode::kDataLoss));
  // An attempt that did not finish may have been another run's.
  PutRun(dir, first_, kCode);
  Put(dir + "/attempts/0001/inputs.textproto", "data: 'another'");
  EXPECT_THAT(FindRun(store_, kCode, first_), IsOk());
  // What is evaluated is no part of the id.
  PutRun(dir, first_, kCode);
  Put(dir + "/spec.textproto", "seed: 7 data { eval_splits: 'test' }");
  EXPECT_THAT(FindRun(store_, kCode, first_), IsOk());
}

TEST_F(FindRunTest, ListsTheFinishedEvaluations) {
  const std::string dir = store_.RunDir(first_, kCode);
  PutRun(dir, first_, kCode);
  PutResult(EvaluationDir(dir, "val", second_), second_, kCode);
  ASSERT_THAT(MakeDirs(EvaluationDir(dir, "test", second_)), IsOk());
  ASSERT_OK_AND_ASSIGN(const FoundRun run, FindRun(store_, kCode, first_));
  ASSERT_EQ(run.evaluations.size(), 1);
  EXPECT_EQ(run.evaluations[0].split, "val");
  EXPECT_EQ(run.evaluations[0].dir, EvaluationDir(dir, "val", second_));
  EXPECT_EQ(run.evaluations[0].result.id(), second_);
}

// `transect evaluate --data` leaves what the ranks were told.
TEST_F(FindRunTest, EvaluationsOnOtherDataNameItAndComeLast) {
  const std::string dir = store_.RunDir(first_, kCode);
  PutRun(dir, first_, kCode);
  const auto put = [&](const std::string& split, const std::string& id) {
    const std::string evaluation = EvaluationDir(dir, split, id);
    PutResult(evaluation, id, kCode);
    Put(ResultPath(evaluation),
        absl::StrCat("id: '", id, "' code: '", kCode,
                     "' attempt: 1 made_alone: true file { path: 'out' bytes: "
                     "3 }"));
    return evaluation;
  };
  const std::string other = put("test", first_);
  Put(LaunchPath(AttemptDir(other, 1)),
      "train { run { data { found { role: '/data/new' } } } }");
  put("val", second_);
  ASSERT_OK_AND_ASSIGN(const FoundRun run, FindRun(store_, kCode, first_));
  ASSERT_EQ(run.evaluations.size(), 2);
  EXPECT_EQ(run.evaluations[0].split, "val");
  EXPECT_EQ(run.evaluations[0].data, "");
  EXPECT_EQ(run.evaluations[1].split, "test");
  EXPECT_EQ(run.evaluations[1].data, "/data/new");
}

TEST_F(FindRunTest, AnIdOfAnOlderSchemeIsCalledThat) {
  Put(absl::StrCat(store_.root(), "/runs/01/0123/aaaaaaaaaaaa/LEASE"), "");
  EXPECT_THAT(
      FindRun(store_, kCode, "0123"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("older scheme h1")));
}

}  // namespace
}  // namespace transect
