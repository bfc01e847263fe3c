#include "data/text/tokenizer.h"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "data/text/model_file.h"
#include "data/text/sentencepiece_model.pb.h"
#include "data/text/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/mapped_library.h"
#include "tests/testing/status_matchers.h"
#include "third_party/system/library_versions.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kModel[] = "tests/data/text/testdata/spiece.model";

std::string TempPath(const std::string& name) {
  return absl::StrCat(::testing::TempDir(), "/", name);
}

// Models of make_tokenizer_fixtures.py, and the key of their ids.
struct Fixture {
  const char* model;
  const char* ids;
};

TEST(TokenizerTest, GivesTheIdsOfSiglipTokenizer) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadFile("tests/data/text/testdata/tokens.json"));
  ASSERT_OK_AND_ASSIGN(const nlohmann::json cases,
                       ParseStrictJson(text, "tokens.json"));
  ASSERT_GT(cases.size(), 2000u);
  for (const auto& [model, ids] :
       {Fixture{kModel, "ids"},
        Fixture{"tests/data/text/testdata/spiece_bytes.model", "byte_ids"}}) {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tokenizer> tokenizer,
                         Tokenizer::Load(model));
    for (const nlohmann::json& entry : cases) {
      EXPECT_THAT(tokenizer->Encode(entry["text"].get<std::string>(), 64),
                  IsOkAndHolds(entry[ids].get<std::vector<int64_t>>()))
          << model << ": " << entry["text"];
    }
  }
}

TEST(ModelFileTest, IsCheckedWithoutTheLibrary) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(kModel));
  ASSERT_OK_AND_ASSIGN(const SentencepieceModel model,
                       ParseModelFile(bytes, "a.model"));
  EXPECT_EQ(UnknownId(model), 2);
  EXPECT_THAT(ParseModelFile("not a model", "a.model"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("tokenizer model a.model: ")));
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tokenizer> tokenizer,
                       Tokenizer::Parse(bytes, "a.model"));
  EXPECT_EQ(tokenizer->vocab_size(), model.pieces_size());
}

// Of the tests of Transformers, for google/siglip-base-patch16-224; so400m has
// the same English pieces.
TEST(TokenizerTest, GivesThePublishedIdsUnderThePublishedModel) {
  const char* model = getenv("TRANSECT_SIGLIP_SPIECE");
  if (model == nullptr) {
    GTEST_SKIP() << "needs the spiece.model of google/siglip-*: "
                    "--test_env=TRANSECT_SIGLIP_SPIECE=/path/to/spiece.model";
  }
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tokenizer> tokenizer,
                       Tokenizer::Load(model));
  const std::vector<std::pair<std::string, std::vector<int64_t>>> cases = {
      {"the real mountain view", {260, 638, 3293, 870, 1}},
      {"Z\u00fcrich", {262, 761, 5879, 5345, 1}},
      {"San Francisco", {262, 264, 452, 20563, 15949, 1}},
      {"a picture of a laptop with the lockscreen on, a cup of cappucino, salt "
       "and pepper grinders. The view through the window reveals lake "
       "Z\u00fcrich and the Alps in the background of the city.",
       {262,  266,  1357, 267,  262,   266,  4429, 275, 260,   3940,
        6360, 277,  262,  266,  3064,  267,  3549, 388, 16538, 296,
        298,  2617, 263,  4869, 14998, 264,  260,  870, 393,   260,
        1710, 7958, 4324, 262,  761,   5879, 5345, 263, 260,   1518,
        388,  264,  268,  260,  1970,  267,  260,  741, 1}}};
  for (const auto& [text, ids] : cases) {
    EXPECT_THAT(tokenizer->Encode(text, 64), IsOkAndHolds(ids)) << text;
  }
}

TEST(TokenizerTest, TextWithoutPiecesIsTheEndTokenAlone) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tokenizer> tokenizer,
                       Tokenizer::Load(kModel));
  for (const char* text : {"", " ", "\u2581", " \u2581", "</s>", "</s>>"}) {
    EXPECT_THAT(tokenizer->Encode(text, 64),
                IsOkAndHolds(ElementsAre(kEndToken)))
        << text;
  }
}

