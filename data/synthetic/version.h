/// \file
/// Version of the synthesis, part of the identity of every data set that it
/// generates.
#ifndef TRANSECT_DATA_SYNTHETIC_VERSION_H_
#define TRANSECT_DATA_SYNTHETIC_VERSION_H_

#include <string>

namespace transect {

/// Raise it with every change of the bytes that a SynthesisSpec gives.
inline constexpr int kSynthesisVersion = 3;

/// What makes the bytes besides the recipe: kSynthesisVersion and the version
/// of the library that encodes the images, as it was when this was built:
/// "3 jpeg=libjpeg-turbo-2.1.5". Links neither OpenCV nor that library.
std::string SynthesisMaker();

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_VERSION_H_
