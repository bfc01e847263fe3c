#include "data/synthetic/layout/to_scale_plan.h"

#include <algorithm>
#include <vector>

#include "data/annotations/rrsisd.h"
#include "data/synthetic/layout/to_scale_category.h"
#include "data/synthetic/layout/to_scale_land.h"
#include "data/synthetic/layout/to_scale_place.h"
#include "data/synthetic/scene/category.h"

namespace transect {
namespace {

constexpr int kCategories = static_cast<int>(kRrsisdCategories.size());

SceneObject DrawObject(int category, Philox* random) {
  SceneObject object;
  object.category = category;
  object.color = OneOf(random, ColorsOf(category));
  object.detailed = true;
  object.look = random->NextU32();
  return object;
}

// Categories that may stand beside the target.
std::vector<int> Companions(const SynthesisSpec& spec, int target, int gsd_cm) {
  std::vector<int> companions;
  for (int category = 0; category < kCategories; ++category) {
    const bool near = (ToScaleOf(category).surroundings &
                       ToScaleOf(target).surroundings) != 0;
    if (category != target && near &&
        !LengthsAt(category, gsd_cm, spec.image_size()).empty()) {
      companions.push_back(category);
    }
  }
  return companions;
}

}  // namespace

ToScaleContents DrawToScaleContents(const SynthesisSpec& spec, Philox* random) {
  ToScaleContents contents;
  int count = Between(random, spec.min_objects(), spec.max_objects());
  const bool distract = random->NextUniform() < spec.distractor_fraction();
  if (distract) {
    count = std::max(count, 2);
    const int most = std::min(spec.max_distractors(), count - 1);
    contents.copies = 2;
    while (contents.copies <= most && random->NextBelow(4) == 0) {
      ++contents.copies;
    }
  }
  std::vector<int> shown;
  for (int category = 0; category < kCategories; ++category) {
    if (!GroundSampleDistances(spec, category).empty()) {
      shown.push_back(category);
    }
  }
  if (shown.empty()) {
    return contents;
  }
  const int named = OneOf(random, shown);
  // Finer distances, and so larger objects, are more frequent.
  const std::vector<int> distances = GroundSampleDistances(spec, named);
  contents.gsd_cm =
      std::min(OneOf(random, distances), OneOf(random, distances));
  for (int i = 0; i < contents.copies; ++i) {
    contents.objects.push_back(DrawObject(named, random));
    // Half of the copies cannot be told apart by color.
    if (i > 0 && random->NextBelow(2) == 0) {
      contents.objects[i].color = contents.objects[0].color;
    }
  }
  contents.objects.resize(count);
  RedrawOthers(spec, random, &contents);
  return contents;
}

void RedrawOthers(const SynthesisSpec& spec, Philox* random,
                  ToScaleContents* contents) {
  const int named = contents->objects[0].category;
  const std::vector<int> companions = Companions(spec, named, contents->gsd_cm);
  for (size_t i = contents->copies; i < contents->objects.size(); ++i) {
    contents->objects[i] = DrawObject(
        companions.empty() ? named : OneOf(random, companions), random);
  }
}

bool PlaceToScaleScene(const ToScaleContents& contents, int size,
                       Philox* random, Scene* scene) {
  scene->size = size;
  scene->objects = contents.objects;
  const int count = static_cast<int>(contents.objects.size());
  std::vector<int> lengths;
  for (const SceneObject& object : contents.objects) {
    const Lengths range = LengthsAt(object.category, contents.gsd_cm, size);
    const int length =
        Between(random, range.least, std::max(range.most, range.least));
    // Objects of a crowded scene are smaller.
    lengths.push_back(std::max(length * 5 / std::max(count, 5), range.least));
  }
  scene->land =
      DrawLand(contents.objects, lengths, contents.gsd_cm, size, random);
  return PlaceObjects(lengths, random, scene);
}

}  // namespace transect
