#include "launch/slurm/command.h"

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::HasSubstr;

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

TEST(RunCommand, ReturnsWhatTheProgramPrints) {
  const auto text = RunCommand({"sh", "-c", "echo one; echo two >&2"});
  ASSERT_THAT(text, IsOk());
  EXPECT_EQ(*text, "one\n");
}

TEST(RunCommand, AFailureIsNoEmptyAnswer) {
  const auto text = RunCommand(
      {"sh", "-c", "echo first >&2; echo no controller >&2; exit 3"});
  EXPECT_TRUE(absl::IsUnavailable(text.status()));
  EXPECT_THAT(Message(text.status()),
              HasSubstr("sh ended with exit code 3: no controller"));
}

TEST(RunCommand, WhatHangsIsKilled) {
  const auto text = RunCommand({"sh", "-c", "echo one; exec sleep 1000"},
                               std::chrono::milliseconds(50));
  EXPECT_TRUE(absl::IsUnavailable(text.status()));
  EXPECT_THAT(Message(text.status()), HasSubstr("did not answer within"));
}

TEST(RunCommand, AProgramThatIsNotThereIsTold) {
  const auto text = RunCommand({"no-such-squeue"});
  EXPECT_TRUE(absl::IsNotFound(text.status()));
  EXPECT_THAT(Message(text.status()), HasSubstr("login node"));
}

// A job that submits others would give them its own options.
TEST(SlurmEnvironment, HasNothingOfAnEnclosingJob) {
  setenv("SLURM_JOB_ID", "4", 1);
  setenv("SLURM_CONF", "/etc/x", 1);
  setenv("SBATCH_PARTITION", "p", 1);
  setenv("SLURM_EXPORT_ENV", "NONE", 1);
  const auto has = [](const std::vector<std::string>& all, const char* name) {
    return std::ranges::any_of(all, [name](const std::string& entry) {
      return absl::StartsWith(entry, name);
    });
  };
  const std::vector<std::string> outside = SlurmEnvironment(false);
  EXPECT_FALSE(has(outside, "SLURM_JOB_ID="));
  EXPECT_TRUE(has(outside, "SLURM_CONF="));
  EXPECT_FALSE(has(outside, "SBATCH_PARTITION="));
  EXPECT_TRUE(has(outside, "PATH="));
  const std::vector<std::string> inside = SlurmEnvironment(true);
  EXPECT_TRUE(has(inside, "SLURM_JOB_ID="));
  EXPECT_FALSE(has(inside, "SLURM_EXPORT_ENV="));
  for (const char* name :
       {"SLURM_JOB_ID", "SLURM_CONF", "SBATCH_PARTITION", "SLURM_EXPORT_ENV"}) {
    unsetenv(name);
  }
}

}  // namespace
}  // namespace transect
