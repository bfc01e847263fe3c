#include "launch/inputs/found_input.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr auto kData = Input::Kind::kData;
constexpr auto kTokenizer = Input::Kind::kTokenizer;

void Ignore(int64_t, int64_t) {}

class FoundInputTest : public testing::Test {
 protected:
  FoundInputTest()
      : store_(*Store::OpenOrCreate(NewDir())), root_(NewDir() + "/set") {
    Put(root_ + "/rrsisd/instances.json", "{}");
    Put(root_ + "/images/rrsisd/JPEGImages/00001.jpg", "one");
  }

  std::string Compute() {
    absl::StatusOr<std::string> identity =
        ComputeIdentity(store_, kData, root_, Ignore);
    EXPECT_THAT(identity, IsOk());
    return identity.value_or("");
  }

  Store store_;
  std::string root_;
};

TEST_F(FoundInputTest, IsPendingUntilItIsHashed) {
  EXPECT_THAT(CachedIdentity(store_, kData, root_), IsOkAndHolds(""));
  EXPECT_FALSE(FileExists(store_.DigestCacheDir()));
  const std::string identity = Compute();
  EXPECT_EQ(identity.size(), 64);
  EXPECT_THAT(CachedIdentity(store_, kData, root_), IsOkAndHolds(identity));
}

TEST_F(FoundInputTest, IsTheDigestOfAManifestOfItsFiles) {
  // printf '%s' "{}" | sha256sum; printf one | sha256sum
  EXPECT_EQ(Compute(),
            Sha256("transect manifest 1\n"
                   "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff"
                   "431ed  images/rrsisd/JPEGImages/00001.jpg\n"
                   "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61ca"
                   "aff8a  rrsisd/instances.json\n"));
}

TEST_F(FoundInputTest, AChangedFileIsPendingAgainAndChangesTheIdentity) {
  const std::string before = Compute();
  Put(root_ + "/images/rrsisd/JPEGImages/00001.jpg", "two");
  EXPECT_THAT(CachedIdentity(store_, kData, root_), IsOkAndHolds(""));
  EXPECT_NE(Compute(), before);
}

TEST_F(FoundInputTest, AFileMoreChangesTheIdentityAndAFileBesideDoesNot) {
  const std::string before = Compute();
  Put(root_ + "/README", "not part of the layout");
  EXPECT_EQ(Compute(), before);
  Put(root_ + "/images/rrsisd/JPEGImages/00002.jpg", "two");
  EXPECT_NE(Compute(), before);
}

TEST_F(FoundInputTest, ACopyElsewhereHasTheSameIdentity) {
  const std::string before = Compute();
  const std::string copy = NewDir() + "/copy";
  Put(copy + "/rrsisd/instances.json", "{}");
  Put(copy + "/images/rrsisd/JPEGImages/00001.jpg", "one");
  EXPECT_THAT(ComputeIdentity(store_, kData, copy, Ignore),
              IsOkAndHolds(before));
}

// Puts a link to `target` at `path`.
void Link(const std::string& target, const std::string& path) {
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  std::filesystem::create_symlink(target, path);
}

TEST_F(FoundInputTest, LinksGiveTheIdentityOfWhatTheyLeadTo) {
  const std::string before = Compute();
  const std::string places = NewDir();
  Link(root_, places + "/whole");
  for (const char* part : {"rrsisd", "images"}) {
    Link(root_ + "/" + part, places + "/parts/" + part);
  }
  Link(root_ + "/rrsisd", places + "/inner/rrsisd");
  Link(root_ + "/images/rrsisd", places + "/inner/images/rrsisd");
  for (const char* file :
       {"rrsisd/instances.json", "images/rrsisd/JPEGImages/00001.jpg"}) {
    Link(root_ + "/" + file, places + "/files/" + file);
  }
  std::filesystem::copy(root_, places + "/copy",
                        std::filesystem::copy_options::recursive);
  for (const char* place : {"/whole", "/whole/", "/parts", "/inner", "/files",
                            "/copy", "/files/../parts"}) {
    EXPECT_THAT(ComputeIdentity(store_, kData, places + place, Ignore),
                IsOkAndHolds(before))
        << place;
  }
  std::filesystem::rename(root_, places + "/moved");
  EXPECT_THAT(ComputeIdentity(store_, kData, places + "/moved", Ignore),
              IsOkAndHolds(before));
}

