/// \file
/// What synthesis knows of each category beside its shape: colors, sizes,
/// shadows.
#ifndef TRANSECT_DATA_SYNTHETIC_SCENE_CATEGORY_H_
#define TRANSECT_DATA_SYNTHETIC_SCENE_CATEGORY_H_

#include "absl/types/span.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Category ids by name, in the order of kRrsisdCategories
/// (data/annotations/rrsisd.h).
enum Category {
  kServiceArea,
  kTollStation,
  kAirplane,
  kAirport,
  kBaseballField,
  kBasketballCourt,
  kBridge,
  kChimney,
  kDam,
  kGolfField,
  kGroundTrackField,
  kHarbor,
  kOverpass,
  kShip,
  kStadium,
  kStorageTank,
  kTennisCourt,
  kTrainStation,
  kVehicle,
  kWindmill,
};

/// True for what stands above the ground and throws a shadow.
bool ThrowsShadow(int category);

/// Range of full lengths in thousandths of the image's side.
struct SizeRange {
  int least;
  int most;
};

/// How long the category is in images of `image_size` pixels: larger images
/// have a wider range.
SizeRange LengthOf(int category, int image_size);

/// The word that sentences use; "" for kNone.
const char* ColorWord(ColorName color);

/// The colors that the category comes in; {kNone} if none is named.
absl::Span<const ColorName> ColorsOf(int category);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SCENE_CATEGORY_H_
