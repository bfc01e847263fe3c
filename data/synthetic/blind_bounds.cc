#include "data/synthetic/blind_bounds.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int kLevels = 16;

constexpr char kSplits[] = "splits";
constexpr char kSplit[] = "split";
constexpr char kImages[] = "images";
constexpr char kAllObjects[] = "giou_all_objects";
constexpr char kFrequentPlace[] = "giou_most_frequent_place";

bool IsFraction(const nlohmann::json& value) {
  return value.is_number() && value.get<double>() >= 0 &&
         value.get<double>() <= 1;
}

bool IsBound(const nlohmann::json& value) {
  return value.is_object() && value.contains(kSplit) &&
         value[kSplit].is_string() && value.contains(kImages) &&
         value[kImages].is_number_unsigned() && value.contains(kAllObjects) &&
         IsFraction(value[kAllObjects]) && value.contains(kFrequentPlace) &&
         IsFraction(value[kFrequentPlace]);
}

}  // namespace

void BlindBounds::Add(absl::string_view split, const Scene& scene) {
  size_ = scene.size;
  if (splits_.empty() || splits_.back() != split) {
    splits_.emplace_back(split);
  }
  Item item;
  item.split = static_cast<int>(splits_.size()) - 1;
  const SceneObject& target = scene.objects[scene.target];
  // Objects do not overlap.
  int64_t all = 0;
  for (const SceneObject& object : scene.objects) {
    all += object.area;
  }
  item.all_objects =
      static_cast<double>(target.area) / static_cast<double>(all);
  item.area = target.area;
  target.ForEachRun([&](int x1, int x2, int y) {
    item.runs.push_back(static_cast<uint32_t>(y * size_ + x1));
    item.runs.push_back(static_cast<uint32_t>(x2 - x1));
  });
  items_.push_back(std::move(item));
}

std::vector<BlindBound> BlindBounds::Compute() const {
  std::vector<BlindBound> bounds(splits_.size());
  if (items_.empty()) {
    return bounds;
  }
  // How often each pixel is part of a target of the first split.
  std::vector<int32_t> counts(static_cast<size_t>(size_) * size_, 0);
  for (const Item& item : items_) {
    if (item.split != 0) continue;
    for (size_t r = 0; r < item.runs.size(); r += 2) {
      const auto first = counts.begin() + item.runs[r];
      std::for_each(first, first + item.runs[r + 1], [](int32_t& n) { ++n; });
    }
  }
  const int64_t most = *std::max_element(counts.begin(), counts.end());
  // The number of levels that a pixel reaches; level k is the set of pixels
  // with at least k sixteenths of the largest count.
  std::vector<uint8_t> level(counts.size());
  std::array<int64_t, kLevels + 1> area_of = {};
  for (size_t i = 0; i < counts.size(); ++i) {
    level[i] = static_cast<uint8_t>(int64_t{counts[i]} * kLevels / most);
    ++area_of[level[i]];
  }
  for (int k = kLevels; k > 0; --k) {
    area_of[k - 1] += area_of[k];
  }
  std::vector<std::array<double, kLevels + 1>> sums(splits_.size());
  for (auto& sum : sums) {
    sum.fill(0);
  }
  for (const Item& item : items_) {
    std::array<int64_t, kLevels + 1> common = {};
    for (size_t r = 0; r < item.runs.size(); r += 2) {
      for (uint32_t i = 0; i < item.runs[r + 1]; ++i) {
        ++common[level[item.runs[r] + i]];
      }
    }
    for (int k = kLevels; k > 0; --k) {
      common[k - 1] += common[k];
    }
    for (int k = 1; k <= kLevels; ++k) {
      sums[item.split][k] +=
          static_cast<double>(common[k]) /
          static_cast<double>(item.area + area_of[k] - common[k]);
    }
    BlindBound& bound = bounds[item.split];
    ++bound.images;
    bound.all_objects += item.all_objects;
  }
  const auto best = std::max_element(sums[0].begin() + 1, sums[0].end());
  const ptrdiff_t chosen = best - sums[0].begin();
  for (size_t split = 0; split < bounds.size(); ++split) {
    BlindBound& bound = bounds[split];
    bound.split = splits_[split];
    bound.all_objects /= static_cast<double>(bound.images);
    bound.frequent_place =
        sums[split][chosen] / static_cast<double>(bound.images);
  }
  return bounds;
}

std::string BlindBounds::Json() const {
  nlohmann::ordered_json splits = nlohmann::ordered_json::array();
  for (const BlindBound& bound : Compute()) {
    splits.push_back({{kSplit, bound.split},
                      {kImages, bound.images},
                      {kAllObjects, bound.all_objects},
                      {kFrequentPlace, bound.frequent_place}});
  }
  const nlohmann::ordered_json root = {{kSplits, splits}};
  return root.dump(2) + "\n";
}

absl::StatusOr<std::vector<BlindBound>> ReadBlindBounds(
    absl::string_view root) {
  const std::string path = absl::StrCat(root, "/", kBlindBoundsFile);
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const nlohmann::json file =
      nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object() || !file.contains(kSplits) ||
      !file[kSplits].is_array() ||
      !std::ranges::all_of(file[kSplits], IsBound)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        " is not what `transect data synth` writes there: a list of "
        "splits, each with its images and two gIoUs from 0 to 1"));
  }
  std::vector<BlindBound> bounds;
  for (const nlohmann::json& entry : file[kSplits]) {
    bounds.push_back({.split = entry[kSplit],
                      .images = entry[kImages],
                      .all_objects = entry[kAllObjects],
                      .frequent_place = entry[kFrequentPlace]});
  }
  return bounds;
}

}  // namespace transect
