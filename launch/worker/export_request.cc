#include "launch/worker/export_request.h"

#include <torch/torch.h>

#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "launch/requests/export_origin.pb.h"
#include "launch/requests/export_origin_file.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/worker/load_model.h"
#include "model/base/segmentation_model.h"
#include "model/base/torch_status.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/hugging_face.h"
#include "model/checkpoint/tensor_file.h"
#include "model/checkpoint/tensor_set.h"
#include "model/layers/computed_values.h"
#include "model/lora/merge.h"
#include "model/parts.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Tensors of the pooling head, all or none; one of them.
constexpr size_t kPoolingHeadTensors = 11;
constexpr char kPoolingProbe[] = "vision_model.head.probe";

// SigLIP's tensors that the network does not build, from where the run started.
absl::StatusOr<TensorMap> ReadPoolingHead(const TrainJob& job) {
  TensorMap head;
  const std::string& directory = job.initial_weights().siglip();
  if (directory.empty()) return head;
  TRANSECT_ASSIGN_OR_RETURN(
      const HuggingFaceWeights weights,
      OpenHuggingFace(directory, job.run().model(), HuggingFaceModel::kSiglip));
  if (weights.unused.size() != kPoolingHeadTensors) return head;
  return ReadTensors(weights.unused);
}

absl::Status WriteHuggingFace(const SegmentationModel& model,
                              const ModelSpec& spec, HuggingFaceModel part,
                              const TensorMap& head,
                              const std::string& directory) {
  const absl::string_view prefix = HuggingFacePrefix(part);
  TensorMap tensors = head;
  for (const auto& [name, tensor] :
       StateTensors(model, /*trainable_only=*/false)) {
    if (absl::StartsWith(name, prefix) && !absl::StrContains(name, ".lora_")) {
      tensors[name.substr(prefix.size())] = tensor;
    }
  }
  for (auto& [name, tensor] : tensors) {
    if (tensor.is_floating_point()) tensor = tensor.to(torch::kFloat);
  }
  TRANSECT_RETURN_IF_ERROR(MakeDirs(directory));
  const std::string config = HuggingFaceConfigJson(
      spec, part, tensors.count(kPoolingProbe) > 0, "float32");
  TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(
      absl::StrCat(directory, "/", kConfigFile), absl::string_view(config)));
  return SaveTensorSet(directory, tensors);
}

absl::Status WriteRest(const SegmentationModel& model, const ModelSpec& spec,
                       const std::string& directory) {
  const TensorMap state = StateTensors(model, /*trainable_only=*/false);
  TensorMap rest;
  for (const auto& [name, ours] : RestNames(spec)) rest[name] = state.at(ours);
  return SaveTensors(absl::StrCat(directory, "/", kRestFile), rest,
                     {{"format", "pt"}});
}

absl::Status WriteMerged(const ExportRequest& request,
                         const std::string& directory) {
  const RunSpec& run = request.train().run();
  const ModelSpec& spec = run.model();
  // As it was evaluated, so that frozen weights are rounded as they were.
  BuildOptions options;
  options.compute = BuildOptionsOf(run.training(), at::kCPU).compute;
  TRANSECT_ASSIGN_OR_RETURN(
      const std::shared_ptr<SegmentationModel> model,
      BuildTrainedModel(request.train(), request.trained_weights(), options));
  TRANSECT_RETURN_IF_ERROR(
      TorchToStatus("merging adapters", [&]() -> absl::Status {
        ToComputedValues(*model, options.compute);
        MergeAdapters(*model, AdapterTowers(spec));
        return absl::OkStatus();
      }));
  TRANSECT_ASSIGN_OR_RETURN(const TensorMap head,
                            ReadPoolingHead(request.train()));
  if (HasHuggingFacePart(spec, HuggingFaceModel::kSiglip)) {
    TRANSECT_RETURN_IF_ERROR(
        WriteHuggingFace(*model, spec, HuggingFaceModel::kSiglip, head,
                         absl::StrCat(directory, "/siglip")));
  }
  if (HasHuggingFacePart(spec, HuggingFaceModel::kSam)) {
    TRANSECT_RETURN_IF_ERROR(WriteHuggingFace(*model, spec,
                                              HuggingFaceModel::kSam, {},
                                              absl::StrCat(directory, "/sam")));
  }
  return WriteRest(*model, spec, directory);
}

// Says in the directory where it comes from, where the request does.
absl::Status WriteOrigin(const ExportRequest& request, ExportOrigin::Kind kind,
                         const std::string& directory) {
  if (!request.has_origin()) return absl::OkStatus();
  ExportOrigin origin = request.origin();
  origin.set_kind(kind);
  const std::string text = PrintTextproto(origin);
  return WriteFileAtomic(absl::StrCat(directory, "/", kExportOriginFile),
                         absl::string_view(text));
}

}  // namespace

absl::StatusOr<ExitCode::Code> ExportWeights(const ExportRequest& request) {
  for (const std::string* out : {&request.peft(), &request.merged()}) {
    // Before anything is made.
    if (!out->empty() && FileExists(*out)) {
      return absl::AlreadyExistsError(absl::StrCat(*out, " exists already"));
    }
  }
  if (!request.peft().empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const TensorSet trained,
                              TensorSet::OpenFile(request.trained_weights()));
    TRANSECT_RETURN_IF_ERROR(MakeNewDirectory(
        request.peft(), [&](const std::string& directory) -> absl::Status {
          TRANSECT_RETURN_IF_ERROR(
              WriteAdapters(request.train().run().model(), trained, directory));
          return WriteOrigin(request, ExportOrigin::PEFT, directory);
        }));
    std::cout << request.peft() << std::endl;
  }
  if (!request.merged().empty()) {
    TRANSECT_RETURN_IF_ERROR(MakeNewDirectory(
        request.merged(), [&](const std::string& directory) -> absl::Status {
          TRANSECT_RETURN_IF_ERROR(WriteMerged(request, directory));
          return WriteOrigin(request, ExportOrigin::MERGED, directory);
        }));
    std::cout << request.merged() << std::endl;
  }
  return ExitCode::OK;
}

}  // namespace transect
