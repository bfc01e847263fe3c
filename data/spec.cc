#include "data/spec.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/defects.h"
#include "data/io/defaults.h"

namespace transect {
namespace {

// File names of RRSIS-D have five digits.
constexpr int64_t kMostImages = 99999;
// Side from which on aerial scenes are to scale (AerialLook).
constexpr int kLeastToScaleImage = 256;

// Adds problems with paths below one message.
class Checker {
 public:
  Checker(absl::string_view path, Problems* problems)
      : path_(path), problems_(problems) {}

  std::string Path(absl::string_view field) const {
    return path_.empty() ? std::string(field) : absl::StrCat(path_, ".", field);
  }
  void Add(absl::string_view field, absl::string_view message) {
    problems_->Add(Path(field), message);
  }
  void Range(absl::string_view field, int64_t value, int64_t low,
             int64_t high) {
    if (value < low || value > high) {
      Add(field, absl::StrCat("is ", value, ", must be ", low, " to ", high));
    }
  }
  void RealRange(absl::string_view field, double value, double low,
                 double high) {
    if (!(value >= low && value <= high)) {
      Add(field, absl::StrCat("is ", value, ", must be ", low, " to ", high));
    }
  }
  void Role(absl::string_view role) {
    if (role.empty()) {
      Add("role", "is empty, must be a name that the site file has");
    } else if (absl::StrContains(role, "/") || role == "." || role == "..") {
      Add("role", absl::StrCat("is \"", role,
                               "\", must be a name that the site file has, "
                               "not a path"));
    }
  }

