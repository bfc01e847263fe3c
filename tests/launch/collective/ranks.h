// Ranks as threads of one process, for tests of collectives.
#ifndef TRANSECT_TESTS_LAUNCH_COLLECTIVE_RANKS_H_
#define TRANSECT_TESTS_LAUNCH_COLLECTIVE_RANKS_H_

#include <functional>

#include "absl/time/time.h"
#include "launch/collective/collective.h"

namespace transect {

// Runs `body` once for each of `ranks` ranks, in threads that are connected by
// gloo; with one rank in this thread, without gloo. A group that cannot form is
// a failure of the test.
void RunRanks(int ranks, absl::Duration timeout,
              const std::function<void(Collective&)>& body);

}  // namespace transect

#endif  // TRANSECT_TESTS_LAUNCH_COLLECTIVE_RANKS_H_
