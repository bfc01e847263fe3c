// The pictures of a report page: drawn once by the worker, kept in the store.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/requests/drawn_items.pb.h"
#include "launch/store/store.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Files of pictures in the store.
std::vector<std::string> Kept(const std::string& store) {
  std::vector<std::string> kept;
  for (const auto& file : fs::recursive_directory_iterator(store + "/runs")) {
    const std::string path = file.path().string();
    if (path == DrawnItemsPath(file.path().parent_path().string())) {
      kept.push_back(path);
    }
  }
  return kept;
}

// A store with the runs of the tiny experiment and without the pictures of the
// page that `run` made of them.
std::string StoreWithRuns() {
  const std::string store = NewStore({"runs", "inputs", "rates"});
  const std::vector<std::string> kept = Kept(store);
  EXPECT_THAT(kept, SizeIs(2));
  for (const std::string& path : kept) fs::remove(path);
  return store;
}

// The page of the tiny experiment, and what was told while it was made.
struct Page {
  std::string html;
  std::string told;
  size_t pictures = 0;
};
Page PageOf(const std::string& store,
            const std::vector<std::string>& more = {}) {
  const std::string out = absl::StrCat(NewDir(), "/page.html");
  std::vector<std::string> arguments = {"report",   "tests/e2e/tiny.textproto",
                                        "--store",  store,
                                        "--format", "page",
                                        "--out",    out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Ended ended = Transect(arguments);
  EXPECT_EQ(ended.code, 0) << ended.err;
  Page page = {.html = *ReadFile(out), .told = ended.err};
  const std::vector<std::string> parts =
      absl::StrSplit(page.html, "data:image/jpeg;base64,");
  page.pictures = parts.size() - 1;
  return page;
}

TEST(PagePictures, AreDrawnOnceAndKept) {
  const std::string store = StoreWithRuns();
  const Page without = PageOf(store, {"--no-pictures"});
  EXPECT_THAT(without.told, Not(HasSubstr("drawing")));
  EXPECT_EQ(without.pictures, 0u);
  EXPECT_THAT(Kept(store), IsEmpty());

  // Two cells of eight items each: all best or worst, and those that changed.
  const Page page = PageOf(store);
  EXPECT_THAT(page.told, HasSubstr("predictions of 2 runs for the page"));
  EXPECT_GE(page.pictures, 2u * 8 * 4);
  const std::vector<std::string> kept = Kept(store);
  ASSERT_THAT(kept, SizeIs(2));
  for (const std::string& path : kept) {
    DrawnItems drawn;
    ASSERT_TRUE(drawn.ParseFromString(*ReadFile(path)));
    EXPECT_EQ(drawn.item_size(), 8);
    EXPECT_THAT(drawn.origin(), SizeIs(64));
    for (const DrawnItem& item : drawn.item()) {
      EXPECT_TRUE(item.asked_network());
      EXPECT_NE(item.prediction(), "");
      EXPECT_NE(item.activation(), "");
    }
  }
  const Page again = PageOf(store);
  EXPECT_THAT(again.told, Not(HasSubstr("drawing")));
  EXPECT_EQ(again.html, page.html);

  // What is damaged, or of other weights, is drawn again.
  ASSERT_THAT(WriteFile(kept[0], "damaged"), IsOk());
  DrawnItems other;
  ASSERT_TRUE(other.ParseFromString(*ReadFile(kept[1])));
  other.set_origin("other");
  ASSERT_THAT(WriteFile(kept[1], other.SerializeAsString()), IsOk());
  const Page mended = PageOf(store);
  EXPECT_THAT(mended.told, HasSubstr("predictions of 2 runs for the page"));
  EXPECT_EQ(mended.html, page.html);
}

TEST(PagePictures, WithoutInputsThePageSaysWhy) {
  const std::string store = StoreWithRuns();
  // The network needs the weights that it started from; masks are in logs.
  std::string weights;
  for (const auto& file : fs::recursive_directory_iterator(store + "/inputs")) {
    const fs::path parent = file.path().parent_path();
    if (file.path() == absl::StrCat(parent.string(), "/", kWeightsFile)) {
      weights = file.path();
    }
  }
  ASSERT_NE(weights, "");
  fs::remove(weights);
  const Page no_maps = PageOf(store);
  EXPECT_THAT(no_maps.html, HasSubstr("initial weights"));
  EXPECT_THAT(no_maps.html, HasSubstr("no longer exists"));
  EXPECT_GE(no_maps.pictures, 2u * 8 * 3);
  for (const std::string& path : Kept(store)) {
    DrawnItems drawn;
    ASSERT_TRUE(drawn.ParseFromString(*ReadFile(path)));
    for (const DrawnItem& item : drawn.item()) {
      EXPECT_FALSE(item.asked_network());
      EXPECT_NE(item.prediction(), "");
      EXPECT_EQ(item.activation(), "");
    }
  }
  // They are tried again, and drawn, where the weights are back.
  fs::create_hard_link(
      absl::StrCat(FilledStore(), weights.substr(store.size())), weights);
  EXPECT_GE(PageOf(store).pictures, no_maps.pictures + 2 * 8);

  for (const std::string& path : Kept(store)) fs::remove(path);
  fs::remove_all(store + "/inputs");
  const Page nothing = PageOf(store);
  EXPECT_EQ(nothing.pictures, 0u);
  EXPECT_THAT(nothing.told, Not(HasSubstr("drawing")));
  EXPECT_THAT(nothing.html, HasSubstr("data set"));
  EXPECT_THAT(nothing.html, HasSubstr("no longer exists"));
}

}  // namespace
}  // namespace transect
