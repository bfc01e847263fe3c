#include "model/tensor_table.h"

#include <re2/re2.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "model/geometry.h"

namespace transect {
namespace {

using Shape = std::vector<int64_t>;

// A layer that LoRA can adapt, with the shapes its factors have at rank 1.
struct Adaptable {
  std::string module;
  int64_t in = 0;
  int64_t out = 0;
  int64_t kernel = 0;  // 0 for a linear layer.
  bool dead = false;
};

// Appends the tensors of one module after the other.
class Builder {
 public:
  explicit Builder(TensorInfo::Part part) : part_(part) {}

  // Applies to the tensors added from here on.
  void SetTrainable(bool trainable) { trainable_ = trainable; }
  void SetUsed(bool used) { used_ = used; }
  void SetDead(bool dead) { dead_ = dead; }

  void Add(std::string name, Shape shape) {
    TensorInfo tensor;
    tensor.name = std::move(name);
    tensor.shape = std::move(shape);
    tensor.part = part_;
    tensor.trainable = trainable_ && used_;
    tensor.used = used_;
    tensor.dead = dead_ && used_;
    tensors_.push_back(std::move(tensor));
  }

  void AddBuffer(std::string name, Shape shape) {
    Add(std::move(name), std::move(shape));
    tensors_.back().buffer = true;
    tensors_.back().trainable = false;
  }

  void Linear(const std::string& module, int64_t in, int64_t out) {
    Add(module + ".weight", {out, in});
    Add(module + ".bias", {out});
    if (used_) adaptable_.push_back({module, in, out, 0, dead_});
  }

  void Conv(const std::string& module, int64_t in, int64_t out, int64_t kernel,
            bool bias) {
    Add(module + ".weight", {out, in, kernel, kernel});
    if (bias) Add(module + ".bias", {out});
    adaptable_.push_back({module, in, out, kernel, dead_});
  }

  // Weight and bias of a layer norm.
  void Norm(const std::string& module, int64_t channels) {
    Add(module + ".weight", {channels});
    Add(module + ".bias", {channels});
  }

  // SAM's three-layer perceptron of the decoder's heads.
  void Mlp3(const std::string& module, int64_t width, int64_t out) {
    Linear(module + ".proj_in", width, width);
    Linear(module + ".layers.0", width, width);
    Linear(module + ".proj_out", width, out);
  }

  const std::vector<Adaptable>& adaptable() const { return adaptable_; }
  std::vector<TensorInfo> TakeTensors() { return std::move(tensors_); }

