// What depends on how ranks share a training: stages of ZeRO, numerics modes,
// and ranks or strangers that misbehave.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "experiments/training/training.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "metrics/metric_log.pb.h"
#include "tests/multiprocess/worker_job.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Job ShardedJob(const std::string& name, int ranks, int shards) {
  Job job = TrainingJob(name, ranks);
  RsRefSegSpec* const model = job.run().mutable_model()->mutable_rsrefseg();
  model->mutable_siglip()->set_text_padding(SiglipSpec::LONGEST);
  model->mutable_sam()->mutable_lora()->set_dropout(0.1);
  job.training().set_logical_shards(shards);
  return job;
}

std::vector<double> Losses(const Job& job) {
  std::vector<double> losses;
  for (const TrainStep& step : job.TrainSteps()) {
    losses.push_back(step.loss());
    losses.push_back(step.gradient_norm());
  }
  return losses;
}

TEST(Ranks, EveryStageOfZeroGivesTheSameBits) {
  Job one = ShardedJob("stage_0", 1, 8);
  ASSERT_EQ(one.Run(), std::vector<int>{ExitCode::OK}) << one.LastLine(0);
  for (const int ranks : {1, 2, 4, 8}) {
    for (const auto stage : {TrainingSpec::ZERO1, TrainingSpec::ZERO2}) {
      if (ranks == 1 && stage == TrainingSpec::ZERO1) continue;
      Job job = ShardedJob(
          absl::StrCat(TrainingSpec::Sharding_Name(stage), "_on_", ranks),
          ranks, 8);
      job.training().set_sharding(stage);
      ASSERT_EQ(job.Run(), std::vector<int>(ranks, ExitCode::OK))
          << job.LastLine(0);
      EXPECT_EQ(job.Weights(), one.Weights()) << job.job_dir();
      EXPECT_EQ(Losses(job), Losses(one)) << job.job_dir();
    }
  }
}

// The library's order and the rounding on the way move the losses a little.
TEST(Ranks, FastStaysNearReproducible) {
  Job exact = ShardedJob("reproducible", 2, 2);
  ASSERT_EQ(exact.Run(), std::vector<int>(2, ExitCode::OK));
  for (const int shards : {2, 4}) {
    Job fast = ShardedJob(absl::StrCat("fast_", shards), 2, shards);
    fast.training().set_numerics(TrainingSpec::FAST);
    ASSERT_EQ(fast.Run(), std::vector<int>(2, ExitCode::OK))
        << fast.LastLine(0);
    const std::vector<double> losses = Losses(fast), expected = Losses(exact);
    ASSERT_EQ(losses.size(), expected.size());
    for (size_t i = 0; i < losses.size(); ++i) {
      EXPECT_NEAR(losses[i] / expected[i], 1, 1e-2) << i;
    }
  }
}

TEST(Ranks, ParityTrainsInHalfPrecision) {
  Job exact = ShardedJob("fp16", 2, 2);
  Job parity = ShardedJob("parity", 2, 2);
  for (Job* const job : {&exact, &parity}) {
    job->training().set_precision(TrainingSpec::FP16);
    job->training().mutable_loss_scale()->set_initial(1024);
  }
  parity.training().set_numerics(TrainingSpec::PARITY);
  ASSERT_EQ(exact.Run(), std::vector<int>(2, ExitCode::OK));
  ASSERT_EQ(parity.Run(), std::vector<int>(2, ExitCode::OK))
      << parity.LastLine(0);
  EXPECT_NE(parity.Weights(), exact.Weights());
  const std::vector<double> losses = Losses(parity), expected = Losses(exact);
  ASSERT_EQ(losses.size(), expected.size());
  for (size_t i = 0; i < losses.size(); ++i) {
    EXPECT_NEAR(losses[i] / expected[i], 1, 2e-2) << i;
  }
}

