#include "data/synthetic/synthesis.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/annotations/rrsisd.h"
#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "data/random/philox.h"
#include "data/spec.h"
#include "data/synthetic/blind_bounds.h"
#include "data/synthetic/layout/plan.h"
#include "data/synthetic/render/render.h"
#include "data/synthetic/scene/scene.h"
#include "data/synthetic/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "pugixml.hpp"
#include "tests/data/synthetic/testing/sentence_truth.h"
#include "tests/testing/mapped_library.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SynthesisSpec SmallSpec(SynthesisSpec::Style style, int train, int val) {
  SynthesisSpec spec;
  spec.set_style(style);
  spec.set_image_size(64);
  spec.set_train_images(train);
  spec.set_val_images(val);
  return spec;
}

// The path of a directory that does not exist.
std::string Absent(const std::string& name) {
  const std::string dir = absl::StrCat(::testing::TempDir(), "/", name);
  std::filesystem::remove_all(dir);
  return dir;
}

std::string Made(const SynthesisSpec& spec, const std::string& name) {
  const std::string dir = Absent(name);
  EXPECT_THAT(WriteSyntheticDataset(spec, dir, nullptr), IsOk());
  return dir;
}

std::string Contents(const std::string& dir, absl::string_view path) {
  absl::StatusOr<std::string> contents = ReadFile(absl::StrCat(dir, "/", path));
  EXPECT_THAT(contents, IsOk());
  return *contents;
}

std::string ImagePath(int64_t id) {
  return absl::StrCat(kRrsisdImages, "/", RrsisdFileName(id, ".jpg"));
}

std::vector<json> ScenesOf(const std::string& dir) {
  std::vector<json> scenes;
  const std::string text = Contents(dir, kRrsisdScenes);
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    scenes.push_back(json::parse(line));
  }
  return scenes;
}

Rle MaskOf(const json& object) {
  const json& segmentation = object["segmentation"];
  absl::StatusOr<Rle> rle =
      DecodeRleString(segmentation["counts"].get<std::string>(),
                      segmentation["size"][0], segmentation["size"][1]);
  EXPECT_THAT(rle, IsOk());
  return *rle;
}

TEST(SynthesisTest, TheReaderGetsBackWhatWasMade) {
  const SynthesisSpec spec = SmallSpec(SynthesisSpec::AERIAL, 6, 3);
  std::vector<int64_t> done;
  const std::string dir = Absent("round_trip");
  ASSERT_THAT(WriteSyntheticDataset(spec, dir,
                                    [&](int64_t n, int64_t total) {
                                      EXPECT_EQ(total, 9);
                                      done.push_back(n);
                                    }),
              IsOk());
  EXPECT_THAT(done, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
  const std::vector<json> scenes = ScenesOf(dir);
  ASSERT_EQ(scenes.size(), 9u);
  int64_t id = 0;
  for (const char* split : {"train", "val"}) {
    ASSERT_OK_AND_ASSIGN(const DatasetIndex index,
                         DatasetIndex::OpenRrsisd(dir, split));
    ASSERT_EQ(static_cast<int64_t>(index.samples().size()),
              SynthesisImages(spec, split));
    for (size_t i = 0; i < index.samples().size(); ++i) {
      const Sample& sample = index.samples()[i];
      EXPECT_EQ(sample.id, ++id);
      ASSERT_OK_AND_ASSIGN(const Scene planned, PlanScene(spec, split, i));
      EXPECT_EQ(sample.sentence, planned.sentence);
      const json& scene = scenes[id - 1];
      const json& target = scene["objects"][scene["target"].get<int>()];
      EXPECT_EQ(MaskFromRle(sample.mask), MaskFromRle(MaskOf(target)));
      EXPECT_THAT(RleBox(sample.mask),
                  ::testing::ElementsAreArray(target["bbox"]));
      EXPECT_EQ(sample.category_id, target["category_id"]);
      ASSERT_TRUE(sample.objects_known);
      EXPECT_EQ(sample.others.size() + 1, scene["objects"].size());
      ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(sample.image_path));
      EXPECT_EQ(image.height, 64);
      EXPECT_EQ(image.width, 64);
    }
  }
}

