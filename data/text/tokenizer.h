/// \file
/// Sentences to token ids as by SigLIP's tokenizer (Hugging Face
/// `SiglipTokenizer`): canonicalization of the text, a sentencepiece model, an
/// end token. Also trains such models.
///
/// Canonicalization: text is lower-cased; the special tokens `</s>` and `<unk>`
/// written in it become their ids, and the white space around them is dropped;
/// in the text between them the 32 ASCII punctuation marks are deleted, runs of
/// white space become one space and both ends are stripped; a "▁" is put in
/// front of the whole text.
#ifndef TRANSECT_DATA_TEXT_TOKENIZER_H_
#define TRANSECT_DATA_TEXT_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/text/model_file.h"

namespace transect {

/// Largest model file that is read, in bytes.
inline constexpr int64_t kMaxTokenizerBytes = int64_t{64} << 20;

/// A loaded model. Encode may be called from several threads.
class Tokenizer {
 public:
  /// Loads a `spiece.model`. kInvalidArgument, with the path and the reason,
  /// for what is not a sentencepiece model, scores that are not finite, pieces
  /// that are not UTF-8 or occur twice, `</s>` at another id than 1, no
  /// `<unk>`.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> Load(
      const std::string& path);
  /// The same for the contents of a file; errors call it `name`.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> Parse(
      absl::string_view bytes, const std::string& name);

  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  /// Ids of `text`, closed by kEndToken unless the text itself ends with one.
  /// kInvalidArgument, with the text, if it is not UTF-8 or, unless
  /// set_over_limit says TRUNCATE, gives more than `max_tokens` ids.
  absl::StatusOr<std::vector<int64_t>> Encode(absl::string_view text,
                                              int max_tokens) const;

  /// What Encode does with a text of more than `max_tokens` ids: ERROR at
  /// first; with TRUNCATE it keeps the first max_tokens - 1 and closes them
  /// with kEndToken, as SigLIP's tokenizer truncates. Not while others encode.
  void set_over_limit(TokenizerSpec::OverLimit policy) { over_limit_ = policy; }

  /// Number of pieces; ids are below.
  int vocab_size() const;

 private:
  struct Model;
  explicit Tokenizer(std::unique_ptr<Model> model);
  std::unique_ptr<Model> model_;
  TokenizerSpec::OverLimit over_limit_ = TokenizerSpec::ERROR;
};

/// Trains a BPE model on `sentences` and writes it to `path` atomically.
/// Ids 0, 1, 2 are pad, `</s>` and `<unk>`. Sentences are canonicalized first.
/// The model has at most spec.vocab_size() pieces: fewer where the corpus does
/// not hold more; a corpus with more distinct characters than pieces is
/// kInvalidArgument. One thread and no sampling, so the same sentences give the
/// same bytes.
absl::Status TrainTokenizer(const SentencepieceSpec& spec,
                            std::vector<std::string> sentences,
                            const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_TEXT_TOKENIZER_H_
