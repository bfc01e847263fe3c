/// \file
/// From a recipe to a scene: which objects, where, and the sentence.
#ifndef TRANSECT_DATA_SYNTHETIC_LAYOUT_PLAN_H_
#define TRANSECT_DATA_SYNTHETIC_LAYOUT_PLAN_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/random/philox.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Plans scene `number` (from 0) of split `split`, a pure function of its
/// arguments. Objects do not touch: at least 1 + size / 64 pixels of ground are
/// between two masks. Whether another object shares the target's category
/// follows spec.distractor_fraction(). If the objects of a scene to scale find
/// no room at the ground sample distance that was drawn, others are tried,
/// coarser ones first. kResourceExhausted if the objects cannot be placed.
absl::StatusOr<Scene> PlanScene(const SynthesisSpec& spec,
                                absl::string_view split, int64_t number);

/// The stream for `purpose` of one scene, for example its pixels.
/// `attempt` below 2^16 tells streams of the same purpose apart.
Philox SceneRandom(const SynthesisSpec& spec, absl::string_view purpose,
                   absl::string_view split, int64_t number, int attempt = 0);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_LAYOUT_PLAN_H_
