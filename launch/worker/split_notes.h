/// \file
/// Notes on a split, logged before a run works on it: how many records the data
/// set's policy kept, dropped and repaired, and how many sentences are
/// truncated; and what a synthetic data set says of methods that do not read.
///
/// Input: an opened split and the run's tokenizer; output: events of the metric
/// log. The same for training and `transect evaluate`. No LibTorch.
#ifndef TRANSECT_LAUNCH_WORKER_SPLIT_NOTES_H_
#define TRANSECT_LAUNCH_WORKER_SPLIT_NOTES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/text/tokenizer.h"
#include "launch/rank/rank_log.h"

namespace transect {

struct SplitNotes {
  /// One sentence each; empty if every record is used unchanged.
  std::vector<std::string> texts;
  /// Sentences that have more tokens than the tokenizer's spec allows.
  int64_t truncated_sentences = 0;
  /// What the best constant mask scores on exactly these items, 0 to 1; nothing
  /// where the data set does not say it (AddBlindBound).
  std::optional<double> frequent_place = {};
};

/// The notes on a split. Where a long sentence is an error
/// (TokenizerSpec.over_limit), the first such item is returned as one, marked
/// DATA, before anything is computed.
absl::StatusOr<SplitNotes> NoteSplit(const DatasetIndex& data,
                                     absl::string_view split,
                                     const Tokenizer& tokenizer,
                                     const TokenizerSpec& spec);

/// Sets `frequent_place` from the record of a synthetic data set in `root`
/// (data/synthetic/blind_bounds.h). A record of other images than `data`, such
/// as of more than the policy left, counts as none and is noted: it must have
/// as many images of the split, and say of the mask of all objects what `data`
/// gives.
void AddBlindBound(absl::string_view root, const DatasetIndex& data,
                   SplitNotes* notes);

/// Appends an event for each note to `log`.
absl::Status LogNotes(const SplitNotes& notes, RankLog* log);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_SPLIT_NOTES_H_
