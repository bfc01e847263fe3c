#include "launch/training/forward.h"

#include <torch/torch.h>

#include "launch/training/next_batch.h"

namespace transect {

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

ModelOutput ForwardBatch(SegmentationModel& model, const Batch& batch,
                         at::Device device, int64_t step) {
  const ModelInput input = MakeModelInput(batch, device, step);
  auto* const oracle = dynamic_cast<OracleModel*>(&model);
  return oracle == nullptr
             ? model.Forward(input)
             : oracle->ForwardWithTruth(input, {TrueBoxes(batch.mask)});
}

}  // namespace transect