TEST_F(FoundInputTest, LinksToTokenizersAndWeightsCountAsTheirFiles) {
  const std::string places = NewDir();
  // As in the cache of huggingface_hub.
  Put(places + "/blobs/1", "{}");
  Put(places + "/blobs/2", "one");
  Put(places + "/real/config.json", "{}");
  Put(places + "/real/model.safetensors", "one");
  Link("../blobs/1", places + "/snapshot/config.json");
  Link("../blobs/2", places + "/snapshot/model.safetensors");
  Link("snapshot", places + "/link");
  ASSERT_OK_AND_ASSIGN(
      const std::string weights,
      ComputeIdentity(store_, Input::Kind::kWeights, places + "/real", Ignore));
  for (const char* place : {"/snapshot", "/link"}) {
    EXPECT_THAT(
        ComputeIdentity(store_, Input::Kind::kWeights, places + place, Ignore),
        IsOkAndHolds(weights))
        << place;
  }
  Link("../blobs/2", places + "/tokenizer/spiece.model");
  EXPECT_THAT(ComputeIdentity(store_, kTokenizer,
                              places + "/tokenizer/spiece.model", Ignore),
              IsOkAndHolds(Sha256("one")));
}

class CheckFoundInputTest : public FoundInputTest {
 protected:
  CheckFoundInputTest() : identity_(Compute()) {}

  absl::Status Check() {
    return CheckFoundInput(store_, kData, root_, identity_);
  }
  static auto Changed(const std::string& what) {
    return StatusIs(
        absl::StatusCode::kDataLoss,
        testing::AllOf(HasSubstr("the data found at"), HasSubstr(what)));
  }

  std::string identity_;
};

TEST_F(CheckFoundInputTest, NamesTheFirstFileThatChanged) {
  EXPECT_THAT(Check(), IsOk());
  Put(root_ + "/images/rrsisd/JPEGImages/00001.jpg", "two");
  EXPECT_THAT(
      Check(),
      Changed("id of the run: images/rrsisd/JPEGImages/00001.jpg has other "
              "bytes; its content is now "));
  Put(root_ + "/images/rrsisd/JPEGImages/00000.jpg", "none");
  EXPECT_THAT(Check(), Changed("/00000.jpg is new, and 1 more differ"));
}

TEST_F(CheckFoundInputTest, NoticesTheSameSizeAndTimeOfModification) {
  const std::filesystem::path image =
      root_ + "/images/rrsisd/JPEGImages/00001.jpg";
  const auto time = std::filesystem::last_write_time(image);
  Put(image.string(), "two");
  std::filesystem::last_write_time(image, time);
  EXPECT_THAT(Check(), Changed("00001.jpg has other bytes"));
}

TEST_F(CheckFoundInputTest, KnowsWhatChangedAlsoWhenSomeoneHashedItSince) {
  Put(root_ + "/images/rrsisd/JPEGImages/00002.jpg", "two");
  Compute();
  EXPECT_THAT(Check(), Changed("00002.jpg is new;"));
}

TEST_F(CheckFoundInputTest, ReadsAgainWhatOnlyLooksOther) {
  // Written anew with the same bytes, and a store that knows nothing.
  Put(root_ + "/rrsisd/instances.json", "{}");
  EXPECT_THAT(Check(), IsOk());
  ASSERT_OK_AND_ASSIGN(const Store other, Store::OpenOrCreate(NewDir()));
  EXPECT_THAT(CheckFoundInput(other, kData, root_, identity_), IsOk());
  Put(root_ + "/rrsisd/instances.json", "[]");
  EXPECT_THAT(CheckFoundInput(other, kData, root_, identity_),
              Changed("id of the run; its content is now"));
}

TEST_F(CheckFoundInputTest, ATokenizerIsItsFile) {
  const std::string path = NewDir() + "/spiece.model";
  Put(path, "one");
  EXPECT_THAT(CheckFoundInput(store_, kTokenizer, path, Sha256("one")), IsOk());
  Put(path, "two");
  EXPECT_THAT(CheckFoundInput(store_, kTokenizer, path, Sha256("one")),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("the tokenizer found at " + path)));
}

TEST_F(FoundInputTest, NothingIsReadTwice) {
  std::vector<int64_t> totals;
  const auto progress = [&](int64_t, int64_t total) {
    totals.push_back(total);
  };
  ASSERT_THAT(ComputeIdentity(store_, kData, root_, progress), IsOk());
  EXPECT_THAT(totals, testing::ElementsAre(5, 5));
  totals.clear();
  ASSERT_THAT(ComputeIdentity(store_, kData, root_, progress), IsOk());
  EXPECT_THAT(totals, IsEmpty());
}

TEST_F(FoundInputTest, AGarbledCacheIsAsGoodAsNone) {
  const std::string before = Compute();
  ASSERT_EQ(system(("for f in " + store_.DigestCacheDir() +
                    "/*; do echo garbage > $f; done")
                       .c_str()),
            0);
  EXPECT_THAT(CachedIdentity(store_, kData, root_), IsOkAndHolds(""));
  EXPECT_EQ(Compute(), before);
}