TEST(SynthesisTest, TheBoxFilesHoldEveryObjectAndTheSentence) {
  const std::string dir =
      Made(SmallSpec(SynthesisSpec::NATURAL, 1, 0), "boxes");
  const json scene = ScenesOf(dir)[0];
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(
      Contents(dir, absl::StrCat(kRrsisdBoxes, "/00001.xml")).c_str()));
  const pugi::xml_node root = document.child("annotation");
  EXPECT_EQ(root.child("size").child("width").text().as_int(), 64);
  std::multiset<std::string> boxes, expected;
  int descriptions = 0;
  for (const pugi::xml_node object : root.children("object")) {
    const pugi::xml_node box = object.child("bndbox");
    boxes.insert(absl::StrCat(
        object.child("name").text().get(), " ", box.child("xmin").text().get(),
        " ", box.child("ymin").text().get(), " ",
        box.child("xmax").text().get(), " ", box.child("ymax").text().get()));
    descriptions += !object.child("description").empty();
  }
  for (const json& object : scene["objects"]) {
    const json& box = object["bbox"];
    expected.insert(
        absl::StrCat(kRrsisdCategories[object["category_id"].get<int>()].name,
                     " ", box[0].get<int>(), " ", box[1].get<int>(), " ",
                     box[2].get<int>(), " ", box[3].get<int>()));
  }
  EXPECT_EQ(boxes, expected);
  EXPECT_EQ(descriptions, 1);
}

TEST(SynthesisTest, TheSameRecipeGivesTheSameBytes) {
  const SynthesisSpec spec = SmallSpec(SynthesisSpec::AERIAL, 4, 2);
  const std::string first = Made(spec, "first");
  const std::string second = Made(spec, "second");
  for (const char* file : {kRrsisdRefs, kRrsisdInstances, kRrsisdScenes}) {
    EXPECT_EQ(Contents(first, file), Contents(second, file)) << file;
  }
  for (int64_t id = 1; id <= 6; ++id) {
    EXPECT_EQ(Contents(first, ImagePath(id)), Contents(second, ImagePath(id)));
  }
}

TEST(SynthesisTest, AnImageDependsOnItsSplitAndNumberAlone) {
  const std::string small =
      Made(SmallSpec(SynthesisSpec::AERIAL, 1, 2), "small");
  const std::string large =
      Made(SmallSpec(SynthesisSpec::AERIAL, 5, 2), "large");
  EXPECT_EQ(Contents(small, ImagePath(1)), Contents(large, ImagePath(1)));
  EXPECT_EQ(Contents(small, ImagePath(2)), Contents(large, ImagePath(6)));
  EXPECT_NE(Contents(small, ImagePath(1)), Contents(small, ImagePath(2)));
  SynthesisSpec other = SmallSpec(SynthesisSpec::AERIAL, 1, 2);
  other.set_seed(2);
  EXPECT_NE(Contents(Made(other, "seed"), ImagePath(1)),
            Contents(small, ImagePath(1)));
}

TEST(SynthesisTest, ThreadsChangeNothing) {
  SynthesisSpec spec = SmallSpec(SynthesisSpec::AERIAL, 20, 3);
  const std::string one = Absent("one_thread");
  const std::string many = Absent("many_threads");
  EXPECT_THAT(WriteSyntheticDataset(spec, one, nullptr, 1), IsOk());
  EXPECT_THAT(WriteSyntheticDataset(spec, many, nullptr, 5), IsOk());
  for (const char* file :
       {kRrsisdRefs, kRrsisdInstances, kRrsisdScenes, kBlindBoundsFile}) {
    EXPECT_EQ(Contents(one, file), Contents(many, file)) << file;
  }
  for (int64_t id = 1; id <= 23; ++id) {
    EXPECT_EQ(Contents(one, ImagePath(id)), Contents(many, ImagePath(id)));
  }
}

