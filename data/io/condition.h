/// \file
/// Conditions on the values of a message, as options of its schema state them.
#ifndef TRANSECT_DATA_IO_CONDITION_H_
#define TRANSECT_DATA_IO_CONDITION_H_

#include "data/io/field_options.pb.h"
#include "google/protobuf/message.h"

namespace transect {

/// Whether the field of `message` that `condition` names is present and has one
/// of its values; `within` is not looked at. The process ends for a field that
/// the type does not have: schemas are tested.
bool HoldsIn(const google::protobuf::Message& message,
             const InertWhen& condition);

/// Whether `field` is part of ids in `message`, which has it: it is not
/// `operational`, or one of its `in_ids_when` holds.
bool EntersIds(const google::protobuf::Message& message,
               const google::protobuf::FieldDescriptor& field);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_CONDITION_H_
