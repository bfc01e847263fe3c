#include "launch/worker/prediction_input.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/batch/batch.h"
#include "data/image/decode.h"
#include "data/index/index_cache.h"
#include "model/parts.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Names in files of tensors.
constexpr char kImage[] = "input.image";
constexpr char kSiglipImage[] = "input.siglip_image";
constexpr char kTokenIds[] = "input.token_ids";
constexpr char kTokenCounts[] = "input.token_counts";
constexpr char kBoxes[] = "input.boxes";

// [1, 3, side, side] float32 of an image of that size.
at::Tensor PixelsOf(const Image& image) {
  const at::Tensor planes = at::empty({1, 3, image.height, image.width},
                                      at::TensorOptions().dtype(at::kByte));
  ToRgbPlanes(image, planes.data_ptr<uint8_t>());
  return PixelsToFloat(planes);
}

absl::Status InputError(const std::string& path, const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", what, " (docs/dump.md)"));
}

// Takes `name` out of `tensors` as a tensor of `type`; undefined where it is
// not there.
at::Tensor Take(const std::string& name, at::ScalarType type,
                TensorMap* tensors) {
  const auto found = tensors->find(name);
  if (found == tensors->end()) return {};
  at::Tensor tensor = found->second.to(type);
  tensors->erase(found);
  return tensor;
}

// Whether `image` is [B, 3, side, side].
bool IsBatchOf(const at::Tensor& image, int64_t batch, int64_t side) {
  return image.dim() == 4 && image.size(0) == batch && image.size(1) == 3 &&
         image.size(2) == side && image.size(3) == side;
}

std::string ShapeOf(const at::Tensor& tensor) {
  return absl::StrCat("[", absl::StrJoin(tensor.sizes(), ", "), "]");
}

// Whether there are as many sentences as images.
absl::Status CheckTokens(const std::string& path, const ModelInput& input) {
  const int64_t batch = input.image.size(0);
  const at::Tensor& ids = input.token_ids;
  const at::Tensor& counts = input.token_counts;
  if (!ids.defined() || !counts.defined()) {
    return InputError(
        path, absl::StrCat("there is no ", kTokenIds, " or no ", kTokenCounts));
  }
  if (ids.dim() != 2 || ids.size(0) != batch || counts.dim() != 1 ||
      counts.size(0) != batch) {
    return InputError(
        path, absl::StrCat(kTokenIds, " is ", ShapeOf(ids), " and ",
                           kTokenCounts, " ", ShapeOf(counts), ", must be [",
                           batch, ", T] and [", batch, "]"));
  }
  return absl::OkStatus();
}

// The larger of the two over the smaller.
double Factor(int a, int b) {
  return static_cast<double>(std::max(a, b)) / std::max(1, std::min(a, b));
}

}  // namespace

std::optional<TrainingImageSize> SizeOfTrainingImages(const TrainJob& job) {
  const DataSpec& data = job.run().data();
  if (data.has_synthesis()) {
    const int side = data.synthesis().image_size();
    return TrainingImageSize{side, side};
  }
  if (!data.has_found() || job.data_root().empty()) return std::nullopt;
  const absl::StatusOr<IndexView> cached = ReadCachedSplit(
      IndexCacheDir(), data.found(), job.data_root(), data.train_split(),
      IndexKey(data.found(), job.data_root()));
  if (!cached.ok() || cached->index.record().empty()) return std::nullopt;
  std::vector<std::pair<int, int>> sizes;
  for (const IndexedRecord& record : cached->index.record()) {
    if (record.image_height() > 0 && record.image_width() > 0) {
      sizes.emplace_back(record.image_height(), record.image_width());
    }
  }
  if (sizes.empty()) return std::nullopt;
  const auto middle = sizes.begin() + static_cast<ptrdiff_t>(sizes.size() / 2);
  std::ranges::nth_element(sizes, middle);
  return TrainingImageSize{middle->first, middle->second};
}

