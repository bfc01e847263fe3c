// What runs is what was hashed: the libraries of a bundle, the environment of a
// worker, and what a result says about the machine.
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/process.h"
#include "launch/store/code.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::Property;

// The only bundle of a store.
std::string BundleOf(const std::string& store) {
  std::string bundle;
  for (const auto& entry : fs::directory_iterator(store + "/bundles")) {
    if (entry.is_directory()) bundle = entry.path().string();
  }
  return bundle;
}

// Path of the bundle's file of that name.
std::string InBundle(const std::string& bundle, const std::string& name) {
  for (const auto& entry : fs::recursive_directory_iterator(bundle)) {
    if (entry.path().filename() == name) return entry.path().string();
  }
  return "";
}

// A directory with a libc10.so of which one byte of a message is changed, so
// that it loads and works like the real one.
std::string DirectoryWithPatchedLibrary() {
  const std::string name = "libc10.so";
  const absl::StatusOr<std::string> bytes =
      ReadFile(InBundle(BundleOf(FilledStore()), name));
  EXPECT_THAT(bytes, IsOk());
  std::string patched = *bytes;
  const std::string message = "INTERNAL ASSERT FAILED";
  const size_t place = patched.find(message);
  EXPECT_NE(place, std::string::npos);
  patched[place] = 'i';
  const std::string directory = NewDir();
  Put(directory + "/" + name, patched);
  return directory;
}

// A run of the store that is done.
std::string RunDir(const std::string& store) {
  for (const std::string& job : JobDirs(store)) {
    if (absl::StrContains(job, "/runs/") &&
        FileExists(job + "/result.textproto")) {
      return job;
    }
  }
  return "";
}

std::string WeightsDigest(const Result& result) {
  for (const ResultFile& file : result.file()) {
    if (file.path() == kWeightsFile) return file.sha256();
  }
  return "";
}

TEST(CodeTest, LibrariesAndKernelsThatTheEnvironmentNamesDoNotReachTheWorker) {
  const std::string before = RunDir(FilledStore());
  ASSERT_OK_AND_ASSIGN(const Result expected,
                       ReadTextproto<Result>(before + "/result.textproto"));
  const std::string store = NewStore({"inputs"});
  setenv("LD_LIBRARY_PATH", DirectoryWithPatchedLibrary().c_str(), 1);
  setenv("ONEDNN_MAX_CPU_ISA", "SSE41", 1);
  setenv("ATEN_CPU_CAPABILITY", "default", 1);
  const Ended run =
      Transect({"run", TinyExperiment(),
                expected.id().substr(0, kShownIdDigits), "--store", store});
  unsetenv("LD_LIBRARY_PATH");
  unsetenv("ONEDNN_MAX_CPU_ISA");
  unsetenv("ATEN_CPU_CAPABILITY");
  ASSERT_EQ(run.code, 0) << run.err;
  ASSERT_OK_AND_ASSIGN(
      const Result result,
      ReadTextproto<Result>(RunDir(store) + "/result.textproto"));
  EXPECT_EQ(result.id(), expected.id());
  EXPECT_EQ(result.code(), expected.code());
  EXPECT_EQ(WeightsDigest(result), WeightsDigest(expected));
  EXPECT_THAT(result.machine(), EqualsProto(expected.machine()));
}

TEST(CodeTest, AResultAndItsProvenanceNameTheMachineAndTheCommit) {
  const std::string run = RunDir(FilledStore());
  ASSERT_OK_AND_ASSIGN(const Result result,
                       ReadTextproto<Result>(run + "/result.textproto"));
  const MachineIdentity& machine = result.machine();
  EXPECT_THAT(machine.processor(), Not(IsEmpty()));
  EXPECT_THAT(machine.kernels(), MatchesRegex("AVX512.*|AVX2|DEFAULT"));
  EXPECT_EQ(machine.mkl(), "AVX2");
  EXPECT_THAT(machine.libm_sha256(), MatchesRegex("[0-9a-f]{64}"));
  EXPECT_GE(machine.threads(), 1);
  ASSERT_OK_AND_ASSIGN(
      const Provenance provenance,
      ReadTextproto<Provenance>(run + "/attempts/0001/provenance.textproto"));
  EXPECT_EQ(provenance.machine().processor(), machine.processor());
  EXPECT_EQ(provenance.machine().glibc(), machine.glibc());
  EXPECT_THAT(provenance.commit(), MatchesRegex("unknown|[0-9a-f]{40}"));
}

