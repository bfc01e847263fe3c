/// \file
/// Scenes to scale: the ground sample distance, the land, and objects of their
/// true sizes where such objects are found.
#ifndef TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_PLAN_H_
#define TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_PLAN_H_

#include <cstdint>
#include <vector>

#include "data/data.pb.h"
#include "data/random/philox.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// What a scene holds before anything has a place. The target is the first
/// object; `copies` objects have its category.
struct ToScaleContents {
  /// Ground sample distance, centimeters per pixel.
  int gsd_cm = 0;
  std::vector<SceneObject> objects;
  int copies = 1;
};

/// Draws the named object, the ground sample distance among those that show it,
/// and the other objects among those that it shows and that occur near the
/// named one.
ToScaleContents DrawToScaleContents(const SynthesisSpec& spec, Philox* random);

/// Draws the objects that are not of the target's category again.
void RedrawOthers(const SynthesisSpec& spec, Philox* random,
                  ToScaleContents* contents);

/// Lays out the land and places all objects: ships on water, bridges and dams
/// across a river, harbors on a shore, toll stations, overpasses and vehicles
/// on a highway, trains' stations on tracks, airplanes on an apron, all else on
/// land clear of these. False if this attempt failed.
bool PlaceToScaleScene(const ToScaleContents& contents, int size,
                       Philox* random, Scene* scene);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_PLAN_H_
