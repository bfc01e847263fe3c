#include "data/index/index_cache.h"

#include <stdlib.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

FoundDataset Spec(FoundDataset::Format format = FoundDataset::RRSISD,
                  int ignored_label = 0) {
  FoundDataset spec;
  spec.set_format(format);
  spec.set_ignored_label(ignored_label);
  return spec;
}

TEST(IndexCacheTest, GivesBackWhatWasWrittenAndNothingElse) {
  const std::string dir = NewDatasetDir();
  IndexedSplit index;
  index.set_key("k");
  index.add_record()->set_id(7);
  index.mutable_record(0)->add_runs(3);
  index.mutable_record(0)->add_runs(5);
  index.mutable_record(0)->set_mask_height(2);
  index.mutable_record(0)->set_mask_width(4);
  IndexedObject* other = index.mutable_record(0)->add_other();
  other->set_mask_height(1);
  other->set_mask_width(8);
  other->add_runs(8);
  IndexedMask* ignored = index.mutable_record(0)->mutable_ignored();
  ignored->set_mask_height(2);
  ignored->set_mask_width(4);
  ignored->add_runs(0);
  ignored->add_runs(1);
  ignored->add_runs(7);
  index.add_record()->set_sentence("without a mask");
  const IndexedSplit before = index;
  ASSERT_THAT(WriteCachedSplit(dir, Spec(), "/r", "val", &index), IsOk());
  EXPECT_THAT(index, EqualsProto(before));
  Rle mask;
  {
    ASSERT_OK_AND_ASSIGN(const IndexView view,
                         ReadCachedSplit(dir, Spec(), "/r", "val", "k"));
    ASSERT_EQ(view.index.record_size(), 2);
    EXPECT_EQ(view.index.record(1).sentence(), "without a mask");
    EXPECT_THAT(view.MaskOf(view.index.record(0).other(0)).runs,
                ElementsAre(8));
    EXPECT_THAT(view.MaskOf(view.index.record(0).ignored()).runs,
                ElementsAre(0, 1, 7));
    EXPECT_FALSE(view.index.record(1).has_ignored());
    EXPECT_TRUE(view.MaskOf(view.index.record(1)).runs.empty());
    mask = view.MaskOf(view.index.record(0));
  }
  EXPECT_EQ(mask.height, 2);
  EXPECT_THAT(mask.runs, ElementsAre(3, 5)) << "and outlives the view";
  for (const auto& [root, split, key] : {std::tuple{"/r", "val", "other"},
                                         {"/r", "train", "k"},
                                         {"/s", "val", "k"}}) {
    EXPECT_THAT(ReadCachedSplit(dir, Spec(), root, split, key),
                StatusIs(absl::StatusCode::kNotFound));
  }
  for (const FoundDataset& other :
       {Spec(FoundDataset::JSONL), Spec(FoundDataset::RRSISD, 255)}) {
    EXPECT_THAT(ReadCachedSplit(dir, other, "/r", "val", "k"),
                StatusIs(absl::StatusCode::kNotFound));
  }
}

TEST(IndexCacheTest, DamageAnywhereIsNoticed) {
  const std::string dir = NewDatasetDir();
  IndexedSplit index;
  index.set_key("key");
  index.add_record()->set_sentence("The dam");
  index.mutable_record(0)->add_runs(12);
  ASSERT_THAT(WriteCachedSplit(dir, Spec(), "/r", "val", &index), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto files, ListDirectory(dir));
  ASSERT_EQ(files.size(), 1u);
  const std::string path = absl::StrCat(dir, "/", files[0]);
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(path));
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    for (const std::string& bytes : {flipped, whole.substr(0, i)}) {
      ASSERT_THAT(WriteFile(path, bytes), IsOk());
      EXPECT_THAT(ReadCachedSplit(dir, Spec(), "/r", "val", "key"),
                  StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path)))
          << i;
    }
  }
}

TEST(IndexCacheTest, AMaskThatItsRunsDoNotFillIsDamage) {
  const auto parsed = [](int height, int width) {
    IndexedSplit index;
    IndexedRecord* const record = index.add_record();
    record->set_mask_height(height);
    record->set_mask_width(width);
    record->add_runs(12);
    const std::string bytes = SerializeIndex(&index);
    return ParseIndex(std::make_shared<const absl::string_view>(bytes),
                      "some.index")
        .status();
  };
  EXPECT_THAT(parsed(3, 4), IsOk());
  for (const auto& [height, width] :
       {std::pair{3, 5}, {3, 3}, {-3, -4}, {0, 0}}) {
    EXPECT_THAT(parsed(height, width),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr("some.index is damaged")));
  }
}

TEST(IndexCacheTest, IgnoredPixelsThatTheirRunsDoNotFillAreDamage) {
  IndexedSplit index;
  index.add_record()->mutable_ignored()->set_mask_height(3);
  index.mutable_record(0)->mutable_ignored()->set_mask_width(5);
  index.mutable_record(0)->mutable_ignored()->add_runs(12);
  const std::string bytes = SerializeIndex(&index);
  EXPECT_THAT(ParseIndex(std::make_shared<const absl::string_view>(bytes),
                         "some.index"),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(IndexCacheTest, TheKeyFollowsTheAnnotationsAndTheImageDirectory) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}});
  const std::string key = IndexKey(Spec(), root);
  EXPECT_EQ(IndexKey(Spec(), root + "/../set"), key);
  EXPECT_NE(IndexKey(Spec(FoundDataset::JSONL), root), key);
  EXPECT_NE(IndexKey(Spec(FoundDataset::RRSISD, 255), root), key);
  PutFile(root, "rrsisd/instances.json", "{}");
  const std::string changed = IndexKey(Spec(), root);
  EXPECT_NE(changed, key);
  PutFile(root, "images/rrsisd/JPEGImages/00002.jpg", "");
  EXPECT_NE(IndexKey(Spec(), root), changed);
}

TEST(IndexCacheTest, LiesInTheUsersCache) {
  const auto value = [](const char* name) {
    const char* const found = getenv(name);
    return found == nullptr ? std::nullopt : std::optional<std::string>(found);
  };
  const auto cache = value("XDG_CACHE_HOME");
  const auto home = value("HOME");
  setenv("XDG_CACHE_HOME", "/caches", 1);
  EXPECT_EQ(IndexCacheDir(), "/caches/transect/index");
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", "/people/me", 1);
  EXPECT_EQ(IndexCacheDir(), "/people/me/.cache/transect/index");
  unsetenv("HOME");
  EXPECT_EQ(IndexCacheDir(), "");
  if (cache.has_value()) setenv("XDG_CACHE_HOME", cache->c_str(), 1);
  if (home.has_value()) setenv("HOME", home->c_str(), 1);
}

}  // namespace
}  // namespace transect