TEST(TokenizerTest, TooLongAndInvalidTextsAreErrors) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tokenizer> tokenizer,
                       Tokenizer::Load(kModel));
  ASSERT_OK_AND_ASSIGN(const std::vector<int64_t> ids,
                       tokenizer->Encode("The red tank", 64));
  const int count = static_cast<int>(ids.size());
  EXPECT_THAT(tokenizer->Encode("The red tank", count), IsOk());
  EXPECT_THAT(
      tokenizer->Encode("The red tank", count - 1),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr(absl::StrCat("\"The red tank\" has ", count,
                                      " tokens, at most ", count - 1))));
  EXPECT_THAT(tokenizer->Encode("tank\xFF", 64),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("not valid UTF-8 at byte 4")));
}

TEST(TokenizerTest, TruncationKeepsTheFirstTokensAndTheEndToken) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tokenizer> tokenizer,
                       Tokenizer::Load(kModel));
  ASSERT_OK_AND_ASSIGN(const std::vector<int64_t> whole,
                       tokenizer->Encode("The red tank near the road", 64));
  tokenizer->set_over_limit(TokenizerSpec::TRUNCATE);
  EXPECT_THAT(tokenizer->Encode("The red tank near the road", 64),
              IsOkAndHolds(whole));
  ASSERT_GT(whole.size(), 4u);
  EXPECT_THAT(
      tokenizer->Encode("The red tank near the road", 4),
      IsOkAndHolds(ElementsAre(whole[0], whole[1], whole[2], kEndToken)));
}

TEST(TokenizerTest, BrokenModelsAreRefusedWithTheirPath) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(kModel));
  SentencepieceModel good;
  ASSERT_TRUE(good.ParseFromString(bytes));
  const std::string path = TempPath("broken.model");
  const auto error = [&](const std::string& contents) {
    EXPECT_THAT(WriteFile(path, contents), IsOk());
    const auto loaded = Tokenizer::Load(path);
    EXPECT_THAT(loaded, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr(absl::StrCat(path, ": "))));
    return std::string(loaded.status().message());
  };
  EXPECT_THAT(error(""), HasSubstr("is empty"));
  EXPECT_THAT(error("version https://git-lfs.github.com/spec/v1\noid x"),
              HasSubstr("is a Git LFS pointer"));
  EXPECT_THAT(error("plain text"), HasSubstr("not a sentencepiece model"));
  EXPECT_THAT(error(bytes.substr(0, bytes.size() / 2)), HasSubstr(path));

  SentencepieceModel model = good;
  model.mutable_pieces(9)->set_score(std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(error(model.SerializeAsString()), HasSubstr("piece 9 has score"));
  model = good;
  model.mutable_pieces(9)->set_piece("\xFF");
  EXPECT_THAT(error(model.SerializeAsString()), HasSubstr("piece 9 is empty"));
  model = good;
  model.mutable_pieces(9)->set_piece(model.pieces(8).piece());
  EXPECT_THAT(error(model.SerializeAsString()), HasSubstr("occurs twice"));
  model = good;
  model.mutable_pieces(2)->set_type(SentencepieceModel::Piece::NORMAL);
  EXPECT_THAT(error(model.SerializeAsString()), HasSubstr("type UNKNOWN"));
  model = good;
  model.mutable_pieces()->SwapElements(0, 1);
  EXPECT_THAT(error(model.SerializeAsString()), HasSubstr("piece 1 is not"));
  EXPECT_THAT(Tokenizer::Load("/no/such.model"),
              StatusIs(absl::StatusCode::kNotFound));
}

std::vector<std::string> SmallCorpus() {
  std::vector<std::string> sentences;
  for (const char* article : {"The", "A"}) {
    for (const char* color : {"red", "blue", "white", "green"}) {
      for (const char* thing : {"tank", "storage tank", "tennis court", "ship",
                                "ground track field"}) {
        for (const char* place : {"on the left", "at the top"}) {
          sentences.push_back(
              absl::StrCat(article, " ", color, " ", thing, " ", place));
        }
      }
    }
  }
  return sentences;
}

