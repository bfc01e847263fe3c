#include "tests/launch/testing/small_run.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/synthetic/synthesis.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gtest/gtest.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

SynthesisSpec SmallSynthesis() {
  SynthesisSpec spec;
  spec.set_seed(5);
  spec.set_image_size(64);
  spec.set_train_images(kSmallTrainImages);
  spec.set_val_images(kSmallEvalImages);
  return spec;
}

RunSpec SmallRun() {
  RunSpec run;
  RsRefSegSpec* const model = run.mutable_model()->mutable_rsrefseg();
  model->mutable_siglip()->set_variant(SiglipSpec::TINY);
  // A tokenizer of so small a corpus needs many pieces for a sentence.
  model->mutable_siglip()->set_max_positions(64);
  model->mutable_sam()->set_variant(SamSpec::TINY);
  *run.mutable_data()->mutable_synthesis() = SmallSynthesis();
  SentencepieceSpec* const pieces =
      run.mutable_tokenizer()->mutable_sentencepiece();
  pieces->set_vocab_size(128);
  *pieces->mutable_corpus() = SmallSynthesis();
  run.mutable_tokenizer()->set_max_tokens(64);
  run.mutable_weights()->mutable_random();
  TrainingSpec* const training = run.mutable_training();
  training->set_steps(4);
  training->set_global_batch(8);
  training->set_log_every(1);
  training->mutable_optimizer()->set_lr(1e-3);
  training->mutable_schedule()->set_warmup_steps(2);
  run.mutable_evaluation()->set_batch(4);
  ResolveRun(&run);
  return run;
}

const SmallFiles& GetSmallFiles() {
  static const SmallFiles* const files = [] {
    const std::string root = absl::StrCat(testing::TempDir(), "/small_run");
    std::filesystem::remove_all(root);
    const SynthesisSpec spec = SmallSynthesis();
    TRANSECT_CHECK_OK(WriteSyntheticDataset(spec, root, nullptr).status());
    const auto train = DatasetIndex::OpenRrsisd(root, "train");
    TRANSECT_CHECK_OK(train.status());
    std::vector<std::string> sentences;
    for (const Sample& sample : train->samples()) {
      sentences.push_back(sample.sentence);
    }
    const std::string tokenizer = absl::StrCat(root, "/spiece.model");
    TRANSECT_CHECK_OK(TrainTokenizer(SmallRun().tokenizer().sentencepiece(),
                                     std::move(sentences), tokenizer));
    return new SmallFiles{root, tokenizer};
  }();
  return *files;
}

}  // namespace transect
