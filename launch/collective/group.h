/// \file
/// A `Collective` on top of transports: the order of sums, the agreement about
/// calls, and who is to blame where one fails.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_GROUP_H_
#define TRANSECT_LAUNCH_COLLECTIVE_GROUP_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "launch/collective/collective.h"
#include "launch/collective/transport.h"

namespace transect {

/// Where a rank whose call failed leaves word, so that the others see who did
/// not. Independent of the transports.
class Bulletin {
 public:
  virtual ~Bulletin() = default;
  /// Leaves `text` under `kind`. \returns whether it could be left.
  virtual bool Post(const std::string& kind, const std::string& text) = 0;
  /// What `rank` has left under `kind`, waiting for it until `deadline`.
  virtual std::optional<std::string> Read(const std::string& kind, int rank,
                                          absl::Time deadline) = 0;
};

/// The parts of a group.
struct GroupParts {
  int rank = 0;
  int ranks = 2;
  /// Longest wait of a call, as the transports keep it.
  absl::Duration timeout;
  std::shared_ptr<Bulletin> bulletin;
  /// Moves tensors on processors.
  std::unique_ptr<Transport> host;
  /// Moves tensors on GPUs; null where there are none.
  std::unique_ptr<Transport> device;
  /// Makes the parts of another group; null for none.
  std::function<absl::StatusOr<GroupParts>(const std::string& name)> another;
};

std::unique_ptr<Collective> MakeGroup(GroupParts parts);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_GROUP_H_
