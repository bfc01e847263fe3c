#include "data/gallery/gallery.h"

#include <stdio.h>
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/rrsisd.h"
#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "data/synthetic/synthesis.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// 12 training and 6 validation scenes of 96 pixels.
const std::vector<Sample>& Samples() {
  static const auto* const samples = [] {
    SynthesisSpec spec;
    spec.set_image_size(96);
    spec.set_train_images(12);
    spec.set_val_images(6);
    const std::string dir = absl::StrCat(::testing::TempDir(), "/gallery_set");
    std::filesystem::remove_all(dir);
    EXPECT_THAT(WriteSyntheticDataset(spec, dir, nullptr), IsOk());
    auto* all = new std::vector<Sample>;
    for (const char* split : {"train", "val"}) {
      absl::StatusOr<DatasetIndex> index = DatasetIndex::OpenRrsisd(dir, split);
      EXPECT_THAT(index, IsOk());
      all->insert(all->end(), index->samples().begin(), index->samples().end());
    }
    return all;
  }();
  return *samples;
}

// The JSON inside of a page.
json DataOf(const std::string& html) {
  const std::string tag = "<script type=\"application/json\" id=\"data\">";
  const size_t start = html.find(tag);
  EXPECT_NE(start, std::string::npos);
  const size_t from = start + tag.size();
  return json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(GalleryTest, HoldsPicturesMasksAndSentences) {
  GalleryOptions options;
  options.title = "a <b> & \"c\"";
  options.thumbnail = 48;
  const GalleryPage page = MakeGallery(Samples(), options);
  EXPECT_EQ(page.shown, 18);
  EXPECT_EQ(page.unreadable, 0);
  EXPECT_THAT(page.html, HasSubstr("<h1>a &lt;b&gt; &amp; &quot;c&quot;</h1>"));
  EXPECT_THAT(page.html, Not(HasSubstr("{{")));
  // Nothing is fetched.
  EXPECT_THAT(page.html, Not(HasSubstr("http")));
  EXPECT_THAT(page.html, Not(HasSubstr("src=\"")));
  const json data = DataOf(page.html);
  ASSERT_EQ(data["items"].size(), 18u);
  for (size_t i = 0; i < 18; ++i) {
    const json& item = data["items"][i];
    const Sample& sample = Samples()[i];
    EXPECT_EQ(item["sentence"], sample.sentence);
    EXPECT_EQ(item["split"], sample.split);
    EXPECT_EQ(item["category"], kRrsisdCategories[sample.category_id].phrase);
    EXPECT_EQ(item["area"], RleArea(sample.mask));
    std::string jpeg;
    ASSERT_TRUE(absl::Base64Unescape(item["image"].get<std::string>(), &jpeg));
    ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(jpeg, "page"));
    EXPECT_EQ(image.width, 48);
    EXPECT_EQ(item["w"], 48);
    ASSERT_OK_AND_ASSIGN(
        const Rle mask,
        DecodeRleString(item["mask"].get<std::string>(), 48, 48));
    EXPECT_EQ(MaskFromRle(mask),
              ResizeNearest(MaskFromRle(sample.mask), 96, 96, 48, 48));
    EXPECT_TRUE(item.contains("others"));
  }
}

TEST(GalleryTest, ALimitSpreadsOverAllSamplesAndIsStated) {
  GalleryOptions options;
  options.limit = 6;
  const json data = DataOf(MakeGallery(Samples(), options).html);
  std::map<std::string, int> splits;
  for (const json& item : data["items"]) {
    ++splits[item["split"].get<std::string>()];
  }
  EXPECT_EQ(splits["train"], 4);
  EXPECT_EQ(splits["val"], 2);
  EXPECT_EQ(data["about"]["total"], 18);
  EXPECT_EQ(data["about"]["shown"], 6);
}

TEST(GalleryTest, ThePageIsBounded) {
  GalleryOptions options;
  options.most_bytes = 40000;
  const GalleryPage page = MakeGallery(Samples(), options);
  EXPECT_LE(page.html.size(), 40000u);
  EXPECT_GT(page.shown, 0);
  EXPECT_LT(page.shown, 18);
  EXPECT_EQ(DataOf(page.html)["about"]["shown"], page.shown);
}

TEST(GalleryTest, HostileSentencesAndUnreadableImagesStayData) {
  std::vector<Sample> samples = {Samples()[0], Samples()[1]};
  samples[0].sentence = "</script><script>alert(1)</script>\xff";
  samples[1].image_path = "/nowhere/00002.jpg";
  const GalleryPage page = MakeGallery(samples, {});
  EXPECT_THAT(page.html, Not(HasSubstr("<script>alert")));
  EXPECT_EQ(page.unreadable, 1);
  const json data = DataOf(page.html);
  EXPECT_TRUE(absl::StartsWith(data["items"][0]["sentence"].get<std::string>(),
                               "</script>"));
  EXPECT_THAT(data["items"][1]["error"].get<std::string>(),
              HasSubstr("/nowhere/00002.jpg"));
}

// Path of a Chromium; empty if there is none.
std::string Browser() {
  for (const char* path : {"/usr/bin/chromium", "/usr/bin/google-chrome",
                           "/usr/bin/chromium-browser"}) {
    if (FileExists(path)) {
      return path;
    }
  }
  return "";
}

// What the page looks like to a browser that has run its script.
std::string Shown(const std::string& browser, const std::string& url) {
  const std::string command = absl::StrCat(
      "HOME=", ::testing::TempDir(), " timeout 100 ", browser,
      " --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
      "--virtual-time-budget=4000 --user-data-dir=",
      ::testing::TempDir(), "/browser --dump-dom '", url, "' 2>/dev/null");
  std::string dom;
  FILE* pipe = popen(command.c_str(), "r");
  char part[4096];
  for (size_t n; (n = fread(part, 1, sizeof(part), pipe)) > 0;) {
    dom.append(part, n);
  }
  pclose(pipe);
  return dom;
}

TEST(GalleryTest, ABrowserFilters) {
  const std::string browser = Browser();
  if (browser.empty()) {
    GTEST_SKIP() << "no Chromium is installed";
  }
  const std::string path = absl::StrCat(::testing::TempDir(), "/gallery.html");
  ASSERT_THAT(WriteFile(path, MakeGallery(Samples(), {}).html), IsOk());
  const std::string url = absl::StrCat("file://", path);
  const std::string all = Shown(browser, url);
  EXPECT_THAT(all, HasSubstr(">18 of 18</output>"));
  EXPECT_THAT(all, HasSubstr("All 18 samples"));
  EXPECT_THAT(Shown(browser, absl::StrCat(url, "#split=val")),
              HasSubstr(">6 of 18</output>"));
  EXPECT_THAT(Shown(browser, absl::StrCat(url, "#text=nosuchword")),
              HasSubstr(">0 of 18</output>"));
}

}  // namespace
}  // namespace transect
