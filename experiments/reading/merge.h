/// \file
/// The rule of `include`: merging one message over another.
#ifndef TRANSECT_EXPERIMENTS_READING_MERGE_H_
#define TRANSECT_EXPERIMENTS_READING_MERGE_H_

#include "google/protobuf/message.h"

namespace transect {

/// Lays `upper` over `lower`, in place:
/// - a scalar that is set in `upper` wins;
/// - messages merge field by field, by the same rule;
/// - a repeated field that is not empty in `upper` replaces that of `lower`
///   whole, and so a list cannot be emptied;
/// - a oneof whose set member differs is replaced; with the same member its
///   messages merge.
/// Both must be of one type.
void MergeOver(const google::protobuf::Message& upper,
               google::protobuf::Message* lower);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_MERGE_H_
