#include "data/synthetic/layout/plan.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/rrsisd.h"
#include "data/spec.h"
#include "data/synthetic/layout/ground.h"
#include "data/synthetic/layout/language.h"
#include "data/synthetic/layout/to_scale_category.h"
#include "data/synthetic/layout/to_scale_plan.h"
#include "data/synthetic/scene/category.h"
#include "data/synthetic/shapes/geometry.h"

namespace transect {
namespace {

constexpr int kCategories = static_cast<int>(kRrsisdCategories.size());
constexpr int kSceneAttempts = 1000;
constexpr int kAttemptsPerContents = 25;
constexpr int kAttemptsPerOtherDistance = 100;
constexpr int kPlaceAttempts = 30;
constexpr int kShrinks = 4;
// Objects of a crowded scene are smaller from this number on.
constexpr int kRoomyObjects = 5;
// Full length in pixels below which shapes are no longer told apart.
constexpr int kLeastPixels = 5;

// Categories and colors; places come later. The target is the first.
std::vector<SceneObject> DrawObjects(const SynthesisSpec& spec,
                                     Philox* random) {
  int count = Between(random, spec.min_objects(), spec.max_objects());
  const bool distract = random->NextUniform() < spec.distractor_fraction();
  int copies = 1;
  if (distract) {
    count = std::max(count, 2);
    copies = 2;
    const int most = std::min(spec.max_distractors() + 1, count - 1);
    while (copies < most && random->NextBelow(4) == 0) {
      ++copies;
    }
  }
  std::vector<SceneObject> objects(count);
  const int named = static_cast<int>(random->NextBelow(kCategories));
  for (int i = 0; i < count; ++i) {
    SceneObject& object = objects[i];
    object.category = named;
    if (i >= copies) {
      // Any but the named one.
      object.category =
          (named + 1 + static_cast<int>(random->NextBelow(kCategories - 1))) %
          kCategories;
    }
    object.color = OneOf(random, ColorsOf(object.category));
    // Half of the copies cannot be told apart by color.
    if (i > 0 && i < copies && random->NextBelow(2) == 0) {
      object.color = objects[0].color;
    }
  }
  return objects;
}

int DrawAngle(const SynthesisSpec& spec, Philox* random) {
  if (spec.style() == SynthesisSpec::AERIAL) {
    return Between(random, 0, kDirections - 1);
  }
  // Seen from the side things stand upright, more or less.
  return (16 * Between(random, 0, 3) + Between(random, -5, 5)) &
         (kDirections - 1);
}

// Gives `object` a size, a direction and a free place; smaller if there is none
// for the size drawn first.
bool PlaceObject(const SynthesisSpec& spec, int count, Ground* ground,
                 Philox* random, SceneObject* object) {
  const int size = spec.image_size();
  const SizeRange range = LengthOf(object->category, size);
  int length = Between(random, range.least, range.most);
  if (size >= 256) {
    // Small things are more frequent where the range is wide.
    length = std::min(length, Between(random, range.least, range.most));
  }
  length = length * kRoomyObjects / std::max(count, kRoomyObjects);
  int full = size * kSubpixels * length / 1000;
  object->angle = DrawAngle(spec, random);
  for (int shrink = 0; shrink < kShrinks; ++shrink) {
    object->half_length = std::max(full, kLeastPixels * kSubpixels) / 2;
    object->center_x = Between(random, 0, kSubpixels - 1);
    object->center_y = Between(random, 0, kSubpixels - 1);
    FillMask(size, object);
    if (MoveSomewhere(size, kPlaceAttempts, random, object,
                      [&] { return ground->IsFree(*object); })) {
      ground->Take(*object);
      return true;
    }
    full = full * 9 / 10;
  }
  return false;
}

bool PlaceAll(const SynthesisSpec& spec, Philox* random, Scene* scene) {
  Ground ground(scene->size);
  for (SceneObject& object : scene->objects) {
    if (!PlaceObject(spec, static_cast<int>(scene->objects.size()), &ground,
                     random, &object)) {
      return false;
    }
  }
  return true;
}

// The target must not be found by its place in the list.
void ShuffleObjects(Philox* random, Scene* scene) {
  std::vector<int64_t> order(scene->objects.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  random->Shuffle(&order);
  std::vector<SceneObject> objects;
  for (const int64_t i : order) {
    if (i == 0) {
      scene->target = static_cast<int>(objects.size());
    }
    objects.push_back(scene->objects[i]);
  }
  scene->objects = std::move(objects);
}

absl::Status CannotPlace(const SynthesisSpec& spec, int objects,
                         absl::string_view split, int64_t number) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "synthesis: cannot place ", objects, " objects in an image of ",
      spec.image_size(), " pixels (split ", split, ", number ", number,
      "): allow larger images, fewer objects or a coarser ground sample "
      "distance"));
}

