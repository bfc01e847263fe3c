// RRSIS-D: a pickle of references and a JSON file of annotations.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/annotations.h"
#include "data/annotations/rrsisd.h"
#include "data/annotations/rrsisd_instances.h"
#include "data/annotations/rrsisd_references.h"
#include "data/annotations/sentence_fields.h"
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

// By image id: the other objects of the scene.
using SceneMap = absl::flat_hash_map<int64_t, std::vector<IndexedObject>>;

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
    if (!IsRrsisdCategory(category)) {
      return absl::InvalidArgumentError(
          absl::StrCat("has ", WrongRrsisdCategory(category)));
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

// Whether REFER's way of naming references after images made `name` of the
// image file `image`: "a_7.jpg" of "a.jpg".
bool IsNamedAfter(absl::string_view name, absl::string_view image) {
  const size_t dot = image.rfind('.');
  const size_t end = name.rfind('_');
  const size_t name_dot = name.rfind('.');
  return dot != absl::string_view::npos && end != absl::string_view::npos &&
         name_dot != absl::string_view::npos && end < name_dot &&
         name.substr(0, end) == image.substr(0, dot) &&
         name.substr(name_dot) == image.substr(dot);
}

// The image's file: of a reference that is named after its image, as all of
// RRSIS-D are, the reference's; else, as REFER's code reads it, that of
// instances.json where it knows the image.
absl::StatusOr<std::string> ImageFile(const RrsisdReference& reference,
                                      const RrsisdImage* image) {
  const bool own =
      image == nullptr || image->file_name.empty() ||
      reference.file_name == RrsisdFileName(reference.image_id, ".jpg");
  const std::string& file = own ? reference.file_name : image->file_name;
  if (file.empty()) {
    return absl::InvalidArgumentError("has no key \"file_name\"");
  }
  TRANSECT_RETURN_IF_ERROR(CheckName(file, /*may_nest=*/true));
  return file;
}

void CompareImage(const RrsisdReference& reference,
                  const RrsisdInstances& instances, const std::string& file,
                  IndexedRecord* record) {
  if (instances.images.empty()) return;
  const auto image = instances.images.find(reference.image_id);
  std::vector<std::string> differences;
  if (image == instances.images.end()) {
    differences.push_back(
        absl::StrCat(kRrsisdInstances, " has no image ", reference.image_id));
  } else {
    const std::string& other = image->second.file_name;
    if (!other.empty() && !reference.file_name.empty() &&
        other != reference.file_name &&
        !IsNamedAfter(reference.file_name, other)) {
      differences.push_back(absl::StrCat(
          "the reference has file_name \"", reference.file_name, "\", ",
          kRrsisdInstances, " \"", other, "\"; read is ", file));
    }
    const GivenSize& size = image->second.size;
    if (size.height != 0 && record->mask_height() != 0 &&
        (size.height != record->mask_height() ||
         size.width != record->mask_width())) {
      differences.push_back(
          absl::StrCat(kRrsisdInstances, " says ", size.height, " x ",
                       size.width, " for the image, the mask has ",
                       record->mask_height(), " x ", record->mask_width()));
    }
  }
  if (!differences.empty()) {
    AddDefect(kImageMismatch, absl::StrJoin(differences, "; "), record);
  }
}

// What names of categories have in common however they are written.
std::string PlainName(absl::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != ' ' && c != '-' && c != '_') {
      plain.push_back(absl::ascii_tolower(c));
    }
  }
  return plain;
}

void CompareCategories(const RrsisdReference& reference,
                       const RrsisdInstances& instances,
                       const IndexedRecord* annotation, IndexedRecord* record) {
  const bool known = IsRrsisdCategory(reference.category);
  record->set_category_id(known ? static_cast<int>(reference.category) : -1);
  if (!known) {
    AddDefect(kUnknownCategory, WrongRrsisdCategory(reference.category),
              record);
  }
  if (annotation != nullptr &&
      annotation->category_id() != record->category_id()) {
    AddDefect(kCategoryMismatch,
              absl::StrCat("the reference has category ", record->category_id(),
                           ", the annotation ", annotation->category_id()),
              record);
  }
  const auto name = instances.categories.find(reference.category);
  if (known && name != instances.categories.end() &&
      PlainName(name->second) !=
          PlainName(kRrsisdCategories[reference.category].name)) {
    AddDefect(kCategoryNameMismatch,
              absl::StrCat("category ", reference.category, " is \"",
                           kRrsisdCategories[reference.category].name,
                           "\" in RRSIS-D, \"", name->second, "\" in ",
                           kRrsisdInstances),
              record);
  }
}

// Mask, box and area, and what is wrong with them.
void TakeAnnotation(const IndexedRecord* annotation, IndexedRecord* record) {
  if (annotation == nullptr) {
    record->set_given_area(-1);
    AddDefect(kMaskMissing, absl::StrCat("no annotation in ", kRrsisdInstances),
              record);
    return;
  }
  record->set_mask_height(annotation->mask_height());
  record->set_mask_width(annotation->mask_width());
  *record->mutable_runs() = annotation->runs();
  *record->mutable_box() = annotation->box();
  record->set_given_area(annotation->given_area());
  for (const Defect& defect : annotation->defect()) {
    // The same about the reference and its annotation is one defect.
    if (defect.kind() != kUnknownCategory || record->category_id() >= 0) {
      *record->add_defect() = defect;
    }
  }
}

