// Initial weights of every tensor of every network, against rules written down
// here once more: constants exactly, draws by bound, mean and deviation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <torch/torch.h>

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/build_model.h"
#include "tests/model/testing/specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// How the elements of a tensor are spread around 0.
struct Spread {
  double deviation = 0;
  // No element is further from 0.
  double bound = HUGE_VAL;
};

Spread Normal(double deviation) { return {deviation}; }
Spread Uniform(double bound) { return {bound / std::sqrt(3.0), bound}; }

int64_t Kernel(at::IntArrayRef shape) {
  int64_t cells = 1;
  for (size_t i = 2; i < shape.size(); ++i) cells *= shape[i];
  return cells;
}
double FanIn(at::IntArrayRef shape) {
  return static_cast<double>(shape[1] * Kernel(shape));
}
double FanOut(at::IntArrayRef shape) {
  return static_cast<double>(shape[0] * Kernel(shape));
}

struct Rule {
  // Matches the whole name.
  std::string names;
  std::function<Spread(at::IntArrayRef shape)> spread;
  // Without a spread.
  double constant = 0;
};

// What PyTorch draws for linear and convolution layers, biases included.
Spread PyTorch(at::IntArrayRef weight) {
  return Uniform(1 / std::sqrt(FanIn(weight)));
}

std::vector<Rule> Rules() {
  const std::string norm = R"(.*(norm\d?|norm_final_attn|\.bn)\.)";
  const std::string siglip_layer = R"(siglip\.\w+\.encoder\.layers\.\d+\.)";
  const std::string pooling = R"(siglip\.vision_model\.head\.)";
  const std::string sam_layer =
      R"(sam\..*\.(projection|qkv|proj|lin[12]|(upscale_)?conv\d|[qkv]_proj|)"
      R"(out_proj|proj_in|proj_out|output_hypernetworks_mlps\.\d\.layers\.0|)"
      R"(iou_prediction_head\.layers\.0)\.)";
  const std::string prompter = R"(prompter\.prompter_down_\w+(\.\d)?\.conv\.)";
  const auto normal = [](double deviation) {
    return [deviation](at::IntArrayRef) { return Normal(deviation); };
  };
  const auto table = [](at::IntArrayRef shape) {
    return Normal(1 / std::sqrt(static_cast<double>(shape[1])));
  };
  const auto xavier = [](at::IntArrayRef shape) {
    return Uniform(std::sqrt(6 / (FanIn(shape) + FanOut(shape))));
  };
  // A normal cut at two deviations, widened so that the deviation stays.
  const auto lecun = [](at::IntArrayRef shape) {
    const double deviation = 1 / std::sqrt(FanIn(shape));
    return Spread{deviation, 2 * deviation / 0.8796};
  };
  const auto mmcv = [](at::IntArrayRef shape) {
    return Normal(std::sqrt(2 / FanOut(shape)));
  };
  return {
      {norm + "weight", nullptr, 1},
      {norm + "bias", nullptr, 0},
      {R"(.*\.bn\.running_mean)", nullptr, 0},
      {R"(.*\.bn\.running_var)", nullptr, 1},
      {R"(.*\.bn\.num_batches_tracked)", nullptr, 0},
      {R"(.*\.lora_A\.weight)", PyTorch},
      {R"(.*\.lora_B\.weight)", nullptr, 0},
      {R"(siglip\.logit_scale)", nullptr, std::log(10.0)},
      {R"(siglip\.logit_bias)", nullptr, -10},
      {R"(siglip\..*\.(token|position)_embedding\.weight)", table},
      {siglip_layer + R"((self_attn\.\w+_proj|mlp\.fc[12])\.weight)", xavier},
      {siglip_layer + R"(self_attn\.\w+_proj\.bias)", nullptr, 0},
      {R"(siglip\..*\.mlp\.fc[12]\.bias)", normal(1e-6)},
      {R"(siglip\..*\.patch_embedding\.weight)", lecun},
      {R"(siglip\..*\.patch_embedding\.bias)", nullptr, 0},
      {R"(siglip\.text_model\.head\.weight)", lecun},
      {R"(siglip\.text_model\.head\.bias)", nullptr, 0},
      {pooling + R"((probe|attention\.in_proj_weight))", lecun},
      {pooling + R"((attention\.out_proj|mlp\.fc[12])\.weight)", lecun},
      {pooling + R"(attention\.(in_proj_bias|out_proj\.bias))", nullptr, 0},
      {R"(sam\..*\.(pos_embed|rel_pos_[hw]))", normal(0.02)},
      {R"(sam\.mask_decoder\.(iou_token|mask_tokens)\.weight)", normal(1)},
      {R"(sam\.prompt_encoder\..*(point_embed|point_embed\.\d|no_mask_embed))"
       R"(\.weight)",
       normal(1)},
      {R"(sam\.shared_image_embedding\.positional_embedding)", normal(1)},
      {sam_layer + "weight", PyTorch},
      {sam_layer + "bias", PyTorch},
      {prompter + "weight", mmcv},
      {prompter + "bias", nullptr, 0},
  };
}

