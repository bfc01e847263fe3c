/// \file
/// What forward passes with the same weights have in common: an evaluation
/// asks about the same images with several sentences and about the same
/// sentences with several images.
#ifndef TRANSECT_MODEL_BASE_EVALUATION_MEMO_H_
#define TRANSECT_MODEL_BASE_EVALUATION_MEMO_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace transect {

/// Belongs to whoever evaluates, as long as the weights stay. Networks put into
/// it what they would compute again.
struct EvaluationMemo {
  /// Of the images of a batch alone, by name. Whoever passes other images on
  /// clears it first.
  std::map<std::string, at::Tensor> images;
  /// Of a sentence alone, by its padded token ids and their number before
  /// padding.
  std::map<std::vector<int64_t>, at::Tensor> sentences;
};

/// `compute()`, or what it gave for these images before. \param memo may be
/// null: then always the former.
template <typename Compute>
at::Tensor OfImages(EvaluationMemo* memo, const char* name, Compute compute) {
  if (memo == nullptr) return compute();
  const auto [entry, is_new] = memo->images.try_emplace(name);
  if (is_new) entry->second = compute();
  return entry->second;
}

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_EVALUATION_MEMO_H_
