// RRSIS-D: a pickle of references and a JSON file of annotations.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/annotations.h"
#include "data/annotations/pickle.h"
#include "data/annotations/rrsisd.h"
#include "data/defects.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "data/masks/rle.h"
#include "data/masks/segmentation_json.h"
#include "data/spec.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::nlohmann::json;

constexpr int64_t kCategories = kRrsisdCategories.size();

// By id: an annotation with mask, box and area, or what is wrong with it.
// `category_id` is the annotation's.
using AnnotationMap = absl::flat_hash_map<int64_t, IndexedRecord>;
// By image id: the other objects of the scene.
using SceneMap = absl::flat_hash_map<int64_t, std::vector<IndexedObject>>;

bool IsCategory(int64_t id) { return id >= 0 && id < kCategories; }

std::string WrongCategory(int64_t id) {
  return absl::StrCat("category ", id, ", must be 0 to ", kCategories - 1);
}

absl::StatusOr<IndexedRecord> ParseAnnotation(const json& annotation) {
  IndexedRecord record;
  TRANSECT_ASSIGN_OR_RETURN(const int64_t image,
                            JsonInt(annotation, "image_id"));
  record.set_id(image);
  TRANSECT_ASSIGN_OR_RETURN(const int64_t category,
                            JsonInt(annotation, "categories_id"));
  record.set_category_id(IsCategory(category) ? static_cast<int>(category)
                                              : -1);
  if (!IsCategory(category)) {
    AddDefect(kUnknownCategory,
              absl::StrCat("the annotation has ", WrongCategory(category)),
              &record);
  }
  ReadMask(annotation, &record);
  ReadBoxAndArea(annotation, &record);
  return record;
}

absl::StatusOr<AnnotationMap> ReadInstances(const std::string& path) {
  json root;
  {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                              ReadFile(path, kMaxAnnotationBytes));
    TRANSECT_ASSIGN_OR_RETURN(root, ParseStrictJson(text, path));
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const json* records,
      InPlace(absl::StrCat(path, ":"), JsonArray(root, "annotations")));
  AnnotationMap annotations;
  annotations.reserve(records->size());
  for (size_t i = 0; i < records->size(); ++i) {
    const json& record = (*records)[i];
    const std::string where = absl::StrCat(path, ": annotations[", i, "]");
    TRANSECT_ASSIGN_OR_RETURN(const int64_t id,
                              InPlace(where, JsonInt(record, "id")));
    TRANSECT_ASSIGN_OR_RETURN(IndexedRecord annotation,
                              InPlace(absl::StrCat(where, " (id ", id, ")"),
                                      ParseAnnotation(record)));
    if (!annotations.emplace(id, std::move(annotation)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, " has id ", id, ", which occurs twice"));
    }
  }
  return annotations;
}

absl::StatusOr<std::vector<IndexedObject>> ParseScene(const json& scene) {
  TRANSECT_ASSIGN_OR_RETURN(const int64_t target, JsonInt(scene, "target"));
  TRANSECT_ASSIGN_OR_RETURN(const json* objects, JsonArray(scene, "objects"));
  if (target < 0 || target >= static_cast<int64_t>(objects->size())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has target ", target, " of ", objects->size(), " objects"));
  }
  std::vector<IndexedObject> others;
  for (size_t i = 0; i < objects->size(); ++i) {
    if (static_cast<int64_t>(i) == target) {
      continue;
    }
    const json& object = (*objects)[i];
    TRANSECT_ASSIGN_OR_RETURN(const int64_t category,
                              JsonInt(object, "category_id"));
    if (!IsCategory(category)) {
      return absl::InvalidArgumentError(
          absl::StrCat("has ", WrongCategory(category)));
    }
    TRANSECT_ASSIGN_OR_RETURN(const json* segmentation,
                              JsonMember(object, "segmentation"));
    TRANSECT_ASSIGN_OR_RETURN(const Rle rle, RleFromJson(*segmentation));
    IndexedObject& other = others.emplace_back();
    other.set_category_id(static_cast<int>(category));
    other.set_mask_height(rle.height);
    other.set_mask_width(rle.width);
    other.mutable_runs()->Add(rle.runs.begin(), rle.runs.end());
  }
  return others;
}

