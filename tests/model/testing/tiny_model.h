// Batches for the tiny presets.
#ifndef TRANSECT_TESTS_MODEL_TESTING_TINY_MODEL_H_
#define TRANSECT_TESTS_MODEL_TESTING_TINY_MODEL_H_

#include <cstdint>
#include <string>

#include "model/base/segmentation_model.h"
#include "tests/model/testing/specs.h"

namespace transect {

// `batch` images of noise, each with one darker square at a place of its own,
// sentences of 3 to 6 tokens and sample ids 100, 101, ...; the same at every
// call.
struct TinyBatch {
  ModelInput input;
  // [batch, 1, 64, 64]: the squares.
  at::Tensor mask;
};
TinyBatch MakeTinyBatch(int64_t batch);

// The images of `batch` at these places.
ModelInput Select(const ModelInput& input, const std::vector<int64_t>& places);

// The losses (cross entropy of the mask) of the first and the last of `steps`
// steps of AdamW on one batch.
struct LossesOfOneBatch {
  double first = 0;
  double last = 0;
};
LossesOfOneBatch OverfitOneBatch(SegmentationModel& model, TinyBatch batch,
                                 double learning_rate, int64_t steps);

}  // namespace transect

#endif  // TRANSECT_TESTS_MODEL_TESTING_TINY_MODEL_H_