TEST(Ranks, NameTheRankThatIsStopped) {
  Job job = ShardedJob("a_stopped_rank", 3, 3);
  job.training().set_global_batch(9);
  job.training().set_steps(100000);
  job.training().set_collective_timeout_seconds(3);
  job.Start();
  AwaitStep(job, 3);
  job.Signal(1, SIGSTOP);
  for (const int rank : {0, 2}) {
    EXPECT_EQ(job.Wait(rank), ExitCode::PEER_LOST);
    EXPECT_THAT(job.LastLine(rank), HasSubstr("rank 1 does not answer"));
  }
  job.Signal(1, SIGKILL);
  EXPECT_EQ(job.Wait(1), -SIGKILL);
}

// Rank 0 keeps what the ranks leave word in.
TEST(Ranks, SuspectTheFirstWhereNobodyAnswers) {
  Job job = ShardedJob("a_stopped_first_rank", 3, 3);
  job.training().set_global_batch(9);
  job.training().set_steps(100000);
  job.training().set_collective_timeout_seconds(3);
  job.Start();
  AwaitStep(job, 3);
  job.Signal(0, SIGSTOP);
  for (const int rank : {1, 2}) {
    EXPECT_EQ(job.Wait(rank), ExitCode::PEER_LOST);
    EXPECT_THAT(job.LastLine(rank), HasSubstr("rank 0"));
  }
  job.Signal(0, SIGKILL);
  EXPECT_EQ(job.Wait(0), -SIGKILL);
}

// The TCP ports on which a process listens.
std::set<uint16_t> ListeningPorts(pid_t pid) {
  std::set<std::string> sockets;
  const std::string folder = absl::StrCat("/proc/", pid, "/fd");
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder, ignored)) {
    const std::string link =
        std::filesystem::read_symlink(entry.path(), ignored).string();
    if (absl::StartsWith(link, "socket:[")) {
      sockets.insert(link.substr(8, link.size() - 9));
    }
  }
  std::set<uint16_t> ports;
  std::ifstream table(absl::StrCat("/proc/", pid, "/net/tcp"));
  std::string line;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    const std::vector<std::string> field{
        std::istream_iterator<std::string>(words), {}};
    constexpr char kListens[] = "0A";
    if (field.size() > 9 && field[3] == kListens &&
        sockets.contains(field[9])) {
      ports.insert(static_cast<uint16_t>(
          std::stoul(field[1].substr(field[1].find(':') + 1), nullptr, 16)));
    }
  }
  return ports;
}

void SendNoise(uint16_t port, std::mt19937* random) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
      0) {
    std::string noise((*random)() % 600, '\0');
    for (char& byte : noise) byte = static_cast<char>((*random)());
    // The first byte is a kind of message for the store.
    if (!noise.empty() && (*random)() % 2 == 0) {
      noise[0] = static_cast<char>((*random)() % 16);
    }
    send(fd, noise.data(), noise.size(), MSG_NOSIGNAL);
  }
  close(fd);
}

TEST(Ranks, DropWhatStrangersSendThem) {
  Job quiet = ShardedJob("quiet", 2, 2);
  Job noisy = ShardedJob("noisy", 2, 2);
  for (Job* const job : {&quiet, &noisy}) job->training().set_steps(30);
  ASSERT_EQ(quiet.Run(), std::vector<int>(2, ExitCode::OK));
  noisy.Start();
  AwaitStep(noisy, 2);
  std::mt19937 random(7);
  size_t ports = 0;
  for (int round = 0; round < 60; ++round) {
    for (const int rank : {0, 1}) {
      const std::set<uint16_t> listening = ListeningPorts(noisy.pid(rank));
      ports = std::max(ports, listening.size());
      for (const uint16_t port : listening) SendNoise(port, &random);
    }
  }
  // Rank 0 has the store besides the port of the ranks.
  EXPECT_GE(ports, 2u);
  EXPECT_EQ(noisy.Wait(0), ExitCode::OK) << noisy.LastLine(0);
  EXPECT_EQ(noisy.Wait(1), ExitCode::OK) << noisy.LastLine(1);
  EXPECT_EQ(noisy.Weights(), quiet.Weights());
}

}  // namespace
}  // namespace transect
