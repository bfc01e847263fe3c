/// \file
/// Fields that cannot matter, and fields that are part of ids, as options of
/// the schema declare them.
#ifndef TRANSECT_DATA_IO_INERT_H_
#define TRANSECT_DATA_IO_INERT_H_

#include "data/io/field_options.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace transect {

/// Erases from `message` and everything below it each field one of whose
/// `inert_when` conditions (data/io/field_options.proto) holds. All
/// conditions are evaluated before anything is erased, so the order of fields
/// does not matter. A condition on an absent field does not hold, so defaults
/// must have been written (defaults.h). Elements of lists are left alone. A
/// condition whose message is not around the field in `message` does not hold:
/// call this on the outermost message at hand.
void EraseInert(google::protobuf::Message* message);

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

#endif  // TRANSECT_DATA_IO_INERT_H_
