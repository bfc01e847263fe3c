#include "data/synthetic/layout/language.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/annotations/rrsisd.h"
#include "data/synthetic/scene/category.h"

namespace transect {
namespace {

enum class Truth : uint8_t { kFalse, kBorderline, kTrue };

Truth From(bool is_true, bool is_false) {
  return is_true ? Truth::kTrue : is_false ? Truth::kFalse : Truth::kBorderline;
}

Truth And(Truth a, Truth b) { return std::min(a, b); }

// Center of the box in thousandths of the image's side.
struct Place {
  int x;
  int y;
};

Place PlaceOf(const Scene& scene, const SceneObject& object) {
  return {(object.box[0] + object.box[2]) * 500 / scene.size,
          (object.box[1] + object.box[3]) * 500 / scene.size};
}

// Colors that two people might name alike.
bool Confusable(ColorName a, ColorName b) {
  using enum ColorName;
  constexpr std::array<ColorName, 2> kPairs[] = {
      {kRed, kOrange},  {kRed, kBrown},  {kOrange, kBrown}, {kOrange, kYellow},
      {kRed, kPurple},  {kWhite, kGray}, {kGray, kBlack},   {kBlue, kCyan},
      {kBlue, kPurple}, {kGreen, kCyan}, {kBrown, kBlack},  {kNone, kNone},
  };
  for (const auto& [first, second] : kPairs) {
    if ((a == first && b == second) || (a == second && b == first)) {
      return true;
    }
  }
  return false;
}

Truth HasColor(const SceneObject& object, ColorName color) {
  return From(object.color == color, !Confusable(object.color, color));
}

// Which part of the image; side 0 means that the axis does not matter, -1 left
// or top, +1 right or bottom.
struct Position {
  int side_x;
  int side_y;
  const char* words;
};

constexpr Position kPositions[] = {
    {-1, 0, "on the left"},        {1, 0, "on the right"},
    {0, -1, "at the top"},         {0, 1, "at the bottom"},
    {-1, -1, "on the upper left"}, {1, -1, "on the upper right"},
    {-1, 1, "on the lower left"},  {1, 1, "on the lower right"},
    {0, 0, "in the middle"},
};

// A coordinate up to 400 is plainly left, one from 540 plainly not.
Truth OnSide(int coordinate, int side) {
  const int toward = side < 0 ? coordinate : 1000 - coordinate;
  return side == 0 ? Truth::kTrue : From(toward <= 400, toward >= 540);
}

Truth IsAt(const Place& place, const Position& position) {
  if (position.side_x != 0 || position.side_y != 0) {
    return And(OnSide(place.x, position.side_x),
               OnSide(place.y, position.side_y));
  }
  const int off = std::max(std::abs(place.x - 500), std::abs(place.y - 500));
  return From(off <= 110, off >= 230);
}

// Size counts among the objects of one category only.
Truth HasSize(const Scene& scene, const SceneObject& object, bool large) {
  int64_t extreme = large ? 0 : std::numeric_limits<int64_t>::max();
  for (const SceneObject& other : scene.objects) {
    if (other.category == object.category && &other != &object) {
      extreme =
          large ? std::max(extreme, other.area) : std::min(extreme, other.area);
    }
  }
  const int64_t bigger = large ? object.area : extreme;
  const int64_t smaller = large ? extreme : object.area;
  return From(10 * bigger >= 17 * smaller, 10 * smaller >= 17 * bigger);
}

struct Relation {
  int x;
  int y;
  const char* words;
};

constexpr Relation kRelations[] = {
    {-1, 0, "to the left of"},
    {1, 0, "to the right of"},
    {0, -1, "above"},
    {0, 1, "below"},
};

Truth IsRelated(const Place& object, const Place& reference,
                const Relation& relation) {
  const int dx = object.x - reference.x;
  const int dy = object.y - reference.y;
  const int toward = relation.x != 0 ? dx * relation.x : dy * relation.y;
  const int aside = std::abs(relation.x != 0 ? dy : dx);
  return From(toward >= 150 && 10 * aside <= 6 * toward, toward <= 0);
}

// Kinds of sentences, drawn by weight among those that name the target.
enum Form {
  kBare,
  kColored,
  kPlaced,
  kColoredPlaced,
  kSized,
  kRelated,
};
constexpr int kForms = 6;

// What a sentence says of its object beside the category; null or kNone for
// nothing.
struct Claim {
  ColorName color = ColorName::kNone;
  const Position* position = nullptr;
  const Relation* relation = nullptr;
  const SceneObject* reference = nullptr;
  // 0, or -1 for small, +1 for large.
  int size = 0;
};

Truth Holds(const Scene& scene, const SceneObject& object, int category,
            const Claim& claim) {
  if (object.category != category) {
    return Truth::kFalse;
  }
  Truth truth = Truth::kTrue;
  const Place place = PlaceOf(scene, object);
  if (claim.color != ColorName::kNone) {
    truth = And(truth, HasColor(object, claim.color));
  }
  if (claim.position != nullptr) {
    truth = And(truth, IsAt(place, *claim.position));
  }
  if (claim.relation != nullptr) {
    truth = And(truth, IsRelated(place, PlaceOf(scene, *claim.reference),
                                 *claim.relation));
  }
  if (claim.size != 0) {
    truth = And(truth, HasSize(scene, object, claim.size > 0));
  }
  return truth;
}

bool NamesTargetAlone(const Scene& scene, const Claim& claim) {
  const SceneObject& target = scene.objects[scene.target];
  for (const SceneObject& object : scene.objects) {
    const Truth wanted = &object == &target ? Truth::kTrue : Truth::kFalse;
    if (Holds(scene, object, target.category, claim) != wanted) {
      return false;
    }
  }
  return true;
}

int CountOf(const Scene& scene, int category) {
  return static_cast<int>(std::count_if(
      scene.objects.begin(), scene.objects.end(),
      [&](const SceneObject& o) { return o.category == category; }));
}

std::array<std::vector<Claim>, kForms> CandidateClaims(const Scene& scene) {
  const SceneObject& target = scene.objects[scene.target];
  std::array<std::vector<Claim>, kForms> claims;
  claims[kBare] = {{}};
  if (target.color != ColorName::kNone) {
    claims[kColored] = {{.color = target.color}};
  }
  for (const Position& position : kPositions) {
    claims[kPlaced].push_back({.position = &position});
    if (target.color != ColorName::kNone) {
      claims[kColoredPlaced].push_back(
          {.color = target.color, .position = &position});
    }
  }
  if (CountOf(scene, target.category) > 1) {
    claims[kSized] = {{.size = -1}, {.size = 1}};
  }
  for (const SceneObject& reference : scene.objects) {
    // The reference is named by its category alone.
    if (CountOf(scene, reference.category) != 1 || &reference == &target) {
      continue;
    }
    for (const Relation& relation : kRelations) {
      claims[kRelated].push_back(
          {.relation = &relation, .reference = &reference});
    }
  }
  for (std::vector<Claim>& form : claims) {
    std::erase_if(form, [&](const Claim& claim) {
      return !NamesTargetAlone(scene, claim);
    });
  }
  return claims;
}

std::string Write(const Scene& scene, const Claim& claim, Philox* random) {
  const SceneObject& target = scene.objects[scene.target];
  std::string words;
  if (claim.size != 0) {
    absl::StrAppend(&words, claim.size < 0 ? "small " : "large ");
  }
  if (claim.color != ColorName::kNone) {
    absl::StrAppend(&words, ColorWord(claim.color), " ");
  }
  absl::StrAppend(&words, kRrsisdCategories[target.category].phrase);
  // RRSIS-D has no "an".
  const bool vowel =
      absl::string_view("aeiou").find(words[0]) != absl::string_view::npos;
  std::string sentence =
      absl::StrCat(!vowel && random->NextBelow(10) < 4 ? "A " : "The ", words);
  if (claim.position != nullptr) {
    absl::StrAppend(&sentence, " ", claim.position->words);
  }
  if (claim.relation != nullptr) {
    absl::StrAppend(&sentence, " ", claim.relation->words, " the ",
                    kRrsisdCategories[claim.reference->category].phrase);
  }
  return sentence;
}

}  // namespace

std::string DescribeTarget(const Scene& scene, const SentenceMix& mix,
                           Philox* random) {
  const std::array<std::vector<Claim>, kForms> claims = CandidateClaims(scene);
  const std::array<int, kForms> weights = {mix.bare(),     mix.color(),
                                           mix.position(), mix.color_position(),
                                           mix.size(),     mix.relation()};
  int64_t total = 0;
  for (int form = 0; form < kForms; ++form) {
    total += claims[form].empty() ? 0 : weights[form];
  }
  if (total == 0) {
    return "";
  }
  int64_t drawn = static_cast<int64_t>(random->NextBelow(total));
  int form = 0;
  while (claims[form].empty() || drawn >= weights[form]) {
    drawn -= claims[form].empty() ? 0 : weights[form];
    ++form;
  }
  const Claim& claim = claims[form][random->NextBelow(claims[form].size())];
  return Write(scene, claim, random);
}

}  // namespace transect
