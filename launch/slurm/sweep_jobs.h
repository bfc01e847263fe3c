/// \file
/// The resolved jobs of a sweep, compressed: the file `jobs` beside the record.
///
/// Runs of a sweep differ little. So the file is a row of frames
/// (metrics/log_format.h), each a SweepJobList of kJobsOfAFrame jobs
/// compressed by gzip: some hundred bytes a run, and a slot that works on a few
/// jobs expands their frames only.
#ifndef TRANSECT_LAUNCH_SLURM_SWEEP_JOBS_H_
#define TRANSECT_LAUNCH_SLURM_SWEEP_JOBS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/slurm/sweep.pb.h"
#include "launch/store/store.h"

namespace transect {

/// Jobs of a frame; the last has what is left.
inline constexpr int kJobsOfAFrame = 64;

class SweepJobsWriter {
 public:
  void Add(SweepJob job);
  /// The bytes of the file.
  std::string Finish();

 private:
  void EndFrame();
  SweepJobList list_;
  std::string bytes_;
};

class SweepJobsReader {
 public:
  /// Reads the file of the sweep and holds it against its digest. An older
  /// record has its jobs in itself, and no file.
  static absl::StatusOr<SweepJobsReader> Read(const Store& store,
                                              const Sweep& sweep);

  /// The job of that index in the sweep. Cheap for those near the last one.
  absl::StatusOr<SweepJob> Get(int index);

 private:
  // Does not move with the reader.
  std::unique_ptr<std::string> bytes_;
  // Where the payload of each frame lies.
  std::vector<absl::string_view> frames_;
  int expanded_ = -1;
  SweepJobList list_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_SWEEP_JOBS_H_
