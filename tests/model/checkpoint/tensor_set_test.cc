#include "model/checkpoint/tensor_set.h"

#include <stdlib.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

// make_hugging_face.py: Transformers wrote it in five shards.
constexpr char kSharded[] = "tests/golden/testdata/published/siglip";

std::string NewDir() {
  std::string path = absl::StrCat(testing::TempDir(), "set.XXXXXX");
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  return path;
}

const std::string& Bytes() {
  static const auto& bytes = *new std::string("0123456789abcdef");
  return bytes;
}

SafetensorsSource Source(const std::string& name, int64_t floats) {
  return {name,
          SafetensorsDtype::kF32,
          {floats},
          absl::string_view(Bytes()).substr(0, 4 * floats)};
}

std::string Contents(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  EXPECT_THAT(text, IsOk());
  return text.value_or("");
}

// A directory with three tensors in two shards.
class ShardedTest : public testing::Test {
 protected:
  ShardedTest()
      : dir_(NewDir()), index_(dir_ + "/model.safetensors.index.json") {
    EXPECT_THAT(
        WriteTensorSet(dir_, {Source("c", 1), Source("a", 2), Source("b", 1)},
                       {{"format", "pt"}}, /*max_shard_bytes=*/12),
        IsOk());
  }

  void EditIndex(const std::string& from, const std::string& to) {
    const std::string text = Contents(index_);
    const std::string edited = absl::StrReplaceAll(text, {{from, to}});
    EXPECT_NE(edited, text) << from;
    EXPECT_THAT(WriteFileAtomic(index_, absl::string_view(edited)), IsOk());
  }

  void ExpectRefused(const std::string& file, const std::string& why) {
    EXPECT_THAT(TensorSet::OpenDirectory(dir_),
                StatusIs(absl::StatusCode::kDataLoss,
                         AllOf(HasSubstr(file), HasSubstr(why))));
  }

  std::string dir_;
  std::string index_;
};

TEST_F(ShardedTest, IsOneSetOfTensors) {
  ASSERT_OK_AND_ASSIGN(const TensorSet set, TensorSet::OpenDirectory(dir_));
  EXPECT_EQ(set.path(), dir_);
  std::map<std::string, std::string> contents;
  for (const auto& [name, place] : set.tensors()) {
    EXPECT_EQ(place.info->name, name);
    std::string bytes(place.info->end - place.info->begin, 0);
    EXPECT_THAT(place.file->Read(*place.info, absl::MakeSpan(bytes)), IsOk());
    contents[name] =
        absl::StrCat(place.file->path().substr(dir_.size() + 1), ":", bytes);
  }
  EXPECT_THAT(
      contents,
      ElementsAre(Pair("a", "model-00001-of-00002.safetensors:01234567"),
                  Pair("b", "model-00001-of-00002.safetensors:0123"),
                  Pair("c", "model-00002-of-00002.safetensors:0123")));
}

TEST_F(ShardedTest, TheOrderOfTensorsMakesNoDifference) {
  const std::string other = NewDir();
  ASSERT_THAT(
      WriteTensorSet(other, {Source("a", 2), Source("b", 1), Source("c", 1)},
                     {{"format", "pt"}}, 12),
      IsOk());
  for (const char* file :
       {"/model.safetensors.index.json", "/model-00001-of-00002.safetensors",
        "/model-00002-of-00002.safetensors"}) {
    EXPECT_EQ(Contents(dir_ + file), Contents(other + file)) << file;
  }
}

TEST_F(ShardedTest, RefusesANameThatNoShardHas) {
  EditIndex("\"c\": ", "\"d\": ");
  ExpectRefused("model-00002-of-00002.safetensors",
                "tensor 'c' is not in the weight_map");
  EditIndex("\"d\": ", "\"c\": \"model-00002-of-00002.safetensors\", \"d\": ");
  ExpectRefused("model-00002-of-00002.safetensors", "has no tensor 'd'");
}

TEST_F(ShardedTest, RefusesATensorInAnotherShardThanTheIndexSays) {
  EditIndex("\"a\": \"model-00001", "\"a\": \"model-00002");
  ExpectRefused("model-00001-of-00002.safetensors",
                "'a' belongs to shard model-00002-of-00002.safetensors");
}

TEST_F(ShardedTest, RefusesATensorInTwoShards) {
  ASSERT_THAT(WriteSafetensors(dir_ + "/model-00002-of-00002.safetensors",
                               {Source("a", 2), Source("c", 1)}, {}),
              IsOk());
  ExpectRefused("model-00002-of-00002.safetensors", "tensor 'a' belongs");
}

TEST_F(ShardedTest, RefusesAMissingShard) {
  ASSERT_EQ(unlink((dir_ + "/model-00002-of-00002.safetensors").c_str()), 0);
  ExpectRefused(index_, "names shard model-00002-of-00002.safetensors, which");
}

