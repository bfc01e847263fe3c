/// \file
/// The kinds of defects of records, and what a run may do about each. Readers,
/// `transect data check`, validation and the policy share this list. A kind
/// with a field in `DefectPolicy` (data.proto) has that field's name.
#ifndef TRANSECT_DATA_DEFECTS_H_
#define TRANSECT_DATA_DEFECTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/data.pb.h"
#include "data/io/problems.h"

namespace transect {

// Fields of DefectPolicy.
inline constexpr char kImageMissing[] = "image_missing";
inline constexpr char kImageUnreadable[] = "image_unreadable";
inline constexpr char kMaskMissing[] = "mask_missing";
inline constexpr char kMaskUnreadable[] = "mask_unreadable";
inline constexpr char kEmptyMask[] = "empty_mask";
inline constexpr char kMaskOfManyValues[] = "mask_of_many_values";
inline constexpr char kMaskInAlpha[] = "mask_in_alpha";
inline constexpr char kMaskOfWholeImage[] = "mask_of_whole_image";
inline constexpr char kSizeMismatch[] = "size_mismatch";
inline constexpr char kBoxInvalid[] = "box_invalid";
inline constexpr char kBoxFarFromMask[] = "box_far_from_mask";
inline constexpr char kUnknownCategory[] = "unknown_category";
inline constexpr char kCategoryMismatch[] = "category_mismatch";
inline constexpr char kCategoryNameMismatch[] = "category_name_mismatch";
inline constexpr char kSentenceMismatch[] = "sentence_mismatch";
inline constexpr char kSentenceIdMismatch[] = "sentence_id_mismatch";
inline constexpr char kImageMismatch[] = "image_mismatch";
inline constexpr char kImageInTwoSplits[] = "image_in_two_splits";
inline constexpr char kWrongArea[] = "wrong_area";
inline constexpr char kRingingMask[] = "ringing_mask";
inline constexpr char kSentenceInTwoSplits[] = "sentence_in_two_splits";
inline constexpr char kNonAsciiSentence[] = "non_ascii_sentence";
// Found by `transect data check` only: no run depends on them, or another field
// decides.
inline constexpr char kSentenceTooLong[] = "sentence_too_long";
inline constexpr char kSentenceLongForBert[] = "sentence_long_for_bert";
inline constexpr char kSameImageInTwoSplits[] = "same_image_in_two_splits";
inline constexpr char kXmlUnreadable[] = "xml_unreadable";
inline constexpr char kXmlWithoutBox[] = "xml_without_box";
inline constexpr char kXmlSeveralSentences[] = "xml_several_sentences";

struct DefectKind {
  const char* name;
  /// One sentence without its full stop.
  const char* meaning;
  /// Whether DefectPolicy has a field of this name.
  bool has_policy;
  /// Of a kind without a policy: whether every run stops at it.
  bool always_stops;
  /// Values that the field allows besides ERROR.
  bool may_keep;
  bool may_drop;
  bool may_repair;
  /// Whether a run notes how many records have it even where a run without a
  /// policy keeps them.
  bool is_noted = false;
};

/// All kinds; those that make a record unusable come first.
absl::Span<const DefectKind> DefectKinds();

/// The kind of that name, which must be one of the constants above.
const DefectKind& FindDefectKind(absl::string_view name);

/// The action of `policy` for the kind, or its default. ERROR or KEEP for a
/// kind without a field.
DefectPolicy::Action ActionFor(const DefectPolicy& policy,
                               const DefectKind& kind);

/// The policy that loses the fewest records: each kind is kept, else repaired,
/// else dropped. For browsing a data set, not for runs.
DefectPolicy MildestPolicy();

/// The actions that a kind allows, such as "ERROR, DROP or REPAIR".
std::string AllowedActions(const DefectKind& kind);

/// What `policy` says that the default does not, such as "keeps empty_mask,
/// box_far_from_mask; repairs size_mismatch". Empty for the default.
std::string PolicyText(const DefectPolicy& policy);

/// Adds a problem for each field with an action that its kind does not allow;
/// `path` is the path of the message.
void ValidateDefectPolicy(const DefectPolicy& policy, absl::string_view path,
                          Problems* problems);

}  // namespace transect

#endif  // TRANSECT_DATA_DEFECTS_H_
