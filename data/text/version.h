/// \file
/// Version of the tokenizer trainer, part of the identity of every tokenizer
/// that it makes.
#ifndef TRANSECT_DATA_TEXT_VERSION_H_
#define TRANSECT_DATA_TEXT_VERSION_H_

namespace transect {

/// Raised with every change that makes another model of the same
/// SentencepieceSpec.
inline constexpr int kTokenizerVersion = 1;

}  // namespace transect

#endif  // TRANSECT_DATA_TEXT_VERSION_H_
