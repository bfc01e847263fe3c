/// \file
/// The defaults that a schema declares, written out.
#ifndef TRANSECT_DATA_IO_DEFAULTS_H_
#define TRANSECT_DATA_IO_DEFAULTS_H_

#include "google/protobuf/message.h"

namespace transect {

/// Writes every default that the schema declares into `message` and everything
/// below it. Singular messages that are absent are made; members of a oneof are
/// not, and scalars without a declared default stay absent, because only the
/// researcher or a preset can say them. Fields that are set stay as they are.
/// Works by reflection, on generated and dynamic messages alike.
void WriteDefaults(google::protobuf::Message* message);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_DEFAULTS_H_
