// The identity of a tokenizer whose corpus is a found data set.
#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::MatchesRegex;

TEST(RunIdTest, ATokenizerOfAFoundCorpusRestsOnItsContent) {
  RunSpec run = SampleRunFromTrained();
  FoundCorpus* const corpus =
      run.mutable_tokenizer()->mutable_sentencepiece()->mutable_found_corpus();
  corpus->set_role("mine");
  corpus->set_format(FoundDataset::JSONL);
  ResolveRun(&run);
  const auto tokenizer_id = [&](const InputIdentities& found) {
    const absl::StatusOr<RunInputs> inputs = ListInputs(run, found);
    EXPECT_THAT(inputs, IsOk());
    // The corpus is an input of its own, before the tokenizer.
    size_t corpus_at = 0, tokenizer_at = 0;
    for (size_t i = 0; i < inputs->inputs.size(); ++i) {
      if (inputs->inputs[i].role == "mine") corpus_at = i;
      if (inputs->inputs[i].kind == InputKind::kTokenizer) tokenizer_at = i;
    }
    EXPECT_LT(corpus_at, tokenizer_at);
    EXPECT_FALSE(inputs->inputs[corpus_at].made());
    EXPECT_EQ(inputs->inputs[tokenizer_at].reads[InputName::kData],
              inputs->inputs[corpus_at].identity);
    return inputs->reads[InputName::kTokenizer];
  };
  const std::string pending = tokenizer_id({});
  EXPECT_TRUE(IsPending(pending));
  const std::string one = tokenizer_id({{"data/mine (JSONL)", "one"}});
  const std::string two = tokenizer_id({{"data/mine (JSONL)", "two"}});
  EXPECT_THAT(one, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(one, two);
  run.mutable_tokenizer()
      ->mutable_sentencepiece()
      ->mutable_found_corpus()
      ->set_sentence_field(FoundDataset::RAW);
  EXPECT_NE(tokenizer_id({{"data/mine (JSONL)", "one"}}), one);
}

}  // namespace
}  // namespace transect
