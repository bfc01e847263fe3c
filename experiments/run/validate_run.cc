#include "experiments/run/validate_run.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/spec.h"
#include "experiments/reading/scalar_text.h"
#include "experiments/run/validate_weights.h"
#include "experiments/training/train_length.h"
#include "experiments/training/training_spec.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/message_differencer.h"
#include "model/parts.h"
#include "model/spec.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::util::MessageDifferencer;

std::string Join(absl::string_view path, absl::string_view field) {
  return absl::StrCat(path, path.empty() ? "" : ".", field);
}

bool Has(const Problems& problems, absl::string_view field) {
  return std::any_of(
      problems.all().begin(), problems.all().end(),
      [field](const Problem& problem) { return problem.field == field; });
}

// The rules that hold for any message: enums are specified, numbers finite.
void CheckValues(const Message& message, const std::string& path,
                 Problems* problems) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    for (int i = 0; i < CountValues(message, *field); ++i) {
      const std::string name = ValuePath(path, *field, i);
      if (field->message_type() != nullptr) {
        CheckValues(GetMessage(message, *field, i), name, problems);
        continue;
      }
      const Scalar value = GetScalar(message, *field, i);
      const double* real = std::get_if<double>(&value);
      const auto* enumerator =
          std::get_if<const google::protobuf::EnumValueDescriptor*>(&value);
      if (real != nullptr && !std::isfinite(*real)) {
        problems->Add(
            name, absl::StrCat("is ", ScalarText(value), ", must be finite"));
      } else if (enumerator != nullptr && (*enumerator)->number() == 0) {
        problems->Add(name, absl::StrCat("is ", (*enumerator)->name(),
                                         ", must be one of the others"));
      }
    }
  }
}

// A run that only makes weights reads no split for evaluation.
void CheckData(const DataSpec& data, const std::string& path, bool evaluated,
               Problems* problems) {
  Problems found;
  ValidateDataSpec(data, path, &found);
  for (const Problem& problem : found.all()) {
    if (evaluated || problem.field != Join(path, "eval_splits")) {
      problems->Add(problem.field, problem.message);
    }
  }
}

// The sizes of found data sets are not known yet; the worker checks them.
void CheckEpoch(const RunSpec& run, absl::string_view path,
                Problems* problems) {
  const std::string& split = run.data().train_split();
  const int64_t images = SynthesisImages(run.data().synthesis(), split);
  // An empty split is a problem of its own, and so is a batch without images.
  if (!run.data().has_synthesis() || images <= 0 ||
      run.training().global_batch() < 1) {
    return;
  }
  if (run.data().last_batch() == DataSpec::DROP &&
      images < run.training().global_batch()) {
    problems->Add(Join(path, "data.last_batch"),
                  absl::StrCat("is DROP, but split ", split, " has ", images,
                               " images, fewer than training.global_batch, ",
                               run.training().global_batch()));
    return;
  }
  // Steps alone were compared without the data.
  const TrainingSpec& training = run.training();
  const ScheduleSpec& schedule = training.schedule();
  const auto known = [](bool has_epochs, int64_t epochs) {
    return !has_epochs || (epochs >= 1 && epochs <= kMostEpochs);
  };
  if (run.data().last_batch() == DataSpec::LAST_BATCH_UNSPECIFIED ||
      !(training.has_epochs() || schedule.has_warmup_epochs()) ||
      !known(training.has_epochs(), training.epochs()) ||
      !known(schedule.has_warmup_epochs(), schedule.warmup_epochs())) {
    return;
  }
  const auto length = LengthOf(training, run.data().last_batch(), images);
  if (!length.ok()) {
    problems->Add(Join(path, "training"),
                  absl::StrCat("does not fit its data: ",
                               std::string(length.status().message())));
  }
}

