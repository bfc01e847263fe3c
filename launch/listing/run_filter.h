/// \file
/// Which runs of a store a person means: selectors of `transect runs`.
#ifndef TRANSECT_LAUNCH_LISTING_RUN_FILTER_H_
#define TRANSECT_LAUNCH_LISTING_RUN_FILTER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "launch/listing/run_list.pb.h"

namespace transect {

/// Keeps the runs of `list` that every word matches, and of several ids any. A
/// word has the grammar of experiments/selecting/selector_word.h and is one of
///
///     14b1              the start of an id
///     experiment=NAME   - for runs that name none; likewise name=, host=
///     state=done,failed as ListedStateName, in letters of either case
///     code=9d0c         the start of a code part
///     split=val         evaluated on it
///     date>=2026-11     of the start of the last attempt, as far as it is
///                       written: also =, <, <=, >
///     giou>50           in percent, of any evaluation: also <, <=, >=
///
/// with `!` before it for all others. kInvalidArgument for a word that is none
/// of them. That nothing matches is no error.
absl::Status FilterRuns(absl::Span<const std::string> words,
                        StoreListing* list);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LISTING_RUN_FILTER_H_
