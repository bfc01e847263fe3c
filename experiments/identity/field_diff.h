/// \file
/// In which fields two messages differ.
#ifndef TRANSECT_EXPERIMENTS_IDENTITY_FIELD_DIFF_H_
#define TRANSECT_EXPERIMENTS_IDENTITY_FIELD_DIFF_H_

#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace transect {

/// A field that has another value, or is there only once.
struct FieldDifference {
  /// "training.optimizer.lr", "weights.parts[1]".
  std::string path;
  /// Canonical texts (scalar_text.h); nothing where it is absent. A message
  /// without fields is "{}".
  std::optional<std::string> a;
  std::optional<std::string> b;
  /// Whether it enters ids: neither it nor a message around it is
  /// `operational`.
  bool in_id = true;
};

/// The differences in the order of field numbers; elements of lists by their
/// index. Both messages must be of one type.
std::vector<FieldDifference> DiffFields(const google::protobuf::Message& a,
                                        const google::protobuf::Message& b);

/// Removes what nobody set: the scale `alpha` of adapters where both sides have
/// their `rank` for it, as specs that do not name it do, and the rank differs
/// too.
void RemoveFollowing(std::vector<FieldDifference>* fields);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_IDENTITY_FIELD_DIFF_H_
