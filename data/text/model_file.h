/// \file
/// The bytes of a sentencepiece model file (`spiece.model`), checked for what
/// the library takes for granted. Links no sentencepiece.
#ifndef TRANSECT_DATA_TEXT_MODEL_FILE_H_
#define TRANSECT_DATA_TEXT_MODEL_FILE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

// data/text/sentencepiece_model.proto
class SentencepieceModel;

/// Id of `</s>`, the end of a sentence; SigLIP also pads with it.
inline constexpr int64_t kEndToken = 1;

/// kInvalidArgument "tokenizer model NAME: WHY".
absl::Status BadModel(absl::string_view name, absl::string_view why);

/// Parses the contents of a model file. BadModel for the reasons that
/// Tokenizer::Load (tokenizer.h) lists.
absl::StatusOr<SentencepieceModel> ParseModelFile(absl::string_view bytes,
                                                  absl::string_view name);

/// Id of the piece for unknown letters; -1 if there is none.
int UnknownId(const SentencepieceModel& model);

}  // namespace transect

#endif  // TRANSECT_DATA_TEXT_MODEL_FILE_H_
