#include "launch/upkeep/machine_check.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// "what: STATE text" of each probe.
std::vector<std::string> Lines(const MachineCheck& check) {
  std::vector<std::string> lines;
  for (const MachineProbe& probe : check.probe()) {
    lines.push_back(absl::StrCat(probe.what(), ": ",
                                 ProbeState::Value_Name(probe.state()), " ",
                                 probe.text()));
  }
  return lines;
}

TEST(MachineCheckTest, ProbesAFileSystemInADirectoryOfItsOwn) {
  const std::string root = NewDir() + "/not/yet/store";
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(root));
  ASSERT_OK_AND_ASSIGN(const std::string directory, MakeProbeDirectory(store));
  EXPECT_FALSE(FileExists(root));
  MachineCheck check = NewMachineCheck();
  ProbeFileSystem(directory, &check);
  EXPECT_FALSE(HasProblem(check));
  const std::vector<std::string> lines = Lines(check);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_THAT(lines[0], StartsWith("files: OK written, synced and renamed"));
  EXPECT_THAT(lines[1], StartsWith("locks: OK"));
  EXPECT_THAT(lines[2], StartsWith("hard links: OK"));
  EXPECT_THAT(lines[3], StartsWith("execution: OK"));
  EXPECT_THAT(lines[4], HasSubstr(" are free"));
  // A store that is there has the directory inside.
  ASSERT_OK_AND_ASSIGN(const Store made, Store::OpenOrCreate(root));
  EXPECT_THAT(MakeProbeDirectory(made),
              IsOkAndHolds(StartsWith(root + "/probe.")));
}

TEST(MachineCheckTest, WhereNothingCanBeWrittenItSaysSo) {
  MachineCheck check = NewMachineCheck();
  ProbeFileSystem(NewDir() + "/none", &check);
  EXPECT_TRUE(HasProblem(check));
  EXPECT_THAT(Lines(check),
              testing::ElementsAre(
                  AllOf(StartsWith("files: PROBLEM"),
                        HasSubstr("name another folder with --store"))));
  const std::string file = NewDir() + "/file";
  Put(file, "x");
  const absl::StatusOr<Store> store = Store::Open(file + "/store");
  if (store.ok()) {
    EXPECT_FALSE(MakeProbeDirectory(*store).ok());
  }
}

TEST(MachineCheckTest, ProbesTheWorkersLibrariesAndItsGlibc) {
  MachineCheck check = NewMachineCheck();
  BuiltWorker worker;
  worker.root = "/there";
  worker.worker = "worker";
  worker.glibc = "2.2";
  ProbeWorker(worker, &check);
  EXPECT_FALSE(HasProblem(check));
  worker.glibc = "9.99";
  ProbeWorker(worker, &check);
  EXPECT_TRUE(HasProblem(check));
  EXPECT_THAT(Lines(check).back(),
              AllOf(HasSubstr("needs glibc 9.99"), HasSubstr("container")));
  check = NewMachineCheck();
  ProbeWorker(absl::NotFoundError("no worker"), &check);
  EXPECT_THAT(Lines(check), testing::ElementsAre("worker: PROBLEM no worker"));
}

TEST(MachineCheckTest, SaysWhatGpusAreOfNoUse) {
  Resources resources;
  resources.processors = 2;
  resources.memory_bytes = 8'000'000'000;
  resources.free_memory_bytes = 6'000'000'000;
  resources.gpu_origin = "the driver shows 0";
  MachineCheck check = NewMachineCheck();
  ProbeHardware(resources, /*with_cuda=*/false, &check);
  EXPECT_THAT(
      Lines(check),
      testing::ElementsAre(StartsWith("processors: OK 2"),
                           "memory: OK 6.0 GB of 8.0 GB are free",
                           StartsWith("GPUs: OK none (the driver shows 0)")));
  resources.gpus.resize(2);
  check = NewMachineCheck();
  ProbeHardware(resources, /*with_cuda=*/false, &check);
  EXPECT_THAT(Lines(check)[2], AllOf(StartsWith("GPUs: WARNING 2 GPUs"),
                                     HasSubstr("--config=cuda")));
  EXPECT_THAT(Lines(check)[3], StartsWith("NCCL: NOT_PROBED"));
  EXPECT_FALSE(HasProblem(check));
  const std::string text = MachineCheckText(check, /*color=*/false);
  EXPECT_THAT(text, HasSubstr("  warn  GPUs"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace transect
