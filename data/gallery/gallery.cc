#include "data/gallery/gallery.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/annotations/rrsisd.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/io/terminal_text.h"
#include "data/masks/rle.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::nlohmann::ordered_json;

constexpr char kPage[] =
#include "data/gallery/page.inc"
    ;
// Where the page's template takes its title and its samples.
constexpr absl::string_view kTitleMark = "{{title}}";
constexpr absl::string_view kDataMark = "{{data}}";
constexpr int kQuality = 82;

struct Size {
  int height;
  int width;
};

// `size` with its longer side at most `most`.
Size Fit(Size size, int most) {
  const int longer = std::max(size.height, size.width);
  if (longer <= most) {
    return size;
  }
  return {std::max(size.height * most / longer, 1),
          std::max(size.width * most / longer, 1)};
}

const char* NameOf(int category) {
  const bool known =
      category >= 0 && category < static_cast<int>(kRrsisdCategories.size());
  return known ? kRrsisdCategories[category].phrase : "no category";
}

ordered_json MaskJson(const std::vector<uint8_t>& mask, Size from, Size to) {
  const std::vector<uint8_t> small =
      ResizeNearest(mask, from.height, from.width, to.height, to.width);
  return EncodeRleString(RleFromMask(small, to.height, to.width));
}

ordered_json ItemJson(const Sample& sample, int thumbnail, bool* unreadable) {
  const Size mask_size = {sample.mask.height, sample.mask.width};
  const std::vector<uint8_t> mask = MaskFromRle(sample.mask);
  const std::array<int, 4> box = RleBox(sample.mask);
  ordered_json item = {
      {"id", sample.id},
      {"split", sample.split},
      {"category", NameOf(sample.category_id)},
      {"sentence", sample.sentence},
      {"area", RleArea(sample.mask)},
      {"box", box},
  };
  const absl::StatusOr<Image> image = DecodeImage(sample.image_path);
  Size size = mask_size;
  if (image.ok()) {
    size = {image->height, image->width};
  }
  item["height"] = size.height;
  item["width"] = size.width;
  const Size small = Fit(size, thumbnail);
  item["h"] = small.height;
  item["w"] = small.width;
  item["mask"] = MaskJson(mask, mask_size, small);
  if (sample.objects_known) {
    std::vector<uint8_t> others(mask.size(), 0);
    for (const ObjectMask& other : sample.others) {
      const std::vector<uint8_t> one = MaskFromRle(other.mask);
      for (size_t i = 0; i < std::min(one.size(), others.size()); ++i) {
        others[i] |= one[i];
      }
    }
    item["others"] = MaskJson(others, mask_size, small);
  }
  const absl::StatusOr<std::string> jpeg =
      image.ok()
          ? EncodeJpeg(ResizeArea(*image, small.height, small.width), kQuality)
          : absl::StatusOr<std::string>(image.status());
  *unreadable = !jpeg.ok();
  if (jpeg.ok()) {
    item["image"] = absl::Base64Escape(*jpeg);
  } else {
    item["error"] = std::string(jpeg.status().message());
  }
  return item;
}

// JSON that may stand inside of a <script>, without what turns the direction of
// the text around it.
std::string ScriptJson(const ordered_json& json) {
  const std::string text =
      json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return absl::StrReplaceAll(OneLine(text), {{"<", "\\u003c"}});
}

}  // namespace

GalleryPage MakeGallery(absl::Span<const Sample> samples,
                        const GalleryOptions& options) {
  GalleryPage page;
  const auto total = static_cast<int64_t>(samples.size());
  const int64_t wanted = std::min<int64_t>(options.limit, total);
  std::string items;
  const absl::string_view whole = kPage;
  int64_t room = options.most_bytes - static_cast<int64_t>(whole.size()) - 1000;
  for (int64_t i = 0; i < wanted; ++i) {
    bool unreadable = false;
    const std::string item = ScriptJson(
        ItemJson(samples[i * total / wanted], options.thumbnail, &unreadable));
    room -= static_cast<int64_t>(item.size()) + 2;
    if (room < 0) {
      break;
    }
    absl::StrAppend(&items, items.empty() ? "" : ",\n", item);
    ++page.shown;
    page.unreadable += unreadable;
  }
  const std::string head = ScriptJson({{"total", total},
                                       {"shown", page.shown},
                                       {"limit", options.limit},
                                       {"thumbnail", options.thumbnail},
                                       {"most_bytes", options.most_bytes},
                                       {"unreadable", page.unreadable}});
  const std::string title = absl::StrReplaceAll(
      OneLine(options.title),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
  const size_t data_at = whole.find(kDataMark);
  TRANSECT_CHECK(data_at != absl::string_view::npos);
  page.html = absl::StrCat(
      absl::StrReplaceAll(whole.substr(0, data_at), {{kTitleMark, title}}),
      "{\"about\": ", head, ", \"items\": [\n", items, "\n]}",
      whole.substr(data_at + kDataMark.size()));
  return page;
}

}  // namespace transect