TEST(SynthesisTest, SentencesOfScenesThatAreToScaleAreTrueToo) {
  SynthesisSpec spec;
  spec.set_image_size(320);
  spec.set_train_images(80);
  spec.set_val_images(0);
  spec.set_max_objects(6);
  spec.set_distractor_fraction(0.8);
  const std::string dir = Made(spec, "truth_to_scale");
  ASSERT_OK_AND_ASSIGN(const DatasetIndex index,
                       DatasetIndex::OpenRrsisd(dir, "train"));
  const std::vector<json> scenes = ScenesOf(dir);
  for (size_t i = 0; i < scenes.size(); ++i) {
    const std::string& sentence = index.samples()[i].sentence;
    EXPECT_THAT(ObjectsMeantBy(sentence, scenes[i], 320),
                ElementsAre(scenes[i]["target"].get<int>()))
        << sentence << "\n"
        << scenes[i];
  }
}

TEST(SynthesisTest, TheBlindBoundsAreThoseOfTheFiles) {
  const SynthesisSpec spec = SmallSpec(SynthesisSpec::AERIAL, 60, 20);
  const std::string dir = Absent("bounds");
  ASSERT_OK_AND_ASSIGN(const std::vector<BlindBound> bounds,
                       WriteSyntheticDataset(spec, dir, nullptr));
  ASSERT_EQ(bounds.size(), 2u);
  EXPECT_EQ(bounds[1].split, "val");
  EXPECT_EQ(bounds[1].images, 20);
  double all_objects = 0;
  const std::vector<json> scenes = ScenesOf(dir);
  for (size_t i = 60; i < 80; ++i) {
    double area = 0;
    for (const json& object : scenes[i]["objects"]) {
      area += static_cast<double>(RleArea(MaskOf(object)));
    }
    all_objects += static_cast<double>(RleArea(MaskOf(
                       scenes[i]["objects"][scenes[i]["target"].get<int>()]))) /
                   area;
  }
  EXPECT_NEAR(bounds[1].all_objects, all_objects / 20, 1e-12);
  const json file = json::parse(Contents(dir, kBlindBoundsFile));
  EXPECT_EQ(file["splits"][1]["giou_all_objects"], bounds[1].all_objects);
  EXPECT_GT(bounds[0].frequent_place, 0.02);
  EXPECT_LT(bounds[0].frequent_place, bounds[0].all_objects);
}

TEST(SynthesisTest, EverySentenceIsTrueOfItsTargetAndOfNothingElse) {
  for (const auto style : {SynthesisSpec::AERIAL, SynthesisSpec::NATURAL}) {
    SynthesisSpec spec = SmallSpec(style, 300, 0);
    spec.set_max_objects(5);
    const std::string dir = Made(spec, absl::StrCat("truth", style));
    ASSERT_OK_AND_ASSIGN(const DatasetIndex index,
                         DatasetIndex::OpenRrsisd(dir, "train"));
    const std::vector<json> scenes = ScenesOf(dir);
    for (size_t i = 0; i < scenes.size(); ++i) {
      const std::string& sentence = index.samples()[i].sentence;
      EXPECT_THAT(ObjectsMeantBy(sentence, scenes[i], 64),
                  ElementsAre(scenes[i]["target"].get<int>()))
          << sentence << "\n"
          << scenes[i];
    }
  }
}

TEST(SynthesisTest, ObjectsNeitherTouchNorLeaveTheImage) {
  SynthesisSpec spec = SmallSpec(SynthesisSpec::AERIAL, 100, 0);
  spec.set_max_objects(8);
  for (const json& scene : ScenesOf(Made(spec, "apart"))) {
    // Marks each object's pixels; others may not be within a pixel.
    std::vector<int> owner(64 * 64, -1);
    for (size_t i = 0; i < scene["objects"].size(); ++i) {
      const std::vector<uint8_t> mask =
          MaskFromRle(MaskOf(scene["objects"][i]));
      for (int p = 0; p < 64 * 64; ++p) {
        if (mask[p] == 0) {
          continue;
        }
        const int x = p % 64, y = p / 64;
        ASSERT_TRUE(x > 0 && y > 0 && x < 63 && y < 63);
        for (const int q : {p - 65, p - 64, p - 63, p - 1, p, p + 1, p + 63,
                            p + 64, p + 65}) {
          ASSERT_TRUE(owner[q] == -1 || owner[q] == static_cast<int>(i));
        }
        owner[p] = static_cast<int>(i);
      }
    }
  }
}

