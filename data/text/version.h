/// \file
/// Version of the tokenizer trainer, part of the identity of every tokenizer
/// that it trains.
#ifndef TRANSECT_DATA_TEXT_VERSION_H_
#define TRANSECT_DATA_TEXT_VERSION_H_

#include <string>

namespace transect {

/// Raise it with every change of the model that a SentencepieceSpec gives.
inline constexpr int kTokenizerVersion = 1;

/// What makes the bytes besides recipe and corpus: kTokenizerVersion and the
/// version of the library that trains, as it was when this was built:
/// "1 sentencepiece=0.1.97". Does not link that library.
std::string TokenizerMaker();

}  // namespace transect

#endif  // TRANSECT_DATA_TEXT_VERSION_H_
