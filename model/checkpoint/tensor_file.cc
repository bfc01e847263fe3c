#include "model/checkpoint/tensor_file.h"

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/torch_status.h"
#include "model/checkpoint/safetensors.h"
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

absl::StatusOr<at::Tensor> ReadTensor(const SafetensorsFile& file,
                                      const SafetensorsInfo& info) {
  at::Tensor tensor = torch::empty(info.shape, TorchType(info.dtype));
  const absl::Span<char> bytes(static_cast<char*>(tensor.data_ptr()),
                               static_cast<size_t>(info.end - info.begin));
  TRANSECT_RETURN_IF_ERROR(file.Read(info, bytes));
  return tensor;
}

bool IsAdapter(absl::string_view name) {
  return absl::EndsWith(name, ".lora_A.weight") ||
         absl::EndsWith(name, ".lora_B.weight");
}

// In published files, but not in networks.
bool IsIgnored(absl::string_view name) {
  return absl::StartsWith(name, "siglip.vision_model.head.") ||
         absl::EndsWith(name, ".position_ids") ||
         name == "sam.prompt_encoder.shared_embedding.positional_embedding";
}

std::string PartOf(const std::string& name) {
  return name.substr(0, name.find('.') + 1);
}

// Copies the tensors of `wanted` from the file, or changes nothing and says all
// that is wrong: what is missing or has another shape, and the `extra` ones.
absl::Status CopyAll(const SafetensorsFile& file, const TensorMap& wanted,
                     const std::vector<std::string>& extra) {
  std::vector<std::string> problems;
  for (const auto& [name, tensor] : wanted) {
    const SafetensorsInfo* info = file.Find(name);
    if (info == nullptr) {
      problems.push_back(absl::StrCat(name, " is missing"));
    } else if (at::IntArrayRef(info->shape) != tensor.sizes()) {
      problems.push_back(absl::StrCat(
          name, " has shape [", absl::StrJoin(info->shape, ", "),
          "], the model has [",
          absl::StrJoin(tensor.sizes().begin(), tensor.sizes().end(), ", "),
          "]"));
    }
  }
  for (const std::string& name : extra) {
    problems.push_back(absl::StrCat(name, " is not in the model"));
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        file.path(),
        " does not fit the model: ", absl::StrJoin(problems, "; ")));
  }
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : wanted) {
    TRANSECT_ASSIGN_OR_RETURN(const at::Tensor read,
                              ReadTensor(file, *file.Find(name)));
    tensor.copy_(read);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SaveTensors(const std::string& path, const TensorMap& tensors) {
  return TorchToStatus(absl::StrCat("writing ", path), [&]() -> absl::Status {
    std::vector<at::Tensor> kept;
    std::vector<SafetensorsSource> sources;
    for (const auto& [name, tensor] : tensors) {
      const std::optional<SafetensorsDtype> dtype =
          FileType(tensor.scalar_type());
      if (!dtype.has_value()) {
        return absl::InvalidArgumentError(absl::StrCat(
            path, ": ", name, " has type ", at::toString(tensor.scalar_type()),
            ", which safetensors cannot hold"));
      }
      kept.push_back(tensor.detach().cpu().contiguous());
      sources.push_back(
          {name, *dtype, kept.back().sizes().vec(),
           absl::string_view(static_cast<const char*>(kept.back().data_ptr()),
                             kept.back().nbytes())});
    }
    return WriteSafetensors(path, std::move(sources));
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
    TRANSECT_ASSIGN_OR_RETURN(const SafetensorsFile file,
                              SafetensorsFile::Open(path));
    const TensorMap state = StateTensors(model, /*trainable_only=*/false);
    std::map<std::string, bool> parts;
    TensorMap wanted;
    for (const auto& [name, tensor] : state) {
      parts[PartOf(name)] = true;
      // Nothing reads what is ignored, should the model have it.
      const bool needed = !IsIgnored(name) || file.Find(name) != nullptr;
      if (selected(name) && !IsAdapter(name) && needed) wanted[name] = tensor;
    }
    std::vector<std::string> extra;
    for (const SafetensorsInfo& info : file.tensors()) {
      if (selected(info.name) && parts.count(PartOf(info.name)) > 0 &&
          wanted.count(info.name) == 0 && !IsIgnored(info.name)) {
        extra.push_back(info.name);
      }
    }
    return CopyAll(file, wanted, extra);
  });
}

absl::Status LoadState(torch::nn::Module& model, const std::string& path,
                       bool trainable_only) {
  return TorchToStatus(absl::StrCat("loading ", path), [&]() -> absl::Status {
    TRANSECT_ASSIGN_OR_RETURN(const SafetensorsFile file,
                              SafetensorsFile::Open(path));
    return CopyAll(file, StateTensors(model, trainable_only), {});
  });
}

}  // namespace transect
