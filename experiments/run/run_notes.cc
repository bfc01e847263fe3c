#include "experiments/run/run_notes.h"

#include "absl/strings/str_cat.h"
#include "experiments/training/train_length.h"
#include "model/parts.h"

namespace transect {

std::vector<std::string> NotesOf(const RunSpec& run) {
  std::vector<std::string> notes;
  const TrainingSpec& training = run.training();
  const SiglipSpec* const siglip = SiglipOf(run.model());
  if (siglip != nullptr && siglip->text_padding() == SiglipSpec::LONGEST &&
      Trains(training) && training.logical_shards() > 1) {
    notes.push_back(absl::StrCat(
        "In training, sentences are padded to the longest of the ",
        training.global_batch() / training.logical_shards(),
        " of a logical shard (siglip.text_padding LONGEST with ",
        training.logical_shards(), " shards), not to the longest of the ",
        training.global_batch(), " of a batch."));
  }
  return notes;
}

}  // namespace transect
