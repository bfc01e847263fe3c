/// \file
/// Version of the tokenizer trainer, part of the identity of every tokenizer
/// that it trains.
#ifndef TRANSECT_DATA_TEXT_VERSION_H_
#define TRANSECT_DATA_TEXT_VERSION_H_

namespace transect {

/// Raise it with every change of the model that a SentencepieceSpec gives.
inline constexpr int kTokenizerVersion = 1;

}  // namespace transect

#endif  // TRANSECT_DATA_TEXT_VERSION_H_
