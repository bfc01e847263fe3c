#include "tests/e2e/shrink_experiment.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "experiments/training/training.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "model/cost.h"
#include "model/networks/rsrefseg/rsrefseg.pb.h"
#include "model/sam/sam.pb.h"
#include "model/siglip/siglip.pb.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// Layers of the image encoder of the tiny SAM.
constexpr int kTinySamLayers = 4;
// Most parameters of a tiny network.
constexpr int64_t kMostParameters = 3'000'000;

// Calls `change` for each message of type T in `message`, which may be one.
template <typename T, typename Change>
void ForEach(Message* message, const Change& change) {
  if (message->GetDescriptor() == T::descriptor()) {
    change(static_cast<T*>(message));
  }
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      ForEach<T>(reflection.MutableMessage(message, field), change);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      ForEach<T>(reflection.MutableRepeatedMessage(message, field, i), change);
    }
  }
}

void ShrinkSam(SamSpec::Variant variant, SamSpec* sam) {
  sam->set_variant(SamSpec::TINY);
  if (variant == SamSpec::VIT_L || variant == SamSpec::VIT_H) {
    sam->mutable_vision()->set_layers(kTinySamLayers +
                                      (variant == SamSpec::VIT_L ? 1 : 2));
  }
}

void ShrinkModel(RsRefSegSpec* model) {
  if (model->has_variant()) {
    if (model->variant() == RsRefSegSpec::L) {
      ShrinkSam(SamSpec::VIT_L, model->mutable_sam());
    }
    model->set_variant(RsRefSegSpec::TINY);
  }
}

// What is set in a whole run or in a part of one.
void ShrinkWhatIsSet(RunSpec* run) {
  ForEach<RsRefSegSpec>(run, ShrinkModel);
  ForEach<SiglipSpec>(run, [](SiglipSpec* siglip) {
    if (siglip->has_variant()) siglip->set_variant(SiglipSpec::TINY);
  });
  ForEach<SamSpec>(run, [](SamSpec* sam) {
    if (sam->has_variant()) ShrinkSam(sam->variant(), sam);
  });
  ForEach<SynthesisSpec>(run, [](SynthesisSpec* recipe) {
    if (recipe->has_image_size()) recipe->set_image_size(kSmallImage);
    if (recipe->has_train_images()) {
      recipe->set_train_images(
          std::min(recipe->train_images(), kSmallTrainImages));
    }
    if (recipe->has_val_images()) {
      recipe->set_val_images(std::min(recipe->val_images(), kSmallEvalImages));
    }
    if (recipe->has_test_images()) {
      recipe->set_test_images(
          std::min(recipe->test_images(), kSmallEvalImages));
    }
  });
  ForEach<TokenizerSpec>(run, [](TokenizerSpec* tokenizer) {
    // The positions of the tiny SigLIP.
    tokenizer->set_max_tokens(std::min(tokenizer->max_tokens(), 32));
  });
  ForEach<SentencepieceSpec>(run, [](SentencepieceSpec* tokenizer) {
    // The sentences of a few images give no more. With fewer pieces a sentence
    // would have too many tokens.
    tokenizer->set_vocab_size(100);
  });
  ForEach<TrainingSpec>(run, [](TrainingSpec* training) {
    if (training->has_steps()) {
      training->set_steps(std::min<int64_t>(training->steps(), kSmallSteps));
    }
    if (training->has_global_batch()) training->set_global_batch(2);
    if (training->has_logical_shards()) training->set_logical_shards(2);
    if (training->has_ranks()) training->set_ranks(1);
    if (training->has_device()) training->set_device(TrainingSpec::CPU);
  });
  ForEach<ScheduleSpec>(run, [](ScheduleSpec* schedule) {
    schedule->set_warmup_steps(std::min<int64_t>(schedule->warmup_steps(), 1));
  });
}

// Writes the large defaults of a whole run, so that they shrink too.
void WriteDefaults(RunSpec* run) {
  if (run->model().has_rsrefseg() && !run->model().rsrefseg().has_variant() &&
      !run->model().rsrefseg().has_sam()) {
    run->mutable_model()->mutable_rsrefseg()->set_variant(RsRefSegSpec::B);
  }
  ForEach<SynthesisSpec>(run, [](SynthesisSpec* recipe) {
    recipe->set_image_size(recipe->image_size());
    recipe->set_train_images(recipe->train_images());
    recipe->set_val_images(recipe->val_images());
  });
  run->mutable_tokenizer();
  TrainingSpec* const training = run->mutable_training();
  training->set_steps(training->steps());
  training->set_global_batch(training->global_batch());
  if (run->weights().trained().has_run()) {
    RunSpec* const maker =
        run->mutable_weights()->mutable_trained()->mutable_run();
    const bool has_tokenizer = maker->has_tokenizer();
    WriteDefaults(maker);
    // It takes that of the run around it.
    if (!has_tokenizer) maker->clear_tokenizer();
  }
}

}  // namespace

Experiment Shrink(Experiment experiment) {
  WriteDefaults(experiment.mutable_base());
  ShrinkWhatIsSet(experiment.mutable_base());
  for (Axis& axis : *experiment.mutable_axis()) {
    for (AxisOption& option : *axis.mutable_option()) {
      ShrinkWhatIsSet(option.mutable_set());
    }
  }
  return experiment;
}

std::string TooLarge(const RunSpec& run) {
  std::string text;
  const auto add = [&](absl::string_view what, int64_t value) {
    absl::StrAppend(&text, what, " is ", value, "; ");
  };
  const int64_t parameters = EstimateCost(run.model(), {}).parameters;
  if (parameters > kMostParameters) add("parameters", parameters);
  const TrainingSpec& training = run.training();
  if (training.steps() > kSmallSteps) add("training.steps", training.steps());
  if (training.global_batch() > 2) {
    add("training.global_batch", training.global_batch());
  }
  if (training.ranks() > 1) add("training.ranks", training.ranks());
  if (training.device() != TrainingSpec::CPU) {
    add("training.device", training.device());
  }
  if (run.data().has_synthesis()) {
    const SynthesisSpec& recipe = run.data().synthesis();
    const int64_t images = int64_t{recipe.train_images()} +
                           recipe.val_images() + recipe.test_images();
    if (images > kSmallTrainImages + 2 * kSmallEvalImages) {
      add("images of data.synthesis", images);
    }
    if (recipe.image_size() > kSmallImage) {
      add("data.synthesis.image_size", recipe.image_size());
    }
  }
  if (run.weights().trained().has_run()) {
    text += TooLarge(run.weights().trained().run());
  }
  return text;
}

}  // namespace transect
