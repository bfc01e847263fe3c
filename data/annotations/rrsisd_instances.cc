#include "data/annotations/rrsisd_instances.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/annotations.h"
#include "data/annotations/rrsisd.h"
#include "data/defects.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::nlohmann::json;

constexpr int64_t kCategories = kRrsisdCategories.size();
constexpr char kPlural[] = "categories_id";
constexpr char kSingular[] = "category_id";

// RRSIS-D writes categories_id; COCO, and with it REFER, category_id.
absl::StatusOr<int64_t> CategoryOf(const json& annotation,
                                   IndexedRecord* record) {
  if (!annotation.is_object() || !annotation.contains(kSingular)) {
    return JsonInt(annotation, kPlural);
  }
  TRANSECT_ASSIGN_OR_RETURN(const int64_t singular,
                            JsonInt(annotation, kSingular));
  if (!annotation.contains(kPlural)) return singular;
  TRANSECT_ASSIGN_OR_RETURN(const int64_t plural, JsonInt(annotation, kPlural));
  if (plural != singular) {
    AddDefect(kCategoryMismatch,
              absl::StrCat("the annotation has ", kPlural, " ", plural, " and ",
                           kSingular, " ", singular),
              record);
  }
  return plural;
}

absl::StatusOr<RrsisdAnnotation> ParseAnnotation(
    const json& annotation, const RrsisdInstances& instances) {
  RrsisdAnnotation result;
  IndexedRecord& record = result.record;
  TRANSECT_ASSIGN_OR_RETURN(result.image_id, JsonInt(annotation, "image_id"));
  TRANSECT_ASSIGN_OR_RETURN(const int64_t category,
                            CategoryOf(annotation, &record));
  record.set_category_id(IsRrsisdCategory(category) ? static_cast<int>(category)
                                                    : -1);
  if (!IsRrsisdCategory(category)) {
    AddDefect(
        kUnknownCategory,
        absl::StrCat("the annotation has ", WrongRrsisdCategory(category)),
        &record);
  }
  const auto image = instances.images.find(result.image_id);
  ReadMask(annotation,
           image == instances.images.end() ? GivenSize() : image->second.size,
           &record);
  ReadBoxAndArea(annotation,
                 annotation.contains(kPlural) ? BoxForm::kCorners
                                              : BoxForm::kCornerAndSize,
                 &record);
  return result;
}

// Calls use(id, entry) for the entries of an optional list that have an id.
template <typename Use>
void ForEachWithId(const json& root, const char* list, Use use) {
  const absl::StatusOr<const json*> entries = JsonArray(root, list);
  if (!entries.ok()) return;
  for (const json& entry : **entries) {
    const absl::StatusOr<int64_t> id = JsonInt(entry, "id");
    if (id.ok()) use(*id, entry);
  }
}

RrsisdImage ParseImage(const json& entry) {
  RrsisdImage image;
  image.file_name = JsonString(entry, "file_name").value_or("");
  image.size = SizeOfJson(entry);
  return image;
}

}  // namespace

bool IsRrsisdCategory(int64_t id) { return id >= 0 && id < kCategories; }

std::string WrongRrsisdCategory(int64_t id) {
  return absl::StrCat("category ", id, ", must be 0 to ", kCategories - 1);
}

absl::StatusOr<RrsisdInstances> ReadRrsisdInstances(const std::string& path) {
  json root;
  {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                              ReadFile(path, kMaxAnnotationBytes));
    TRANSECT_ASSIGN_OR_RETURN(root, ParseStrictJson(text, path));
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const json* records,
      InPlace(absl::StrCat(path, ":"), JsonArray(root, "annotations")));
  RrsisdInstances instances;
  ForEachWithId(root, "images", [&](int64_t id, const json& entry) {
    instances.images.emplace(id, ParseImage(entry));
  });
  ForEachWithId(root, "categories", [&](int64_t id, const json& entry) {
    instances.categories.emplace(id, JsonString(entry, "name").value_or(""));
  });
  HeldBytes held(path);
  instances.annotations.reserve(records->size());
  for (size_t i = 0; i < records->size(); ++i) {
    const json& record = (*records)[i];
    const std::string where = absl::StrCat(path, ": annotations[", i, "]");
    TRANSECT_ASSIGN_OR_RETURN(const int64_t id,
                              InPlace(where, JsonInt(record, "id")));
    TRANSECT_ASSIGN_OR_RETURN(RrsisdAnnotation annotation,
                              InPlace(absl::StrCat(where, " (id ", id, ")"),
                                      ParseAnnotation(record, instances)));
    TRANSECT_RETURN_IF_ERROR(held.Add(MaskBytes(annotation.record)));
    if (!instances.annotations.emplace(id, std::move(annotation)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, " has id ", id, ", which occurs twice"));
    }
  }
  return instances;
}

}  // namespace transect
