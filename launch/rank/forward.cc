#include "launch/rank/forward.h"

#include <torch/torch.h>

#include <cstdint>
#include <functional>

#include "data/batch/batch.h"
#include "model/base/segmentation_model.h"

namespace transect {

ModelInput MakeModelInput(const Batch& batch, at::Device device, int64_t step) {
  ModelInput input;
  input.image = PixelsToFloat(batch.pixels.to(device));
  if (batch.siglip_pixels.defined()) {
    input.siglip_image = PixelsToFloat(batch.siglip_pixels.to(device));
  }
  input.token_ids = batch.token_ids;
  input.token_counts = batch.token_counts;
  input.sample_ids = batch.sample_ids;
  input.step = step;
  return input;
}

at::Tensor CountedPixels(const Batch& batch, at::Device device) {
  return batch.counted.defined() ? batch.counted.to(device).to(at::kFloat)
                                 : at::Tensor();
}

at::Tensor TrueBoxes(const at::Tensor& mask) {
  const int64_t batch = mask.size(0);
  at::Tensor boxes = at::empty({batch, 4}, at::kFloat);
  for (int64_t i = 0; i < batch; ++i) {
    const at::Tensor inside = mask[i][0].nonzero();  // rows, columns
    TORCH_CHECK_VALUE(inside.size(0) > 0, "the true mask of image ", i,
                      " of the batch is empty at the network's input size, "
                      "so it has no box");
    const at::Tensor low = inside.amin(0), high = inside.amax(0);
    boxes[i] = at::stack({low[1], low[0], high[1], high[0]});
  }
  return boxes;
}

ModelOutput Forward(SegmentationModel& model, const ModelInput& input,
                    const std::function<GroundTruth()>& truth) {
  auto* const oracle = dynamic_cast<OracleModel*>(&model);
  return oracle == nullptr ? model.Forward(input)
                           : oracle->ForwardWithTruth(input, truth());
}

ModelOutput DecodeBatch(SegmentationModel& model, const Batch& batch,
                        at::Device device, int64_t step,
                        const Features& joined) {
  return dynamic_cast<OracleModel*>(&model) == nullptr
             ? model.Decode(MakeModelInput(batch, device, step), joined)
             : ForwardBatch(model, batch, device, step);
}

ModelOutput ForwardBatch(SegmentationModel& model, const Batch& batch,
                         at::Device device, int64_t step,
                         EvaluationMemo* memo) {
  ModelInput input = MakeModelInput(batch, device, step);
  input.memo = memo;
  return Forward(model, input,
                 [&] { return GroundTruth{TrueBoxes(batch.mask)}; });
}

}  // namespace transect
