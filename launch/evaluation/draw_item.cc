#include "launch/evaluation/draw_item.h"

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/batch/batch.h"
#include "data/image/decode.h"
#include "data/image/prediction_picture.h"
#include "data/masks/rle.h"
#include "launch/rank/batches.h"
#include "launch/rank/forward.h"
#include "model/base/torch_status.h"
#include "model/postprocess.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Bytes of a mask and its size.
struct MaskPixels {
  std::vector<uint8_t> pixels;
  int height = 0;
  int width = 0;
};

// What a network says of one item.
struct Answer {
  MaskPixels mask;
  // [height, width] float on the CPU; undefined for a network without one.
  at::Tensor map;
};

absl::StatusOr<Answer> Ask(const AskedNetwork& network, const Sample& sample) {
  const RunSpec& run = *network.run;
  const InputFormat format = InputFormatOf(run);
  TRANSECT_ASSIGN_OR_RETURN(const Batch batch,
                            MakeBatch({&sample}, *network.tokenizer, format,
                                      run.tokenizer().max_tokens()));
  return TorchToStatus(
      absl::StrCat("prediction of item ", sample.id), [&]() -> Answer {
        const torch::NoGradGuard no_grad;
        const ModelOutput output =
            ForwardBatch(*network.model, batch, network.device);
        Answer answer;
        answer.mask.height = sample.mask.height;
        answer.mask.width = sample.mask.width;
        const at::Tensor inside =
            ResizeLogits(output.mask_logits[0], format.image_size,
                         answer.mask.height, answer.mask.width)
                .gt(0)
                .to(at::kByte)
                .cpu()
                .contiguous();
        const uint8_t* const pixels = inside.data_ptr<uint8_t>();
        answer.mask.pixels.assign(pixels, pixels + inside.numel());
        ClearRegion(sample.ignored, absl::MakeSpan(answer.mask.pixels));
        if (output.activation_logits.defined()) {
          answer.map = output.activation_logits[0][0]
                           .to(at::kCPU, at::kFloat)
                           .contiguous();
        }
        return answer;
      });
}

absl::StatusOr<MaskPixels> Decoded(const PredictedMask& mask) {
  TRANSECT_ASSIGN_OR_RETURN(
      const Rle rle,
      DecodeRleString(mask.counts(), mask.height(), mask.width()));
  return MaskPixels{MaskFromRle(rle), rle.height, rle.width};
}

absl::Status Draw(const Sample& sample, const PredictedMask* logged,
                  const AskedNetwork* network, DrawnItem* item) {
  TRANSECT_ASSIGN_OR_RETURN(const Image original,
                            DecodeImage(sample.image_path));
  const Image image = FitTo(original, kDrawnSide);
  TRANSECT_ASSIGN_OR_RETURN(*item->mutable_image(), SmallJpeg(image));
  const auto draw = [&](const MaskPixels& mask, MaskColor color) {
    return SmallMaskJpeg(image, mask.pixels, mask.height, mask.width, color);
  };
  TRANSECT_ASSIGN_OR_RETURN(
      *item->mutable_truth(),
      draw({MaskFromRle(sample.mask), sample.mask.height, sample.mask.width},
           MaskColor::kTruth));
  std::optional<Answer> answer;
  if (network != nullptr) {
    TRANSECT_ASSIGN_OR_RETURN(answer, Ask(*network, sample));
    item->set_asked_network(true);
  }
  std::optional<MaskPixels> mask;
  if (logged != nullptr) {
    TRANSECT_ASSIGN_OR_RETURN(mask, Decoded(*logged));
  } else if (answer.has_value()) {
    mask = std::move(answer->mask);
  }
  if (mask.has_value()) {
    TRANSECT_ASSIGN_OR_RETURN(*item->mutable_prediction(),
                              draw(*mask, MaskColor::kPrediction));
  }
  if (answer.has_value() && answer->map.defined()) {
    const at::Tensor& map = answer->map;
    TRANSECT_ASSIGN_OR_RETURN(
        *item->mutable_activation(),
        SmallActivationJpeg(
            image, absl::Span<const float>(map.data_ptr<float>(), map.numel()),
            static_cast<int>(map.size(0)), static_cast<int>(map.size(1))));
  }
  return absl::OkStatus();
}

}  // namespace

DrawnItem DrawItem(const Sample& sample, const PredictedMask* logged,
                   const AskedNetwork* network) {
  DrawnItem item;
  item.set_item_id(sample.id);
  item.set_sentence(sample.sentence);
  const absl::Status drawn = Draw(sample, logged, network, &item);
  if (!drawn.ok()) item.set_missing(std::string(drawn.message()));
  return item;
}

}  // namespace transect