 private:
  std::string path_;
  Problems* problems_;
};

constexpr char kLayouts[] = "RRSISD, REFSEGRS, RISBENCH or JSONL";

// Layout and sentence field of a FoundDataset or FoundCorpus.
template <typename Found>
void ValidateLayout(const Found& found, Checker* check) {
  if (found.format() == FoundDataset::UNSPECIFIED) {
    check->Add("format", absl::StrCat("is UNSPECIFIED, must be ", kLayouts));
  }
  if (found.sentence_field() == FoundDataset::SENTENCE_FIELD_UNSPECIFIED) {
    check->Add("sentence_field",
               "is SENTENCE_FIELD_UNSPECIFIED, must be SENT or RAW");
  }
  // A knob that turns nothing is refused.
  if (found.sentence_field() == FoundDataset::RAW &&
      (found.format() == FoundDataset::REFSEGRS ||
       found.format() == FoundDataset::RISBENCH)) {
    check->Add("sentence_field",
               "is RAW, must be SENT where format is REFSEGRS or RISBENCH: "
               "their lines have one phrase");
  }
}

void ValidateSplit(const DataSpec& spec, absl::string_view field,
                   const std::string& split, Checker* check) {
  if (SplitNumber(split) < 0) {
    check->Add(field,
               absl::StrCat("is \"", split, "\", must be train, val or test"));
  } else if (spec.has_synthesis() &&
             SynthesisImages(spec.synthesis(), split) == 0) {
    check->Add(field, absl::StrCat("is \"", split, "\", but synthesis.", split,
                                   "_images is 0"));
  }
}

// Place of a split in resolved lists; unknown names come last.
size_t SplitOrder(const std::string& split) {
  return static_cast<size_t>(SplitNumber(split));
}

void ValidateEvalSplits(const DataSpec& spec, Checker* check) {
  if (spec.eval_splits().empty()) {
    ValidateSplit(spec, "eval_splits", "val", check);
  }
  for (int i = 0; i < spec.eval_splits_size(); ++i) {
    const auto before = spec.eval_splits().begin();
    if (std::find(before, before + i, spec.eval_splits(i)) != before + i) {
      check->Add("eval_splits", absl::StrCat("has \"", spec.eval_splits(i),
                                             "\" twice, must have it once"));
    } else {
      ValidateSplit(spec, "eval_splits", spec.eval_splits(i), check);
    }
  }
}

void ValidateSentenceMix(const SentenceMix& mix, absl::string_view path,
                         Problems* problems) {
  Checker check(path, problems);
  check.Range("bare", mix.bare(), 0, 100);
  check.Range("color", mix.color(), 0, 100);
  check.Range("position", mix.position(), 1, 100);
  check.Range("color_position", mix.color_position(), 0, 100);
  check.Range("size", mix.size(), 0, 100);
  check.Range("relation", mix.relation(), 0, 100);
}

void ValidateAerialLook(const SynthesisSpec& spec, absl::string_view path,
                        Problems* problems) {
  const AerialLook& look = spec.aerial();
  const AerialLook defaults;
  struct Setting {
    const char* field;
    double value, default_value, low, high;
    bool to_scale_only = false;
  };
  const Setting settings[] = {
      {"min_ground_scale", look.min_ground_scale(), defaults.min_ground_scale(),
       0.3, 30.0, true},
      {"max_ground_scale", look.max_ground_scale(), defaults.max_ground_scale(),
       look.min_ground_scale(), 30.0, true},
      {"clutter", look.clutter(), defaults.clutter(), 0.0, 1.0},
      {"texture", look.texture(), defaults.texture(), 0.0, 2.0},
      {"shadow", look.shadow(), defaults.shadow(), 0.0, 0.9},
      {"sensor_noise", look.sensor_noise(), defaults.sensor_noise(), 0.0, 30.0},
      {"haze", look.haze(), defaults.haze(), 0.0, 0.6},
  };
  Checker check(path, problems);
  for (const Setting& s : settings) {
    check.RealRange(s.field, s.value, s.low, s.high);
  }
  // A knob that turns nothing is refused.
  for (const Setting& s : settings) {
    const bool acts = s.to_scale_only ? IsToScale(spec)
                                      : spec.style() == SynthesisSpec::AERIAL;
    if (!acts && s.value != s.default_value) {
      check.Add(
          s.field,
          absl::StrCat("is ", s.value, ", must be ", s.default_value,
                       " where style is not AERIAL",
                       s.to_scale_only
                           ? " or image_size is under 256: nothing is to scale"
                           : ""));
    }
  }
}

}  // namespace

int SplitNumber(absl::string_view name) {
  const auto found = std::find(kSplitNames.begin(), kSplitNames.end(), name);
  return found == kSplitNames.end()
             ? -1
             : static_cast<int>(found - kSplitNames.begin());
}

bool IsToScale(const SynthesisSpec& spec) {
  return spec.style() == SynthesisSpec::AERIAL &&
         spec.image_size() >= kLeastToScaleImage;
}

int64_t SynthesisImages(const SynthesisSpec& spec, absl::string_view split) {
  return split == "train"  ? spec.train_images()
         : split == "val"  ? spec.val_images()
         : split == "test" ? spec.test_images()
                           : 0;
}

SynthesisSpec SplitRecipe(SynthesisSpec spec, absl::string_view split) {
  // In the order of kSplitNames, in which images are numbered.
  const int number = SplitNumber(split);
  if (number == 0) spec.clear_val_images();
  if (number == 0 || number == 1) spec.clear_test_images();
  return spec;
}

void ResolveDataSpec(DataSpec* spec) {
  WriteDefaults(spec);
  if (spec->eval_splits().empty()) {
    spec->add_eval_splits("val");
  }
  // In one order, so that another order in the file is no other run.
  std::stable_sort(spec->mutable_eval_splits()->begin(),
                   spec->mutable_eval_splits()->end(),
                   [](const std::string& a, const std::string& b) {
                     return SplitOrder(a) < SplitOrder(b);
                   });
}

void ResolveTokenizerSpec(TokenizerSpec* spec) { WriteDefaults(spec); }

void ValidateSynthesisSpec(const SynthesisSpec& spec, absl::string_view path,
                           Problems* problems) {
  Checker check(path, problems);
  if (spec.style() == SynthesisSpec::UNSPECIFIED) {
    check.Add("style", "is UNSPECIFIED, must be AERIAL or NATURAL");
  }
  check.Range("image_size", spec.image_size(), 32, 1024);
  check.Range("train_images", spec.train_images(), 0, 100000);
  check.Range("val_images", spec.val_images(), 0, 100000);
  check.Range("test_images", spec.test_images(), 0, 100000);
  const int64_t images =
      int64_t{spec.train_images()} + spec.val_images() + spec.test_images();
  if (images < 1 || images > kMostImages) {
    check.Add("train_images",
              absl::StrCat("with val_images and test_images is ", images,
                           ", must be 1 to ", kMostImages));
  }
  check.Range("min_objects", spec.min_objects(), 1, 12);
  check.Range("max_objects", spec.max_objects(), spec.min_objects(), 12);
  const double fraction = spec.distractor_fraction();
  if (!(fraction >= 0 && fraction <= 1)) {
    check.Add("distractor_fraction",
              absl::StrCat("is ", fraction, ", must be 0 to 1"));
  } else if (fraction > 0 && spec.max_objects() < 2) {
    check.Add(
        "distractor_fraction",
        absl::StrCat("is ", fraction, ", must be 0 where max_objects is 1"));
  }
  check.Range("jpeg_quality", spec.jpeg_quality(), 50, 100);
  check.Range("max_distractors", spec.max_distractors(), 1, 5);
  ValidateSentenceMix(spec.sentences(), check.Path("sentences"), problems);
  ValidateAerialLook(spec, check.Path("aerial"), problems);
}

void ValidateReading(const FoundDataset& reading, absl::string_view path,
                     Problems* problems) {
  Checker check(path, problems);
  ValidateLayout(reading, &check);
  check.Range("ignored_label", reading.ignored_label(), 0, 255);
  // A knob that turns nothing is refused.
  if (reading.ignored_label() != 0 &&
      reading.format() == FoundDataset::RRSISD) {
    check.Add("ignored_label",
              absl::StrCat("is ", reading.ignored_label(),
                           ", must be 0 where format is RRSISD, which has no "
                           "mask files"));
  }
  ValidateDefectPolicy(reading.policy(), check.Path("policy"), problems);
}

std::string ReadingFlags(const FoundDataset& reading) {
  std::string flags;
  if (reading.format() != FoundDataset::RRSISD) {
    absl::StrAppend(&flags, " --format-of-data ",
                    FoundDataset::Format_Name(reading.format()));
  }
  if (reading.sentence_field() != FoundDataset::SENT) {
    absl::StrAppend(&flags, " --sentence-field ",
                    FoundDataset::SentenceField_Name(reading.sentence_field()));
  }
  if (reading.ignored_label() != 0) {
    absl::StrAppend(&flags, " --ignored-label ", reading.ignored_label());
  }
  return flags;
}

void ValidateDataSpec(const DataSpec& spec, absl::string_view path,
                      Problems* problems) {
  Checker check(path, problems);
  switch (spec.source_case()) {
    case DataSpec::kFound: {
      Checker(check.Path("found"), problems).Role(spec.found().role());
      ValidateReading(spec.found(), check.Path("found"), problems);
      break;
    }
    case DataSpec::kSynthesis:
      ValidateSynthesisSpec(spec.synthesis(), check.Path("synthesis"),
                            problems);
      break;
    case DataSpec::SOURCE_NOT_SET:
      check.Add("source", "is not set, must be found or synthesis");
      break;
  }
  ValidateSplit(spec, "train_split", spec.train_split(), &check);
  ValidateEvalSplits(spec, &check);
}

void ValidateTokenizerSpec(const TokenizerSpec& spec, absl::string_view path,
                           Problems* problems) {
  Checker check(path, problems);
  switch (spec.source_case()) {
    case TokenizerSpec::kFound:
      Checker(check.Path("found"), problems).Role(spec.found().role());
      break;
    case TokenizerSpec::kSentencepiece: {
      const SentencepieceSpec& recipe = spec.sentencepiece();
      Checker pieces(check.Path("sentencepiece"), problems);
      pieces.Range("vocab_size", recipe.vocab_size(), 32, 32000);
      if (recipe.has_found_corpus()) {
        Checker corpus(pieces.Path("found_corpus"), problems);
        corpus.Role(recipe.found_corpus().role());
        ValidateLayout(recipe.found_corpus(), &corpus);
        break;
      }
      if (!recipe.has_corpus()) {
        pieces.Add("corpus",
                   "is not set, must be the recipe of a synthetic data set, or "
                   "found_corpus must name a found one");
        break;
      }
      ValidateSynthesisSpec(recipe.corpus(), pieces.Path("corpus"), problems);
      if (recipe.corpus().train_images() == 0) {
        pieces.Add("corpus.train_images",
                   "is 0, must be at least 1: the sentences are the corpus");
      }
      break;
    }
    case TokenizerSpec::SOURCE_NOT_SET:
      check.Add("source", "is not set, must be found or sentencepiece");
      break;
  }
  check.Range("max_tokens", spec.max_tokens(), 2, 64);
  if (spec.over_limit() == TokenizerSpec::OVER_LIMIT_UNSPECIFIED) {
    check.Add("over_limit",
              "is OVER_LIMIT_UNSPECIFIED, must be ERROR or TRUNCATE");
  }
}

}  // namespace transect
