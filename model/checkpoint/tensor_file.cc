#include "model/checkpoint/tensor_file.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/base/torch_status.h"
#include "model/checkpoint/hugging_face.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/tensor_set.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct DtypePair {
  SafetensorsDtype file;
  at::ScalarType torch;
};

constexpr DtypePair kDtypes[] = {
    {SafetensorsDtype::kBool, at::kBool},
    {SafetensorsDtype::kU8, at::kByte},
    {SafetensorsDtype::kI8, at::kChar},
    {SafetensorsDtype::kI16, at::kShort},
    {SafetensorsDtype::kF16, at::kHalf},
    {SafetensorsDtype::kBF16, at::kBFloat16},
    {SafetensorsDtype::kI32, at::kInt},
    {SafetensorsDtype::kF32, at::kFloat},
    {SafetensorsDtype::kF64, at::kDouble},
    {SafetensorsDtype::kI64, at::kLong},
};

at::ScalarType TorchType(SafetensorsDtype dtype) {
  for (const DtypePair& pair : kDtypes) {
    if (pair.file == dtype) return pair.torch;
  }
  TORCH_CHECK(false, "no tensor type for ",
              std::string(SafetensorsDtypeName(dtype)));
}

std::optional<SafetensorsDtype> FileType(at::ScalarType dtype) {
  for (const DtypePair& pair : kDtypes) {
    if (pair.torch == dtype) return pair.file;
  }
  return std::nullopt;
}

// Elements that are converted at a time.
constexpr int64_t kPieceElements = int64_t{1} << 20;

absl::Span<char> BytesOf(const at::Tensor& tensor) {
  return {static_cast<char*>(tensor.data_ptr()),
          static_cast<size_t>(tensor.nbytes())};
}

absl::StatusOr<at::Tensor> ReadTensor(const SafetensorsFile& file,
                                      const SafetensorsInfo& info) {
  at::Tensor tensor = torch::empty(info.shape, TorchType(info.dtype));
  TRANSECT_RETURN_IF_ERROR(file.Read(info, BytesOf(tensor)));
  return tensor;
}

// Fills `tensor`, which has the shape of `stored`.
absl::Status ReadInto(const StoredTensor& stored, const at::Tensor& tensor) {
  const SafetensorsInfo& info = *stored.info;
  const at::ScalarType type = TorchType(info.dtype);
  if (tensor.scalar_type() == type && tensor.device().is_cpu() &&
      tensor.is_contiguous()) {
    return stored.file->Read(info, BytesOf(tensor));
  }
  if (!tensor.is_contiguous()) {
    TRANSECT_ASSIGN_OR_RETURN(const at::Tensor read,
                              ReadTensor(*stored.file, info));
    tensor.copy_(read);
    return absl::OkStatus();
  }
  const at::Tensor flat = tensor.view({-1});
  const int64_t size = flat.numel();
  const at::Tensor buffer =
      torch::empty({std::min(size, kPieceElements)}, at::dtype(type));
  for (int64_t begin = 0; begin < size; begin += kPieceElements) {
    const int64_t count = std::min(size - begin, kPieceElements);
    const at::Tensor piece = buffer.narrow(0, 0, count);
    TRANSECT_RETURN_IF_ERROR(stored.file->ReadPiece(
        info, static_cast<uint64_t>(begin * SafetensorsDtypeSize(info.dtype)),
        BytesOf(piece)));
    flat.narrow(0, begin, count).copy_(piece);
  }
  return absl::OkStatus();
}

bool IsAdapter(absl::string_view name) {
  return absl::EndsWith(name, ".lora_A.weight") ||
         absl::EndsWith(name, ".lora_B.weight");
}

// In Hugging Face files, but not in networks.
bool IsIgnored(absl::string_view name) {
  return (absl::ConsumePrefix(&name, "siglip.") ||
          absl::ConsumePrefix(&name, "sam.")) &&
         IsSkippedWhenRead(name);
}

std::string PartOf(const std::string& name) {
  return name.substr(0, name.find('.') + 1);
}

// Copies the tensors of `wanted` from a file, or changes nothing and says all
// that is wrong; of the others in it only the `ignored` may be there.
absl::Status CopyAll(const std::string& path, const TensorMap& wanted,
                     const std::function<bool(absl::string_view)>& ignored) {
  TRANSECT_ASSIGN_OR_RETURN(const TensorSet set, TensorSet::OpenFile(path));
  std::map<std::string, WantedTensor> shapes;
  for (const auto& [name, tensor] : wanted) {
    // Nothing reads what is ignored, should the model have it.
    shapes[name] = {tensor.sizes().vec(), /*optional=*/IsIgnored(name)};
  }
  TRANSECT_RETURN_IF_ERROR(CheckTensors(path, set.tensors(), shapes, ignored));
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : wanted) {
    const auto stored = set.tensors().find(name);
    if (stored == set.tensors().end()) continue;
    TRANSECT_RETURN_IF_ERROR(ReadInto(stored->second, tensor));
  }
  return absl::OkStatus();
}

// Tensors as the writer takes them.
struct Sources {
  // Own the bytes that `sources` point to.
  std::vector<at::Tensor> kept;
  std::vector<SafetensorsSource> sources;
};

