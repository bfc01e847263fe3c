/// \file
/// `transect data check`: all detectable defects of a data set, record by
/// record.
#ifndef TRANSECT_DATA_INDEX_CHECK_H_
#define TRANSECT_DATA_INDEX_CHECK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/data.pb.h"
#include "data/index/check_report.pb.h"

namespace transect {

struct CheckOptions {
  /// Path of a spiece.model that counts the tokens of each sentence. If empty,
  /// a sentence is too long from max_tokens words on: each is at least one
  /// token, and the end token is another.
  std::string tokenizer;
  /// Most tokens of a sentence, end token included.
  int max_tokens = 64;
  /// Examples for each kind of defect.
  int examples = 3;
  /// Where to cache the index for later runs; empty for nowhere.
  std::string cache_dir;
  /// Records done and in all.
  std::function<void(int64_t done, int64_t total)> progress;
};

/// Decodes every image and looks for every kind of DefectKinds(); reads XML
/// files if the data set has a directory of them. An error if the annotations
/// (ReadAnnotations) or the tokenizer cannot be read at all. `reading` says how
/// the files are read; its policy does not count.
absl::StatusOr<DataCheckReport> CheckDataset(const FoundDataset& reading,
                                             const std::string& root,
                                             const CheckOptions& options);

/// What stops runs that read `splits` of the data set as `spec` says: a report
/// of these splits with the kinds of defects whose action is ERROR, a defect of
/// an image's pixels included. Decodes every image of the data set once for the
/// index in the cache. Errors of ReadAnnotations; NotFound for a split of which
/// nothing is left to read. Of the options those about tokens do not count.
absl::StatusOr<DataCheckReport> CheckUsedSplits(
    const FoundDataset& spec, const std::string& root,
    absl::Span<const std::string> splits, const CheckOptions& options);

/// Whether a run without a policy would stop; of CheckUsedSplits, one with that
/// policy.
bool StopsRun(const DataCheckReport& report);

/// The report as text: a table of splits, beside the sizes of the published
/// data set in that layout where it may be that one, then one of defects with
/// examples and what to do about them.
std::string RenderDataCheck(const DataCheckReport& report);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_CHECK_H_
