/// \file
/// Resolving and validating what a run reads: DataSpec and TokenizerSpec
/// (data.proto). Links neither image nor text libraries.
#ifndef TRANSECT_DATA_SPEC_H_
#define TRANSECT_DATA_SPEC_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/io/problems.h"

namespace transect {

/// Writes out every default of data.proto, so that what a run reads does not
/// depend on the defaults of a binary. Idempotent.
void ResolveDataSpec(DataSpec* spec);

/// The same for a tokenizer, the recipe of its corpus included.
void ResolveTokenizerSpec(TokenizerSpec* spec);

/// Every data set has these splits; one may be empty.
inline constexpr std::array<const char*, 3> kSplitNames = {"train", "val",
                                                           "test"};

/// Index of a split in kSplitNames, or -1.
int SplitNumber(absl::string_view name);

/// Whether the scenes of a recipe are to scale: AERIAL in images of at least
/// 256 pixels.
bool IsToScale(const SynthesisSpec& spec);

/// Images of `split` in the data set that `spec` makes; 0 for a name that is no
/// split.
int64_t SynthesisImages(const SynthesisSpec& spec, absl::string_view split);

/// The recipe without what does not decide the contents of `split`: the numbers
/// of images of the splits after it. Those before it decide the ids of items.
SynthesisSpec SplitRecipe(SynthesisSpec spec, absl::string_view split);

/// Adds a problem for every value of the recipe outside of the range that
/// data.proto documents; `path` as below.
void ValidateSynthesisSpec(const SynthesisSpec& spec, absl::string_view path,
                           Problems* problems);

/// Adds a problem for every value outside of the range that data.proto
/// documents, every missing choice and every split that would be read but is
/// empty. `path` is the path of `spec` in the user's file and precedes each
/// field. Unresolved and resolved specs have the same problems.
void ValidateDataSpec(const DataSpec& spec, absl::string_view path,
                      Problems* problems);

/// The same for a tokenizer.
void ValidateTokenizerSpec(const TokenizerSpec& spec, absl::string_view path,
                           Problems* problems);

/// The same for how a found data set is read: all of it but the role.
void ValidateReading(const FoundDataset& reading, absl::string_view path,
                     Problems* problems);

/// The flags with which `transect data check`, `export` and `gallery` read a
/// data set like this, each with a space before it:
/// " --format-of-data JSONL --sentence-field RAW"; "" for the defaults.
std::string ReadingFlags(const FoundDataset& reading);

}  // namespace transect

#endif  // TRANSECT_DATA_SPEC_H_
