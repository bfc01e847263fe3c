#include "data/text/tokenizer.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/utf8.h"
#include "data/text/canonical.h"
#include "data/text/model_file.h"
#include "data/text/sentencepiece_model.pb.h"
#include "data/text/spm_shim.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr char32_t kEndText[] = U"</s>";
constexpr char32_t kUnknownText[] = U"<unk>";

// A stretch of text, or a special token.
struct Segment {
  std::u32string text;
  bool is_end = false;
  bool is_unknown = false;
  bool special() const { return is_end || is_unknown; }
};

// Cuts lower-case `text` at the special tokens; white space beside them is
// dropped.
std::vector<Segment> Cut(const std::u32string& text) {
  std::vector<Segment> segments(1);
  for (size_t i = 0; i < text.size();) {
    const bool is_end = text.compare(i, 4, kEndText) == 0;
    const bool is_unknown = !is_end && text.compare(i, 5, kUnknownText) == 0;
    if (!is_end && !is_unknown) {
      segments.back().text.push_back(text[i++]);
      continue;
    }
    segments.push_back(
        {.text = {}, .is_end = is_end, .is_unknown = is_unknown});
    segments.push_back({});
    i += is_end ? 4 : 5;
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].special()) {
      continue;
    }
    std::u32string& part = segments[i].text;
    if (i > 0) {
      part = StripLeft(part);
    }
    if (i + 1 < segments.size()) {
      part = StripRight(part);
    }
  }
  return segments;
}

}  // namespace

struct Tokenizer::Model {
  SpmModel spm;
  int vocab_size = 0;
  int64_t unknown_id = 0;
  // Number of pieces that "<unk>" written as text gives.
  size_t prefix_pieces = 0;

  // The library drops a leading "▁"; behind a prefix it stays. This is how the
  // reference does it, and ids depend on it.
  std::vector<int> EncodeSegment(const std::u32string& text) const {
    std::vector<int> ids =
        spm.Encode(absl::StrCat("<unk>", Utf8FromUtf32(Canonicalize(text))));
    if (ids.size() >= prefix_pieces) {
      ids.erase(ids.begin(), ids.begin() + prefix_pieces);
    }
    return ids;
  }
};

Tokenizer::Tokenizer(std::unique_ptr<Model> model) : model_(std::move(model)) {}
Tokenizer::~Tokenizer() = default;

int Tokenizer::vocab_size() const { return model_->vocab_size; }

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Load(
    const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFile(path, kMaxTokenizerBytes));
  return Parse(bytes, path);
}

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Parse(
    absl::string_view bytes, const std::string& name) {
  TRANSECT_ASSIGN_OR_RETURN(SentencepieceModel file,
                            ParseModelFile(bytes, name));
  file.mutable_normalizer_spec()->set_add_dummy_prefix(false);
  auto model = std::make_unique<Model>();
  const std::string error = model->spm.Load(file.SerializeAsString());
  if (!error.empty()) {
    return BadModel(name, error);
  }
  model->vocab_size = file.pieces_size();
  model->unknown_id = UnknownId(file);
  model->prefix_pieces = model->spm.Encode("<unk>").size();
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(model)));
}

absl::StatusOr<std::vector<int64_t>> Tokenizer::Encode(absl::string_view text,
                                                       int max_tokens) const {
  absl::StatusOr<std::u32string> points = Utf32FromUtf8(text);
  if (!points.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("sentence is ", points.status().message()));
  }
  for (char32_t& point : *points) {
    if (point == kSpaceMark) {
      point = U' ';
    }
  }
  points->insert(points->begin(), kSpaceMark);

  std::vector<int64_t> ids;
  // Lower case comes first, so that also "</S>" is a special token.
  const std::vector<Segment> segments = Cut(LowerCase(*points));
  for (size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    if (segment.special()) {
      ids.push_back(segment.is_end ? kEndToken : model_->unknown_id);
      continue;
    }
    // A space mark that has nothing but a special token behind it says nothing.
    const bool lone_mark = i == 0 && segments.size() > 1 &&
                           segment.text == std::u32string(1, kSpaceMark);
    if (!lone_mark) {
      const std::vector<int> part = model_->EncodeSegment(segment.text);
      ids.insert(ids.end(), part.begin(), part.end());
    }
  }
  if (ids.empty() || ids.back() != kEndToken) {
    ids.push_back(kEndToken);
  }
  if (static_cast<int64_t>(ids.size()) > max_tokens) {
    if (over_limit_ == TokenizerSpec::TRUNCATE) {
      ids.resize(static_cast<size_t>(max_tokens));
      ids.back() = kEndToken;
      return ids;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("sentence \"", text, "\" has ", ids.size(),
                     " tokens, at most ", max_tokens, " are allowed"));
  }
  return ids;
}

absl::Status TrainTokenizer(const SentencepieceSpec& spec,
                            std::vector<std::string> sentences,
                            const std::string& path) {
  for (std::string& sentence : sentences) {
    TRANSECT_ASSIGN_OR_RETURN(const std::u32string points,
                              Utf32FromUtf8(sentence));
    sentence = Utf8FromUtf32(Canonicalize(LowerCase(points)));
  }
  std::string model;
  const std::string error = TrainSpm(
      {
          // Not unigram: its first candidates are maximal repeats inside a
          // sentence, and where the words are few, no whole word is one.
          {"model_type", "bpe"},
          {"vocab_size", absl::StrCat(spec.vocab_size())},
          {"hard_vocab_limit", "false"},
          {"character_coverage", "1.0"},
          {"normalization_rule_name", "identity"},
          {"pad_id", "0"},
          {"eos_id", absl::StrCat(kEndToken)},
          {"unk_id", "2"},
          {"bos_id", "-1"},
          {"num_threads", "1"},
          // Errors only: progress of the training would flood the log.
          {"minloglevel", "2"},
      },
      sentences, &model);
  if (!error.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot train a tokenizer of ", spec.vocab_size(),
                     " pieces on ", sentences.size(), " sentences: ", error));
  }
  return WriteFileAtomic(path, model);
}

}  // namespace transect
