// Writes what check_export.py compares with Transformers and PEFT: the exports
// of a small trained network, and what our own towers compute.
//
//   bazel run //tests/golden:export_stages -- --spec=F.textproto --out=DIR
//
// Makes DIR/peft, DIR/merged and DIR/base as `transect export` does, from a
// network whose every tensor is drawn, adapters included; and
// DIR/stages.safetensors with input.* and stage.*. Without --spec the sizes are
// those of make_published.py.

#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/launch.pb.h"
#include "launch/worker/export_request.h"
#include "launch/worker_request.pb.h"
#include "model/build_model.h"
#include "model/checkpoint/tensor_file.h"
#include "model/sam/image_encoder.h"
#include "model/sam/prompt_encoder.h"
#include "model/siglip/text_encoder.h"
#include "model/siglip/vision_encoder.h"
#include "model/spec.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

template <typename Module>
Module& Part(SegmentationModel& model, const std::string& name) {
  return *model.named_modules()[name]->as<Module>();
}

TensorMap Stages(SegmentationModel& model, const ModelSpec& spec) {
  const SiglipSpec& siglip = spec.rsrefseg().siglip();
  const SamSpec& sam = spec.rsrefseg().sam();
  const torch::NoGradGuard no_grad;
  model.eval();
  TensorMap out;
  out["input.pixels"] =
      torch::randn({2, 3, siglip.image_size(), siglip.image_size()});
  out["input.image"] = torch::randn({2, 3, sam.image_size(), sam.image_size()});
  out["input.token_ids"] =
      torch::randint(2, siglip.vocab_size(), {2, 6}, torch::kLong);
  out["input.token_ids"].select(1, 5).fill_(1);
  out["stage.vision_hidden"] =
      Part<SiglipVisionEncoderImpl>(model, "siglip.vision_model")
          .forward(out["input.pixels"]);
  auto& tower = Part<SiglipTextEncoderImpl>(model, "siglip.text_model");
  const SiglipText text = tower.forward(out["input.token_ids"],
                                        torch::tensor({6, 6}, torch::kLong));
  out["stage.text_hidden"] = text.hidden;
  out["stage.text_pooled"] = tower.Pool(text);
  out["stage.image_embedding"] =
      Part<SamImageEncoderImpl>(model, "sam.vision_encoder")
          .forward(out["input.image"]);
  const int64_t side = 4 * (sam.image_size() / sam.patch_size());
  out["input.mask"] = torch::randn({2, 1, side, side});
  out["stage.dense"] = Part<SamPromptEncoderImpl>(model, "sam.prompt_encoder")
                           .EncodeMask(out["input.mask"]);
  return out;
}

void Run(const std::string& spec_path, const std::string& out) {
  torch::manual_seed(5);
  at::set_num_threads(1);
  absl::StatusOr<ModelSpec> spec = ReadTextproto<ModelSpec>(spec_path);
  TRANSECT_CHECK_OK(spec.status());
  ResolveModelSpec(&*spec);
  TRANSECT_CHECK_OK(MakeDirs(out));
  ExportRequest request;
  TrainJob& job = *request.mutable_train();
  *job.mutable_run()->mutable_model() = *spec;
  job.mutable_run()->mutable_weights()->mutable_random();
  job.mutable_run()->set_seed(3);
  const absl::StatusOr<std::shared_ptr<SegmentationModel>> model =
      BuildModel(*spec, 3);
  TRANSECT_CHECK_OK(model.status());
  // The base alone: what the adapters are put on.
  request.set_trained_weights(out + "/base.safetensors");
  request.set_merged(out + "/base");
  TRANSECT_CHECK_OK(
      SaveTensors(request.trained_weights(), StateTensors(**model, true)));
  TRANSECT_CHECK_OK(ExportWeights(request).status());
  {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, tensor] : StateTensors(**model, true)) {
      if (absl::StrContains(name, ".lora_B.")) {
        tensor.copy_(0.1 * torch::randn(tensor.sizes()));
      }
    }
  }
  request.set_trained_weights(out + "/trained.safetensors");
  request.set_peft(out + "/peft");
  request.set_merged(out + "/merged");
  TRANSECT_CHECK_OK(
      SaveTensors(request.trained_weights(), StateTensors(**model, true)));
  TRANSECT_CHECK_OK(ExportWeights(request).status());
  TRANSECT_CHECK_OK(
      SaveTensors(out + "/stages.safetensors", Stages(**model, *spec)));
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  std::string spec = "tests/golden/testdata/published/published.textproto";
  std::string out;
  CLI::App app("Exports of a small network and what it computes.");
  app.add_option("--spec", spec, "Text file of a ModelSpec.");
  app.add_option("--out", out, "Folder to fill, absolute.")->required();
  CLI11_PARSE(app, argc, argv);
  transect::Run(spec, out);
  return 0;
}
