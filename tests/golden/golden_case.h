// A network beside what the reference computes with the same weights: files
// that make_tiny.py and make_full_size.py write.
#ifndef TRANSECT_TESTS_GOLDEN_GOLDEN_CASE_H_
#define TRANSECT_TESTS_GOLDEN_GOLDEN_CASE_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"
#include "model/model.pb.h"

namespace transect {

// |ours - reference| / |reference| in the Euclidean norm, taken in fp64.
double RelativeError(const at::Tensor& ours, const at::Tensor& reference);

class GoldenCase {
 public:
  // Reads STEM.textproto (ModelSpec), STEM_weights.safetensors and
  // STEM_reference.safetensors; the network has the weights and is built with
  // `options`.
  static absl::StatusOr<GoldenCase> Load(const std::string& stem,
                                         const BuildOptions& options = {});

  SegmentationModel& model() const { return *model_; }
  const ModelSpec& spec() const { return spec_; }
  // All tensors of STEM_reference.safetensors.
  const TensorMap& reference() const { return reference_; }
  // The tensor `name` of the reference. Throws where it has none.
  const at::Tensor& Reference(const std::string& name) const;
  // The single number `name` of the reference, or `otherwise`.
  double Number(const std::string& name, double otherwise) const;

  // input.* of the reference, for the optimizer step `step`.
  ModelInput Input(int64_t step = 0) const;
  // The loss of make_tiny.py for that input, with its graph.
  at::Tensor Loss(int64_t step = 0) const;

  // A registered module of the network. Throws where there is none of this
  // type.
  template <typename Module>
  Module& Part(const std::string& name) const {
    return *model_->named_modules()[name]->template as<Module>();
  }

 private:
  ModelSpec spec_;
  std::shared_ptr<SegmentationModel> model_;
  TensorMap reference_;
};

// EXPECTs that every stage of the reference, which has the names that modules
// record (model/base/stages.h), comes out of the network within |tolerance|;
// prints each error.
void ExpectStages(const GoldenCase& golden, double tolerance);

// The same of a network that computes in bf16: every stage is at most 1.5 times
// as far from the reference as the packages' own bf16 is, bf16_error.stage.*.
void ExpectBf16Stages(const GoldenCase& golden);

// EXPECTs that every gradient of the reference is within `tolerance`, or 20
// times fp32_error.gradient.NAME where the reference itself is that far off,
// and that nothing else is trained. Returns how many were compared.
int ExpectGradients(const GoldenCase& golden, double tolerance);

// The same of a network that computes in bf16: the root mean square of all
// gradients' errors is at most 1.5 times bf16_error.gradients, which is the
// packages' own.
void ExpectBf16Gradients(const GoldenCase& golden);

}  // namespace transect

#endif  // TRANSECT_TESTS_GOLDEN_GOLDEN_CASE_H_
