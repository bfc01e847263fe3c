#include "data/dataset_index.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "data/pickle.h"
#include "data/rrsisd.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::nlohmann::json;

// RRSIS-D's has some 20 MB.
constexpr int64_t kMaxJsonBytes = int64_t{1} << 30;
constexpr size_t kMaxLineBytes = size_t{16} << 20;
constexpr int kCategories = static_cast<int>(kRrsisdCategories.size());

struct Annotation {
  int64_t image_id;
  int64_t category_id;
  Rle mask;
};

struct Scene {
  std::vector<ObjectMask> others;
};

// `status` with where it happened in front.
absl::Status In(absl::string_view where, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(where, " ", status.message()));
}

absl::StatusOr<Rle> ParseSegmentation(const json& owner) {
  TRANSECT_ASSIGN_OR_RETURN(const json* segmentation,
                            JsonMember(owner, "segmentation"));
  // RRSIS-D has a list of one, the other data sets the object itself.
  if (segmentation->is_array()) {
    if (segmentation->size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("has ", segmentation->size(),
                       " elements in \"segmentation\", must be 1"));
    }
    segmentation = &(*segmentation)[0];
  }
  TRANSECT_ASSIGN_OR_RETURN(const json* size, JsonArray(*segmentation, "size"));
  if (size->size() != 2 || !(*size)[0].is_number_integer() ||
      !(*size)[1].is_number_integer()) {
    return absl::InvalidArgumentError("\"size\" must be [height, width]");
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string counts,
                            JsonString(*segmentation, "counts"));
  return DecodeRleString(counts, (*size)[0].get<int64_t>(),
                         (*size)[1].get<int64_t>());
}

absl::Status CheckCategory(int64_t category_id) {
  if (category_id < 0 || category_id >= kCategories) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has category ", category_id, ", must be 0 to ", kCategories - 1));
  }
  return absl::OkStatus();
}

absl::StatusOr<Annotation> ParseAnnotation(const json& record) {
  Annotation annotation;
  TRANSECT_ASSIGN_OR_RETURN(annotation.image_id, JsonInt(record, "image_id"));
  TRANSECT_ASSIGN_OR_RETURN(annotation.category_id,
                            JsonInt(record, "categories_id"));
  TRANSECT_RETURN_IF_ERROR(CheckCategory(annotation.category_id));
  TRANSECT_ASSIGN_OR_RETURN(annotation.mask, ParseSegmentation(record));
  return annotation;
}

absl::StatusOr<absl::flat_hash_map<int64_t, Annotation>> ReadInstances(
    const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxJsonBytes));
  TRANSECT_ASSIGN_OR_RETURN(const json root, ParseStrictJson(text, path));
  const absl::StatusOr<const json*> records = JsonArray(root, "annotations");
  if (!records.ok()) {
    return In(absl::StrCat(path, ":"), records.status());
  }
  absl::flat_hash_map<int64_t, Annotation> annotations;
  annotations.reserve((*records)->size());
  for (size_t i = 0; i < (*records)->size(); ++i) {
    const json& record = (**records)[i];
    const std::string where = absl::StrCat(path, ": annotations[", i, "]");
    const absl::StatusOr<int64_t> id = JsonInt(record, "id");
    if (!id.ok()) {
      return In(where, id.status());
    }
    absl::StatusOr<Annotation> annotation = ParseAnnotation(record);
    if (!annotation.ok()) {
      return In(absl::StrCat(where, " (id ", *id, ")"), annotation.status());
    }
    if (!annotations.emplace(*id, *std::move(annotation)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, " has id ", *id, ", which occurs twice"));
    }
  }
  return annotations;
}

absl::StatusOr<Scene> ParseScene(const json& record) {
  TRANSECT_ASSIGN_OR_RETURN(const int64_t target, JsonInt(record, "target"));
  TRANSECT_ASSIGN_OR_RETURN(const json* objects, JsonArray(record, "objects"));
  if (target < 0 || target >= static_cast<int64_t>(objects->size())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has target ", target, " of ", objects->size(), " objects"));
  }
  Scene scene;
  for (size_t i = 0; i < objects->size(); ++i) {
    if (static_cast<int64_t>(i) == target) {
      continue;
    }
    TRANSECT_ASSIGN_OR_RETURN(const int64_t category,
                              JsonInt((*objects)[i], "category_id"));
    TRANSECT_RETURN_IF_ERROR(CheckCategory(category));
    TRANSECT_ASSIGN_OR_RETURN(Rle mask, ParseSegmentation((*objects)[i]));
    scene.others.push_back({static_cast<int>(category), std::move(mask)});
  }
  return scene;
}

absl::StatusOr<absl::flat_hash_map<int64_t, Scene>> ReadScenes(
    const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxJsonBytes));
  absl::flat_hash_map<int64_t, Scene> scenes;
  int64_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::string where = absl::StrCat(path, ":", ++number);
    if (line.empty()) {
      continue;
    }
    if (line.size() > kMaxLineBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": line of ", line.size(), " bytes, at most ",
                       kMaxLineBytes, " are allowed"));
    }
    TRANSECT_ASSIGN_OR_RETURN(const json record, ParseStrictJson(line, where));
    const absl::StatusOr<int64_t> id = JsonInt(record, "image_id");
    if (!id.ok()) {
      return In(absl::StrCat(where, ":"), id.status());
    }
    absl::StatusOr<Scene> scene = ParseScene(record);
    if (!scene.ok()) {
      return In(absl::StrCat(where, ":"), scene.status());
    }
    if (!scenes.emplace(*id, *std::move(scene)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": image ", *id, " occurs twice"));
    }
  }
  return scenes;
}