TEST(TrainTokenizerTest, TheSameSentencesGiveTheSameUsableModel) {
  SentencepieceSpec spec;
  spec.set_vocab_size(64);
  const std::string path = TempPath("trained.model");
  ASSERT_THAT(TrainTokenizer(spec, SmallCorpus(), path), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
  ASSERT_THAT(TrainTokenizer(spec, SmallCorpus(), path), IsOk());
  EXPECT_THAT(ReadFile(path), IsOkAndHolds(bytes));

  SentencepieceModel model;
  ASSERT_TRUE(model.ParseFromString(bytes));
  EXPECT_EQ(model.pieces(0).piece(), "<pad>");
  EXPECT_EQ(model.pieces(1).piece(), "</s>");
  EXPECT_EQ(model.pieces(2).piece(), "<unk>");
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Tokenizer> tokenizer,
                       Tokenizer::Load(path));
  EXPECT_LE(tokenizer->vocab_size(), 64);
  ASSERT_OK_AND_ASSIGN(
      const std::vector<int64_t> ids,
      tokenizer->Encode("The Red storage tank, on the left!", 64));
  EXPECT_EQ(ids.back(), kEndToken);
  EXPECT_LT(ids.size(), 16u);
  EXPECT_THAT(ids, ::testing::Not(::testing::Contains(2)));
  EXPECT_THAT(ids,
              ::testing::Each(::testing::AllOf(
                  ::testing::Ge(1), ::testing::Lt(tokenizer->vocab_size()))));
  EXPECT_THAT(tokenizer->Encode("the red storage tank on the left", 64),
              IsOkAndHolds(ids));
}

TEST(TrainTokenizerTest, EveryByteIsPinned) {
  // With another version of the library the maker says so too. If only the
  // digest fails, raise kTokenizerVersion; pin the new values in either case.
  EXPECT_EQ(TokenizerMaker(), "1 sentencepiece=0.1.97");
  SentencepieceSpec spec;
  spec.set_vocab_size(64);
  const std::string path = TempPath("pinned.model");
  ASSERT_THAT(TrainTokenizer(spec, SmallCorpus(), path), IsOk());
  EXPECT_THAT(
      Sha256OfFile(path),
      IsOkAndHolds(
          "68a8e914469a92317ff9f68a065505ca29a7270bd4a89439ea3dea1b4bc0908b"));
}

TEST(TrainTokenizerTest, TheMakerHasTheVersionOfTheLibraryThatRuns) {
  ASSERT_THAT(Tokenizer::Load(kModel), IsOk());
  const std::string library = MappedLibrary("libsentencepiece.so");
  ASSERT_NE(library, "");
  // A string of its own in the library.
  const std::string end(1, '\0');
  EXPECT_TRUE(absl::StrContains(library, end + kSentencepieceVersion + end))
      << kSentencepieceVersion;
  EXPECT_EQ(TokenizerMaker(), absl::StrCat(kTokenizerVersion, " sentencepiece=",
                                           kSentencepieceVersion));
}

TEST(TrainTokenizerTest, ACorpusThatCannotBeLearnedIsAnError) {
  SentencepieceSpec spec;
  spec.set_vocab_size(32);
  std::string letters;
  for (char32_t c = U'\u4e00'; c < U'\u4e80'; ++c) {
    absl::StrAppend(&letters, std::string("\xE4\xB8") +
                                  static_cast<char>(0x80 + (c & 0x3F)));
  }
  const std::string path = TempPath("impossible.model");
  EXPECT_THAT(
      TrainTokenizer(spec, {letters, "the quick brown fox jumps over"}, path),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("32 pieces on 2 sentences")));
  EXPECT_THAT(TrainTokenizer(spec, {"bad \xFF"}, path),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(FileExists(path));
}

}  // namespace
}  // namespace transect
