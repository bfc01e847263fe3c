#include "launch/describe/data_folder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotations.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "data/spec.h"
#include "launch/describe/sheet.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// data/synthetic/synthesis.h and data/index/export_jsonl.h.
constexpr absl::string_view kBlindBounds = "blind_bounds.json";
constexpr absl::string_view kLinkedImages = "images";

// The data set whose images a folder of `data export` shows.
std::string LinkedImages(const std::string& directory) {
  const fs::path link = absl::StrCat(directory, "/", kLinkedImages);
  std::error_code error;
  if (!fs::is_symlink(link, error)) return "";
  return fs::read_symlink(link, error).string();
}

std::string CategoriesText(const Annotations& all) {
  std::set<int> categories;
  for (const auto& split : all.split) {
    for (const IndexedRecord& record : split) {
      if (record.category_id() >= 0) categories.insert(record.category_id());
    }
  }
  return categories.empty() ? ""
                            : CountText(static_cast<int64_t>(categories.size()),
                                        "category", "categories");
}

}  // namespace

bool HasLayout(const std::string& directory, FoundDataset::Format format) {
  for (const std::string& path : AnnotationPaths(format, directory)) {
    // Any folder may hold lines of JSON; those of a split are named so.
    if (format == FoundDataset::JSONL &&
        std::ranges::none_of(kSplitNames, [&](absl::string_view split) {
          return absl::EndsWith(path, absl::StrCat("_", split, ".jsonl"));
        })) {
      continue;
    }
    std::error_code error;
    if (fs::is_regular_file(absl::StrCat(directory, "/", path), error)) {
      return true;
    }
  }
  return false;
}

std::optional<FoundDataset::Format> LayoutOf(const std::string& directory) {
  for (const FoundDataset::Format format :
       {FoundDataset::RRSISD, FoundDataset::JSONL}) {
    if (HasLayout(directory, format)) return format;
  }
  // These two differ in their folders of images alone.
  const auto has = [&](absl::string_view name) {
    return FileExists(absl::StrCat(directory, "/", name));
  };
  if (!HasLayout(directory, FoundDataset::REFSEGRS)) return std::nullopt;
  return has("img_rgb") ? FoundDataset::RISBENCH : FoundDataset::REFSEGRS;
}

absl::StatusOr<std::string> DescribeDataset(const std::string& directory,
                                            FoundDataset::Format format,
                                            const std::string& program) {
  TRANSECT_ASSIGN_OR_RETURN(const Annotations all,
                            ReadAnnotations(format, directory));
  const std::string layout = FoundDataset::Format_Name(format);
  const bool synthetic = FileExists(absl::StrCat(directory, "/", kBlindBounds));
  const std::string images = LinkedImages(directory);
  Sheet sheet(directory,
              absl::StrCat("a data set in the layout ", layout,
                           synthetic ? ", made by `transect data synth` or for "
                                       "a run"
                           : !images.empty()
                               ? ", as `transect data export --jsonl` writes it"
                               : ""));
  for (size_t i = 0; i < kSplitNames.size(); ++i) {
    std::set<absl::string_view> files;
    std::set<absl::string_view> sentences;
    for (const IndexedRecord& record : all.split[i]) {
      files.insert(record.image());
      sentences.insert(record.sentence());
    }
    if (all.split[i].empty()) continue;
    sheet.Add(
        "holds",
        absl::StrCat(
            kSplitNames[i], ": ",
            CountText(static_cast<int64_t>(all.split[i].size()), "record"),
            " of ", CountText(static_cast<int64_t>(files.size()), "image"),
            ", ",
            CountText(static_cast<int64_t>(sentences.size()),
                      "different sentence")));
  }
  sheet.Add("holds", all.records() == 0 ? "no record" : CategoriesText(all));
  sheet.Add("images", images.empty() ? "" : absl::StrCat("a link to ", images));
  sheet.Add("size", SizeText(SizeOfTree(directory)));
  const std::string whole = fs::absolute(directory).lexically_normal().string();
  const std::string flag = format == FoundDataset::RRSISD
                               ? ""
                               : absl::StrCat(" --format-of-data ", layout);
  sheet.Add("site file",
            absl::StrCat("data { role: \"mine\" path: \"", whole, "\" }"));
  sheet.Add("spec", absl::StrCat("data { found { role: \"mine\"",
                                 format == FoundDataset::RRSISD
                                     ? ""
                                     : absl::StrCat(" format: ", layout),
                                 " } }"));
  sheet.Add("defects", absl::StrCat(program, " data check ", directory, flag));
  sheet.Add("pictures", absl::StrCat(program, " data gallery ", directory, flag,
                                     " --out page.html"));
  return sheet.Text();
}

}  // namespace transect