absl::StatusOr<Sources> MakeSources(const std::string& path,
                                    const TensorMap& tensors) {
  Sources result;
  for (const auto& [name, tensor] : tensors) {
    const std::optional<SafetensorsDtype> dtype =
        FileType(tensor.scalar_type());
    if (!dtype.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": ", name, " has type ", at::toString(tensor.scalar_type()),
          ", which safetensors cannot hold"));
    }
    result.kept.push_back(tensor.detach().cpu().contiguous());
    const at::Tensor& kept = result.kept.back();
    result.sources.push_back(
        {name, *dtype, kept.sizes().vec(),
         absl::string_view(static_cast<const char*>(kept.data_ptr()),
                           kept.nbytes())});
  }
  return result;
}

}  // namespace

absl::Status SaveTensors(const std::string& path, const TensorMap& tensors,
                         const std::map<std::string, std::string>& metadata) {
  return TorchToStatus(absl::StrCat("writing ", path), [&]() -> absl::Status {
    TRANSECT_ASSIGN_OR_RETURN(const Sources sources,
                              MakeSources(path, tensors));
    return WriteSafetensors(path, sources.sources, metadata);
  });
}

absl::Status SaveTensorSet(const std::string& directory,
                           const TensorMap& tensors) {
  return TorchToStatus(
      absl::StrCat("writing ", directory), [&]() -> absl::Status {
        TRANSECT_ASSIGN_OR_RETURN(const Sources sources,
                                  MakeSources(directory, tensors));
        // Transformers refuses a file that does not say so.
        return WriteTensorSet(directory, sources.sources, {{"format", "pt"}});
      });
}

absl::StatusOr<TensorMap> ReadTensors(const StoredTensors& stored) {
  return TorchToStatus("reading tensors", [&]() -> absl::StatusOr<TensorMap> {
    TensorMap tensors;
    for (const auto& [name, place] : stored) {
      TRANSECT_ASSIGN_OR_RETURN(tensors[name],
                                ReadTensor(*place.file, *place.info));
    }
    return tensors;
  });
}

absl::StatusOr<TensorMap> LoadTensors(const std::string& path) {
  return TorchToStatus(
      absl::StrCat("reading ", path), [&]() -> absl::StatusOr<TensorMap> {
        TRANSECT_ASSIGN_OR_RETURN(const SafetensorsFile file,
                                  SafetensorsFile::Open(path));
        TensorMap tensors;
        for (const SafetensorsInfo& info : file.tensors()) {
          TRANSECT_ASSIGN_OR_RETURN(tensors[info.name], ReadTensor(file, info));
        }
        return tensors;
      });
}

TensorMap StateTensors(const torch::nn::Module& model, bool trainable_only) {
  TensorMap tensors;
  for (const auto& parameter : model.named_parameters()) {
    if (trainable_only && !parameter.value().requires_grad()) continue;
    tensors[parameter.key()] = parameter.value();
  }
  for (const auto& buffer : model.named_buffers()) {
    tensors[buffer.key()] = buffer.value();
  }
  return tensors;
}

absl::Status LoadParts(torch::nn::Module& model, const std::string& path,
                       absl::Span<const std::string> prefixes) {
  const auto selected = [prefixes](absl::string_view name) {
    for (const std::string& prefix : prefixes) {
      if (absl::StartsWith(name, prefix)) return true;
    }
    return prefixes.empty();
  };
  return TorchToStatus(absl::StrCat("loading ", path), [&]() -> absl::Status {
    const TensorMap state = StateTensors(model, /*trainable_only=*/false);
    std::map<std::string, bool> parts;
    TensorMap wanted;
    for (const auto& [name, tensor] : state) {
      parts[PartOf(name)] = true;
      if (selected(name) && !IsAdapter(name)) wanted[name] = tensor;
    }
    return CopyAll(path, wanted, [&](absl::string_view name) {
      return !selected(name) || parts.count(PartOf(std::string(name))) == 0 ||
             IsIgnored(name);
    });
  });
}

absl::Status CopyTensors(torch::nn::Module& model,
                         const StoredTensors& stored) {
  return TorchToStatus("loading weights", [&]() -> absl::Status {
    const TensorMap state = StateTensors(model, /*trainable_only=*/false);
    for (const auto& [name, place] : stored) {
      const auto tensor = state.find(name);
      if (tensor == state.end() ||
          at::IntArrayRef(place.info->shape) != tensor->second.sizes()) {
        return absl::InvalidArgumentError(
            absl::StrCat(place.file->path(), ": ", place.info->name,
                         " fits no tensor ", name, " of the model"));
      }
    }
    const torch::NoGradGuard no_grad;
    for (const auto& [name, place] : stored) {
      TRANSECT_RETURN_IF_ERROR(ReadInto(place, state.at(name)));
    }
    return absl::OkStatus();
  });
}

absl::Status LoadState(torch::nn::Module& model, const std::string& path,
                       bool trainable_only) {
  return TorchToStatus(absl::StrCat("loading ", path), [&]() -> absl::Status {
    return CopyAll(path, StateTensors(model, trainable_only),
                   [](absl::string_view) { return true; });
  });
}

}  // namespace transect
