// Two nodes: network namespaces with an address each and a cable between them.

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/multiprocess/worker_job.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// To a file of /proc, which is written in one piece.
bool WriteTo(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY);
  const bool written = fd >= 0 && write(fd, text.data(), text.size()) ==
                                      static_cast<ssize_t>(text.size());
  if (fd >= 0) close(fd);
  return written;
}

bool Do(const std::string& command) {
  return std::system(command.c_str()) == 0;
}

// Makes this process the first node, 10.77.0.1, and a child the second,
// 10.77.0.2. What keeps it from doing so; "" if nothing does.
class Nodes {
 public:
  std::string Make() {
    const std::string user = absl::StrCat("0 ", getuid(), " 1");
    const std::string group = absl::StrCat("0 ", getgid(), " 1");
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
      return "this system gives no network namespaces to users";
    }
    WriteTo("/proc/self/setgroups", "deny");
    if (!WriteTo("/proc/self/uid_map", user) ||
        !WriteTo("/proc/self/gid_map", group)) {
      return "this system maps no users into namespaces";
    }
    if (!Do("ip link set lo up && "
            "ip link add node0 type veth peer name node1 && "
            "ip addr add 10.77.0.1/24 dev node0 && ip link set node0 up")) {
      return "ip(8) makes no virtual cable here";
    }
    int ready[2];
    if (pipe(ready) != 0) return "no pipe";
    second_ = fork();
    if (second_ == 0) {
      const char ok = unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
      if (write(ready[1], &ok, 1) != 1) _exit(1);
      while (true) pause();
    }
    char ok = 'n';
    if (read(ready[0], &ok, 1) != 1 || ok != 'y' ||
        !Do(absl::StrCat("ip link set node1 netns ", second_)) ||
        !Do(absl::StrCat("nsenter --net=/proc/", second_,
                         "/ns/net sh -c 'ip link set lo up && ip addr add "
                         "10.77.0.2/24 dev node1 && ip link set node1 up'"))) {
      return "there is no second namespace";
    }
    return "";
  }

  // What a command on the second node begins with.
  std::vector<std::string> OnSecond() const {
    return {"/usr/bin/nsenter",
            absl::StrCat("--net=/proc/", second_, "/ns/net")};
  }

  ~Nodes() {
    if (second_ <= 0) return;
    kill(second_, SIGKILL);
    waitpid(second_, nullptr, 0);
  }

 private:
  pid_t second_ = -1;
};

TEST(TwoNodes, TrainTogether) {
  Job alone = TrainingJob("one_node");
  Job both = TrainingJob("two_nodes", 2);
  for (Job* const job : {&alone, &both}) {
    job->training().set_logical_shards(2);
  }
  ASSERT_EQ(alone.Run(), std::vector<int>{ExitCode::OK}) << alone.LastLine(0);

  Nodes nodes;
  if (const std::string problem = nodes.Make(); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  both.plan().add_address("10.77.0.1");
  both.plan().add_address("10.77.0.2");
  both.Start({{}, nodes.OnSecond()});
  EXPECT_EQ(both.Wait(0), ExitCode::OK) << both.LastLine(0);
  EXPECT_EQ(both.Wait(1), ExitCode::OK) << both.LastLine(1);
  EXPECT_EQ(both.Weights(), alone.Weights());
  EXPECT_THAT(ReadFile(RendezvousPath(both.plan().attempt_dir())).value(),
              HasSubstr("10.77.0.1:"));

  // The address must be the node's own.
  Job wrong = TrainingJob("wrong_address", 2);
  wrong.training().set_collective_timeout_seconds(5);
  wrong.plan().add_address("10.77.0.2");
  wrong.plan().add_address("10.77.0.1");
  wrong.Start({{}, nodes.OnSecond()});
  EXPECT_NE(wrong.Wait(0), ExitCode::OK);
  EXPECT_NE(wrong.Wait(1), ExitCode::OK);
  EXPECT_THAT(wrong.LastLine(0), HasSubstr("cannot listen on 10.77.0.2"));
}

}  // namespace
}  // namespace transect