std::string NoteOnSize(int height, int width,
                       const std::optional<TrainingImageSize>& trained_on,
                       int side) {
  constexpr double kFar = 1.5;
  constexpr int kMuchSmaller = 4;
  if (trained_on.has_value()) {
    if (Factor(height, trained_on->height) < kFar &&
        Factor(width, trained_on->width) < kFar) {
      return "";
    }
    return absl::StrCat(
        "the image has ", height, " x ", width,
        " pixels, those of the training had ", trained_on->height, " x ",
        trained_on->width,
        ": all are resized to one size, so objects look larger or smaller to "
        "the network than those it has learned; cut or scale the image first");
  }
  if (std::max(height, width) <= kMuchSmaller * side) return "";
  return absl::StrCat("the image has ", height, " x ", width,
                      " pixels, and the network sees it with ", side, " x ",
                      side, ": small objects are lost; cut it into parts");
}

PredictionInput MakePredictionInput(const Image& image,
                                    const std::vector<int64_t>& tokens,
                                    const InputFormat& format) {
  PredictionInput in;
  in.input.image =
      PixelsOf(ResizeBilinear(image, format.image_size, format.image_size));
  if (format.siglip_image_size > 0) {
    in.input.siglip_image = PixelsOf(ResizeBicubic(
        image, format.siglip_image_size, format.siglip_image_size));
  }
  in.input.token_ids = at::tensor(tokens, at::kLong).unsqueeze(0);
  in.input.token_counts =
      at::tensor({static_cast<int64_t>(tokens.size())}, at::kLong);
  return in;
}

absl::StatusOr<PredictionInput> ReadPredictionInput(const std::string& path,
                                                    const ModelSpec& model,
                                                    const InputFormat& format) {
  TRANSECT_ASSIGN_OR_RETURN(TensorMap tensors, LoadTensors(path));
  PredictionInput in;
  in.input.image = Take(kImage, at::kFloat, &tensors);
  in.input.siglip_image = Take(kSiglipImage, at::kFloat, &tensors);
  in.input.token_ids = Take(kTokenIds, at::kLong, &tensors);
  in.input.token_counts = Take(kTokenCounts, at::kLong, &tensors);
  in.truth.boxes = Take(kBoxes, at::kFloat, &tensors);
  for (const auto& [name, tensor] : tensors) {
    if (absl::StartsWith(name, "input.") && name != "input.mask") {
      return InputError(path, absl::StrCat("the input ", name, " is unknown"));
    }
  }
  const at::Tensor& image = in.input.image;
  if (!image.defined()) {
    return InputError(path, absl::StrCat("there is no ", kImage));
  }
  if (image.dim() != 4 || image.size(0) < 1 ||
      !IsBatchOf(image, image.size(0), format.image_size)) {
    return InputError(
        path, absl::StrCat(kImage, " is ", ShapeOf(image), ", must be [B, 3, ",
                           format.image_size, ", ", format.image_size, "]"));
  }
  const at::Tensor& small = in.input.siglip_image;
  if (small.defined() != (format.siglip_image_size > 0)) {
    return InputError(
        path,
        absl::StrCat(small.defined() ? "it has " : "there is no ", kSiglipImage,
                     ", and data.siglip_resize of the run ",
                     small.defined() ? "makes it of the image" : "wants one"));
  }
  if (small.defined() &&
      !IsBatchOf(small, image.size(0), format.siglip_image_size)) {
    return InputError(
        path, absl::StrCat(kSiglipImage, " is ", ShapeOf(small), ", must be [",
                           image.size(0), ", 3, ", format.siglip_image_size,
                           ", ", format.siglip_image_size, "]"));
  }
  if (SiglipOf(model) != nullptr) {
    TRANSECT_RETURN_IF_ERROR(CheckTokens(path, in.input));
  }
  if (model.has_sam_oracle_box() != in.truth.boxes.defined()) {
    return InputError(
        path, model.has_sam_oracle_box()
                  ? absl::StrCat("there is no ", kBoxes,
                                 ", which sam_oracle_box is prompted with")
                  : absl::StrCat("it has ", kBoxes,
                                 ", which this network must not see"));
  }
  return in;
}

TensorMap NamedTensors(const PredictionInput& in) {
  TensorMap tensors = {{kImage, in.input.image},
                       {kTokenIds, in.input.token_ids},
                       {kTokenCounts, in.input.token_counts}};
  if (in.input.siglip_image.defined()) {
    tensors[kSiglipImage] = in.input.siglip_image;
  }
  if (in.truth.boxes.defined()) tensors[kBoxes] = in.truth.boxes;
  return tensors;
}

}  // namespace transect
