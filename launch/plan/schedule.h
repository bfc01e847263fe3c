/// \file
/// Which jobs run at once: what each takes, what the machine has, and so how
/// long a plan takes and which jobs can never start. The executor starts jobs
/// by the same rule.
#ifndef TRANSECT_LAUNCH_PLAN_SCHEDULE_H_
#define TRANSECT_LAUNCH_PLAN_SCHEDULE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "launch/inputs/resources.h"
#include "launch/plan/plan.h"
#include "launch/plan/price.h"
#include "launch/store/forecast.pb.h"

namespace transect {

/// What a job takes while it runs, all ranks together.
struct Need {
  int processors = 1;
  /// Resident, and what of it the kernel cannot drop: pages of the program and
  /// its libraries can be read again.
  int64_t memory_bytes = 0;
  int64_t least_memory_bytes = 0;
  int gpus = 0;
};

/// By its forecast. A rank of which no memory is predicted takes that of a
/// worker without a network; a job without a forecast takes what its ranks and
/// threads take.
Need NeedOf(const Job& job, const Forecast& forecast);
inline Need NeedOf(const Job& job) {
  return NeedOf(job, job.launch.forecast());
}

/// The jobs that run now. A job fits if the processors and the memory that the
/// others leave suffice, or if it is alone; and if there are GPUs for it that
/// no other has.
class Room {
 public:
  /// `most_jobs` are let in at a time, whatever their processors; 0 for as many
  /// as fit. A pure value: nothing is looked up.
  explicit Room(const Resources& resources, int most_jobs = 0);

  bool Fits(const Need& need) const;
  /// GPUs that no job has, as indices into Resources::gpus, in the order in
  /// which a job of that need takes them. A job that needs several takes whole
  /// ones only: a process sees one part of a GPU at most.
  std::vector<int> FreeGpus(const Need& need) const;

  /// Lets `job` in with these GPUs; out again.
  void Enter(int job, const Need& need, std::vector<int> gpus);
  void Leave(int job);
  int jobs() const { return static_cast<int>(inside_.size()); }

  /// From now on at most so many jobs at a time.
  void LimitJobs(int most) { limit_ = most; }

 private:
  struct Inside {
    Need need;
    std::vector<int> gpus;
  };

  const Resources resources_;
  const int most_jobs_;
  std::optional<int> limit_;
  std::map<int, Inside> inside_;
  std::vector<bool> taken_;
  int processors_ = 0;
  int64_t memory_bytes_ = 0;
};

/// Why a job of that need can never start here, "" if it can: it takes more
/// GPUs than there are, or more memory. Such as "takes 8 GPUs, and 4 can be
/// used here (the driver shows 4)".
std::string WhyNever(const Need& need, const Resources& resources);

/// Seconds until the wanted jobs have ended, if they start by the rule above in
/// the order of the plan, each after what it needs; jobs in one directory come
/// one by one. Nothing where one of them can never start.
std::optional<Estimate> WallSeconds(const Plan& plan,
                                    absl::Span<const JobPrice> prices,
                                    const Resources& resources);

/// Why nothing of the plan can start here, a line for each reason, each once:
/// found inputs that wanted jobs read and cannot use, weights that do not fit
/// them, and wanted jobs that can never start.
/// `with_cuda` says whether the worker can use GPUs at all. Empty if all can.
std::vector<std::string> FindObstacles(const Plan& plan,
                                       absl::Span<const JobPrice> prices,
                                       const Resources& resources,
                                       bool with_cuda);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_SCHEDULE_H_
