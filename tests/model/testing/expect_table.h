// Whether a network is what the tensor table says.
#ifndef TRANSECT_TESTS_MODEL_TESTING_EXPECT_TABLE_H_
#define TRANSECT_TESTS_MODEL_TESTING_EXPECT_TABLE_H_

#include <torch/nn/module.h>

#include "model/model.pb.h"

namespace transect {

// Expects that `model` has the names, shapes and flags that the table of `spec`
// lists, and no other tensors.
void ExpectTable(const torch::nn::Module& model, const ModelSpec& spec);

}  // namespace transect

#endif  // TRANSECT_TESTS_MODEL_TESTING_EXPECT_TABLE_H_