// The deviation of n draws is within 5 of its own deviations of the true one:
// at most 0.71 / sqrt(n) of it for these distributions (a normal's is the
// widest). So is the mean, whose deviation is 1 / sqrt(n).
void ExpectSpread(const at::Tensor& tensor, const Spread& spread) {
  const at::Tensor values = tensor.detach().to(at::kDouble).flatten();
  const auto n = static_cast<double>(values.numel());
  EXPECT_LE(values.abs().max().item<double>(), spread.bound * (1 + 1e-6));
  EXPECT_NEAR(values.mean().item<double>(), 0,
              5 * spread.deviation / std::sqrt(n));
  EXPECT_NEAR(values.square().mean().sqrt().item<double>(), spread.deviation,
              5 * 0.71 * spread.deviation / std::sqrt(n));
}

std::map<std::string, at::Tensor> AllTensors(const SegmentationModel& model) {
  std::map<std::string, at::Tensor> tensors;
  for (const auto& each : model.named_parameters()) {
    tensors[each.key()] = each.value();
  }
  for (const auto& each : model.named_buffers()) {
    tensors[each.key()] = each.value();
  }
  return tensors;
}

TEST(InitialWeights, EveryTensorOfEveryNetworkFollowsOneRule) {
  at::set_num_threads(1);
  const std::vector<Rule> rules = Rules();
  std::set<std::string> used;
  for (const ModelSpec& spec :
       {TinySpec("siglip { include_dead_head: true }"), TinySpec("tuning: ALL"),
        ResolvedSpec("patch_text_map { siglip { variant: TINY } }"),
        ResolvedSpec("sam_oracle_box { sam { variant: TINY } }")}) {
    ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> model,
                         BuildModel(spec, /*seed=*/1));
    const std::map<std::string, at::Tensor> tensors = AllTensors(*model);
    for (const auto& [name, tensor] : tensors) {
      SCOPED_TRACE(name);
      std::vector<const Rule*> matching;
      for (const Rule& rule : rules) {
        if (RE2::FullMatch(name, rule.names)) matching.push_back(&rule);
      }
      ASSERT_EQ(matching.size(), 1u);
      const Rule& rule = *matching[0];
      used.insert(rule.names);
      if (rule.spread == nullptr) {
        EXPECT_TRUE(tensor.eq(rule.constant).all().item<bool>());
        continue;
      }
      at::Tensor shaped = tensor;
      if (absl::EndsWith(name, ".bias") && tensor.dim() == 1) {
        shaped =
            tensors.at(absl::StrCat(name.substr(0, name.size() - 4), "weight"));
      }
      ExpectSpread(tensor, rule.spread(shaped.sizes()));
    }
  }
  EXPECT_EQ(used.size(), rules.size());
}

}  // namespace
}  // namespace transect
