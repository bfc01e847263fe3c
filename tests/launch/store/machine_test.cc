#include "launch/store/machine.h"

#include <gnu/libc-version.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

MachineIdentity Sample() {
  MachineIdentity machine;
  machine.set_processor("Xeon");
  machine.set_kernels("AVX512");
  machine.add_instructions("avx2");
  machine.add_instructions("avx512f");
  machine.add_gpu("NVIDIA H200");
  machine.set_driver("580.95.05");
  machine.set_glibc("2.36");
  machine.set_libm_sha256("0123456789abcdef");
  machine.set_threads(4);
  machine.set_processors(16);
  return machine;
}

TEST(MachineTest, DescribesThisOne) {
  const MachineIdentity machine = DescribeMachine(false);
  EXPECT_EQ(machine.glibc(), gnu_get_libc_version());
  EXPECT_THAT(machine.libm_sha256(), MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(machine.processor(), Not(IsEmpty()));
  EXPECT_THAT(machine.kernel(), Not(IsEmpty()));
  EXPECT_THAT(machine.compiler(), Not(IsEmpty()));
  EXPECT_GE(machine.processors(), 1);
  EXPECT_EQ(machine.gpu_size(), 0);
  EXPECT_THAT(MachineKind(machine), HasSubstr(machine.processor()));
}

TEST(MachineTest, KnowsTheInstructionsThatKernelsAreChosenBy) {
  EXPECT_THAT(
      KernelInstructions("fpu sse4_2 avx512f fma avx2 bmi2 amx_bf16 avx"),
      ElementsAre("amx_bf16", "avx", "avx2", "avx512f", "fma"));
  EXPECT_THAT(KernelInstructions(""), IsEmpty());
}

TEST(MachineTest, KindIsOneLineForPeople) {
  EXPECT_EQ(MachineKind(Sample()),
            "Xeon (AVX512; avx2 avx512f), glibc 2.36 (libm 01234567), NVIDIA "
            "H200 (driver 580.95.05)");
  EXPECT_EQ(MachineKind(MachineIdentity()), "");
}

// As /proc/driver/nvidia shows them.
void PutGpu(const std::string& root, const std::string& place,
            const std::string& uuid, int minor) {
  Put(root + "/proc/driver/nvidia/gpus/" + place + "/information",
      absl::StrCat("Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 18\n"
                   "GPU UUID: \t ",
                   uuid, "\nDevice Minor: \t ", minor, "\n"));
}

TEST(DriverGpusTest, AreThoseThatThisProcessMayOpenByTheirPlace) {
  const std::string root = NewDir();
  EXPECT_THAT(DriverGpus(root), IsEmpty());
  PutGpu(root, "0000:9a:00.0", "GPU-b", 0);
  PutGpu(root, "0000:19:00.0", "GPU-a", 1);
  PutGpu(root, "0000:ab:00.0", "GPU-c", 2);
  Put(root + "/dev/nvidia1", "");
  ASSERT_THAT(DriverGpus(root), SizeIs(3));
  EXPECT_EQ(DriverGpus(root)[0].uuid, "GPU-a");
  EXPECT_EQ(DriverGpus(root)[0].model, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(DriverGpus(root)[1].uuid, "GPU-b");
  if (geteuid() != 0) {
    ASSERT_EQ(chmod((root + "/dev/nvidia1").c_str(), 0), 0);
    EXPECT_EQ(DriverGpus(root)[0].uuid, "GPU-b");
  }
}

TEST(MachineTest, KindDiffersWithWhatChangesNumbersOnly) {
  const std::string kind = MachineKind(Sample());
  const auto changed = [](auto change) {
    MachineIdentity machine = Sample();
    change(&machine);
    return MachineKind(machine);
  };
  using M = MachineIdentity;
  EXPECT_NE(changed([](M* m) { m->set_processor("EPYC"); }), kind);
  EXPECT_NE(changed([](M* m) { m->set_kernels("AVX2"); }), kind);
  EXPECT_NE(changed([](M* m) { m->add_instructions("avx512_bf16"); }), kind);
  EXPECT_NE(changed([](M* m) { m->set_gpu(0, "NVIDIA A100"); }), kind);
  EXPECT_NE(changed([](M* m) { m->set_driver("570.1"); }), kind);
  EXPECT_NE(changed([](M* m) { m->set_glibc("2.41"); }), kind);
  EXPECT_NE(changed([](M* m) { m->set_libm_sha256("fedcba98"); }), kind);
  EXPECT_EQ(changed([](M* m) { m->set_threads(1); }), kind);
  EXPECT_EQ(changed([](M* m) { m->set_processors(1); }), kind);
  EXPECT_EQ(changed([](M* m) { m->set_kernel("6.1"); }), kind);
  EXPECT_EQ(changed([](M* m) { m->set_compiler("GCC 15"); }), kind);
}

}  // namespace
}  // namespace transect
