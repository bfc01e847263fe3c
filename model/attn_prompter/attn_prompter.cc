#include "model/attn_prompter/attn_prompter.h"

#include <torch/torch.h>

#include <cmath>

#include "model/attn_prompter/similarity.h"
#include "model/attn_prompter/spec.h"
#include "model/base/cast.h"
#include "model/base/stages.h"

namespace transect {
namespace {

int64_t SideOf(int64_t tokens) {
  return std::llround(std::sqrt(static_cast<double>(tokens)));
}

}  // namespace

ConvBlockImpl::ConvBlockImpl(const Options& options) {
  conv_ = register_module("conv",
                          Conv2d(Conv2dImpl::Options{.in = options.in,
                                                     .out = options.out,
                                                     .kernel = options.kernel,
                                                     .stride = options.stride,
                                                     .padding = options.padding,
                                                     .bias = options.plain}));
  if (!options.plain) {
    bn_ = register_module("bn", SyncBatchNorm(options.out, options.shards));
  }
}

std::vector<at::Tensor> ConvBlockImpl::forward(const std::vector<at::Tensor>& x,
                                               JointTape* tape) {
  std::vector<at::Tensor> maps, rows;
  for (const at::Tensor& part : x) {
    maps.push_back(
        conv_->forward(part.permute({0, 3, 1, 2})).permute({0, 2, 3, 1}));
  }
  if (bn_.is_empty()) return maps;
  for (const at::Tensor& map : maps) {
    // Batch statistics in fp32.
    rows.push_back(map.reshape({-1, map.size(3)}).to(at::kFloat));
  }
  rows = bn_->forward(rows, tape);
  for (size_t i = 0; i < maps.size(); ++i) {
    maps[i] = at::gelu(rows[i]).to(maps[i].scalar_type()).view(maps[i].sizes());
  }
  return maps;
}

AttnPrompterImpl::AttnPrompterImpl(const PrompterSpec& spec, int64_t channels,
                                   int64_t prompt_channels, ShardSum* shards)
    : spec_(spec) {
  if (!HasSparsePrompts(spec_)) return;
  const int64_t in = 3 * channels;
  const int64_t out = prompt_channels;
  prompter_down_channel_ = register_module(
      "prompter_down_channel",
      ConvBlock(ConvBlockImpl::Options{
          .in = in, .out = out, .kernel = 1, .shards = shards}));
  for (int64_t i = 0; i < DownsamplingBlocks(spec_); ++i) {
    prompter_down_spatial_.emplace_back(
        ConvBlockImpl::Options{.in = out,
                               .out = out,
                               .kernel = 3,
                               .stride = 2,
                               .padding = 1,
                               .shards = shards});
  }
  prompter_down_spatial_.emplace_back(ConvBlockImpl::Options{
      .in = out, .out = out, .kernel = 1, .plain = true});
  const auto list =
      register_module("prompter_down_spatial", torch::nn::ModuleList());
  for (const ConvBlock& block : prompter_down_spatial_) list->push_back(block);
}

std::vector<Prompts> AttnPrompterImpl::forward(
    const std::vector<PrompterInput>& shards, JointTape* tape) {
  std::vector<Prompts> prompts;
  std::vector<at::Tensor> maps(shards.size());
  for (size_t i = 0; i < shards.size(); ++i) {
    prompts.push_back(Attend(shards[i], &maps[i]));
  }
  if (tape != nullptr) {
    std::vector<at::Tensor> activations;
    for (const Prompts& each : prompts) activations.push_back(each.activation);
    activations = tape->Branch(activations);
    for (size_t i = 0; i < shards.size(); ++i) {
      prompts[i].activation = activations[i];
    }
  }
  if (!HasSparsePrompts(spec_)) return prompts;

  maps = prompter_down_channel_->forward(maps, tape);
  if (spec_.add_sam_position()) {
    for (size_t i = 0; i < shards.size(); ++i) {
      maps[i] = maps[i] + InTypeOf(maps[i], shards[i].position);
    }
  }
  for (ConvBlock& block : prompter_down_spatial_) {
    maps = block->forward(maps, tape);
  }
  for (size_t i = 0; i < shards.size(); ++i) {
    prompts[i].sparse = maps[i].flatten(1, 2);
    RecordStage("sparse", prompts[i].sparse);
  }
  return prompts;
}

Prompts AttnPrompterImpl::Attend(const PrompterInput& input,
                                 at::Tensor* attended) const {
  TORCH_CHECK(input.patches.size(2) == input.tokens.size(2),
              "prompter: features of image and text must have one width, got ",
              input.patches.sizes(), " and ", input.tokens.sizes());
  const PatchTextSimilarity similarity(spec_.similarity(), input.patches,
                                       input.logit_scale, input.logit_bias);
  const int64_t batch = input.patches.size(0);
  const int64_t side = SideOf(input.patches.size(1));
  const at::Tensor activation =
      similarity.To(input.sentence.unsqueeze(1));  // [B, N, 1]
  Prompts prompts;
  prompts.activation = activation.view({batch, 1, side, side});
  RecordStage("activation", prompts.activation);
  if (!HasSparsePrompts(spec_)) return prompts;
  *attended = AttendedFeatures(input, activation, similarity.To(input.tokens))
                  .view({batch, side, side, -1});
  RecordStage("attended", *attended);
  return prompts;
}

at::Tensor AttnPrompterImpl::AttendedFeatures(
    const PrompterInput& input, const at::Tensor& activation,
    const at::Tensor& token_similarity) const {
  const at::Tensor& v = input.patches;
  // The mean over tokens is one weight per patch: v factors out of it.
  const at::Tensor valid = input.token_valid.to(at::kFloat);
  const at::Tensor share =
      (valid / valid.sum(1, /*keepdim=*/true)).unsqueeze(2);  // [B, T, 1]
  const at::Tensor mean = at::bmm(token_similarity.sigmoid(), share);
  const at::Tensor local_weight = spec_.local_combine() == PrompterSpec::AVERAGE
                                      ? (mean + 1) / 2
                                      : mean + 1;
  at::Tensor global_weight = activation.sigmoid();
  if (spec_.global_residual()) global_weight = global_weight + 1;

  const at::Tensor local = (v * local_weight).to(v.scalar_type()),
                   global = (v * global_weight).to(v.scalar_type());
  if (spec_.concat_order() == PrompterSpec::LOCAL_GLOBAL_IMAGE) {
    return at::cat({local, global, v}, -1);
  }
  return at::cat({global, local, v}, -1);
}

}  // namespace transect
