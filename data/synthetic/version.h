/// \file
/// Version of the synthesis, part of the identity of every data set that it
/// makes.
#ifndef TRANSECT_DATA_SYNTHETIC_VERSION_H_
#define TRANSECT_DATA_SYNTHETIC_VERSION_H_

namespace transect {

/// Raised with every change that makes other bytes of the same SynthesisSpec.
inline constexpr int kSynthesisVersion = 3;

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_VERSION_H_