absl::StatusOr<SceneMap> ReadScenes(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxAnnotationBytes));
  SceneMap scenes;
  TRANSECT_RETURN_IF_ERROR(ForEachJsonLine(
      text, path, [&scenes](int64_t, const json& scene) -> absl::Status {
        TRANSECT_ASSIGN_OR_RETURN(const int64_t id, JsonInt(scene, "image_id"));
        TRANSECT_ASSIGN_OR_RETURN(std::vector<IndexedObject> others,
                                  ParseScene(scene));
        return scenes.emplace(id, std::move(others)).second
                   ? absl::OkStatus()
                   : absl::InvalidArgumentError(
                         absl::StrCat("image ", id, " occurs twice"));
      }));
  return scenes;
}

absl::StatusOr<std::string> ParseSentence(const PickleValue& reference,
                                          int64_t id) {
  TRANSECT_ASSIGN_OR_RETURN(const PickleValue list, reference.Get("sentences"));
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<PickleValue> sentences,
                            list.AsList());
  if (sentences.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", sentences.size(), " sentences, must be 1"));
  }
  TRANSECT_ASSIGN_OR_RETURN(const PickleValue id_value,
                            sentences[0].Get("sent_id"));
  TRANSECT_ASSIGN_OR_RETURN(const int64_t sentence_id, id_value.AsInt());
  if (sentence_id != id) {
    return absl::InvalidArgumentError(
        absl::StrCat("has sent_id ", sentence_id, ", must be its ref_id ", id));
  }
  TRANSECT_ASSIGN_OR_RETURN(const PickleValue sent, sentences[0].Get("sent"));
  TRANSECT_ASSIGN_OR_RETURN(const absl::string_view text, sent.AsString());
  return std::string(text);
}

// Everything but the annotation and the scene.
absl::StatusOr<IndexedRecord> ParseReference(const PickleValue& reference,
                                             int* split) {
  const auto integer = [&](absl::string_view key) -> absl::StatusOr<int64_t> {
    TRANSECT_ASSIGN_OR_RETURN(const PickleValue value, reference.Get(key));
    return InPlace(absl::StrCat("\"", key, "\""), value.AsInt());
  };
  const auto text = [&](absl::string_view key) -> absl::StatusOr<std::string> {
    TRANSECT_ASSIGN_OR_RETURN(const PickleValue value, reference.Get(key));
    TRANSECT_ASSIGN_OR_RETURN(
        const absl::string_view string,
        InPlace(absl::StrCat("\"", key, "\""), value.AsString()));
    return std::string(string);
  };
  IndexedRecord record;
  TRANSECT_ASSIGN_OR_RETURN(const int64_t id, integer("ref_id"));
  record.set_id(id);
  for (const char* key : {"image_id", "ann_id"}) {
    TRANSECT_ASSIGN_OR_RETURN(const int64_t other, integer(key));
    if (other != id) {
      return absl::InvalidArgumentError(
          absl::StrCat("has ", key, " ", other, ", must be its ref_id ", id));
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string split_name, text("split"));
  *split = SplitNumber(split_name);
  if (*split < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has split \"", split_name, "\", must be train, val or test"));
  }
  TRANSECT_ASSIGN_OR_RETURN(const int64_t category, integer("category_id"));
  record.set_category_id(IsCategory(category) ? static_cast<int>(category)
                                              : -1);
  if (!IsCategory(category)) {
    AddDefect(kUnknownCategory, WrongCategory(category), &record);
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string file, text("file_name"));
  const std::string expected = RrsisdFileName(id, ".jpg");
  if (file != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("has file_name \"", file, "\", must be ", expected));
  }
  record.set_image(absl::StrCat(kRrsisdImages, "/", file));
  TRANSECT_ASSIGN_OR_RETURN(*record.mutable_sentence(),
                            ParseSentence(reference, id));
  return record;
}

