/// \file
/// Whether a run has a certificate that it gives the same bits again
/// (certify.h makes it).
#ifndef TRANSECT_LAUNCH_WATCH_CERTIFICATE_H_
#define TRANSECT_LAUNCH_WATCH_CERTIFICATE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// Whether the run in `run_dir` has a certificate, and of the result that it
/// has.
bool IsCertified(absl::string_view run_dir);

/// Whether that certificate speaks of `items`, the evaluated ones of `split`
/// in the order of LoadEvaluation: their numbers are those that the repetitions
/// had.
bool AreCertified(absl::string_view run_dir, absl::string_view split,
                  absl::Span<const EvalItem> items);

/// What a certificate calls the items of a split (Comparison::what).
std::string ItemsName(absl::string_view split);

/// SHA-256 of what was counted in the items, in 64 hexadecimal digits.
std::string ItemsDigest(absl::Span<const EvalItem> items);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_CERTIFICATE_H_
