#include "launch/store/job_inputs.h"

#include "google/protobuf/descriptor.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// Fields of JobInputs have the names of the list.
const google::protobuf::FieldDescriptor& IdentityField(const InputInfo& info) {
  const auto* field =
      JobInputs::descriptor()->FindFieldByName(std::string(info.text));
  TRANSECT_CHECK(field != nullptr) << info.text;
  return *field;
}

}  // namespace

JobInputs ToJobInputs(const Reads& reads) {
  JobInputs inputs;
  for (const InputInfo& info : kRunInputs) {
    if (!reads[info.name].empty()) {
      inputs.GetReflection()->SetString(&inputs, &IdentityField(info),
                                        reads[info.name]);
    }
  }
  return inputs;
}

Reads ReadsOf(const JobInputs& inputs) {
  Reads reads;
  for (const InputInfo& info : kRunInputs) {
    reads[info.name] =
        inputs.GetReflection()->GetString(inputs, &IdentityField(info));
  }
  return reads;
}

const std::string& PlaceOf(InputName name, const TrainJob& job) {
  const InitialWeights& weights = job.initial_weights();
  switch (name) {
    case InputName::kData:
      break;
    case InputName::kTokenizer:
      return job.tokenizer_path();
    case InputName::kWeights:
      return weights.trained();
    case InputName::kSiglip:
      return weights.siglip();
    case InputName::kSam:
      return weights.sam();
    case InputName::kAdapters:
      return weights.adapters();
  }
  return job.data_root();
}

std::string* MutablePlaceOf(InputName name, TrainJob* job) {
  const auto weights = [job] { return job->mutable_initial_weights(); };
  switch (name) {
    case InputName::kData:
      break;
    case InputName::kTokenizer:
      return job->mutable_tokenizer_path();
    case InputName::kWeights:
      return weights()->mutable_trained();
    case InputName::kSiglip:
      return weights()->mutable_siglip();
    case InputName::kSam:
      return weights()->mutable_sam();
    case InputName::kAdapters:
      return weights()->mutable_adapters();
  }
  return job->mutable_data_root();
}

}  // namespace transect