TEST_F(FoundInputTest, OtherLayoutsHaveFilesOfTheirOwn) {
  const std::string root = NewDir() + "/ref";
  const auto compute = [&](FoundDataset::Format format) {
    return ComputeIdentity(store_, kData, root, Ignore, format);
  };
  Put(root + "/output_phrase_val.txt", "1 dam");
  Put(root + "/images/1.tif", "one");
  Put(root + "/masks/1.tif", "mask");
  const absl::StatusOr<std::string> before = compute(FoundDataset::REFSEGRS);
  ASSERT_THAT(before, IsOk());
  EXPECT_THAT(CachedIdentity(store_, kData, root, FoundDataset::REFSEGRS),
              IsOkAndHolds(*before));
  Put(root + "/README", "not part of the layout");
  EXPECT_EQ(*compute(FoundDataset::REFSEGRS), *before);
  Put(root + "/masks/1.tif", "other mask");
  EXPECT_NE(*compute(FoundDataset::REFSEGRS), *before);
  EXPECT_THAT(compute(FoundDataset::RISBENCH), IsOk()) << "same phrase files";
  EXPECT_THAT(compute(FoundDataset::JSONL),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("JSONL")));
  Put(root + "/datainfo/x_val.jsonl", "{}");
  const absl::StatusOr<std::string> rows = compute(FoundDataset::JSONL);
  ASSERT_THAT(rows, IsOk());
  Put(root + "/images/1.tif", "two");
  EXPECT_NE(*compute(FoundDataset::JSONL), *rows);
}

TEST_F(FoundInputTest, AMissingRootIsOneClearError) {
  Put(root_ + "/half/rrsisd/instances.json", "{}");
  EXPECT_THAT(CachedIdentity(store_, kData, root_ + "/half"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr(root_ + "/half/images/rrsisd")));
  EXPECT_THAT(CachedIdentity(store_, kData, root_ + "/rrsisd"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr(root_ + "/rrsisd/rrsisd")));
  const std::string nowhere = root_ + "/nowhere";
  ASSERT_EQ(symlink((nowhere + "/at_all").c_str(), (root_ + "/link").c_str()),
            0);
  for (const std::string& path : {nowhere, root_ + "/link"}) {
    for (const Input::Kind kind : {kData, kTokenizer, Input::Kind::kWeights}) {
      EXPECT_THAT(CachedIdentity(store_, kind, path),
                  StatusIs(absl::StatusCode::kNotFound,
                           absl::StrCat(path, " does not exist")));
    }
    EXPECT_THAT(CachedIdentity(store_, kData, path, FoundDataset::JSONL),
                StatusIs(absl::StatusCode::kNotFound,
                         absl::StrCat(path, " does not exist")));
  }
}

TEST_F(FoundInputTest, ATokenizerIsTheDigestOfItsFile) {
  const std::string path = NewDir() + "/spiece.model";
  Put(path, "one");
  EXPECT_THAT(ComputeIdentity(store_, kTokenizer, path, Ignore),
              IsOkAndHolds(Sha256("one")));
  EXPECT_THAT(CachedIdentity(store_, kTokenizer, "/nowhere/spiece.model"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/nowhere/spiece.model")));
  EXPECT_THAT(CachedIdentity(store_, kTokenizer, root_), Not(IsOk()));
}

TEST_F(FoundInputTest, WeightsAreTheFilesThatANetworkReads) {
  constexpr auto kWeights = Input::Kind::kWeights;
  const std::string directory = NewDir() + "/siglip";
  Put(directory + "/config.json", "{}");
  Put(directory + "/model.safetensors", "one");
  Put(directory + "/README.md", "not read");
  EXPECT_THAT(CachedIdentity(store_, kWeights, directory), IsOkAndHolds(""));
  // printf '%s' "{}" | sha256sum; printf one | sha256sum
  const std::string identity = Sha256(
      "transect manifest 1\n"
      "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
      "  config.json\n"
      "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
      "  model.safetensors\n");
  EXPECT_THAT(ComputeIdentity(store_, kWeights, directory, Ignore),
              IsOkAndHolds(identity));
  EXPECT_THAT(CachedIdentity(store_, kWeights, directory),
              IsOkAndHolds(identity));
  Put(directory + "/model.safetensors", "two");
  EXPECT_THAT(CachedIdentity(store_, kWeights, directory), IsOkAndHolds(""));
  EXPECT_THAT(CachedIdentity(store_, kWeights, directory + "/nowhere"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere")));
}

}  // namespace
}  // namespace transect
