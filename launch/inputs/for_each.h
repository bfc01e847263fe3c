/// \file
/// Many small things that wait for files, at once.
#ifndef TRANSECT_LAUNCH_INPUTS_FOR_EACH_H_
#define TRANSECT_LAUNCH_INPUTS_FOR_EACH_H_

#include <functional>

namespace transect {

/// Calls act(0) to act(count - 1), each once, in any order and on up to eight
/// threads: more than many machines have processors, since on a store far away
/// it is waiting that takes time. Returns when all have returned. `act` must
/// not throw, and calls for different numbers must not disturb each other. Few
/// calls are made on this thread alone.
void ForEachAtOnce(int count, const std::function<void(int)>& act);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_FOR_EACH_H_
