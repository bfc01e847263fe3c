#include "model/siglip/text_encoder.h"

#include <torch/torch.h>

#include <utility>
#include <vector>

#include "model/base/cast.h"
#include "model/base/stages.h"

namespace transect {
namespace {

constexpr int64_t kPad = 1;

}  // namespace

SiglipTextEmbeddingsImpl::SiglipTextEmbeddingsImpl(const SiglipSpec& spec) {
  const int64_t channels = spec.text().hidden_size();
  token_embedding_ = register_module(
      "token_embedding", Table(torch::empty({spec.vocab_size(), channels})));
  position_embedding_ =
      register_module("position_embedding",
                      Table(torch::empty({spec.max_positions(), channels})));
}

at::Tensor SiglipTextEmbeddingsImpl::forward(const at::Tensor& ids,
                                             at::ScalarType type) {
  const at::Tensor& table = token_embedding_->weight;
  // Rows, not the table, are cast.
  const at::Tensor tokens =
      at::embedding(table, ids.to(table.device())).to(type);
  return tokens +
         InTypeOf(tokens, position_embedding_->weight).slice(0, 0, ids.size(1));
}

SiglipTextEncoderImpl::SiglipTextEncoderImpl(const SiglipSpec& spec)
    : vocab_size_(spec.vocab_size()),
      max_positions_(spec.max_positions()),
      padding_(spec.text_padding()) {
  const int64_t channels = spec.text().hidden_size();
  embeddings_ = register_module("embeddings", SiglipTextEmbeddings(spec));
  encoder_ = register_module("encoder", SiglipEncoder(spec.text()));
  final_layer_norm_ = register_module("final_layer_norm", SiglipNorm(channels));
  head_ = register_module("head", Linear(channels, channels));
}

SiglipText SiglipTextEncoderImpl::forward(const at::Tensor& ids,
                                          const at::Tensor& counts,
                                          at::ScalarType type,
                                          EvaluationMemo* memo) {
  TORCH_CHECK_VALUE(ids.dim() == 2 && ids.size(1) <= max_positions_,
                    "siglip.text_model: token ids must be [B, T] with T at "
                    "most ",
                    max_positions_, ", got ", ids.sizes());
  TORCH_CHECK_VALUE(counts.dim() == 1 && counts.size(0) == ids.size(0),
                    "siglip.text_model: token counts must be [", ids.size(0),
                    "], got ", counts.sizes());
  const int64_t shortest = counts.min().item<int64_t>();
  const int64_t longest = counts.max().item<int64_t>();
  TORCH_CHECK_VALUE(shortest >= 1 && longest <= ids.size(1),
                    "siglip.text_model: token counts must be 1 to ",
                    ids.size(1), ", got ", shortest, " to ", longest);
  TORCH_CHECK_VALUE(
      ids.min().item<int64_t>() >= 0 && ids.max().item<int64_t>() < vocab_size_,
      "siglip.text_model: token ids must be 0 to ", vocab_size_ - 1, ", got ",
      ids.min().item<int64_t>(), " to ", ids.max().item<int64_t>());

  const bool masked = padding_ == SiglipSpec::NONE;
  const int64_t length = padding_ == SiglipSpec::LONGEST      ? longest
                         : padding_ == SiglipSpec::MAX_LENGTH ? max_positions_
                                                              : ids.size(1);
  const at::Tensor used =
      ids.size(1) < length
          ? at::constant_pad_nd(ids, {0, length - ids.size(1)}, kPad)
          : ids.slice(1, 0, length);
  const at::Device device = head_->parameters()[0].device();
  SiglipText text;
  text.end = counts.to(device) - 1;
  text.last = masked ? text.end : at::full_like(text.end, length - 1);
  text.valid = at::arange(length, text.end.options()).unsqueeze(0) <=
               text.last.unsqueeze(1);

  if (memo == nullptr) {
    text.hidden = Encode(used, text.valid, type);
    return text;
  }
  std::vector<at::Tensor> sentences;
  for (int64_t i = 0; i < used.size(0); ++i) {
    const at::Tensor one = used.slice(0, i, i + 1).contiguous();
    const int64_t* const first = one.const_data_ptr<int64_t>();
    std::vector<int64_t> key(first, first + length);
    key.push_back(counts[i].item<int64_t>());
    const auto [entry, is_new] = memo->sentences.try_emplace(std::move(key));
    if (is_new) {
      entry->second = Encode(one, text.valid.slice(0, i, i + 1), type);
    }
    sentences.push_back(entry->second);
  }
  text.hidden = at::cat(sentences);
  return text;
}

at::Tensor SiglipTextEncoderImpl::Encode(const at::Tensor& ids,
                                         const at::Tensor& valid,
                                         at::ScalarType type) {
  // [B, 1, 1, T']: every query sees the tokens of its own sentence.
  const at::Tensor allowed = padding_ == SiglipSpec::NONE
                                 ? valid.unsqueeze(1).unsqueeze(1)
                                 : at::Tensor();
  const StagePrefix prefix("text_");
  at::Tensor hidden = final_layer_norm_->forward(
      encoder_->forward(embeddings_->forward(ids, type), allowed));
  RecordStage("hidden", hidden);
  return hidden;
}

at::Tensor SiglipTextEncoderImpl::Pool(const SiglipText& text) {
  return head_->forward(AtPosition(text.hidden, text.last));
}

at::Tensor AtPosition(const at::Tensor& hidden, const at::Tensor& position) {
  const at::Tensor index =
      position.view({-1, 1, 1}).expand({-1, 1, hidden.size(2)});
  return hidden.gather(1, index).squeeze(1);
}

}  // namespace transect
