/// \file
/// What a sentence says of the object that it names, beside its category.
///
/// Input: a referring sentence in English; output: whether it names a color, a
/// size, a place in the image, or another object beside which it lies. It is
/// told by words alone, in any case: those of RRSIS-D, whose sentences have
/// about 95 distinct words, and of the synthetic sets, which have its grammar.
/// A direction is a relation where "of" and a thing follow ("to the left of the
/// stadium") and a place in the image elsewhere ("on the left", "on the left of
/// the image").
#ifndef TRANSECT_DATA_TEXT_SENTENCE_PARTS_H_
#define TRANSECT_DATA_TEXT_SENTENCE_PARTS_H_

#include "absl/strings/string_view.h"

namespace transect {

struct SentenceParts {
  bool color = false;
  bool size = false;
  bool position = false;
  bool relation = false;

  friend bool operator==(const SentenceParts&, const SentenceParts&) = default;
};

/// The parts of `sentence`; none of an empty one. A pure function.
SentenceParts PartsOfSentence(absl::string_view sentence);

}  // namespace transect

#endif  // TRANSECT_DATA_TEXT_SENTENCE_PARTS_H_
