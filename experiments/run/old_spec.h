/// \file
/// Reading resolved specs that are older than the schema.
#ifndef TRANSECT_EXPERIMENTS_RUN_OLD_SPEC_H_
#define TRANSECT_EXPERIMENTS_RUN_OLD_SPEC_H_

#include "google/protobuf/message.h"

namespace transect {

/// Writes into a resolved RunSpec that an older program wrote what it meant by
/// fields that it did not know: `old_specs_meant` and `name_in_ids`
/// (data/io/field_options.proto), not the defaults of today. The id stays. A
/// run of this schema does not change.
void CompleteOldSpec(google::protobuf::Message* run);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_OLD_SPEC_H_
