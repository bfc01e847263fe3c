/// \file
/// Resolving and validating what a run reads: DataSpec and TokenizerSpec
/// (data.proto). Needs neither pixels nor text libraries.
#ifndef TRANSECT_DATA_SPEC_H_
#define TRANSECT_DATA_SPEC_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/io/problems.h"

namespace transect {

/// Writes out every default of data.proto, so that what a run reads no longer
/// depends on which defaults a binary has. Doing it twice changes nothing.
void ResolveDataSpec(DataSpec* spec);

/// The same for a tokenizer, the recipe of its corpus included.
void ResolveTokenizerSpec(TokenizerSpec* spec);

/// Images of `split` in the data set that `spec` makes; 0 for a name that is no
/// split.
int64_t SynthesisImages(const SynthesisSpec& spec, absl::string_view split);

/// Adds every value of the recipe that is outside of the range that data.proto
/// documents; `path` as below.
void ValidateSynthesisSpec(const SynthesisSpec& spec, absl::string_view path,
                           Problems* problems);

/// Adds every value outside of the range that data.proto documents, every
/// missing choice and every split that would be read but is empty. `path` is
/// the path of `spec` in the user's file and precedes each field; unresolved
/// and resolved specs are judged alike.
void ValidateDataSpec(const DataSpec& spec, absl::string_view path,
                      Problems* problems);

/// The same for a tokenizer.
void ValidateTokenizerSpec(const TokenizerSpec& spec, absl::string_view path,
                           Problems* problems);

}  // namespace transect

#endif  // TRANSECT_DATA_SPEC_H_
