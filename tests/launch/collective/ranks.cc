#include "tests/launch/collective/ranks.h"

#include <stdlib.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/collective/collective_single.h"
#include "launch/collective/gloo.h"

namespace transect {

void RunRanks(int ranks, absl::Duration timeout,
              const std::function<void(Collective&)>& body) {
  if (ranks == 1) {
    body(*MakeSingleCollective());
    return;
  }
  // The flight recorder of c10d has one map for the whole process and fills it
  // without a lock, so several ranks in one process crash in it.
  ASSERT_EQ(setenv("TORCH_FR_BUFFER_SIZE", "0", 1), 0);
  static std::atomic<int> groups = 0;
  const std::string path =
      absl::StrCat(testing::TempDir(), "/rendezvous", groups++);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank) {
    threads.emplace_back([=] {
      const absl::StatusOr<std::unique_ptr<Collective>> collective =
          ConnectGloo({rank, ranks, path, timeout});
      ASSERT_TRUE(collective.ok()) << collective.status();
      body(**collective);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace transect
