#include "launch/worker/predictor.h"

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "data/image/prediction_picture.h"
#include "data/io/file.h"
#include "launch/rank/batches.h"
#include "launch/rank/forward.h"
#include "model/base/stages.h"
#include "model/base/torch_status.h"
#include "model/checkpoint/tensor_file.h"
#include "model/layers/interpolate.h"
#include "model/postprocess.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Names of stages in dumped files begin with it.
constexpr char kStagePrefix[] = "stage.";
// Id of <unk> in SigLIP's tokenizer and in those we train.
constexpr int64_t kUnknownToken = 2;

}  // namespace

std::string PicturePath(const std::string& directory, const std::string& stem,
                        PictureKind kind) {
  constexpr const char* kNames[] = {"mask", "overlay", "activation"};
  return absl::StrCat(directory, "/", stem, "_",
                      kNames[static_cast<size_t>(kind)], ".png");
}

std::string DumpPath(const std::string& directory, const std::string& stem) {
  return absl::StrCat(directory, "/", stem, ".safetensors");
}

Predictor::Predictor(const PredictRequest& request,
                     std::shared_ptr<SegmentationModel> model,
                     at::Device device)
    : request_(request),
      model_(std::move(model)),
      device_(device),
      format_(InputFormatOf(request.files().job().run())),
      trained_on_(SizeOfTrainingImages(request.files().job())) {
  list_.set_version(1);
  list_.set_run(request.files().id());
  list_.set_code(request.files().code());
}

absl::StatusOr<Predictor::Answer> Predictor::Run(
    const PredictionInput& in, const std::string& what) const {
  return TorchToStatus(what, [&] {
    const torch::NoGradGuard no_grad;
    Answer answer;
    std::optional<StageRecorder> recorder;
    if (request_.has_dump()) recorder.emplace(&answer.stages);
    ModelInput input = in.input;
    input.image = input.image.to(device_);
    if (input.siglip_image.defined()) {
      input.siglip_image = input.siglip_image.to(device_);
    }
    answer.output = Forward(*model_, input, [&] { return in.truth; });
    return answer;
  });
}

absl::Status Predictor::Draw(const Answer& answer, int64_t row,
                             const Image& image, const std::string& stem,
                             Prediction* prediction) const {
  const at::Tensor logits =
      ResizeLogits(answer.output.mask_logits[row].cpu(), format_.image_size,
                   image.height, image.width)
          .contiguous();
  const at::Tensor inside = logits.gt(0).to(at::kByte).contiguous();
  const int64_t pixels = inside.sum().item<int64_t>();
  prediction->set_width(image.width);
  prediction->set_height(image.height);
  prediction->set_pixels(pixels);
  prediction->set_area(static_cast<double>(pixels) /
                       static_cast<double>(inside.numel()));
  prediction->set_score(pixels == 0 ? 0
                                    : logits.sigmoid()
                                          .masked_select(inside.to(at::kBool))
                                          .to(at::kDouble)
                                          .mean()
                                          .item<double>());
  if (!request_.has_out()) return absl::OkStatus();

  const absl::Span<const uint8_t> mask(inside.data_ptr<uint8_t>(),
                                       inside.numel());
  const auto write = [&](PictureKind kind,
                         const absl::StatusOr<std::string>& png,
                         std::string* name) {
    if (!png.ok()) return png.status();
    *name = PicturePath(request_.out(), stem, kind);
    return WriteFileAtomic(*name, *png);
  };
  TRANSECT_RETURN_IF_ERROR(write(PictureKind::kMask,
                                 MaskPng(mask, image.height, image.width),
                                 prediction->mutable_mask_file()));
  const std::string legend =
      pixels == 0
          ? "empty mask"
          : absl::StrFormat("score %.2f, %.1f %% of the image",
                            prediction->score(), 100 * prediction->area());
  TRANSECT_RETURN_IF_ERROR(
      write(PictureKind::kOverlay,
            OverlayPng(image, mask, prediction->text(), legend),
            prediction->mutable_overlay_file()));
  if (!answer.output.activation_logits.defined()) return absl::OkStatus();
  const at::Tensor map = ResizeBilinear(answer.output.activation_logits[row].to(
                                            at::kCPU, at::kFloat),
                                        image.height, image.width)
                             .contiguous();
  return write(
      PictureKind::kActivation,
      ActivationPng(image,
                    absl::Span<const float>(map.data_ptr<float>(), map.numel()),
                    prediction->text(), legend),
      prediction->mutable_activation_file());
}