// The annotation joins its reference.
absl::Status Join(IndexedRecord annotation, IndexedRecord* record) {
  if (annotation.id() != record->id()) {
    return absl::InvalidArgumentError(
        absl::StrCat("has an annotation with image ", annotation.id(),
                     ", must be its ref_id ", record->id()));
  }
  if (annotation.category_id() != record->category_id()) {
    AddDefect(kCategoryMismatch,
              absl::StrCat("the reference has category ", record->category_id(),
                           ", the annotation ", annotation.category_id()),
              record);
  }
  record->set_mask_height(annotation.mask_height());
  record->set_mask_width(annotation.mask_width());
  record->mutable_runs()->Swap(annotation.mutable_runs());
  record->mutable_box()->Swap(annotation.mutable_box());
  record->set_given_area(annotation.given_area());
  for (Defect& defect : *annotation.mutable_defect()) {
    // The same about the reference and its annotation is one defect.
    if (defect.kind() != kUnknownCategory || record->category_id() >= 0) {
      *record->add_defect() = std::move(defect);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadReferences(const std::string& path, Annotations* all) {
  TRANSECT_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, kMaxPickleBytes));
  TRANSECT_ASSIGN_OR_RETURN(const PickleDocument document,
                            InPlace(absl::StrCat(path, ":"),
                                    PickleDocument::Parse(std::move(bytes))));
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<PickleValue> references,
      InPlace(absl::StrCat(path, ": the root"), document.root().AsList()));
  absl::flat_hash_set<int64_t> seen;
  for (size_t i = 0; i < references.size(); ++i) {
    const std::string where = absl::StrCat(path, ": reference ", i);
    int split = 0;
    TRANSECT_ASSIGN_OR_RETURN(
        IndexedRecord record,
        InPlace(where, ParseReference(references[i], &split)));
    if (!seen.insert(record.id()).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          where, " has ref_id ", record.id(), ", which occurs twice"));
    }
    record.set_place(absl::StrCat(kRrsisdRefs, ": reference ", i));
    all->split[split].push_back(std::move(record));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Annotations> ReadRrsisdAnnotations(const std::string& root) {
  const auto below = [&](absl::string_view path) {
    return absl::StrCat(root, "/", path);
  };
  for (const char* needed : {kRrsisdRefs, kRrsisdInstances}) {
    if (!FileExists(below(needed))) {
      return absl::NotFoundError(
          absl::StrCat("no data set in the RRSIS-D layout in ", root, ": ",
                       below(needed), " does not exist"));
    }
  }
  Annotations all;
  TRANSECT_RETURN_IF_ERROR(ReadReferences(below(kRrsisdRefs), &all));
  TRANSECT_ASSIGN_OR_RETURN(AnnotationMap annotations,
                            ReadInstances(below(kRrsisdInstances)));
  SceneMap scenes;
  const bool objects_known = FileExists(below(kRrsisdScenes));
  if (objects_known) {
    TRANSECT_ASSIGN_OR_RETURN(scenes, ReadScenes(below(kRrsisdScenes)));
  }
  for (auto& records : all.split) {
    for (IndexedRecord& record : records) {
      const auto annotation = annotations.find(record.id());
      if (annotation == annotations.end()) {
        record.set_given_area(-1);
        AddDefect(kMaskMissing,
                  absl::StrCat("no annotation in ", kRrsisdInstances), &record);
      } else {
        TRANSECT_RETURN_IF_ERROR(
            InPlace(below(record.place()),
                    Join(std::move(annotation->second), &record)));
      }
      if (objects_known) {
        const auto scene = scenes.find(record.id());
        if (scene == scenes.end()) {
          return absl::InvalidArgumentError(absl::StrCat(
              below(kRrsisdScenes), ": image ", record.id(), " is missing"));
        }
        record.set_objects_known(true);
        for (IndexedObject& other : scene->second) {
          *record.add_other() = std::move(other);
        }
      }
    }
  }
  return all;
}

}  // namespace transect
