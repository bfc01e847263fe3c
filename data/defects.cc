#include "data/defects.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;

// name, meaning, has_policy, always_stops, may_keep, may_drop, may_repair,
// is_noted
constexpr DefectKind kKinds[] = {
    {kImageMissing, "there is no image file", true, false, false, true, false},
    {kImageUnreadable, "the image cannot be decoded", true, false, false, true,
     false},
    {kMaskMissing, "the record has no mask", true, false, false, true, false},
    {kMaskUnreadable, "the mask is broken", true, false, false, true, false},
    {kEmptyMask, "the mask covers no pixel", true, false, true, true, false},
    {kMaskOfManyValues,
     "the mask file has more than one value or color besides 0", true, false,
     true, true, false},
    {kMaskInAlpha, "the mask file's object stands in its alpha channel", true,
     false, false, true, true},
    {kSizeMismatch, "image and mask differ in size", true, false, false, true,
     true},
    {kBoxInvalid, "the box is empty or not inside the image", true, false, true,
     true, false},
    {kBoxFarFromMask, "box and mask mark different places", true, false, true,
     true, false},
    {kUnknownCategory, "the data set has no such category", true, false, true,
     true, false},
    {kCategoryMismatch, "two files give different categories", true, false,
     true, true, false},
    {kMaskOfWholeImage, "the mask covers the image, or all but a hundredth",
     true, false, true, true, false, true},
    {kSentenceMismatch, "fields of the record give different sentences", true,
     false, true, true, false, true},
    {kImageMismatch, "two files give different images or sizes", true, false,
     true, true, false, true},
    {kCategoryNameMismatch, "the category has another name than in RRSIS-D",
     true, false, true, true, false, true},
    {kSentenceIdMismatch, "sent_ids are not the ids of the sentences", true,
     false, true, true, false, true},
    {kImageInTwoSplits, "another split has the same image file", true, false,
     true, true, false},
    {kSentenceTooLong, "the sentence has more tokens than a run may read",
     false, true, false, false, false},
    {kSameImageInTwoSplits,
     "another split has an image file with the same bytes", false, false, false,
     false, false},
    {kWrongArea, "area is not the number of pixels of the mask", true, false,
     true, true, false},
    {kRingingMask, "the mask follows the 8 x 8 grid of a JPEG file", true,
     false, true, true, false},
    {kSentenceInTwoSplits, "another split has the same sentence", true, false,
     true, true, false},
    {kNonAsciiSentence, "the sentence has characters beyond ASCII", true, false,
     true, true, false},
    {kSentenceLongForBert,
     "more than 18 words: methods with BERT's 20 tokens cut the sentence",
     false, false, false, false, false},
    {kXmlUnreadable, "the XML file is missing or broken", false, false, false,
     false, false},
    {kXmlWithoutBox, "no object of the XML file has the record's box", false,
     false, false, false, false},
    {kXmlSeveralSentences,
     "the XML file describes several objects; the references use the last",
     false, false, false, false, false},
};

const FieldDescriptor* PolicyField(const DefectKind& kind) {
  const FieldDescriptor* field =
      DefectPolicy::descriptor()->FindFieldByName(kind.name);
  TRANSECT_CHECK(field != nullptr) << "DefectPolicy has no " << kind.name;
  return field;
}

bool Allows(const DefectKind& kind, DefectPolicy::Action action) {
  switch (action) {
    case DefectPolicy::ERROR:
      return true;
    case DefectPolicy::KEEP:
      return kind.may_keep;
    case DefectPolicy::DROP:
      return kind.may_drop;
    case DefectPolicy::REPAIR:
      return kind.may_repair;
    case DefectPolicy::UNSPECIFIED:
      break;
  }
  return false;
}

}  // namespace

absl::Span<const DefectKind> DefectKinds() { return kKinds; }

const DefectKind& FindDefectKind(absl::string_view name) {
  for (const DefectKind& kind : kKinds) {
    if (kind.name == name) {
      return kind;
    }
  }
  TRANSECT_CHECK(false) << "unknown kind of defect: " << std::string(name);
  return kKinds[0];
}

DefectPolicy::Action ActionFor(const DefectPolicy& policy,
                               const DefectKind& kind) {
  if (!kind.has_policy) {
    return kind.always_stops ? DefectPolicy::ERROR : DefectPolicy::KEEP;
  }
  return static_cast<DefectPolicy::Action>(
      policy.GetReflection()->GetEnumValue(policy, PolicyField(kind)));
}

DefectPolicy MildestPolicy() {
  DefectPolicy policy;
  for (const DefectKind& kind : kKinds) {
    if (kind.has_policy) {
      policy.GetReflection()->SetEnumValue(&policy, PolicyField(kind),
                                           kind.may_keep ? DefectPolicy::KEEP
                                           : kind.may_repair
                                               ? DefectPolicy::REPAIR
                                               : DefectPolicy::DROP);
    }
  }
  return policy;
}

std::string AllowedActions(const DefectKind& kind) {
  std::vector<std::string> allowed;
  for (const DefectPolicy::Action action :
       {DefectPolicy::ERROR, DefectPolicy::KEEP, DefectPolicy::DROP,
        DefectPolicy::REPAIR}) {
    if (Allows(kind, action)) {
      allowed.push_back(DefectPolicy::Action_Name(action));
    }
  }
  const std::string last = allowed.back();
  allowed.pop_back();
  return allowed.empty()
             ? last
             : absl::StrCat(absl::StrJoin(allowed, ", "), " or ", last);
}

std::string PolicyText(const DefectPolicy& policy) {
  constexpr std::pair<DefectPolicy::Action, const char*> kVerbs[] = {
      {DefectPolicy::KEEP, "keeps "},
      {DefectPolicy::DROP, "drops "},
      {DefectPolicy::REPAIR, "repairs "},
      {DefectPolicy::ERROR, "stops at "}};
  std::vector<std::string> parts;
  for (const auto& [action, verb] : kVerbs) {
    std::vector<std::string> kinds;
    for (const DefectKind& kind : kKinds) {
      if (kind.has_policy && ActionFor(policy, kind) == action &&
          ActionFor(DefectPolicy(), kind) != action) {
        kinds.push_back(kind.name);
      }
    }
    if (!kinds.empty()) {
      parts.push_back(absl::StrCat(verb, absl::StrJoin(kinds, ", ")));
    }
  }
  return absl::StrJoin(parts, "; ");
}

void ValidateDefectPolicy(const DefectPolicy& policy, absl::string_view path,
                          Problems* problems) {
  for (const DefectKind& kind : kKinds) {
    const DefectPolicy::Action action = ActionFor(policy, kind);
    if (kind.has_policy && !Allows(kind, action)) {
      problems->Add(absl::StrCat(path, ".", kind.name),
                    absl::StrCat("is ", DefectPolicy::Action_Name(action),
                                 ", must be ", AllowedActions(kind)));
    }
  }
}

}  // namespace transect
