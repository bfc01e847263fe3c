#include "model/checkpoint/tensor_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>
#include <vector>

#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/tensor_set.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Path(const std::string& name) {
  return testing::TempDir() + "/" + name + ".safetensors";
}

// Two parts, an adapter, a buffer; nothing but names matters.
class Network : public torch::nn::Module {
 public:
  Network() {
    siglip = register_module("siglip", std::make_shared<torch::nn::Module>());
    sam = register_module("sam", std::make_shared<torch::nn::Module>());
    weight = siglip->register_parameter("weight", torch::zeros({2, 3}),
                                        /*requires_grad=*/false);
    auto layer =
        siglip->register_module("layer", std::make_shared<torch::nn::Module>());
    auto lora_a =
        layer->register_module("lora_A", std::make_shared<torch::nn::Module>());
    adapter = lora_a->register_parameter("weight", torch::zeros({2}));
    head = sam->register_parameter("head", torch::zeros({4}));
    statistic = sam->register_buffer("statistic", torch::zeros({}));
  }
  std::shared_ptr<torch::nn::Module> siglip, sam;
  at::Tensor weight, adapter, head, statistic;
};

TensorMap FullWeights() {
  return {{"siglip.weight", torch::arange(6).view({2, 3}).to(torch::kFloat)},
          {"sam.head", torch::ones({4})},
          {"sam.statistic", torch::tensor(7.0f)}};
}

