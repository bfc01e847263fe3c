#include "launch/describe/describe.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "launch/describe/data_folder.h"
#include "launch/describe/export_folder.h"
#include "launch/describe/sheet.h"
#include "launch/describe/store_folder.h"
#include "launch/requests/export_origin_file.h"
#include "launch/store/store.h"
#include "metrics/event_file.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/describe.h"
#include "model/checkpoint/hugging_face.h"
#include "model/checkpoint/tensor_set.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// Files by the ends of their names that matter here.
struct Contents {
  // Of the pictures.
  std::map<std::string, int64_t> count;
  int64_t files = 0;
  // Names of safetensors.
  std::vector<std::string> tensors;
  // What TensorSet::OpenDirectory reads, or says why it does not.
  bool has_model = false;
};

Contents ContentsOf(const std::string& directory) {
  Contents contents;
  const absl::StatusOr<std::vector<std::string>> names =
      ListDirectory(directory);
  if (!names.ok()) return contents;
  for (const std::string& name : *names) {
    ++contents.files;
    for (const char* end : {"_mask.png", "_overlay.png", "_activation.png"}) {
      if (absl::EndsWith(name, end)) ++contents.count[end];
    }
    if (absl::EndsWith(name, ".safetensors")) contents.tensors.push_back(name);
    contents.has_model =
        contents.has_model || name == "model.safetensors" ||
        absl::EndsWith(name, ".index.json") || absl::EndsWith(name, ".bin") ||
        absl::EndsWith(name, ".pt") || absl::EndsWith(name, ".pth") ||
        absl::EndsWith(name, ".ckpt");
  }
  return contents;
}

std::string DescribePictures(const std::string& path,
                             const Contents& contents) {
  Sheet sheet(path, "pictures, as `transect predict --out` writes them");
  const std::map<std::string, std::string> meanings = {
      {"_mask.png", "255 in the mask, 0 outside"},
      {"_overlay.png", "the image with the mask and the sentence"},
      {"_activation.png", "activation maps"}};
  for (const auto& [end, number] : contents.count) {
    sheet.Add("holds", absl::StrCat(number, " *", end, "  ", meanings.at(end)));
  }
  sheet.Add("size", SizeText(SizeOfTree(path)));
  return sheet.Text();
}

std::string DescribeTensorFiles(const std::string& path,
                                const Contents& contents,
                                const std::string& program) {
  Sheet sheet(path,
              "files of tensors, as `transect predict --dump` writes one for "
              "each image and sentence (docs/dump.md)");
  sheet.Add("holds", absl::StrCat(contents.tensors.size(), " *.safetensors"));
  sheet.Add("size", SizeText(SizeOfTree(path)));
  sheet.Add("tensors", absl::StrCat(program, " describe ", path, "/",
                                    contents.tensors[0]));
  return sheet.Text();
}

// A line before the tensors of what an export wrote; "" where nothing says.
std::string FromLine(const std::string& export_directory) {
  const auto origin = ReadExportOrigin(export_directory);
  return origin.has_value()
             ? absl::StrCat("exported from ", OriginText(*origin), "\n")
             : "";
}

// The directory of files of weights or the error of its reader.
absl::StatusOr<std::string> DescribeWeightDirectory(const std::string& path,
                                                    const fs::path& real) {
  TRANSECT_ASSIGN_OR_RETURN(const TensorSet set,
                            TensorSet::OpenDirectory(path));
  return absl::StrCat(FromLine(real.parent_path().string()),
                      DescribeWeights(set));
}

bool HoldsCurves(const std::string& real) {
  const auto names = ListDirectory(real);
  return names.ok() && std::ranges::any_of(*names, [](const std::string& name) {
           return absl::StartsWith(name, kEventFileStart);
         });
}

std::string DescribeCurves(const std::string& path) {
  Sheet sheet(path,
              "curves of a training for TensorBoard, as `transect export "
              "--tensorboard` writes them");
  sheet.Add("size", SizeText(SizeOfTree(path)));
  sheet.Add("use", absl::StrCat("tensorboard --logdir ", path));
  return sheet.Text();
}

}  // namespace

absl::StatusOr<std::string> DescribeFolder(const std::string& path,
                                           const std::string& program) {
  std::error_code error;
  const fs::path canonical = fs::canonical(path, error);
  const std::string real = canonical.string();
  const auto has = [&](absl::string_view name) {
    return FileExists(absl::StrCat(real, "/", name));
  };
  if (has(kAdapterConfigFile)) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text, DescribeAdapter(path));
    return absl::StrCat(FromLine(canonical.parent_path().string()), text);
  }
  if (has(kConfigFile)) return DescribeWeightDirectory(path, canonical);
  if (IsExport(real)) return DescribeExport(path, program);
  if (HoldsCurves(real)) return DescribeCurves(path);
  if (const auto layout = LayoutOf(real); layout.has_value()) {
    return DescribeDataset(path, *layout, program);
  }
  if (const auto store = StoreAround(real); store.has_value()) {
    return DescribeStoreFolder(*store, real, path, program);
  }
  if (IsJobDirectory(real)) return DescribeJobDirectory(real, path, program);
  const Contents contents = ContentsOf(real);
  if (!contents.count.empty()) return DescribePictures(path, contents);
  if (contents.has_model) return DescribeWeightDirectory(path, canonical);
  if (!contents.tensors.empty()) {
    return DescribeTensorFiles(path, contents, program);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": a folder with ", CountText(contents.files, "entry", "entries"),
      " and none of what is described: weights (config.json and safetensors), "
      "an adapter or an export, curves for TensorBoard, a data set, a store "
      "or a folder of one, pictures of `predict`"));
}

absl::StatusOr<std::string> DescribeWeightFile(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const TensorSet set, TensorSet::OpenFile(path));
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) return DescribeWeights(set);
  const std::string directory = real.parent_path().string();
  std::string from = FromLine(directory);
  if (from.empty() && real.filename().string() == kWeightsFile) {
    if (const auto store = StoreAround(directory); store.has_value()) {
      const std::string part = PartOfStore(*store, directory);
      if (!part.empty()) from = absl::StrCat("trained by ", part, "\n");
    }
  }
  return absl::StrCat(from, DescribeWeights(set));
}

std::optional<std::string> FolderOfRecord(const std::string& path) {
  const fs::path file(path);
  const std::string name = absl::StrCat("/", file.filename().string());
  for (const std::string& record :
       {ResultPath(""), LaunchPath(""), ProvenancePath(""), OutcomePath(""),
        InputsPath(""), TrainedPath(""), CodePartsPath(""),
        absl::StrCat("/", kExportOriginFile)}) {
    if (name != record) continue;
    const std::string folder = file.parent_path().string();
    return folder.empty() ? "." : folder;
  }
  return std::nullopt;
}

}  // namespace transect
