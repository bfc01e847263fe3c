/// \file
/// `transect data check`: everything that is known or detectable to be wrong
/// with a data set, record by record.
#ifndef TRANSECT_DATA_INDEX_CHECK_H_
#define TRANSECT_DATA_INDEX_CHECK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "data/data.pb.h"
#include "data/index/check_report.pb.h"

namespace transect {

struct CheckOptions {
  /// Path of a spiece.model; with it every sentence is counted in tokens.
  /// Empty: a sentence is too long where it has at least max_tokens words, each
  /// of which is at least one token beside the end token.
  std::string tokenizer;
  /// Most tokens of a sentence, end token included.
  int max_tokens = 64;
  /// Examples for each kind of defect.
  int examples = 3;
  /// Where the index is kept for the runs that follow; empty for nowhere.
  std::string cache_dir;
  /// Records done and in all.
  std::function<void(int64_t done, int64_t total)> progress;
};

/// Decodes every image and looks for every kind of DefectKinds(). XML files
/// are looked at where the layout has a directory of them. An error where the
/// annotations cannot be read at all (ReadAnnotations) or the tokenizer cannot.
absl::StatusOr<DataCheckReport> CheckDataset(FoundDataset::Format format,
                                             const std::string& root,
                                             const CheckOptions& options);

/// Whether a run without a policy would stop.
bool StopsRun(const DataCheckReport& report);

/// Two tables for people: splits, then kinds of defects with examples, and what
/// to do about them.
std::string RenderDataCheck(const DataCheckReport& report);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_CHECK_H_