 private:
  TensorInfo::Part part_;
  bool trainable_ = false;
  bool used_ = true;
  bool dead_ = false;
  std::vector<TensorInfo> tensors_;
  std::vector<Adaptable> adaptable_;
};

void AddSiglipLayers(Builder* b, const std::string& tower,
                     const TowerSize& size) {
  const int64_t c = size.hidden_size();
  for (int i = 0; i < size.layers(); ++i) {
    const std::string layer = absl::StrCat(tower, ".encoder.layers.", i);
    for (const char* name : {"k_proj", "v_proj", "q_proj", "out_proj"}) {
      b->Linear(absl::StrCat(layer, ".self_attn.", name), c, c);
    }
    b->Norm(layer + ".layer_norm1", c);
    b->Linear(layer + ".mlp.fc1", c, size.mlp_size());
    b->Linear(layer + ".mlp.fc2", size.mlp_size(), c);
    b->Norm(layer + ".layer_norm2", c);
  }
}

void AddSiglipScale(Builder* b) {
  b->Add("siglip.logit_scale", {1});
  b->Add("siglip.logit_bias", {1});
}

void AddSiglip(Builder* b, const SiglipSpec& siglip) {
  const std::string text = "siglip.text_model";
  const int64_t tc = siglip.text().hidden_size();
  b->Add(text + ".embeddings.token_embedding.weight",
         {siglip.vocab_size(), tc});
  b->Add(text + ".embeddings.position_embedding.weight",
         {siglip.max_positions(), tc});
  AddSiglipLayers(b, text, siglip.text());
  b->Norm(text + ".final_layer_norm", tc);
  b->Linear(text + ".head", tc, tc);

  const std::string vision = "siglip.vision_model";
  const int64_t vc = siglip.vision().hidden_size();
  const int64_t mlp = siglip.vision().mlp_size();
  const int64_t grid = SiglipGrid(siglip);
  b->Conv(vision + ".embeddings.patch_embedding", 3, vc, siglip.patch_size(),
          /*bias=*/true);
  b->Add(vision + ".embeddings.position_embedding.weight", {grid * grid, vc});
  AddSiglipLayers(b, vision, siglip.vision());
  b->Norm(vision + ".post_layernorm", vc);

  b->SetUsed(siglip.include_dead_head());
  b->SetDead(true);
  b->Add(vision + ".head.probe", {1, 1, vc});
  b->Add(vision + ".head.attention.in_proj_weight", {3 * vc, vc});
  b->Add(vision + ".head.attention.in_proj_bias", {3 * vc});
  b->Linear(vision + ".head.attention.out_proj", vc, vc);
  b->Norm(vision + ".head.layernorm", vc);
  b->Linear(vision + ".head.mlp.fc1", vc, mlp);
  b->Linear(vision + ".head.mlp.fc2", mlp, vc);
  b->SetDead(false);
  b->SetUsed(true);
}

void AddSamVision(Builder* b, const SamSpec& sam) {
  const std::string encoder = "sam.vision_encoder";
  const int64_t c = sam.vision().hidden_size();
  const int64_t mlp = sam.vision().mlp_size();
  const int64_t out = sam.prompt_channels();
  const int64_t grid = SamGrid(sam);
  const int64_t head_size = c / sam.vision().heads();
  b->Add(encoder + ".pos_embed", {1, grid, grid, c});
  b->Conv(encoder + ".patch_embed.projection", 3, c, sam.patch_size(),
          /*bias=*/true);
  for (int i = 0; i < sam.vision().layers(); ++i) {
    const std::string layer = absl::StrCat(encoder, ".layers.", i);
    const int64_t side = IsGlobalLayer(sam, i) ? grid : sam.window_size();
    b->Norm(layer + ".layer_norm1", c);
    b->Add(layer + ".attn.rel_pos_h", {2 * side - 1, head_size});
    b->Add(layer + ".attn.rel_pos_w", {2 * side - 1, head_size});
    b->Linear(layer + ".attn.qkv", c, 3 * c);
    b->Linear(layer + ".attn.proj", c, c);
    b->Norm(layer + ".layer_norm2", c);
    b->Linear(layer + ".mlp.lin1", c, mlp);
    b->Linear(layer + ".mlp.lin2", mlp, c);
  }
  b->Conv(encoder + ".neck.conv1", c, out, 1, /*bias=*/false);
  b->Norm(encoder + ".neck.layer_norm1", out);
  b->Conv(encoder + ".neck.conv2", out, out, 3, /*bias=*/false);
  b->Norm(encoder + ".neck.layer_norm2", out);
}

void AddSamPromptEncoder(Builder* b, const SamSpec& sam) {
  const std::string encoder = "sam.prompt_encoder";
  const int64_t c = sam.prompt_channels();
  const int64_t wide = sam.mask_input_channels();
  const int64_t narrow = wide / 4;
  b->Conv(encoder + ".mask_embed.conv1", 1, narrow, 2, /*bias=*/true);
  b->Conv(encoder + ".mask_embed.conv2", narrow, wide, 2, /*bias=*/true);
  b->Conv(encoder + ".mask_embed.conv3", wide, c, 1, /*bias=*/true);
  b->Norm(encoder + ".mask_embed.layer_norm1", narrow);
  b->Norm(encoder + ".mask_embed.layer_norm2", wide);
  b->Add(encoder + ".no_mask_embed.weight", {1, c});
  for (int i = 0; i < 4; ++i) {
    b->Add(absl::StrCat(encoder, ".point_embed.", i, ".weight"), {1, c});
  }
  b->Add(encoder + ".not_a_point_embed.weight", {1, c});
}

void AddDecoderAttention(Builder* b, const std::string& module, int64_t c,
                         int64_t inner) {
  for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
    b->Linear(absl::StrCat(module, ".", name), c, inner);
  }
  b->Linear(module + ".out_proj", inner, c);
}

void AddSamMaskDecoder(Builder* b, const SamSpec& sam) {
  const std::string decoder = "sam.mask_decoder";
  const int64_t c = sam.prompt_channels();
  b->Add(decoder + ".iou_token.weight", {1, c});
  b->Add(decoder + ".mask_tokens.weight", {4, c});
  for (int i = 0; i < 2; ++i) {
    const std::string layer = absl::StrCat(decoder, ".transformer.layers.", i);
    AddDecoderAttention(b, layer + ".self_attn", c, c);
    b->Norm(layer + ".layer_norm1", c);
    AddDecoderAttention(b, layer + ".cross_attn_token_to_image", c, c / 2);
    b->Norm(layer + ".layer_norm2", c);
    b->Linear(layer + ".mlp.lin1", c, sam.decoder_mlp_size());
    b->Linear(layer + ".mlp.lin2", sam.decoder_mlp_size(), c);
    b->Norm(layer + ".layer_norm3", c);
    b->Norm(layer + ".layer_norm4", c);
    AddDecoderAttention(b, layer + ".cross_attn_image_to_token", c, c / 2);
  }
  AddDecoderAttention(b, decoder + ".transformer.final_attn_token_to_image", c,
                      c / 2);
  b->Norm(decoder + ".transformer.layer_norm_final_attn", c);
  // Transposed convolutions: [in, out, k, k].
  b->Add(decoder + ".upscale_conv1.weight", {c, c / 4, 2, 2});
  b->Add(decoder + ".upscale_conv1.bias", {c / 4});
  b->Add(decoder + ".upscale_conv2.weight", {c / 4, c / 8, 2, 2});
  b->Add(decoder + ".upscale_conv2.bias", {c / 8});
  b->Norm(decoder + ".upscale_layer_norm", c / 4);
  for (int i = 0; i < 4; ++i) {
    b->Mlp3(absl::StrCat(decoder, ".output_hypernetworks_mlps.", i), c, c / 8);
  }
  b->Mlp3(decoder + ".iou_prediction_head", c, 4);
}

// mmcv's ConvModule: convolution without bias, then a batch norm.
void AddConvBatchNorm(Builder* b, const std::string& module, int64_t in,
                      int64_t out, int64_t kernel) {
  b->Conv(module + ".conv", in, out, kernel, /*bias=*/false);
  b->Norm(module + ".bn", out);
  b->AddBuffer(module + ".bn.running_mean", {out});
  b->AddBuffer(module + ".bn.running_var", {out});
  b->AddBuffer(module + ".bn.num_batches_tracked", {});
}

void AddPrompter(Builder* b, const RsRefSegSpec& spec) {
  if (!HasSparsePrompts(spec.prompter())) return;
  const int64_t c = spec.sam().prompt_channels();
  // Global, local and image features.
  const int64_t in = 3 * int64_t{spec.siglip().vision().hidden_size()};
  AddConvBatchNorm(b, "prompter.prompter_down_channel", in, c, 1);
  const std::string spatial = "prompter.prompter_down_spatial";
  const int64_t blocks = DownsamplingBlocks(spec.prompter());
  for (int64_t i = 0; i < blocks; ++i) {
    AddConvBatchNorm(b, absl::StrCat(spatial, ".", i), c, c, 3);
  }
  b->Conv(absl::StrCat(spatial, ".", blocks, ".conv"), c, c, 1, /*bias=*/true);
}

// Index of a text layer, or -1 outside of the layers.
int64_t TextLayer(absl::string_view module) {
  int64_t layer = -1;
  if (!absl::ConsumePrefix(&module, "encoder.layers.")) return -1;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(module, absl::MaxSplits('.', 1));
  return absl::SimpleAtoi(parts.first, &layer) ? layer : -1;
}

// Adapters of the layers of `tower` ("siglip.text_model.").
void AddAdapters(Builder* b, const std::vector<Adaptable>& layers,
                 absl::string_view tower, const LoraSpec& lora,
                 int64_t first_text_layer) {
  const int64_t r = lora.rank();
  const TargetMatcher matcher(lora);
  for (const Adaptable& layer : layers) {
    absl::string_view module = layer.module;
    if (!absl::ConsumePrefix(&module, tower)) continue;
    if (!matcher.Matches(module)) continue;
    const int64_t text_layer = TextLayer(module);
    if (text_layer >= 0 && text_layer < first_text_layer) continue;
    b->SetDead(layer.dead);
    const std::string a = layer.module + ".lora_A.weight";
    const std::string b_name = layer.module + ".lora_B.weight";
    if (layer.kernel == 0) {
      b->Add(a, {r, layer.in});
      b->Add(b_name, {layer.out, r});
    } else {
      b->Add(a, {r, layer.in, layer.kernel, layer.kernel});
      b->Add(b_name, {layer.out, r, 1, 1});
    }
  }
}

}  // namespace