void CompareSentenceIds(const RrsisdReference& reference,
                        IndexedRecord* record) {
  if (!reference.sentence_ids.has_value()) return;
  std::vector<int64_t> own;
  for (const RrsisdSentence& sentence : reference.sentences) {
    own.push_back(sentence.id);
  }
  if (own != *reference.sentence_ids) {
    AddDefect(kSentenceIdMismatch,
              absl::StrCat("sent_ids are ",
                           absl::StrJoin(*reference.sentence_ids, ", "),
                           ", its sentences have ", absl::StrJoin(own, ", ")),
              record);
  }
}

// What the records of all sentences of the reference have in common.
absl::StatusOr<IndexedRecord> MakeRecord(const RrsisdReference& reference,
                                         const RrsisdInstances& instances) {
  IndexedRecord record;
  const auto found = instances.annotations.find(reference.annotation_id);
  const RrsisdAnnotation* const annotation =
      found == instances.annotations.end() ? nullptr : &found->second;
  if (annotation != nullptr && annotation->image_id != reference.image_id) {
    return absl::InvalidArgumentError(
        absl::StrCat("has an annotation with image ", annotation->image_id,
                     ", must be its image_id ", reference.image_id));
  }
  const IndexedRecord* const data =
      annotation == nullptr ? nullptr : &annotation->record;
  const auto image = instances.images.find(reference.image_id);
  TRANSECT_ASSIGN_OR_RETURN(
      const std::string file,
      ImageFile(reference,
                image == instances.images.end() ? nullptr : &image->second));
  record.set_image(absl::StrCat(kRrsisdImages, "/", file));
  CompareCategories(reference, instances, data, &record);
  TakeAnnotation(data, &record);
  CompareImage(reference, instances, file, &record);
  CompareSentenceIds(reference, &record);
  return record;
}

absl::Status AddScene(const std::string& path, int64_t image_id,
                      const SceneMap& scenes, IndexedRecord* record) {
  const auto scene = scenes.find(image_id);
  if (scene == scenes.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": image ", image_id, " is missing"));
  }
  record->set_objects_known(true);
  for (const IndexedObject& other : scene->second) {
    *record->add_other() = other;
  }
  return absl::OkStatus();
}

// A record for each sentence. Where every reference has one, as in RRSIS-D, its
// id is the reference's, else the sentence's own.
class RecordMaker {
 public:
  RecordMaker(const std::vector<RrsisdReference>& references,
              FoundDataset::SentenceField sentence_field)
      : sentence_field_(sentence_field),
        by_reference_(std::all_of(references.begin(), references.end(),
                                  [](const RrsisdReference& reference) {
                                    return reference.sentences.size() == 1;
                                  })) {}

  absl::Status Add(const RrsisdReference& reference,
                   const IndexedRecord& common, Annotations* all) {
    for (size_t i = 0; i < reference.sentences.size(); ++i) {
      const RrsisdSentence& sentence = reference.sentences[i];
      IndexedRecord record = common;
      record.set_id(by_reference_ ? reference.id : sentence.id);
      record.set_place(by_reference_
                           ? reference.place
                           : absl::StrCat(reference.place, ", sentence ", i));
      const std::string where = absl::StrCat("sentence ", i);
      if (!by_reference_ && sentence.id < 0) {
        return absl::InvalidArgumentError(absl::StrCat(
            where,
            " has no \"sent_id\" of 0 or more, which a file with several "
            "sentences for a reference needs"));
      }
      if (!seen_.insert(record.id()).second) {
        return absl::InvalidArgumentError(absl::StrCat(
            where, " has sent_id ", record.id(), ", which occurs twice"));
      }
      TRANSECT_RETURN_IF_ERROR(InPlace(
          where, SetSentence(sentence.fields, sentence_field_, &record)));
      all->split[reference.split].push_back(std::move(record));
    }
    return absl::OkStatus();
  }

 private:
  FoundDataset::SentenceField sentence_field_;
  bool by_reference_;
  absl::flat_hash_set<int64_t> seen_;
};

}  // namespace

absl::StatusOr<Annotations> ReadRrsisdAnnotations(
    const std::string& root, FoundDataset::SentenceField sentence_field) {
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
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<RrsisdReference> references,
                            ReadRrsisdReferences(below(kRrsisdRefs)));
  TRANSECT_ASSIGN_OR_RETURN(RrsisdInstances instances,
                            ReadRrsisdInstances(below(kRrsisdInstances)));
  SceneMap scenes;
  const bool objects_known = FileExists(below(kRrsisdScenes));
  if (objects_known) {
    TRANSECT_ASSIGN_OR_RETURN(scenes, ReadScenes(below(kRrsisdScenes)));
  }
  Annotations all;
  // Of an annotation that many sentences name, each record has a copy.
  HeldBytes held(below(kRrsisdRefs));
  RecordMaker maker(references, sentence_field);
  for (const RrsisdReference& reference : references) {
    const std::string where = below(reference.place);
    TRANSECT_ASSIGN_OR_RETURN(IndexedRecord record,
                              InPlace(where, MakeRecord(reference, instances)));
    if (objects_known) {
      TRANSECT_RETURN_IF_ERROR(
          AddScene(below(kRrsisdScenes), reference.image_id, scenes, &record));
    }
    TRANSECT_RETURN_IF_ERROR(held.Add(
        static_cast<int64_t>(reference.sentences.size()) * MaskBytes(record)));
    TRANSECT_RETURN_IF_ERROR(
        InPlace(where, maker.Add(reference, record, &all)));
  }
  return all;
}

}  // namespace transect
