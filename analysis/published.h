/// \file
/// Published results: built-in sets, sets in users' files, and the rules for
/// both.
///
/// Input: PublishedSet messages (published.proto), such as those in
/// analysis/published/*.textproto; output: rows for aggregate.h, which shows
/// them beside our own and never pools them.
#ifndef TRANSECT_ANALYSIS_PUBLISHED_H_
#define TRANSECT_ANALYSIS_PUBLISHED_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/published.pb.h"
#include "analysis/written/printed_number.h"
#include "data/io/problems.h"

namespace transect {

/// The sets of analysis/published/, by name. Parsed when first asked for.
const std::vector<PublishedSet>& BuiltInPublished();

/// The built-in set of that name, or the set in that file if the name ends in
/// ".textproto". kNotFound with the nearest names; kInvalidArgument with every
/// problem of the file.
absl::StatusOr<PublishedSet> FindPublished(const std::string& name);

/// Items of `split` ("train", "val", "test") of the published data set
/// `dataset`, as PublishedSet names it; 0 if unknown. RRSIS-D: 12,181, 1,740
/// and 3,481, counted in its files (github.com/Lsan2401/RMSIN). RefSegRS
/// (github.com/zhu-xlab/rrsis): 2,172, 431 and 1,817. RISBench
/// (github.com/HIT-SIRS/CroBIM): 26,300, 10,013 and 16,159. Of the last two
/// only val and test of RefSegRS are counted in files.
int64_t PublishedItems(absl::string_view dataset, absl::string_view split);

/// EvalItem's name of the split: "val", "test", or "" if unknown.
std::string SplitName(PublishedRow::Split split);

/// The printed values that a row has: field name and digits, in the order
/// pr_50 ... pr_90, ciou, giou.
std::vector<std::pair<std::string, std::string>> PrintedValues(
    const PublishedRow& row);

/// How the row's digits were shortened.
Shortening ShorteningOf(PublishedRow::Rounding rounding);

/// Whether some k gives `printed` as 100 k / items under the rule: `printed` is
/// a percentage with up to four digits after the point. ROUNDING_UNKNOWN
/// accepts either rule. Exact, in integers.
bool FitsItems(absl::string_view printed, int64_t items,
               PublishedRow::Rounding rounding);

/// Adds what is wrong with a set: a missing name, source or data set; a label
/// twice for one split; an unknown evaluator; values that are no percentages
/// with a fixed number of digits; Pr@X that rises with X; a gIoU outside the
/// range that Pr@0.5 to Pr@0.9 allow, a sign of values in the wrong column;
/// Pr@X that no number of `items` gives and that is not in `misfit`, or the
/// reverse.
void ValidatePublished(const PublishedSet& set, Problems* problems);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_PUBLISHED_H_