absl::StatusOr<std::string> ParseSentence(const PickleValue& record,
                                          int64_t id) {
  TRANSECT_ASSIGN_OR_RETURN(const PickleValue list, record.Get("sentences"));
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

// Everything but the mask and the scene.
absl::StatusOr<Sample> ParseReference(const PickleValue& record) {
  const auto integer = [&](absl::string_view key) -> absl::StatusOr<int64_t> {
    TRANSECT_ASSIGN_OR_RETURN(const PickleValue value, record.Get(key));
    absl::StatusOr<int64_t> number = value.AsInt();
    if (!number.ok()) {
      return In(absl::StrCat("\"", key, "\""), number.status());
    }
    return number;
  };
  const auto text = [&](absl::string_view key) -> absl::StatusOr<std::string> {
    TRANSECT_ASSIGN_OR_RETURN(const PickleValue value, record.Get(key));
    const absl::StatusOr<absl::string_view> string = value.AsString();
    if (!string.ok()) {
      return In(absl::StrCat("\"", key, "\""), string.status());
    }
    return std::string(*string);
  };
  Sample sample;
  TRANSECT_ASSIGN_OR_RETURN(sample.id, integer("ref_id"));
  for (const char* key : {"image_id", "ann_id"}) {
    TRANSECT_ASSIGN_OR_RETURN(const int64_t other, integer(key));
    if (other != sample.id) {
      return absl::InvalidArgumentError(absl::StrCat(
          "has ", key, " ", other, ", must be its ref_id ", sample.id));
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(sample.split, text("split"));
  if (sample.split != "train" && sample.split != "val" &&
      sample.split != "test") {
    return absl::InvalidArgumentError(absl::StrCat(
        "has split \"", sample.split, "\", must be train, val or test"));
  }
  TRANSECT_ASSIGN_OR_RETURN(const int64_t category, integer("category_id"));
  TRANSECT_RETURN_IF_ERROR(CheckCategory(category));
  sample.category_id = static_cast<int>(category);
  TRANSECT_ASSIGN_OR_RETURN(sample.image_path, text("file_name"));
  const std::string expected = RrsisdFileName(sample.id, ".jpg");
  if (sample.image_path != expected) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has file_name \"", sample.image_path, "\", must be ", expected));
  }
  TRANSECT_ASSIGN_OR_RETURN(sample.sentence, ParseSentence(record, sample.id));
  return sample;
}

absl::StatusOr<std::vector<Sample>> ReadReferences(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, kMaxPickleBytes));
  const absl::StatusOr<PickleDocument> document =
      PickleDocument::Parse(std::move(bytes));
  if (!document.ok()) {
    return In(absl::StrCat(path, ":"), document.status());
  }
  const absl::StatusOr<std::vector<PickleValue>> records =
      document->root().AsList();
  if (!records.ok()) {
    return In(absl::StrCat(path, ": the root"), records.status());
  }
  std::vector<Sample> samples;
  samples.reserve(records->size());
  absl::flat_hash_set<int64_t> seen;
  for (size_t i = 0; i < records->size(); ++i) {
    const std::string where = absl::StrCat(path, ": reference ", i);
    absl::StatusOr<Sample> sample = ParseReference((*records)[i]);
    if (!sample.ok()) {
      return In(where, sample.status());
    }
    if (!seen.insert(sample->id).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          where, " has ref_id ", sample->id, ", which occurs twice"));
    }
    samples.push_back(*std::move(sample));
  }
  return samples;
}

}  // namespace

absl::StatusOr<DatasetIndex> DatasetIndex::OpenRrsisd(const std::string& root,
                                                      absl::string_view split) {
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
  const std::string refs_path = below(kRrsisdRefs);
  TRANSECT_ASSIGN_OR_RETURN(std::vector<Sample> samples,
                            ReadReferences(refs_path));
  TRANSECT_ASSIGN_OR_RETURN(auto annotations,
                            ReadInstances(below(kRrsisdInstances)));
  absl::flat_hash_map<int64_t, Scene> scenes;
  const bool objects_known = FileExists(below(kRrsisdScenes));
  if (objects_known) {
    TRANSECT_ASSIGN_OR_RETURN(scenes, ReadScenes(below(kRrsisdScenes)));
  }
  DatasetIndex index;
  for (Sample& sample : samples) {
    const auto annotation = annotations.find(sample.id);
    if (annotation == annotations.end() ||
        annotation->second.image_id != sample.id ||
        annotation->second.category_id != sample.category_id) {
      return absl::InvalidArgumentError(absl::StrCat(
          refs_path, ": reference with id ", sample.id, " and category ",
          sample.category_id,
          annotation == annotations.end()
              ? " has no annotation in instances.json"
              : absl::StrCat(" has an annotation with image ",
                             annotation->second.image_id, " and category ",
                             annotation->second.category_id)));
    }
    if (sample.split != split) {
      continue;
    }
    sample.image_path =
        absl::StrCat(below(kRrsisdImages), "/", sample.image_path);
    sample.mask = std::move(annotation->second.mask);
    if (objects_known) {
      const auto scene = scenes.find(sample.id);
      if (scene == scenes.end()) {
        return absl::InvalidArgumentError(absl::StrCat(
            below(kRrsisdScenes), ": image ", sample.id, " is missing"));
      }
      sample.others = std::move(scene->second.others);
      sample.objects_known = true;
    }
    index.samples_.push_back(std::move(sample));
  }
  if (index.samples_.empty()) {
    return absl::NotFoundError(
        absl::StrCat(refs_path, " has no reference of split \"", split,
                     "\" among ", samples.size()));
  }
  std::sort(index.samples_.begin(), index.samples_.end(),
            [](const Sample& a, const Sample& b) { return a.id < b.id; });
  return index;
}

}  // namespace transect
