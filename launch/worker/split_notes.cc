#include "launch/worker/split_notes.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/masks/rle.h"
#include "data/synthetic/blind_bounds.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/result.pb.h"
#include "metrics/metric_log.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int64_t> CountLongSentences(const DatasetIndex& data,
                                           absl::string_view split,
                                           const Tokenizer& tokenizer,
                                           const TokenizerSpec& spec) {
  int64_t count = 0;
  for (const Sample& sample : data.samples()) {
    // A token of its own for each byte is the most there can be.
    const int unlimited = static_cast<int>(sample.sentence.size()) + 16;
    const absl::StatusOr<std::vector<int64_t>> ids =
        tokenizer.Encode(sample.sentence, unlimited);
    if (!ids.ok()) {
      return MarkExitCode(
          absl::InvalidArgumentError(
              absl::StrCat("item ", sample.id, ": ", ids.status().message())),
          ExitCode::DATA);
    }
    const int64_t tokens = static_cast<int64_t>(ids->size());
    if (tokens <= spec.max_tokens()) continue;
    ++count;
    if (spec.over_limit() == TokenizerSpec::ERROR) {
      return MarkExitCode(
          absl::InvalidArgumentError(absl::StrCat(
              "item ", sample.id, " of split ", split, ": sentence \"",
              sample.sentence, "\" has ", tokens, " tokens, at most ",
              spec.max_tokens(),
              " are allowed (tokenizer.over_limit: TRUNCATE cuts it)")),
          ExitCode::DATA);
    }
  }
  return count;
}

// Mean IoU of the mask of all objects, which do not overlap in synthetic data;
// below 0 where an item does not know them.
double AllObjects(const DatasetIndex& data) {
  double sum = 0;
  for (const Sample& sample : data.samples()) {
    if (!sample.objects_known) return -1;
    const auto target = static_cast<double>(RleArea(sample.mask));
    double all = target;
    for (const ObjectMask& other : sample.others) {
      all += static_cast<double>(RleArea(other.mask));
    }
    sum += target / all;
  }
  return sum / static_cast<double>(data.samples().size());
}

}  // namespace

absl::StatusOr<SplitNotes> NoteSplit(const DatasetIndex& data,
                                     absl::string_view split,
                                     const Tokenizer& tokenizer,
                                     const TokenizerSpec& spec) {
  SplitNotes notes;
  if (const std::string summary = data.use().Summary(split); !summary.empty()) {
    notes.texts.push_back(absl::StrCat("data, ", summary));
  }
  TRANSECT_ASSIGN_OR_RETURN(notes.truncated_sentences,
                            CountLongSentences(data, split, tokenizer, spec));
  if (notes.truncated_sentences > 0) {
    notes.texts.push_back(
        absl::StrCat(notes.truncated_sentences, " of ", data.samples().size(),
                     " sentences of split ", split, " have more than ",
                     spec.max_tokens(), " tokens and are cut"));
  }
  return notes;
}

void AddBlindBound(absl::string_view root, const DatasetIndex& data,
                   SplitNotes* notes) {
  const std::string& split = data.samples().front().split;
  const absl::StatusOr<std::vector<BlindBound>> bounds = ReadBlindBounds(root);
  if (absl::IsNotFound(bounds.status())) return;
  if (!bounds.ok()) {
    notes->texts.push_back(absl::StrCat(bounds.status().message(),
                                        ", so its bounds are not used"));
    return;
  }
  const auto bound = std::ranges::find(*bounds, split, &BlindBound::split);
  if (bound == bounds->end() ||
      bound->images != static_cast<int64_t>(data.samples().size()) ||
      std::abs(bound->all_objects - AllObjects(data)) > 1e-9) {
    notes->texts.push_back(absl::StrCat(
        root, "/", kBlindBoundsFile, " is not of the ", data.samples().size(),
        " items of split ", split, " that are used, so its bounds are not"));
    return;
  }
  notes->frequent_place = bound->frequent_place;
}

absl::Status LogNotes(const SplitNotes& notes, RankLog* log) {
  for (const std::string& text : notes.texts) {
    MetricRecord record;
    record.mutable_event()->set_text(text);
    TRANSECT_RETURN_IF_ERROR(log->Append(record));
  }
  return absl::OkStatus();
}

}  // namespace transect
