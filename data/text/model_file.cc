#include "data/text/model_file.h"

#include <cmath>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "data/io/stand_in.h"
#include "data/io/utf8.h"
#include "data/text/sentencepiece_model.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status CheckPieces(const SentencepieceModel& model,
                         absl::string_view name) {
  absl::flat_hash_set<std::string> seen;
  for (int id = 0; id < model.pieces_size(); ++id) {
    const SentencepieceModel::Piece& piece = model.pieces(id);
    const std::string which = absl::StrCat("piece ", id);
    if (!IsUtf8(piece.piece()) || piece.piece().empty()) {
      return BadModel(name, absl::StrCat(which, " is empty or not UTF-8"));
    }
    if (!std::isfinite(piece.score())) {
      return BadModel(name, absl::StrCat(which, " has score ", piece.score(),
                                         ", must be finite"));
    }
    if (!seen.insert(piece.piece()).second) {
      return BadModel(
          name, absl::StrCat(which, " \"", piece.piece(), "\" occurs twice"));
    }
  }
  if (UnknownId(model) < 0) {
    return BadModel(name, "no piece is of type UNKNOWN");
  }
  if (model.pieces_size() <= kEndToken ||
      model.pieces(kEndToken).piece() != "</s>") {
    return BadModel(name, absl::StrCat("piece ", kEndToken, " is not </s>"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BadModel(absl::string_view name, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("tokenizer model ", name, ": ", why));
}

absl::StatusOr<SentencepieceModel> ParseModelFile(absl::string_view bytes,
                                                  absl::string_view name) {
  SentencepieceModel model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      model.pieces().empty()) {
    const std::string what = StandInText(bytes.substr(0, kStandInHead));
    return BadModel(name, what.empty() ? "is not a sentencepiece model" : what);
  }
  TRANSECT_RETURN_IF_ERROR(CheckPieces(model, name));
  return model;
}

int UnknownId(const SentencepieceModel& model) {
  int unknown = -1;
  for (int id = 0; id < model.pieces_size(); ++id) {
    if (model.pieces(id).type() == SentencepieceModel::Piece::UNKNOWN) {
      unknown = id;
    }
  }
  return unknown;
}

}  // namespace transect
