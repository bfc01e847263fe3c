#include "launch/worker/split_notes.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "launch/store/result.pb.h"
#include "launch/training/exit_codes.h"
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

absl::Status LogNotes(const SplitNotes& notes, RankLog* log) {
  for (const std::string& text : notes.texts) {
    MetricRecord record;
    record.mutable_event()->set_text(text);
    TRANSECT_RETURN_IF_ERROR(log->Append(record));
  }
  return absl::OkStatus();
}

}  // namespace transect
