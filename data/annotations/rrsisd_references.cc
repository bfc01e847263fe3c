#include "data/annotations/rrsisd_references.h"

#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/pickle.h"
#include "data/annotations/rrsisd.h"
#include "data/io/file.h"
#include "data/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int64_t> IntegerIn(const PickleValue& dict,
                                  absl::string_view key) {
  TRANSECT_ASSIGN_OR_RETURN(const PickleValue value, dict.Get(key));
  return InPlace(absl::StrCat("\"", key, "\""), value.AsInt());
}

absl::StatusOr<std::string> TextIn(const PickleValue& dict,
                                   absl::string_view key) {
  TRANSECT_ASSIGN_OR_RETURN(const PickleValue value, dict.Get(key));
  TRANSECT_ASSIGN_OR_RETURN(
      const absl::string_view text,
      InPlace(absl::StrCat("\"", key, "\""), value.AsString()));
  return std::string(text);
}

absl::StatusOr<std::vector<PickleValue>> ListIn(const PickleValue& dict,
                                                absl::string_view key) {
  TRANSECT_ASSIGN_OR_RETURN(const PickleValue value, dict.Get(key));
  return InPlace(absl::StrCat("\"", key, "\""), value.AsList());
}

// Whether the dictionary has the key; tools write None for what they do not
// know.
bool Has(const PickleValue& dict, absl::string_view key) {
  const absl::StatusOr<PickleValue> value = dict.Get(key);
  return value.ok() && value->TypeName() != "None";
}

absl::StatusOr<RrsisdSentence> ParseSentence(const PickleValue& value) {
  RrsisdSentence sentence;
  if (Has(value, "sent_id")) {
    TRANSECT_ASSIGN_OR_RETURN(sentence.id, IntegerIn(value, "sent_id"));
  }
  if (Has(value, "sent")) {
    TRANSECT_ASSIGN_OR_RETURN(sentence.fields.sent, TextIn(value, "sent"));
  }
  if (Has(value, "raw")) {
    TRANSECT_ASSIGN_OR_RETURN(sentence.fields.raw, TextIn(value, "raw"));
  }
  if (Has(value, "tokens")) {
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<PickleValue> tokens,
                              ListIn(value, "tokens"));
    sentence.fields.tokens.emplace();
    for (const PickleValue& token : tokens) {
      TRANSECT_ASSIGN_OR_RETURN(const absl::string_view text,
                                InPlace("\"tokens\"", token.AsString()));
      sentence.fields.tokens->emplace_back(text);
    }
  }
  return sentence;
}

absl::Status ParseSentences(const PickleValue& value,
                            RrsisdReference* reference) {
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<PickleValue> sentences,
                            ListIn(value, "sentences"));
  if (sentences.empty()) {
    return absl::InvalidArgumentError("has 0 sentences, must be at least 1");
  }
  for (size_t i = 0; i < sentences.size(); ++i) {
    TRANSECT_ASSIGN_OR_RETURN(
        RrsisdSentence sentence,
        InPlace(absl::StrCat("sentence ", i), ParseSentence(sentences[i])));
    reference->sentences.push_back(std::move(sentence));
  }
  if (!Has(value, "sent_ids")) return absl::OkStatus();
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<PickleValue> ids,
                            ListIn(value, "sent_ids"));
  reference->sentence_ids.emplace();
  for (const PickleValue& id : ids) {
    TRANSECT_ASSIGN_OR_RETURN(const int64_t number,
                              InPlace("\"sent_ids\"", id.AsInt()));
    reference->sentence_ids->push_back(number);
  }
  return absl::OkStatus();
}

// Bytes of the text, the list of texts or of numbers at the key, as a reference
// holds it; 0 where there is none.
int64_t HeldAt(const PickleValue& dict, absl::string_view key) {
  const absl::StatusOr<PickleValue> value = dict.Get(key);
  if (!value.ok()) return 0;
  if (const auto text = value->AsString(); text.ok()) {
    return static_cast<int64_t>(text->size());
  }
  int64_t bytes = 0;
  for (const PickleValue& each :
       value->AsList().value_or(std::vector<PickleValue>())) {
    const auto text = each.AsString();
    bytes += static_cast<int64_t>(sizeof(std::string)) +
             (text.ok() ? static_cast<int64_t>(text->size()) : 0);
  }
  return bytes;
}

// Adds what ParseReference would make, before any of it is made.
absl::Status AddHeld(const PickleValue& reference, HeldBytes* held) {
  TRANSECT_RETURN_IF_ERROR(held->Add(
      static_cast<int64_t>(sizeof(RrsisdReference)) +
      HeldAt(reference, "file_name") + HeldAt(reference, "sent_ids")));
  const absl::StatusOr<std::vector<PickleValue>> sentences =
      ListIn(reference, "sentences");
  if (!sentences.ok()) return absl::OkStatus();
  for (const PickleValue& sentence : *sentences) {
    TRANSECT_RETURN_IF_ERROR(
        held->Add(static_cast<int64_t>(sizeof(RrsisdSentence)) +
                  HeldAt(sentence, "sent") + HeldAt(sentence, "raw") +
                  HeldAt(sentence, "tokens")));
  }
  return absl::OkStatus();
}

absl::StatusOr<RrsisdReference> ParseReference(const PickleValue& value) {
  RrsisdReference reference;
  TRANSECT_ASSIGN_OR_RETURN(reference.id, IntegerIn(value, "ref_id"));
  TRANSECT_ASSIGN_OR_RETURN(reference.image_id, IntegerIn(value, "image_id"));
  TRANSECT_ASSIGN_OR_RETURN(reference.annotation_id,
                            IntegerIn(value, "ann_id"));
  TRANSECT_ASSIGN_OR_RETURN(const std::string split, TextIn(value, "split"));
  reference.split = SplitNumber(split);
  if (reference.split < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has split \"", split,
        "\", must be train, val or test; the layout JSONL has a file for each "
        "split"));
  }
  TRANSECT_ASSIGN_OR_RETURN(reference.category,
                            IntegerIn(value, "category_id"));
  if (Has(value, "file_name")) {
    TRANSECT_ASSIGN_OR_RETURN(reference.file_name, TextIn(value, "file_name"));
  }
  TRANSECT_RETURN_IF_ERROR(ParseSentences(value, &reference));
  return reference;
}

}  // namespace

absl::StatusOr<std::vector<RrsisdReference>> ReadRrsisdReferences(
    const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, kMaxPickleBytes));
  TRANSECT_ASSIGN_OR_RETURN(const PickleDocument document,
                            InPlace(absl::StrCat(path, ":"),
                                    PickleDocument::Parse(std::move(bytes))));
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<PickleValue> values,
      InPlace(absl::StrCat(path, ": the root"), document.root().AsList()));
  HeldBytes held(path);
  for (const PickleValue& value : values) {
    TRANSECT_RETURN_IF_ERROR(AddHeld(value, &held));
  }
  std::vector<RrsisdReference> references;
  absl::flat_hash_set<int64_t> seen;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string where = absl::StrCat(path, ": reference ", i);
    TRANSECT_ASSIGN_OR_RETURN(RrsisdReference reference,
                              InPlace(where, ParseReference(values[i])));
    if (!seen.insert(reference.id).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          where, " has ref_id ", reference.id, ", which occurs twice"));
    }
    reference.place = absl::StrCat(kRrsisdRefs, ": reference ", i);
    references.push_back(std::move(reference));
  }
  return references;
}

}  // namespace transect