absl::StatusOr<std::string> Predictor::Dump(const PredictionInput& in,
                                            const Answer& answer,
                                            const std::string& stem) const {
  TensorMap tensors = NamedTensors(in);
  for (const auto& [name, tensor] : answer.stages) {
    tensors[absl::StrCat(kStagePrefix, name)] = tensor;
  }
  const std::string path = DumpPath(request_.dump(), stem);
  TRANSECT_RETURN_IF_ERROR(SaveTensors(path, tensors));
  return path;
}

absl::Status Predictor::PredictFile(const std::string& path,
                                    const std::string& text,
                                    const std::vector<int64_t>& tokens,
                                    const ConvertedImage& image,
                                    const std::string& stem) {
  Prediction* const prediction = list_.add_prediction();
  prediction->set_image(path);
  prediction->set_text(text);
  prediction->set_index(list_.prediction_size() - 1);
  prediction->set_tokens(static_cast<int32_t>(tokens.size()));
  for (const std::string& note : image.notes) prediction->add_note(note);
  if (std::string note = NoteOnSize(image.image.height, image.image.width,
                                    trained_on_, format_.image_size);
      !note.empty()) {
    prediction->add_note(std::move(note));
  }
  int64_t unknown = 0;
  for (const int64_t id : tokens) unknown += id == kUnknownToken;
  if (unknown > 0) {
    prediction->add_note(
        absl::StrCat(unknown, " of ", tokens.size() - 1,
                     " pieces of the sentence are unknown to the tokenizer"));
  }

  const PredictionInput in = MakePredictionInput(image.image, tokens, format_);
  TRANSECT_ASSIGN_OR_RETURN(
      const Answer answer,
      Run(in, absl::StrCat("prediction of \"", text, "\" in ", path)));
  TRANSECT_RETURN_IF_ERROR(Draw(answer, 0, image.image, stem, prediction));
  if (request_.has_dump()) {
    TRANSECT_ASSIGN_OR_RETURN(*prediction->mutable_dump_file(),
                              Dump(in, answer, stem));
  }
  return absl::OkStatus();
}

absl::Status Predictor::PredictTensors(const PredictionInput& in,
                                       const std::string& stem) {
  TRANSECT_ASSIGN_OR_RETURN(
      const Answer answer,
      Run(in, absl::StrCat("prediction of ", request_.inputs())));
  std::string dump;
  if (request_.has_dump()) {
    TRANSECT_ASSIGN_OR_RETURN(dump, Dump(in, answer, stem));
  }
  const at::Tensor bytes = in.input.image.clamp(0, 1)
                               .mul(255)
                               .round()
                               .to(at::kByte)
                               .flip({1})
                               .permute({0, 2, 3, 1})
                               .contiguous();
  for (int64_t row = 0; row < bytes.size(0); ++row) {
    Image image;
    image.height = format_.image_size;
    image.width = format_.image_size;
    const at::Tensor one = bytes[row];
    image.bgr.assign(one.data_ptr<uint8_t>(),
                     one.data_ptr<uint8_t>() + one.numel());
    Prediction* const prediction = list_.add_prediction();
    prediction->set_index(static_cast<int32_t>(row));
    if (in.input.token_counts.defined()) {
      prediction->set_tokens(in.input.token_counts[row].item<int32_t>());
    }
    prediction->set_dump_file(dump);
    TRANSECT_RETURN_IF_ERROR(
        Draw(answer, row, image, absl::StrCat(stem, "_", row), prediction));
  }
  return absl::OkStatus();
}

}  // namespace transect
