/// \file
/// Signals that ask a training to stop at the next step instead of at once.
/// No LibTorch.
#ifndef TRANSECT_LAUNCH_TRAINING_STOP_SIGNALS_H_
#define TRANSECT_LAUNCH_TRAINING_STOP_SIGNALS_H_

#include <signal.h>

namespace transect {

/// While one exists, SIGTERM and SIGUSR2 of this process only set a flag:
/// preemption and time limits of a cluster come as one of them, and NCCL
/// catches SIGUSR1. Afterwards they do what they did before. At most one at a
/// time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Whether one came.
  bool came() const;

 private:
  struct sigaction before_term_, before_usr2_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_STOP_SIGNALS_H_
