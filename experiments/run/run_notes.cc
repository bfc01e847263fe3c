#include "experiments/run/run_notes.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/terminal_text.h"
#include "experiments/training/train_length.h"
#include "experiments/training/training_spec.h"
#include "model/parts.h"

namespace transect {
namespace {

// "every 5 epochs" or "every step".
std::string IntervalText(const ValidationSpec& spec) {
  const bool steps = spec.every_steps() > 0;
  const int64_t every = steps ? spec.every_steps() : spec.every_epochs();
  const absl::string_view unit = steps ? "step" : "epoch";
  return absl::StrCat("every ",
                      every == 1 ? std::string(unit) : CountText(every, unit));
}

std::string ValidationNote(const ValidationSpec& spec) {
  const std::string metric(ValidationMetricName(spec.metric()));
  const std::string where =
      absl::StrCat("validations on ", spec.split(), " (", IntervalText(spec),
                   " and after the last)");
  const bool best = spec.weights() == ValidationSpec::BEST;
  std::string note =
      best ? absl::StrCat("The weights are those with the best ", metric,
                          " of the ", where, "; numbers on ", spec.split(),
                          " are of the split that chose them.")
           : "The weights are those of the last step.";
  if (spec.early_stopping()) {
    absl::StrAppend(&note, " The training ends early after ", spec.patience(),
                    " ", best ? "validations" : where,
                    " in a row without a better ", metric, ".");
  }
  return note;
}

}  // namespace

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
  if (Trains(training) && ValidationDecides(training)) {
    notes.push_back(ValidationNote(training.validation()));
  }
  return notes;
}

}  // namespace transect