void CheckEvaluation(const RunSpec& run, const std::string& path,
                     Problems* problems) {
  ValidateEvaluationSpec(run.evaluation(), Join(path, "evaluation"), problems);
  for (const std::string& split : run.data().eval_splits()) {
    if (run.evaluation().permuted_sentences() && run.data().has_synthesis() &&
        SynthesisImages(run.data().synthesis(), split) == 1) {
      problems->Add(Join(path, "evaluation.permuted_sentences"),
                    absl::StrCat("is true, but split ", split,
                                 " has 1 image, must be 2 or more"));
    }
  }
  if (run.evaluation().permuted_within_category() &&
      (run.data().found().format() == FoundDataset::REFSEGRS ||
       run.data().found().format() == FoundDataset::RISBENCH)) {
    problems->Add(
        Join(path, "evaluation.permuted_within_category"),
        absl::StrCat("is true, but data.found.format ",
                     FoundDataset::Format_Name(run.data().found().format()),
                     " has no categories"));
  }
  // Sentences of a batch would see each other's pads, so that a prediction
  // would depend on its neighbors.
  const SiglipSpec* siglip = SiglipOf(run.model());
  if (siglip != nullptr && siglip->text_padding() == SiglipSpec::LONGEST &&
      run.evaluation().batch() != 1) {
    problems->Add(Join(path, "evaluation.batch"),
                  absl::StrCat("is ", run.evaluation().batch(),
                               ", must be 1 where siglip.text_padding is "
                               "LONGEST: pads up to the longest sentence of a "
                               "batch are attended"));
  }
}

// Which weights are kept must not be decided by what the rows report, beyond
// val, which is for that.
void CheckValidated(const RunSpec& run, const std::string& path,
                    Problems* problems) {
  if (!Validates(run.training())) return;
  const std::string& split = run.training().validation().split();
  const std::string field = Join(path, "training.validation.split");
  const auto& reported = run.data().eval_splits();
  if (SplitNumber(split) < 0) {
    problems->Add(field, absl::StrCat("is \"", split,
                                      "\", must be val, or test where no row "
                                      "reports it"));
  } else if (split == run.data().train_split()) {
    problems->Add(
        field, absl::StrCat("is ", split,
                            ", which data.train_split trains on; "
                            "validation.train_items evaluates a part of it"));
  } else if (run.data().has_synthesis() &&
             SynthesisImages(run.data().synthesis(), split) == 0) {
    problems->Add(field, absl::StrCat("is ", split, ", but data.synthesis.",
                                      split, "_images is 0"));
  } else if (split != "val" &&
             std::ranges::find(reported, split) != reported.end()) {
    problems->Add(
        field,
        absl::StrCat("is ", split, ", which the rows report (data.eval_splits ",
                     "has it): looking at it while training makes its numbers "
                     "too good. Set val, or leave ",
                     split, " out of data.eval_splits"));
  }
}

// An oracle is evaluated and not trained, except where it makes the weights of
// another run; everything else is trained.
void CheckSteps(const RunSpec& run, const std::string& path, bool evaluated,
                Problems* problems) {
  const TrainingSpec& training = run.training();
  if (TrainsNothing(run.model())) {
    const std::string reason = absl::StrCat(
        ": model.", NetworkName(run.model()), " is evaluated and not trained");
    if (training.has_epochs()) {
      problems->Add(Join(path, "training.epochs"),
                    absl::StrCat("is ", training.epochs(),
                                 ", must be training.steps: 0", reason));
    } else if (Trains(training)) {
      problems->Add(
          Join(path, "training.steps"),
          absl::StrCat("is ", training.steps(), ", must be 0", reason));
    }
    return;
  }
  if (!Trains(training)) {
    problems->Add(Join(path, "training.steps"),
                  "is 0, must be 1 or more for a model that is trained");
  }
  if (run.model().has_sam_oracle_box() && evaluated) {
    problems->Add(Join(path, "model.sam_oracle_box.tuning"),
                  "is ALL, must be NONE: the model knows the true boxes, so "
                  "only a run that makes initial weights may train it");
  }
  // The map is SigLIP's similarity of patches and sentence.
  if (SiglipOf(run.model()) == nullptr && !NetworkName(run.model()).empty() &&
      run.training().loss().activation_weight() != 0) {
    problems->Add(Join(path, "training.loss.activation_weight"),
                  absl::StrCat("is ", run.training().loss().activation_weight(),
                               ", must be 0: model.", NetworkName(run.model()),
                               " has no activation map"));
  }
}

void CheckTokenizerFits(const RunSpec& run, absl::string_view path,
                        Problems* problems) {
  if (SiglipOf(run.model()) == nullptr) {
    return;
  }
  const SiglipSpec& siglip = *SiglipOf(run.model());
  if (run.tokenizer().max_tokens() > siglip.max_positions()) {
    problems->Add(Join(path, "tokenizer.max_tokens"),
                  absl::StrCat("is ", run.tokenizer().max_tokens(),
                               ", must be at most siglip.max_positions, ",
                               siglip.max_positions()));
  }
  const int32_t pieces = run.tokenizer().sentencepiece().vocab_size();
  if (run.tokenizer().has_sentencepiece() && pieces > siglip.vocab_size()) {
    problems->Add(
        Join(path, "tokenizer.sentencepiece.vocab_size"),
        absl::StrCat("is ", pieces, ", must be at most siglip.vocab_size, ",
                     siglip.vocab_size()));
  }
}