int64_t NumElements(const TensorInfo& tensor) {
  int64_t n = 1;
  for (int64_t size : tensor.shape) n *= size;
  return n;
}

TargetMatcher::TargetMatcher(const LoraSpec& lora) : lora_(lora) {
  if (!lora.has_target_regex()) return;
  RE2::Options options;
  options.set_log_errors(false);
  regex_ = std::make_unique<RE2>(lora.target_regex(), options);
}

TargetMatcher::~TargetMatcher() = default;

std::string TargetMatcher::error() const {
  return regex_ == nullptr || regex_->ok() ? "" : regex_->error();
}

bool TargetMatcher::Matches(absl::string_view module) const {
  if (regex_ != nullptr) {
    return regex_->ok() &&
           RE2::FullMatch(re2::StringPiece(module.data(), module.size()),
                          *regex_);
  }
  for (const std::string& target : lora_.targets()) {
    if (module == target || absl::EndsWith(module, absl::StrCat(".", target))) {
      return true;
    }
  }
  return false;
}

std::vector<TensorInfo> TensorTable(const ModelSpec& spec) {
  const SiglipSpec* siglip = SiglipOf(spec);
  const SamSpec* sam = SamOf(spec);
  const bool all = TrainsEverything(spec);
  const bool nothing = TrainsNothing(spec);
  // A dot product has no scale: weight decay alone would move it.
  const bool tunes_scale =
      spec.patch_text_map().has_tune_scale() &&
      spec.patch_text_map().tune_scale() &&
      spec.patch_text_map().similarity() == PrompterSpec::COSINE_SCALED;

  Builder siglip_tensors(TensorInfo::SIGLIP);
  siglip_tensors.SetTrainable(all);
  if (siglip != nullptr) {
    siglip_tensors.SetTrainable(all || tunes_scale);
    AddSiglipScale(&siglip_tensors);
    siglip_tensors.SetTrainable(all);
    AddSiglip(&siglip_tensors, *siglip);
  }

  Builder sam_tensors(TensorInfo::SAM);
  sam_tensors.SetTrainable(all);
  if (sam != nullptr) {
    sam_tensors.AddBuffer("sam.shared_image_embedding.positional_embedding",
                          {2, sam->prompt_channels() / 2});
    AddSamVision(&sam_tensors, *sam);
    sam_tensors.SetTrainable(all || (sam->tune_prompt_encoder() && !nothing));
    AddSamPromptEncoder(&sam_tensors, *sam);
    sam_tensors.SetTrainable(!nothing);
    AddSamMaskDecoder(&sam_tensors, *sam);
  }

  Builder prompter(TensorInfo::PROMPTER);
  prompter.SetTrainable(true);
  if (spec.has_rsrefseg()) AddPrompter(&prompter, spec.rsrefseg());

  Builder adapters(TensorInfo::ADAPTER);
  adapters.SetTrainable(true);
  // An absent LoraSpec has no targets, so it adapts nothing.
  if (siglip != nullptr && !all) {
    if (siglip->text_tuning() != SiglipSpec::ZERO) {
      AddAdapters(&adapters, siglip_tensors.adaptable(), "siglip.text_model.",
                  siglip->text_lora(), FirstAdaptedTextLayer(*siglip));
    }
    AddAdapters(&adapters, siglip_tensors.adaptable(), "siglip.vision_model.",
                siglip->vision_lora(), 0);
  }
  if (sam != nullptr && !all && !nothing) {
    AddAdapters(&adapters, sam_tensors.adaptable(), "sam.vision_encoder.",
                sam->lora(), 0);
  }

  std::vector<TensorInfo> table;
  for (Builder* part : {&siglip_tensors, &sam_tensors, &prompter, &adapters}) {
    for (TensorInfo& tensor : part->TakeTensors()) {
      table.push_back(std::move(tensor));
    }
  }
  return table;
}

}  // namespace transect