// The ground sample distances to try where contents do not fit at `drawn`:
// coarser ones first, the nearest first, because they make everything smaller.
std::vector<int> OtherDistances(const SynthesisSpec& spec, int category,
                                int drawn) {
  std::vector<int> others = GroundSampleDistances(spec, category);
  std::erase(others, drawn);
  std::stable_sort(others.begin(), others.end(), [drawn](int a, int b) {
    if ((a > drawn) != (b > drawn)) return a > drawn;
    return std::abs(a - drawn) < std::abs(b - drawn);
  });
  return others;
}

absl::StatusOr<Scene> PlanToScaleScene(const SynthesisSpec& spec,
                                       absl::string_view split,
                                       int64_t number) {
  Philox first = SceneRandom(spec, "contents", split, number);
  ToScaleContents contents = DrawToScaleContents(spec, &first);
  if (contents.objects.empty()) {
    return absl::InvalidArgumentError(
        "synthesis: no category shows between aerial.min_ground_scale and "
        "aerial.max_ground_scale");
  }
  int attempt = 0;
  const auto redraw_others = [&] {
    Philox again = SceneRandom(spec, "others", split, number, attempt);
    RedrawOthers(spec, &again, &contents);
  };
  // Up to attempt number `end`.
  const auto plan = [&](int end) -> std::optional<Scene> {
    for (; attempt < end; ++attempt) {
      if (attempt % kAttemptsPerContents == kAttemptsPerContents - 1) {
        // What stands around the target may not go together with it.
        redraw_others();
      }
      Philox random = SceneRandom(spec, "layout", split, number, attempt);
      Scene scene;
      if (!PlaceToScaleScene(contents, spec.image_size(), &random, &scene)) {
        continue;
      }
      ShuffleObjects(&random, &scene);
      scene.sentence = DescribeTarget(scene, spec.sentences(), &random);
      if (!scene.sentence.empty()) {
        return scene;
      }
    }
    return std::nullopt;
  };
  if (std::optional<Scene> scene = plan(kSceneAttempts)) {
    return *std::move(scene);
  }
  // Several large things of one kind may have no room in a small image.
  for (const int gsd_cm :
       OtherDistances(spec, contents.objects[0].category, contents.gsd_cm)) {
    contents.gsd_cm = gsd_cm;
    redraw_others();
    if (std::optional<Scene> scene =
            plan(attempt + kAttemptsPerOtherDistance)) {
      return *std::move(scene);
    }
  }
  return CannotPlace(spec, static_cast<int>(contents.objects.size()), split,
                     number);
}

}  // namespace

Philox SceneRandom(const SynthesisSpec& spec, absl::string_view purpose,
                   absl::string_view split, int64_t number, int attempt) {
  const std::string key =
      absl::StrCat("synthesis ", purpose, " ",
                   SynthesisSpec::Style_Name(spec.style()), " ", split);
  return Philox(spec.seed(), key, static_cast<uint64_t>(number),
                static_cast<uint64_t>(attempt));
}

absl::StatusOr<Scene> PlanScene(const SynthesisSpec& spec,
                                absl::string_view split, int64_t number) {
  if (IsToScale(spec)) {
    return PlanToScaleScene(spec, split, number);
  }
  // What is in the scene is drawn once, so that failed attempts do not shift
  // how often a category or a distractor occurs.
  Philox contents = SceneRandom(spec, "contents", split, number);
  const std::vector<SceneObject> objects = DrawObjects(spec, &contents);
  for (int attempt = 0; attempt < kSceneAttempts; ++attempt) {
    Philox random = SceneRandom(spec, "layout", split, number, attempt);
    Scene scene;
    scene.size = spec.image_size();
    scene.objects = objects;
    if (!PlaceAll(spec, &random, &scene)) {
      continue;
    }
    ShuffleObjects(&random, &scene);
    scene.sentence = DescribeTarget(scene, spec.sentences(), &random);
    if (!scene.sentence.empty()) {
      return scene;
    }
  }
  return CannotPlace(spec, static_cast<int>(objects.size()), split, number);
}

}  // namespace transect
