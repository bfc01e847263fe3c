/// \file
/// Version of the synthesis, part of the identity of every data set that it
/// generates.
#ifndef TRANSECT_DATA_SYNTHETIC_VERSION_H_
#define TRANSECT_DATA_SYNTHETIC_VERSION_H_

namespace transect {

/// Raise it with every change of the bytes that a SynthesisSpec gives.
inline constexpr int kSynthesisVersion = 3;

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_VERSION_H_
