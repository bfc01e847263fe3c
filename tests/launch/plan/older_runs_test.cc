#include "launch/plan/older_runs.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(WhatItTrainsTest, IsTheRunWithoutItsEvaluation) {
  RunSpec run;
  run.set_seed(3);
  run.mutable_data()->mutable_found()->set_role("a");
  const std::string text = WhatItTrains(run);
  run.mutable_data()->add_eval_splits("test");
  run.mutable_evaluation()->set_batch(2);
  EXPECT_EQ(WhatItTrains(run), text);
  run.mutable_data()->mutable_found()->set_role("b");
  EXPECT_NE(WhatItTrains(run), text);
}

TEST(OlderRunsTest, FinishedOnesByWhatTheyTrain) {
  ASSERT_OK_AND_ASSIGN(const Store store,
                       Store::OpenOrCreate(NewDir() + "/store"));
  EXPECT_THAT(OlderRunsByTraining(store), IsEmpty());
  const auto put = [&](const std::string& id, const std::string& spec) {
    const std::string dir = absl::StrCat(
        store.root(), "/runs/", id.substr(0, 2), "/", id, "/aaaaaaaaaaaa");
    PutResult(dir, id, "aaaaaaaaaaaabbbb");
    Put(dir + "/spec.textproto", spec);
  };
  RunSpec run = SampleRunFromTrained();
  ResolveRun(&run);
  RunSpec older = run;
  older.mutable_evaluation()->set_batch(4);
  put(std::string(32, '1'), PrintTextproto(older));
  put(std::string(32, '2'), "a_field_that_is_gone: 1");
  Put(absl::StrCat(store.root(), "/runs/33/", std::string(32, '3'),
                   "/aaaaaaaaaaaa/spec.textproto"),
      "seed: 4");
  EXPECT_THAT(
      OlderRunsByTraining(store),
      ElementsAre(Pair(WhatItTrains(run),
                       ElementsAre("h1:111111111111 (code aaaaaaaaaaaa)"))));
}

}  // namespace
}  // namespace transect
