/// \file
/// SigLIP's canonicalization of text, without a model.
///
/// White space, stripping and lower case are Unicode's, as in Python's str;
/// lower case of single code points, as the reference applies it.
#ifndef TRANSECT_DATA_TEXT_CANONICAL_H_
#define TRANSECT_DATA_TEXT_CANONICAL_H_

#include <string>

namespace transect {

/// U+2581, which sentencepiece writes for a space.
inline constexpr char32_t kSpaceMark = U'\u2581';

/// True for what Python's str.isspace calls white space.
bool IsSpace(char32_t point);

/// Lower case, code point by code point.
std::u32string LowerCase(const std::u32string& text);

/// Without white space at the left or right end.
std::u32string StripLeft(const std::u32string& text);
std::u32string StripRight(const std::u32string& text);

/// `text` without the 32 ASCII punctuation marks, each run of white space one
/// space, both ends stripped. Does not change case.
std::u32string Canonicalize(const std::u32string& text);

}  // namespace transect

#endif  // TRANSECT_DATA_TEXT_CANONICAL_H_
