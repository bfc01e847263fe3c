#include "data/synthetic/rrsisd_writer.h"

#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/annotations/rrsisd.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "data/synthetic/scene/category.h"
#include "nlohmann/json.hpp"
#include "pugixml.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::nlohmann::ordered_json;

// The mask of one object at the size of the image.
Rle MaskOf(const Scene& scene, const SceneObject& object) {
  std::vector<uint8_t> mask(static_cast<size_t>(scene.size) * scene.size, 0);
  object.ForEachPixel(
      [&](int x, int y) { mask[static_cast<size_t>(y) * scene.size + x] = 1; });
  return RleFromMask(mask, scene.size, scene.size);
}

ordered_json SegmentationJson(const Scene& scene, const SceneObject& object) {
  return {{"size", {scene.size, scene.size}},
          {"counts", EncodeRleString(MaskOf(scene, object))}};
}

void AddReference(int64_t id, absl::string_view split, const Scene& scene,
                  const std::string& file_name, PickleWriter* refs) {
  const auto integer = [&](absl::string_view key, int64_t value) {
    refs->String(key);
    refs->Int(value);
  };
  const auto text = [&](absl::string_view key, absl::string_view value) {
    refs->String(key);
    refs->String(value);
  };
  refs->BeginDict();
  integer("image_id", id);
  text("split", split);
  refs->String("sentences");
  refs->BeginList();
  refs->BeginDict();
  refs->String("tokens");
  refs->BeginList();
  for (const absl::string_view word : absl::StrSplit(scene.sentence, ' ')) {
    refs->String(word);
  }
  refs->EndList();
  text("raw", scene.sentence);
  integer("sent_id", id);
  text("sent", scene.sentence);
  refs->EndDict();
  refs->EndList();
  text("file_name", file_name);
  integer("category_id", scene.objects[scene.target].category);
  integer("ann_id", id);
  refs->String("sent_ids");
  refs->BeginList();
  refs->Int(id);
  refs->EndList();
  integer("ref_id", id);
  refs->EndDict();
}

std::string BoxesXml(const Scene& scene, const std::string& file_name) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("annotation");
  const auto add = [](pugi::xml_node parent, const char* name) {
    return parent.append_child(name).append_child(pugi::node_pcdata);
  };
  add(root, "filename").set_value(file_name.c_str());
  pugi::xml_node size = root.append_child("size");
  add(size, "width").set_value(absl::StrCat(scene.size).c_str());
  add(size, "height").set_value(absl::StrCat(scene.size).c_str());
  add(size, "depth").set_value("3");
  constexpr const char* kCorners[] = {"xmin", "ymin", "xmax", "ymax"};
  // The named object is the only one with a description, as the last.
  std::vector<const SceneObject*> objects;
  for (const SceneObject& object : scene.objects) {
    objects.push_back(&object);
  }
  std::swap(objects[scene.target], objects.back());
  for (const SceneObject* object : objects) {
    pugi::xml_node node = root.append_child("object");
    add(node, "name").set_value(kRrsisdCategories[object->category].name);
    pugi::xml_node box = node.append_child("bndbox");
    for (int i = 0; i < 4; ++i) {
      add(box, kCorners[i]).set_value(absl::StrCat(object->box[i]).c_str());
    }
    if (object == objects.back()) {
      add(node, "description").set_value(scene.sentence.c_str());
    }
  }
  std::ostringstream text;
  document.save(text, "\t");
  return text.str();
}

// One more element of a JSON array that is written as text.
void AppendElement(const ordered_json& element, std::string* array) {
  absl::StrAppend(array, array->empty() ? "" : ", ", element.dump());
}

}  // namespace

RrsisdWriter::RrsisdWriter(std::string root) : root_(std::move(root)) {
  refs_.BeginList();
}

absl::Status RrsisdWriter::Start() {
  for (const char* directory : {"rrsisd", kRrsisdImages, kRrsisdBoxes}) {
    TRANSECT_RETURN_IF_ERROR(MakeDirs(absl::StrCat(root_, "/", directory)));
  }
  return absl::OkStatus();
}

absl::Status RrsisdWriter::Add(int64_t id, absl::string_view split,
                               const Scene& scene, absl::string_view jpeg) {
  const std::string file_name = RrsisdFileName(id, ".jpg");
  TRANSECT_RETURN_IF_ERROR(
      WriteFile(absl::StrCat(root_, "/", kRrsisdImages, "/", file_name), jpeg));
  TRANSECT_RETURN_IF_ERROR(WriteFile(
      absl::StrCat(root_, "/", kRrsisdBoxes, "/", RrsisdFileName(id, ".xml")),
      BoxesXml(scene, file_name)));

  AddReference(id, split, scene, file_name, &refs_);
  AppendElement({{"file_name", file_name},
                 {"height", scene.size},
                 {"width", scene.size},
                 {"id", id}},
                &images_);
  const SceneObject& target = scene.objects[scene.target];
  AppendElement(
      {{"bbox", target.box},
       {"categories_id", target.category},
       {"id", id},
       {"image_id", id},
       {"segmentation", ordered_json::array({SegmentationJson(scene, target)})},
       {"area", target.area}},
      &annotations_);
  ordered_json objects = ordered_json::array();
  for (const SceneObject& object : scene.objects) {
    objects.push_back({{"category_id", object.category},
                       {"color", ColorWord(object.color)},
                       {"bbox", object.box},
                       {"segmentation", SegmentationJson(scene, object)}});
  }
  const ordered_json line = {
      {"image_id", id}, {"target", scene.target}, {"objects", objects}};
  absl::StrAppend(&scenes_, line.dump(), "\n");
  return absl::OkStatus();
}

absl::Status RrsisdWriter::Finish() && {
  const auto below = [&](absl::string_view path) {
    return absl::StrCat(root_, "/", path);
  };
  std::string categories;
  for (size_t i = 0; i < kRrsisdCategories.size(); ++i) {
    AppendElement({{"name", kRrsisdCategories[i].name}, {"id", i}},
                  &categories);
  }
  refs_.EndList();
  TRANSECT_RETURN_IF_ERROR(
      WriteFile(below(kRrsisdRefs), std::move(refs_).Finish()));
  TRANSECT_RETURN_IF_ERROR(WriteFile(
      below(kRrsisdInstances),
      absl::StrCat("{\"images\": [", images_, "], \"annotations\": [",
                   annotations_, "], \"categories\": [", categories, "]}\n")));
  return WriteFile(below(kRrsisdScenes), scenes_);
}

}  // namespace transect