TEST(CodeTest, NoFileOfABundleIsAFileOfTheBuild) {
  std::set<std::pair<dev_t, ino_t>> built;
  const auto id = [](const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
    return std::pair(info.st_dev, info.st_ino);
  };
  int libraries = 0;
  for (const auto& entry : fs::recursive_directory_iterator(".")) {
    if (fs::is_regular_file(entry.path())) {
      built.insert(id(entry.path().string()));
      libraries += absl::StrContains(entry.path().string(), "_solib_");
    }
  }
  EXPECT_GT(libraries, 2);
  const std::string bundle = BundleOf(FilledStore());
  for (const auto& entry : fs::recursive_directory_iterator(bundle)) {
    if (entry.is_regular_file()) {
      EXPECT_FALSE(built.contains(id(entry.path().string()))) << entry.path();
    }
  }
}

TEST(CodeTest, ABundleHoldsTheLibrariesOfTheSystemToo) {
  const std::string bundle = BundleOf(FilledStore());
  ASSERT_OK_AND_ASSIGN(const CodeParts parts,
                       ReadTextproto<CodeParts>(bundle + "/code.textproto"));
  for (const char* name : {"/libtorch_cpu.so", "/libgomp.so.", "/libstdc++.so.",
                           "/libsentencepiece.so.", "/libopencv_imgcodecs.so.",
                           "/libjpeg.so.", "/libprotobuf.so."}) {
    EXPECT_THAT(parts.library(),
                Contains(Property(&CodeFile::path, HasSubstr(name))));
  }
  EXPECT_EQ(InBundle(bundle, "libc.so.6"), "");
  EXPECT_EQ(InBundle(bundle, "libm.so.6"), "");
}

TEST(CodeTest, APatchedLibraryInTheBundleIsRefused) {
  const std::string store = NewStore({"inputs"});
  fs::remove(store + "/bundles");
  fs::copy(FilledStore() + "/bundles", store + "/bundles",
           fs::copy_options::recursive);
  const std::string bundle = BundleOf(store);
  const std::string library = InBundle(bundle, "libc10.so");
  fs::remove(library);
  fs::copy_file(DirectoryWithPatchedLibrary() + "/libc10.so", library);
  const Ended refused = Transect({"run", TinyExperiment(), "--store", store});
  EXPECT_NE(refused.code, 0);
  EXPECT_THAT(refused.err, AllOf(HasSubstr(library), HasSubstr("differs"),
                                 HasSubstr("remove the bundle's directory")));
  EXPECT_FALSE(FileExists(store + "/runs"));
}

// By hand, past the launcher: the worker itself looks.
TEST(CodeTest, AWorkerRefusesALibraryThatIsNotItsBundles) {
  const std::string run = RunDir(FilledStore());
  ASSERT_OK_AND_ASSIGN(LaunchPlan plan,
                       ReadTextproto<LaunchPlan>(run + "/attempts/0001/"
                                                       "launch.textproto"));
  plan.set_job_dir(NewDir());
  plan.set_attempt_dir(plan.job_dir() + "/attempts/0001");
  const std::string launch = plan.attempt_dir() + "/launch.textproto";
  Put(launch, PrintTextproto(plan));
  ProcessSpec process;
  process.program = BundleOf(FilledStore()) + "/launch/worker/transect_worker";
  process.arguments = {absl::StrCat("--launch=", launch), "--rank=0"};
  process.directory = plan.job_dir();
  process.log_path = plan.job_dir() + "/log";
  process.environment = RankEnvironment(1);
  process.environment.push_back(
      absl::StrCat("LD_PRELOAD=", DirectoryWithPatchedLibrary(), "/libc10.so"));
  ASSERT_OK_AND_ASSIGN(const pid_t pid, StartProcess(process));
  int how = 0;
  ASSERT_EQ(waitpid(pid, &how, 0), pid);
  ASSERT_TRUE(WIFEXITED(how));
  EXPECT_EQ(WEXITSTATUS(how), ExitCode::INTERNAL);
  EXPECT_THAT(ReadFile(process.log_path),
              IsOkAndHolds(AllOf(HasSubstr("libc10.so was mapped from"),
                                 HasSubstr("LD_PRELOAD"))));
  EXPECT_FALSE(FileExists(plan.job_dir() + "/result.textproto"));
}

}  // namespace
}  // namespace transect
