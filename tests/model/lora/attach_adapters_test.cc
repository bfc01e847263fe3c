#include "model/lora/attach_adapters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>

#include "model/layers/mlp.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::HasSubstr;

class Network : public torch::nn::Module {
 public:
  Network() {
    for (const char* name : {"a", "b"}) {
      register_module(name,
                      Mlp(MlpImpl::Options{.width = 3,
                                           .inner = 5,
                                           .activation = Activation::kRelu,
                                           .first = "lin1",
                                           .second = "lin2"}));
    }
  }
};

std::vector<TensorInfo> Table(const std::vector<const char*>& names) {
  std::vector<TensorInfo> table;
  for (const char* name : names) {
    table.emplace_back();
    table.back().name = name;
  }
  return table;
}

std::vector<AdapterTower> Towers() {
  static const LoraSpec& spec = *[] {
    auto* lora = new LoraSpec;
    lora->set_rank(2);
    lora->set_alpha(2);
    return lora;
  }();
  AdapterTower tower;
  tower.prefix = "a.";
  tower.lora = &spec;
  return {tower};
}

TEST(AttachAdapters, AdaptsTheListedLayersOfTheTower) {
  Network network;
  EXPECT_THAT(
      AttachAdapters(network, Towers(),
                     Table({"a.lin1.weight", "a.lin2.lora_A.weight",
                            "a.lin2.lora_B.weight", "b.lin1.lora_A.weight"}),
                     std::make_shared<DropoutKey>()),
      IsOk());
  const auto parameters = network.named_parameters();
  EXPECT_TRUE(parameters.contains("a.lin2.lora_A.weight"));
  EXPECT_TRUE(parameters.contains("a.lin2.lora_B.weight"));
  EXPECT_EQ(parameters.size(), 8u + 2u);
}

TEST(AttachAdapters, NamesALayerThatCannotBeAdapted) {
  Network network;
  for (const char* name : {"a.lin3.lora_A.weight", "a.lora_A.weight"}) {
    EXPECT_THAT(AttachAdapters(network, Towers(), Table({name}),
                               std::make_shared<DropoutKey>()),
                StatusIs(absl::StatusCode::kInternal, HasSubstr("a")))
        << name;
  }
}

}  // namespace
}  // namespace transect
