/// \file
/// Data that a run did not see, for `transect evaluate --data`.
#ifndef TRANSECT_LAUNCH_CLI_OTHER_DATA_H_
#define TRANSECT_LAUNCH_CLI_OTHER_DATA_H_

#include <string>

#include "absl/status/statusor.h"
#include "data/data.pb.h"
#include "launch/cli/session.h"
#include "launch/store/job.pb.h"

namespace transect {

/// A found data set as a run's network can be evaluated on it.
struct OtherData {
  /// How it is read, every default written out; its role is the name by which
  /// people know it, for a directory its absolute path.
  FoundDataset reading;
  /// Where it is.
  std::string root;
  /// Digest of its content, which ranks hold it against.
  std::string content;
  /// Its identity: content and how it is read (FoundInputId).
  std::string identity;
};

/// The data set that `name` names: a role of the site file, else a directory.
/// What `typed` has is as the user said it (AddReadingFlags, AddPolicyFlag).
/// The rest is as the run reads its data set `own` where that has the role,
/// else by default with the policy of `own` where that is a found one. Hashes
/// what the store does not know yet and tells how far it is. kNotFound for a
/// name that is neither, and where no such data set is; kInvalidArgument for
/// what does not go together (CheckReading).
absl::StatusOr<OtherData> FindOtherData(const Session& session,
                                        const std::string& name,
                                        const FoundDataset& typed,
                                        const DataSpec& own);

/// Makes `job` read `data` instead of its own.
void ReadOtherData(const OtherData& data, TrainJob* job);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_OTHER_DATA_H_
