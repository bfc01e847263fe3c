#include "tests/model/testing/expect_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>
#include <string>

#include "model/tensor_table.h"

namespace transect {

void ExpectTable(const torch::nn::Module& model, const ModelSpec& spec) {
  const auto parameters = model.named_parameters();
  const auto buffers = model.named_buffers();
  std::set<std::string> left;
  for (const std::string& name : parameters.keys()) left.insert(name);
  for (const std::string& name : buffers.keys()) left.insert(name);
  for (const TensorInfo& info : TensorTable(spec)) {
    if (!info.used) {
      EXPECT_EQ(left.count(info.name), 0u) << info.name;
      continue;
    }
    const at::Tensor* tensor =
        info.buffer ? buffers.find(info.name) : parameters.find(info.name);
    ASSERT_NE(tensor, nullptr) << info.name;
    EXPECT_EQ(tensor->sizes(), at::IntArrayRef(info.shape)) << info.name;
    EXPECT_EQ(tensor->requires_grad(), info.trainable) << info.name;
    left.erase(info.name);
  }
  EXPECT_THAT(left, testing::IsEmpty());
}

}  // namespace transect
