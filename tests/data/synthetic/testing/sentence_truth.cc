#include "tests/data/synthetic/testing/sentence_truth.h"

#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/masks/rle.h"

namespace transect {
namespace {

using ::nlohmann::json;

constexpr const char* kPhrases[] = {"expressway service area",
                                    "expressway toll station",
                                    "airplane",
                                    "airport",
                                    "baseball field",
                                    "basketball court",
                                    "bridge",
                                    "chimney",
                                    "dam",
                                    "golf field",
                                    "ground track field",
                                    "harbor",
                                    "overpass",
                                    "ship",
                                    "stadium",
                                    "storage tank",
                                    "tennis court",
                                    "train station",
                                    "vehicle",
                                    "windmill"};

// Twice the center of the box.
std::pair<int, int> Center(const json& object) {
  const json& box = object["bbox"];
  return {box[0].get<int>() + box[2].get<int>(),
          box[1].get<int>() + box[3].get<int>()};
}

int CategoryOf(absl::string_view* words) {
  for (int i = 0; i < 20; ++i) {
    absl::string_view rest = *words;
    // "airport" must not be read as the start of another word.
    if (absl::ConsumePrefix(&rest, kPhrases[i]) &&
        (rest.empty() || rest[0] == ' ')) {
      *words = absl::StripPrefix(rest, " ");
      return i;
    }
  }
  return -1;
}

int64_t AreaOf(const json& object) {
  const json& segmentation = object["segmentation"];
  return RleArea(*DecodeRleString(segmentation["counts"].get<std::string>(),
                                  segmentation["size"][0],
                                  segmentation["size"][1]));
}

bool IsAt(const json& object, absl::string_view words, int size) {
  const auto [x, y] = Center(object);
  if (words == "in the middle") {
    return std::abs(x - size) < size / 3 && std::abs(y - size) < size / 3;
  }
  // Each word must hold.
  return (!absl::StrContains(words, "left") || x < size) &&
         (!absl::StrContains(words, "right") || x > size) &&
         (!(absl::StrContains(words, "upper") ||
            absl::StrContains(words, "top")) ||
          y < size) &&
         (!(absl::StrContains(words, "lower") ||
            absl::StrContains(words, "bottom")) ||
          y > size);
}

// Reads "<relation> the <category>"; true if an object of that category stands
// in that relation.
bool IsRelated(const json& object, absl::string_view words, const json& scene) {
  for (const char* relation :
       {"to the left of", "to the right of", "above", "below"}) {
    absl::string_view rest = words;
    if (!absl::ConsumePrefix(&rest, absl::StrCat(relation, " the "))) {
      continue;
    }
    const int category = CategoryOf(&rest);
    const auto [x, y] = Center(object);
    const absl::string_view name = relation;
    for (const json& other : scene["objects"]) {
      const auto [other_x, other_y] = Center(other);
      if (rest.empty() && other["category_id"] == category &&
          (name == "above"            ? y < other_y
           : name == "below"          ? y > other_y
           : name == "to the left of" ? x < other_x
                                      : x > other_x)) {
        return true;
      }
    }
  }
  return false;
}

bool Matches(absl::string_view words, const json& object, const json& scene,
             int size) {
  int wanted_size = 0;
  if (absl::ConsumePrefix(&words, "small ")) {
    wanted_size = -1;
  } else if (absl::ConsumePrefix(&words, "large ")) {
    wanted_size = 1;
  }
  for (const char* color : {"black", "blue", "brown", "cyan", "gray", "green",
                            "orange", "purple", "red", "white", "yellow"}) {
    if (absl::ConsumePrefix(&words, absl::StrCat(color, " ")) &&
        object["color"] != color) {
      return false;
    }
  }
  const int category = CategoryOf(&words);
  if (object["category_id"] != category) {
    return false;
  }
  if (wanted_size != 0) {
    for (const json& other : scene["objects"]) {
      if (other["category_id"] == category && &other != &object &&
          (AreaOf(object) > AreaOf(other)) != (wanted_size > 0)) {
        return false;
      }
    }
  }
  if (words.empty()) {
    return true;
  }
  const bool place = words == "in the middle" ||
                     absl::StartsWith(words, "on the ") ||
                     absl::StartsWith(words, "at the ");
  return place ? IsAt(object, words, size) : IsRelated(object, words, scene);
}

}  // namespace

std::vector<int> ObjectsMeantBy(const std::string& sentence, const json& scene,
                                int size) {
  absl::string_view words = sentence;
  std::vector<int> meant;
  if (!absl::ConsumePrefix(&words, "The ") &&
      !absl::ConsumePrefix(&words, "A ")) {
    return meant;
  }
  for (size_t i = 0; i < scene["objects"].size(); ++i) {
    if (Matches(words, scene["objects"][i], scene, size)) {
      meant.push_back(static_cast<int>(i));
    }
  }
  return meant;
}

}  // namespace transect
