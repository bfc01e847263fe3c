/// \file
/// Fields that cannot matter, as the schema declares them.
#ifndef TRANSECT_DATA_IO_INERT_H_
#define TRANSECT_DATA_IO_INERT_H_

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

}  // namespace transect

#endif  // TRANSECT_DATA_IO_INERT_H_