void Append(const Problems& more, Problems* problems) {
  for (const Problem& problem : more.all()) {
    problems->Add(problem.field, problem.message);
  }
}

// Tells what is remembered apart. Serialized bytes may differ between equal
// messages; then a message is checked twice, and no harm is done.
std::string Key(absl::string_view path, const Message& message) {
  return absl::StrCat(path, "\n", message.SerializeAsString());
}

}  // namespace

const Problems& RunValidator::CheckModel(const ModelSpec& model,
                                         const std::string& path) {
  const auto [known, is_new] = known_.try_emplace(Key(path, model));
  if (is_new) {
    ValidateModelSpec(model, path, &known->second);
  }
  return known->second;
}

void RunValidator::CheckTrained(const RunSpec& run, const std::string& field,
                                int depth, bool model_is_valid,
                                Problems* problems) {
  const RunSpec& trained = run.weights().trained().run();
  if (depth >= kMaxTrainedDepth) {
    problems->Add(field, absl::StrCat("is run ", depth + 1,
                                      " inside a run, must be at most ",
                                      kMaxTrainedDepth));
    return;
  }
  CheckRun(trained, field, depth + 1, problems);
  if (!MessageDifferencer::Equals(trained.tokenizer(), run.tokenizer())) {
    problems->Add(Join(field, "tokenizer"),
                  "differs from the tokenizer of the run that takes the "
                  "weights; leave it out");
  }
  if (trained.model().model_case() != ModelSpec::MODEL_NOT_SET &&
      !TrainsEverything(trained.model())) {
    problems->Add(
        Join(field,
             absl::StrCat("model.", NetworkName(trained.model()), ".tuning")),
        "must be ALL: other runs save only what they trained");
  }
  if (model_is_valid &&
      CheckModel(trained.model(), Join(field, "model")).empty()) {
    ValidateTakenTensors(run.model(), trained.model(), run.weights(), field,
                         problems);
  }
}

void RunValidator::CheckWeights(const RunSpec& run, const std::string& path,
                                int depth, bool model_is_valid,
                                Problems* problems) {
  const std::string field = Join(path, "weights");
  ValidateWeights(run, field, model_is_valid, problems);
  if (run.weights().has_trained()) {
    CheckTrained(run, Join(field, "trained.run"), depth, model_is_valid,
                 problems);
  }
}

void RunValidator::CheckRun(const RunSpec& run, const std::string& path,
                            int depth, Problems* problems) {
  const Problems& model = CheckModel(run.model(), Join(path, "model"));
  Append(model, problems);
  CheckData(run.data(), Join(path, "data"), /*evaluated=*/depth == 0, problems);
  ValidateTokenizerSpec(run.tokenizer(), Join(path, "tokenizer"), problems);
  ValidateTrainingSpec(run.training(), Join(path, "training"), problems);
  CheckSteps(run, path, /*evaluated=*/depth == 0, problems);
  CheckValidated(run, path, problems);
  CheckEpoch(run, path, problems);
  if (depth == 0) {
    CheckEvaluation(run, path, problems);
  }
  CheckTokenizerFits(run, path, problems);
  // All that decides about the weights.
  RunSpec part;
  *part.mutable_model() = run.model();
  *part.mutable_tokenizer() = run.tokenizer();
  *part.mutable_weights() = run.weights();
  const std::string key = Key(path, part);
  auto known = known_.find(key);
  if (known == known_.end()) {
    Problems weights;
    CheckWeights(run, path, depth, model.empty(), &weights);
    known = known_.emplace(key, std::move(weights)).first;
  }
  Append(known->second, problems);
}

void RunValidator::Validate(const RunSpec& run, absl::string_view path,
                            Problems* problems) {
  Problems values;
  CheckValues(run, std::string(path), &values);
  Problems rules;
  CheckRun(run, std::string(path), /*depth=*/0, &rules);
  Append(values, problems);
  // A component that refuses nan or UNSPECIFIED by its own words says nothing
  // new.
  for (const Problem& problem : rules.all()) {
    if (!Has(values, problem.field)) {
      problems->Add(problem.field, problem.message);
    }
  }
}

}  // namespace transect