TEST(SynthesisTest, TheMixOfScenesIsAsTheRecipeSays) {
  for (const auto style : {SynthesisSpec::AERIAL, SynthesisSpec::NATURAL}) {
    const std::vector<json> scenes =
        ScenesOf(Made(SmallSpec(style, 500, 0), absl::StrCat("mix", style)));
    int with_distractor = 0;
    double all_objects_iou = 0;
    std::map<int, int> categories, counts;
    for (const json& scene : scenes) {
      const json& objects = scene["objects"];
      const json& target = objects[scene["target"].get<int>()];
      ++categories[target["category_id"].get<int>()];
      ++counts[static_cast<int>(objects.size())];
      int same = 0;
      double area = 0;
      for (const json& object : objects) {
        same += object["category_id"] == target["category_id"];
        area += static_cast<double>(RleArea(MaskOf(object)));
        EXPECT_GE(RleArea(MaskOf(object)), 40);
      }
      with_distractor += same > 1;
      all_objects_iou += static_cast<double>(RleArea(MaskOf(target))) / area;
    }
    EXPECT_NEAR(with_distractor, 250, 50);
    EXPECT_NEAR(all_objects_iou / 500, 0.295, 0.03);
    EXPECT_EQ(categories.size(), 20u);
    ASSERT_EQ(counts.size(), 2u);
    EXPECT_NEAR(counts[3], 250, 50);
  }
}

TEST(SynthesisTest, TheTwoStylesShareTheirWords) {
  std::set<std::string> words[2];
  for (const auto style : {SynthesisSpec::AERIAL, SynthesisSpec::NATURAL}) {
    const SynthesisSpec spec = SmallSpec(style, 8000, 0);
    for (int64_t number = 0; number < 8000; ++number) {
      ASSERT_OK_AND_ASSIGN(const Scene scene, PlanScene(spec, "train", number));
      for (const absl::string_view word : absl::StrSplit(scene.sentence, ' ')) {
        words[style == SynthesisSpec::AERIAL].insert(std::string(word));
      }
    }
  }
  EXPECT_EQ(words[0], words[1]);
}

TEST(SynthesisTest, ExtremeRecipesWork) {
  for (const int size : {32, 1024}) {
    for (const int objects : {1, 2, 12}) {
      SynthesisSpec spec = SmallSpec(SynthesisSpec::AERIAL, 3, 0);
      spec.set_image_size(size);
      spec.set_min_objects(objects);
      spec.set_max_objects(objects);
      spec.set_distractor_fraction(objects > 1 ? 1 : 0);
      const std::string dir =
          Made(spec, absl::StrCat("extreme", size, "_", objects));
      for (const json& scene : ScenesOf(dir)) {
        EXPECT_EQ(scene["objects"].size(), static_cast<size_t>(objects));
      }
    }
  }
}

TEST(SynthesisTest, FailuresOfTheDiskAreReported) {
  EXPECT_THAT(WriteSyntheticDataset(SmallSpec(SynthesisSpec::AERIAL, 1, 0),
                                    "/dev/null/x", nullptr)
                  .status()
                  .message(),
              HasSubstr("/dev/null/x"));
}