TEST_F(ShardedTest, RefusesShardNamesThatLeadElsewhere) {
  const std::string before = Contents(index_);
  for (const char* name :
       {"../model-00002-of-00002.safetensors", "/etc/x.safetensors", "..", "",
        "sub\\\\x.safetensors", "x\\u0000.safetensors"}) {
    EditIndex("model-00002-of-00002.safetensors", name);
    ExpectRefused(index_, "must be the name of a file beside");
    ASSERT_THAT(WriteFileAtomic(index_, absl::string_view(before)), IsOk());
  }
  EditIndex("model-00002-of-00002.safetensors", "pytorch_model.bin");
  ExpectRefused(index_, "must end in .safetensors");
}

TEST_F(ShardedTest, RefusesAnotherTotalSize) {
  EditIndex("\"total_size\": 16", "\"total_size\": 17");
  ExpectRefused(index_, "metadata.total_size is 17, the tensors have 16 bytes");
  EditIndex("17", "\"many\"");
  ExpectRefused(index_, "metadata.total_size must be a count of bytes");
  EditIndex("\"many\"", "-16");
  ExpectRefused(index_, "metadata.total_size must be a count of bytes");
  EditIndex("-16", "16.0");
  EXPECT_THAT(TensorSet::OpenDirectory(dir_), IsOk());
}

TEST_F(ShardedTest, RefusesAnIndexThatIsNone) {
  for (const auto& [text, why] : std::map<std::string, std::string>{
           {"[]", "object 'weight_map'"},
           {"{}", "object 'weight_map'"},
           {"{\"weight_map\": [1]}", "object 'weight_map'"},
           {"{\"weight_map\": {\"a\": 1}}", "weight_map['a']"},
           {"{\"weight_map\": {}, \"metadata\": 3}", "'metadata' must be"},
           {"{\"weight_map\": {\"a\": \"x.safetensors\", \"a\": "
            "\"x.safetensors\"}}",
            "\"a\""},
           {"{", "1:"}}) {
    ASSERT_THAT(WriteFileAtomic(index_, absl::string_view(text)), IsOk());
    ExpectRefused(index_, why);
  }
}

TEST_F(ShardedTest, AShardIsReadAsStrictlyAsAFile) {
  const std::string shard = dir_ + "/model-00001-of-00002.safetensors";
  const std::string bytes = Contents(shard);
  ASSERT_THAT(WriteFileAtomic(
                  shard, absl::string_view(bytes).substr(0, bytes.size() - 1)),
              IsOk());
  ExpectRefused(shard, "tensors end at 12 but 11 bytes follow the header");
}

TEST(TensorSetTest, ReadsWhatTransformersSharded) {
  ASSERT_OK_AND_ASSIGN(const TensorSet set, TensorSet::OpenDirectory(kSharded));
  ASSERT_EQ(set.tensors().count("vision_model.head.probe"), 1u);
  EXPECT_THAT(set.tensors().at("logit_scale").info->shape, ElementsAre(1));
  EXPECT_GT(set.tensors().size(), 90u);
}

TEST(TensorSetTest, OneFileWhereItFits) {
  const std::string dir = NewDir();
  ASSERT_THAT(WriteTensorSet(dir, {Source("a", 2), Source("b", 1)}, {}),
              IsOk());
  EXPECT_TRUE(FileExists(dir + "/model.safetensors"));
  EXPECT_FALSE(FileExists(dir + "/model.safetensors.index.json"));
  ASSERT_OK_AND_ASSIGN(const TensorSet set, TensorSet::OpenDirectory(dir));
  EXPECT_EQ(set.tensors().size(), 2u);
  EXPECT_THAT(TensorSetFiles(dir),
              IsOkAndHolds(ElementsAre("model.safetensors")));
}

TEST(TensorSetTest, ATensorAboveTheLimitHasAShardForItself) {
  const std::string dir = NewDir();
  ASSERT_THAT(
      WriteTensorSet(dir, {Source("a", 1), Source("b", 4), Source("c", 1)}, {},
                     /*max_shard_bytes=*/8),
      IsOk());
  EXPECT_THAT(TensorSetFiles(dir),
              IsOkAndHolds(ElementsAre("model-00001-of-00003.safetensors",
                                       "model-00002-of-00003.safetensors",
                                       "model-00003-of-00003.safetensors",
                                       "model.safetensors.index.json")));
  EXPECT_THAT(TensorSet::OpenDirectory(dir), IsOk());
}

TEST(TensorSetTest, RefusesPicklesWithTheReason) {
  const std::string dir = NewDir();
  EXPECT_THAT(TensorSet::OpenDirectory(dir),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("has neither model.safetensors nor")));
  ASSERT_THAT(
      WriteFileAtomic(dir + "/pytorch_model.bin", absl::string_view("PK")),
      IsOk());
  EXPECT_THAT(TensorSet::OpenDirectory(dir),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(dir), HasSubstr("run code"))));
  EXPECT_THAT(TensorSetFiles(dir), Not(IsOk()));
}