TEST(TensorFile, GivesBackWhatWasSaved) {
  torch::manual_seed(1);
  const at::Tensor floats = torch::randn({3, 4});
  const TensorMap saved = {
      {"float", floats},
      {"transposed", floats.t()},
      {"bfloat16", floats.to(torch::kBFloat16)},
      {"half", floats.to(torch::kHalf)},
      {"double", floats.to(torch::kDouble)},
      {"long", torch::tensor({1, -5}, torch::kLong)},
      {"scalar", torch::tensor(3.5f)},
      {"empty", torch::empty({0, 3})},
  };
  ASSERT_THAT(SaveTensors(Path("round_trip"), saved), IsOk());
  ASSERT_OK_AND_ASSIGN(const TensorMap loaded, LoadTensors(Path("round_trip")));
  ASSERT_EQ(loaded.size(), saved.size());
  for (const auto& [name, tensor] : saved) {
    EXPECT_EQ(loaded.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(loaded.at(name).equal(tensor)) << name;
  }
}

TEST(TensorFile, RefusesATypeThatTheFormatLacks) {
  EXPECT_THAT(SaveTensors(Path("complex"),
                          {{"z", torch::zeros({2}, torch::kComplexFloat)}}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("z has type")));
}

TEST(TensorFile, SaysThatThereIsNoFile) {
  EXPECT_THAT(LoadTensors(Path("nowhere")),
              StatusIs(StatusCode::kNotFound, HasSubstr("nowhere")));
}

TEST(LoadParts, FillsAllButAdapters) {
  Network network;
  ASSERT_THAT(SaveTensors(Path("full"), FullWeights()), IsOk());
  ASSERT_THAT(LoadParts(network, Path("full"), {}), IsOk());
  EXPECT_TRUE(network.weight.equal(FullWeights()["siglip.weight"]));
  EXPECT_EQ(network.statistic.item<float>(), 7);
  EXPECT_TRUE(network.adapter.eq(0).all().item<bool>());
}

TEST(LoadParts, TouchesOnlyTheNamedParts) {
  Network network;
  TensorMap weights = FullWeights();
  weights.erase("siglip.weight");
  ASSERT_THAT(SaveTensors(Path("sam"), weights), IsOk());
  const std::vector<std::string> sam = {"sam."};
  ASSERT_THAT(LoadParts(network, Path("sam"), sam), IsOk());
  EXPECT_TRUE(network.head.eq(1).all().item<bool>());
  EXPECT_TRUE(network.weight.eq(0).all().item<bool>());
}

TEST(LoadParts, SkipsWhatNoNetworkHasAndPartsThatThisOneLacks) {
  Network network;
  TensorMap weights = FullWeights();
  weights["siglip.vision_model.head.probe"] = torch::ones({1});
  weights["siglip.text_model.embeddings.position_ids"] = torch::ones({1});
  weights["sam.prompt_encoder.shared_embedding.positional_embedding"] =
      torch::ones({1});
  weights["prompter.conv.weight"] = torch::ones({1});
  ASSERT_THAT(SaveTensors(Path("more"), weights), IsOk());
  EXPECT_THAT(LoadParts(network, Path("more"), {}), IsOk());
}

TEST(LoadParts, ListsEverythingThatDoesNotFitAndChangesNothing) {
  Network network;
  TensorMap weights = FullWeights();
  weights.erase("sam.statistic");
  weights["siglip.weight"] = torch::ones({3, 2});
  weights["siglip.extra"] = torch::ones({1});
  ASSERT_THAT(SaveTensors(Path("wrong"), weights), IsOk());
  EXPECT_THAT(
      LoadParts(network, Path("wrong"), {}),
      StatusIs(StatusCode::kInvalidArgument,
               AllOf(HasSubstr("sam.statistic is missing"),
                     HasSubstr("siglip.weight has shape [3, 2], the model has "
                               "[2, 3]"),
                     HasSubstr("siglip.extra is not in the model"))));
  EXPECT_TRUE(network.head.eq(0).all().item<bool>());
}

TEST(LoadParts, ConvertsHalfPrecision) {
  Network network;
  TensorMap weights = FullWeights();
  for (auto& [name, tensor] : weights) tensor = tensor.to(torch::kBFloat16);
  ASSERT_THAT(SaveTensors(Path("bf16"), weights), IsOk());
  ASSERT_THAT(LoadParts(network, Path("bf16"), {}), IsOk());
  EXPECT_TRUE(network.weight.equal(FullWeights()["siglip.weight"]));
}

TEST(CopyTensors, ConvertsInPiecesAndLeavesTheRest) {
  // More than one piece, and none of a whole number of them.
  constexpr int64_t kSize = (int64_t{2} << 20) + 5;
  torch::nn::Module model;
  const at::Tensor wide =
      model.register_parameter("wide", torch::zeros({kSize}));
  const at::Tensor half = model.register_parameter(
      "half", torch::zeros({3, 2}).to(torch::kBFloat16), false);
  const at::Tensor other = model.register_parameter("other", torch::ones({2}));
  const at::Tensor values =
      torch::arange(kSize).remainder(251).to(torch::kHalf);
  const at::Tensor small = torch::arange(6).view({3, 2}).to(torch::kFloat);
  ASSERT_THAT(SaveTensors(Path("pieces"), {{"a", values}, {"b", small}}),
              IsOk());
  ASSERT_OK_AND_ASSIGN(const TensorSet set,
                       TensorSet::OpenFile(Path("pieces")));
  ASSERT_THAT(CopyTensors(model, {{"wide", set.tensors().at("a")},
                                  {"half", set.tensors().at("b")}}),
              IsOk());
  EXPECT_TRUE(wide.equal(values.to(torch::kFloat)));
  EXPECT_TRUE(half.equal(small.to(torch::kBFloat16)));
  EXPECT_TRUE(other.equal(torch::ones({2})));
}

TEST(CopyTensors, RefusesWhatTheModelDoesNotHaveAndChangesNothing) {
  Network network;
  ASSERT_THAT(SaveTensors(Path("copy"), FullWeights()), IsOk());
  ASSERT_OK_AND_ASSIGN(const TensorSet set, TensorSet::OpenFile(Path("copy")));
  StoredTensors stored = set.tensors();
  stored["sam.nothing"] = stored["sam.head"];
  EXPECT_THAT(CopyTensors(network, stored),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(Path("copy")),
                             HasSubstr("no tensor sam.nothing"))));
  stored = set.tensors();
  stored["sam.head"] = stored["siglip.weight"];
  EXPECT_THAT(CopyTensors(network, stored),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("sam.head")));
  EXPECT_TRUE(network.head.eq(0).all().item<bool>());
}

TEST(LoadState, GivesBackWhatIsTrained) {
  Network network;
  const TensorMap state = StateTensors(network, /*trainable_only=*/true);
  EXPECT_EQ(state.count("siglip.weight"), 0u);
  EXPECT_EQ(state.count("siglip.layer.lora_A.weight"), 1u);
  EXPECT_EQ(state.count("sam.statistic"), 1u);
  {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, tensor] : state) tensor.fill_(3);
  }
  ASSERT_THAT(SaveTensors(Path("state"), state), IsOk());

  Network fresh;
  ASSERT_THAT(LoadState(fresh, Path("state"), /*trainable_only=*/true), IsOk());
  EXPECT_TRUE(fresh.adapter.eq(3).all().item<bool>());
  EXPECT_TRUE(fresh.head.eq(3).all().item<bool>());
  EXPECT_THAT(LoadState(fresh, Path("state"), /*trainable_only=*/false),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("siglip.weight is missing"),
                             Not(HasSubstr("sam.head is missing")))));
}

}  // namespace
}  // namespace transect
