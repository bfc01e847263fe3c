#include "launch/inputs/for_each.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace transect {
namespace {

constexpr int kMostThreads = 8;
// Calls for which a thread is worth its start.
constexpr int kCallsOfAThread = 8;

}  // namespace

void ForEachAtOnce(int count, const std::function<void(int)>& act) {
  std::atomic<int> next = 0;
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) act(i);
  };
  std::vector<std::thread> threads;
  for (int t = 1; t < std::min(kMostThreads, count / kCallsOfAThread); ++t) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace transect
