#include "launch/training/stop_signals.h"

#include <atomic>

namespace transect {
namespace {

std::atomic<bool> stop_came = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void Remember(int) { stop_came = true; }

}  // namespace

StopSignals::StopSignals() {
  stop_came = false;
  struct sigaction action = {};
  action.sa_handler = Remember;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, &before_term_);
  sigaction(SIGUSR2, &action, &before_usr2_);
}

StopSignals::~StopSignals() {
  sigaction(SIGTERM, &before_term_, nullptr);
  sigaction(SIGUSR2, &before_usr2_, nullptr);
}

bool StopSignals::came() const { return stop_came; }

}  // namespace transect