TEST(StandInFilesTest, AreCalledWhatTheyAre) {
  constexpr absl::string_view kPointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
  const std::string dir = NewDir();
  const auto open = [&dir](absl::string_view name, absl::string_view bytes) {
    EXPECT_THAT(WriteFileAtomic(absl::StrCat(dir, "/", name), bytes), IsOk());
    return TensorSet::OpenDirectory(dir).status();
  };
  EXPECT_THAT(open(kModelIndexFile, kPointer),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("index.json:1:1: is a Git LFS pointer")));
  EXPECT_THAT(open(kModelFile, kPointer),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr("model.safetensors: is a Git LFS"),
                             HasSubstr("`git lfs pull`"))));
  EXPECT_THAT(open(kModelFile, "<!DOCTYPE html><html>"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("a web page")));
  EXPECT_THAT(open(kModelFile, ""),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("is empty")));
  // A header whose tensors are not all there.
  const std::string json =
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})";
  std::string cut(8, '\0');
  cut[0] = static_cast<char>(json.size());
  EXPECT_THAT(open(kModelFile, absl::StrCat(cut, json, "1234567")),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("it is cut")));
  EXPECT_THAT(open(kModelFile, absl::StrCat(cut, json.substr(0, 20))),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("it is cut")));
}

class CheckTensorsTest : public testing::Test {
 protected:
  CheckTensorsTest() : dir_(NewDir()) {
    const std::string zeros(64, '\0');
    EXPECT_THAT(WriteTensorSet(dir_,
                               {{"a",
                                 SafetensorsDtype::kF32,
                                 {2, 3},
                                 absl::string_view(zeros).substr(0, 24)},
                                {"b",
                                 SafetensorsDtype::kBF16,
                                 {4},
                                 absl::string_view(zeros).substr(0, 8)},
                                {"bn.num_batches_tracked",
                                 SafetensorsDtype::kI64,
                                 {},
                                 absl::string_view(zeros).substr(0, 8)}},
                               {}),
                IsOk());
    set_ = *TensorSet::OpenDirectory(dir_);
  }

  absl::Status Check(const std::map<std::string, WantedTensor>& wanted) {
    return CheckTensors("the file", set_.tensors(), wanted,
                        [](absl::string_view name) { return name == "b"; });
  }

  std::string dir_;
  TensorSet set_;
};

TEST_F(CheckTensorsTest, AcceptsWhatIsWantedAndWhatIsIgnored) {
  EXPECT_THAT(Check({{"a", {{2, 3}}},
                     {"bn.num_batches_tracked", {{}}},
                     {"not there", {{7}, /*optional=*/true}}}),
              IsOk());
}

TEST_F(CheckTensorsTest, ListsEverythingAtOnce) {
  EXPECT_THAT(
      Check({{"a", {{3, 2}, /*optional=*/true}}, {"b", {{4}}}, {"c", {{1}}}}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "the file does not fit the model: a has shape [2, 3], the model "
               "has [3, 2]; c is missing; bn.num_batches_tracked is not in the "
               "model"));
}

TEST_F(CheckTensorsTest, NumbersAreOfTheirKind) {
  const std::string eight(8, '\0');
  const std::string dir = NewDir();
  ASSERT_THAT(
      WriteTensorSet(
          dir,
          {{"a", SafetensorsDtype::kI64, {1}, eight},
           {"bn.num_batches_tracked", SafetensorsDtype::kF64, {}, eight}},
          {}),
      IsOk());
  set_ = *TensorSet::OpenDirectory(dir);
  EXPECT_THAT(
      Check({{"a", {{1}}}, {"bn.num_batches_tracked", {{}}}}),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          AllOf(HasSubstr("a has type I64, the model takes F32, F16, BF16"),
                HasSubstr("bn.num_batches_tracked has type F64, the model "
                          "takes I64"))));
}

TEST_F(CheckTensorsTest, ALongListIsCut) {
  std::map<std::string, WantedTensor> wanted = {
      {"a", {{2, 3}}}, {"bn.num_batches_tracked", {{}}}};
  for (int i = 0; i < 100; ++i) wanted[absl::StrCat("m", i)] = {{1}};
  const absl::Status status = Check(wanted);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("; and 80 more")));
  EXPECT_LT(status.message().size(), 1000u);
  // Whoever wonders why sees names that are there.
  EXPECT_THAT(status.message(),
              HasSubstr("; the file has 3 tensors, such as a, b, bn."));
}

TEST_F(CheckTensorsTest, OfALongListEveryKindIsShown) {
  std::map<std::string, WantedTensor> wanted = {{"a", {{9}}}};
  for (int i = 0; i < 100; ++i) wanted[absl::StrCat("m", i)] = {{1}};
  EXPECT_THAT(Check(wanted),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("a has shape [2, 3]"),
                             HasSubstr("m0 is missing"),
                             HasSubstr("bn.num_batches_tracked is not in"),
                             HasSubstr("; and 82 more"))));
}

}  // namespace
}  // namespace transect
