// Specs and batches of the tiny presets.
#ifndef TRANSECT_TESTS_MODEL_TESTING_TINY_MODEL_H_
#define TRANSECT_TESTS_MODEL_TESTING_TINY_MODEL_H_

#include <cstdint>
#include <string>

#include "model/model.pb.h"
#include "model/segmentation_model.h"

namespace transect {

// The tiny RSRefSeg with `overrides`, fields of RsRefSegSpec in text format,
// merged in; resolved. Aborts on text that does not parse.
ModelSpec TinySpec(const std::string& overrides = "");

// A spec from text; resolved.
ModelSpec ResolvedSpec(const std::string& text);

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
LossesOfOneBatch LearnByHeart(SegmentationModel& model, TinyBatch batch,
                              double learning_rate, int64_t steps);

}  // namespace transect

#endif  // TRANSECT_TESTS_MODEL_TESTING_TINY_MODEL_H_
