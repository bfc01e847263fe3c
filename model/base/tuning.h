/// \file
/// How much of itself a network trains, read from its message.
#ifndef TRANSECT_MODEL_BASE_TUNING_H_
#define TRANSECT_MODEL_BASE_TUNING_H_

#include "google/protobuf/message.h"

namespace transect {

enum class Tuning {
  kNothing,
  /// Adapters and whatever else the network names; the rest is frozen.
  kAdapters,
  kEverything,
};

/// Of a network's message, by the value of its enum `tuning`: NONE, ALL, or any
/// other. Never fails: a message without `tuning` trains adapters.
Tuning TuningOfNetwork(const google::protobuf::Message& network);

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_TUNING_H_