TEST(SynthesisTest, ADirectoryThatExistsIsLeftAlone) {
  const std::string dir = Absent("exists");
  ASSERT_THAT(MakeDirs(dir), IsOk());
  EXPECT_EQ(WriteSyntheticDataset(SmallSpec(SynthesisSpec::AERIAL, 1, 0), dir,
                                  nullptr)
                .status()
                .code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(std::filesystem::is_empty(dir));
}

TEST(SynthesisTest, TheMakerHasTheVersionOfTheEncoderThatRuns) {
  ASSERT_THAT(EncodeJpeg(Image{.height = 1, .width = 1, .bgr = {0, 0, 0}}, 90),
              IsOk());
  const std::string library = MappedLibrary("libturbojpeg.so");
  const std::string before = "libjpeg-turbo version ";
  const size_t at = library.find(before);
  ASSERT_NE(at, std::string::npos);
  const std::string version = library.substr(at + before.size(), 32);
  EXPECT_EQ(SynthesisMaker(),
            absl::StrCat(kSynthesisVersion, " jpeg=libjpeg-turbo-",
                         version.substr(0, version.find(' '))));
}

TEST(SynthesisTest, EveryByteIsPinned) {
  // With another version of the encoder the maker says so too. If only a digest
  // fails, raise kSynthesisVersion; pin the new values in either case.
  EXPECT_EQ(SynthesisMaker(), "3 jpeg=libjpeg-turbo-2.1.5");
  const auto digest = [](const SynthesisSpec& spec, const std::string& name) {
    const std::string dir = Made(spec, name);
    std::map<std::string, std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(dir)) {
      if (entry.is_regular_file()) {
        const std::string path = entry.path().lexically_relative(dir).string();
        files[path] = Contents(dir, path);
      }
    }
    EXPECT_EQ(files.size(), 4u + 2 * 5) << "annotations, images and boxes";
    std::string list;
    for (const auto& [path, bytes] : files) {
      absl::StrAppend(&list, Sha256(bytes), "  ", path, "\n");
    }
    return Sha256(list);
  };
  EXPECT_EQ(digest(SmallSpec(SynthesisSpec::AERIAL, 3, 2), "aerial_bytes"),
            "51ef3fc6531ff8e3889a844c02036dbe385a030f62f2187ad1ec3f9e619533aa");
  EXPECT_EQ(digest(SmallSpec(SynthesisSpec::NATURAL, 3, 2), "natural_bytes"),
            "8c15f351ae8e8a1c5311773810e192a300fa5d8307f66499e1d0fd21cc52715e");
  SynthesisSpec to_scale = SmallSpec(SynthesisSpec::AERIAL, 3, 2);
  to_scale.set_image_size(300);
  to_scale.set_jpeg_quality(75);
  EXPECT_EQ(digest(to_scale, "to_scale_bytes"),
            "be268f769da7961e71155fdb858fa3ece3d9537a239b58a36596fae3f7ba8532");
}

TEST(SynthesisTest, ChangedBytesNeedAnotherVersion) {
  // Images are pinned before JPEG coding too, whose bytes may change with the
  // library. If this fails, raise kSynthesisVersion and pin the new values.
  EXPECT_EQ(kSynthesisVersion, 3);
  std::string annotations, pixels;
  std::vector<SynthesisSpec> specs = {SmallSpec(SynthesisSpec::AERIAL, 3, 0),
                                      SmallSpec(SynthesisSpec::NATURAL, 3, 0),
                                      SmallSpec(SynthesisSpec::AERIAL, 12, 0)};
  specs[2].set_image_size(300);
  for (size_t i = 0; i < specs.size(); ++i) {
    const SynthesisSpec& spec = specs[i];
    annotations += Contents(Made(spec, absl::StrCat("pin", i)), kRrsisdScenes);
    for (int64_t number = 0; number < spec.train_images(); ++number) {
      ASSERT_OK_AND_ASSIGN(const Scene scene, PlanScene(spec, "train", number));
      absl::StrAppend(&annotations, scene.sentence, "\n");
      Philox random(number, "pinned");
      const Image image = RenderScene(scene, spec, &random);
      pixels.append(image.bgr.begin(), image.bgr.end());
    }
  }
  EXPECT_EQ(Sha256(annotations),
            "8d727330f88b7943de578c9b6c6c90c34a1b957ad270f759e7535d5582dcc376");
  EXPECT_EQ(Sha256(pixels),
            "81e3c700af25fbd39b9e7fd2c56eeede62d2ccf0affd5788a5ff48c975ef5b93");
}

}  // namespace
}  // namespace transect
