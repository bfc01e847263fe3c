#include "data/text/version.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "third_party/system/library_versions.h"

namespace transect {

std::string TokenizerMaker() {
  return absl::StrCat(kTokenizerVersion,
                      " sentencepiece=", kSentencepieceVersion);
}

}  // namespace transect
