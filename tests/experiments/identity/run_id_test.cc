#include "experiments/identity/run_id.h"

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "data/io/defaults.h"
#include "data/io/textproto.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/identity/run_ids.h"
#include "tests/experiments/testing/dynamic_schema.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

using Edit = std::function<void(RunSpec*)>;

std::string IdAfter(const Edit& edit) {
  RunSpec run = SampleRunFromTrained();
  edit(&run);
  return Id(run);
}

Reads ReadsOf(const std::string& data, const std::string& tokenizer) {
  Reads reads;
  reads[InputName::kData] = data;
  reads[InputName::kTokenizer] = tokenizer;
  return reads;
}

RsRefSegSpec* Model(RunSpec* run) {
  return run->mutable_model()->mutable_rsrefseg();
}

TEST(RunIdTest, Is128BitsInHexadecimal) {
  EXPECT_THAT(Id(SampleRun()), MatchesRegex("[0-9a-f]{32}"));
}

TEST(RunIdTest, WhatMeansTheSameHasTheSameId) {
  const std::string id = Id(SampleRunFromTrained());
  const std::map<std::string, Edit> edits = {
      {"a default written out",
       [](RunSpec* run) {
         run->mutable_training()->mutable_optimizer()->set_weight_decay(0.05);
       }},
      {"a preset written out",
       [](RunSpec* run) { Model(run)->mutable_sam()->set_window_size(3); }},
      {"resolved before", [](RunSpec* run) { ResolveRun(run); }},
      {"log interval",
       [](RunSpec* run) { run->mutable_training()->set_log_every(1); }},
      {"time-out",
       [](RunSpec* run) {
         run->mutable_training()->set_collective_timeout_seconds(5);
       }},
      {"evaluation batch",
       [](RunSpec* run) { run->mutable_evaluation()->set_batch(3); }},
      {"a split more to evaluate",
       [](RunSpec* run) { run->mutable_data()->add_eval_splits("train"); }},
      {"a control less",
       [](RunSpec* run) {
         run->mutable_evaluation()->set_permuted_sentences(false);
       }},
      {"images that training does not read",
       [](RunSpec* run) {
         run->mutable_data()->mutable_synthesis()->set_test_images(7);
         run->mutable_data()->mutable_synthesis()->set_val_images(9);
       }},
      {"images of the corpus that are not its train split",
       [](RunSpec* run) {
         run->mutable_tokenizer()
             ->mutable_sentencepiece()
             ->mutable_corpus()
             ->set_test_images(7);
       }},
      {"log interval of the weights",
       [](RunSpec* run) { Inner(run)->mutable_training()->set_log_every(1); }},
      {"evaluation of the weights",
       [](RunSpec* run) {
         Inner(run)->mutable_evaluation()->set_permuted_sentences(false);
       }},
      {"the default parts written out",
       [](RunSpec* run) {
         for (int part : {3, 1, 2}) {
           run->mutable_weights()->add_parts(
               static_cast<WeightsSpec::Part>(part));
         }
       }},
      {"a tokenizer handed down by hand",
       [](RunSpec* run) {
         *Inner(run)->mutable_tokenizer() = run->tokenizer();
       }},
  };
  for (const auto& [what, edit] : edits) {
    EXPECT_EQ(IdAfter(edit), id) << what;
  }
}

TEST(RunIdTest, WhatChangesAResultChangesTheId) {
  const std::map<std::string, Edit> edits = {
      {"seed", [](RunSpec* run) { run->set_seed(2); }},
      {"7th significant digit",
       [](RunSpec* run) {
         run->mutable_training()->mutable_optimizer()->set_lr(1.000001e-4);
       }},
      {"last bit",
       [](RunSpec* run) {
         run->mutable_training()->mutable_optimizer()->set_lr(
             std::nextafter(1e-4, 1));
       }},
      {"number of logical shards",
       [](RunSpec* run) { run->mutable_training()->set_logical_shards(2); }},
      {"threads",
       [](RunSpec* run) { run->mutable_training()->set_threads_per_rank(2); }},
      {"model",
       [](RunSpec* run) {
         Model(run)->mutable_sam()->mutable_lora()->set_rank(2);
       }},
      {"data",
       [](RunSpec* run) {
         run->mutable_data()->mutable_synthesis()->set_seed(9);
       }},
      {"images that training reads",
       [](RunSpec* run) {
         run->mutable_data()->mutable_synthesis()->set_train_images(31);
       }},
      {"train split",
       [](RunSpec* run) { run->mutable_data()->set_train_split("val"); }},
      {"tokenizer",
       [](RunSpec* run) {
         run->mutable_tokenizer()->mutable_sentencepiece()->set_vocab_size(65);
       }},
      {"corpus",
       [](RunSpec* run) {
         run->mutable_tokenizer()
             ->mutable_sentencepiece()
             ->mutable_corpus()
             ->set_seed(9);
       }},
      {"most tokens",
       [](RunSpec* run) { run->mutable_tokenizer()->set_max_tokens(31); }},
      {"parts",
       [](RunSpec* run) {
         run->mutable_weights()->add_parts(WeightsSpec::SAM);
       }},
      {"steps of the weights",
       [](RunSpec* run) { Inner(run)->mutable_training()->set_steps(4); }},
      {"seed of the weights", [](RunSpec* run) { Inner(run)->set_seed(2); }},
      {"data of the weights",
       [](RunSpec* run) {
         Inner(run)->mutable_data()->mutable_synthesis()->set_seed(3);
       }},
      {"random weights",
       [](RunSpec* run) { run->mutable_weights()->mutable_random(); }},
  };
  std::map<std::string, std::string> seen = {
      {Id(SampleRunFromTrained()), "nothing"}};
  for (const auto& [what, edit] : edits) {
    const auto [other, is_new] = seen.emplace(IdAfter(edit), what);
    EXPECT_TRUE(is_new) << what << " gives the id of " << other->second;
  }
}

// The identity of the evaluation of the resolved run on `split`.
std::string EvaluationIdAfter(const Edit& edit,
                              const std::string& split = "val") {
  RunSpec run = SampleRunFromTrained();
  edit(&run);
  ResolveRun(&run);
  const absl::StatusOr<RunInputs> inputs = ListInputs(run, {});
  EXPECT_THAT(inputs, IsOk());
  const absl::StatusOr<std::string> id = RunId(run, inputs->reads);
  EXPECT_THAT(id, IsOk());
  const absl::StatusOr<std::string> evaluation =
      EvaluationId(run, *id, split, inputs->reads);
  EXPECT_THAT(evaluation, IsOk());
  return evaluation.value_or("");
}

// The images of the validated split, and how they are evaluated, decide which
// weights a run has only where its spec says so.
TEST(RunIdTest, TheValidatedSplitCountsWhereItDecides) {
  const Edit more_val = [](RunSpec* run) {
    run->mutable_data()->mutable_synthesis()->set_val_images(9);
  };
  const Edit more_test = [](RunSpec* run) {
    run->mutable_data()->mutable_synthesis()->set_test_images(7);
  };
  const Edit batch = [](RunSpec* run) {
    run->mutable_evaluation()->set_batch(3);
  };
  const std::map<std::string, std::pair<Edit, bool>> cases = {
      {"LAST",
       {[](RunSpec* run) {
          run->mutable_training()->mutable_validation()->set_every_steps(1);
        },
        false}},
      {"BEST",
       {[](RunSpec* run) {
          run->mutable_training()->mutable_validation()->set_every_steps(1);
          run->mutable_training()->mutable_validation()->set_weights(
              ValidationSpec::BEST);
        },
        true}},
      {"early stopping",
       {[](RunSpec* run) {
          run->mutable_training()->mutable_validation()->set_every_steps(1);
          run->mutable_training()->mutable_validation()->set_early_stopping(
              true);
        },
        true}},
  };
  const std::string plain = IdAfter([](RunSpec*) {});
  for (const auto& [what, each] : cases) {
    const auto& [validates, decides] = each;
    const auto with = [&](const Edit& edit) {
      return IdAfter([&](RunSpec* run) {
        validates(run);
        edit(run);
      });
    };
    const std::string id = with([](RunSpec*) {});
    EXPECT_EQ(id != plain, decides) << what;
    EXPECT_EQ(with(more_val) != id, decides) << what;
    EXPECT_EQ(with(batch) != id, decides) << what;
    EXPECT_EQ(with(more_test), id) << what;
  }
}

// In REPRODUCIBLE neither the ranks nor the stage of ZeRO changes a bit.
TEST(RunIdTest, RanksAndShardingCountWhereTheBitsDependOnThem) {
  const auto id = [](TrainingSpec::Numerics numerics, int ranks,
                     TrainingSpec::Sharding sharding) {
    return IdAfter([=](RunSpec* run) {
      TrainingSpec* const training = run->mutable_training();
      training->set_numerics(numerics);
      training->set_logical_shards(2);
      training->set_ranks(ranks);
      training->set_sharding(sharding);
    });
  };
  const std::string exact =
      id(TrainingSpec::REPRODUCIBLE, 1, TrainingSpec::REPLICATED);
  EXPECT_EQ(id(TrainingSpec::REPRODUCIBLE, 2, TrainingSpec::ZERO2), exact);
  const std::string fast = id(TrainingSpec::FAST, 1, TrainingSpec::REPLICATED);
  EXPECT_NE(fast, exact);
  EXPECT_NE(id(TrainingSpec::FAST, 2, TrainingSpec::REPLICATED), fast);
  EXPECT_NE(id(TrainingSpec::FAST, 1, TrainingSpec::ZERO1), fast);
}

TEST(EvaluationIdTest, WhatDoesNotChangeItKeepsTheId) {
  const std::string id = EvaluationIdAfter([](RunSpec*) {});
  EXPECT_THAT(id, MatchesRegex("[0-9a-f]{32}"));
  const std::map<std::string, Edit> edits = {
      {"another split beside it",
       [](RunSpec* run) {
         run->mutable_data()->add_eval_splits("val");
         run->mutable_data()->add_eval_splits("train");
       }},
      {"pictures",
       [](RunSpec* run) { run->mutable_evaluation()->set_samples(0); }},
      {"images of a later split",
       [](RunSpec* run) {
         run->mutable_data()->mutable_synthesis()->set_test_images(7);
       }},
  };
  for (const auto& [what, edit] : edits) {
    EXPECT_EQ(EvaluationIdAfter(edit), id) << what;
  }
}

TEST(EvaluationIdTest, WhatMayChangeItsIntegersChangesTheId) {
  const std::map<std::string, Edit> edits = {
      {"batch", [](RunSpec* run) { run->mutable_evaluation()->set_batch(3); }},
      {"control",
       [](RunSpec* run) {
         run->mutable_evaluation()->set_permuted_sentences(false);
       }},
      {"images of the split",
       [](RunSpec* run) {
         run->mutable_data()->mutable_synthesis()->set_val_images(9);
       }},
      {"the training", [](RunSpec* run) { run->set_seed(2); }},
  };
  std::map<std::string, std::string> seen = {
      {EvaluationIdAfter([](RunSpec*) {}), "nothing"},
      {EvaluationIdAfter([](RunSpec*) {}, "train"), "another split"}};
  EXPECT_EQ(seen.size(), 2);
  for (const auto& [what, edit] : edits) {
    const auto [other, is_new] = seen.emplace(EvaluationIdAfter(edit), what);
    EXPECT_TRUE(is_new) << what << " gives the id of " << other->second;
  }
}

// Resolves SampleRun under the defaults of a schema of its own. All that the
// program's own resolution adds afterwards are presets.
std::string IdUnder(DynamicSchema* schema) {
  const auto message = schema->New();
  EXPECT_THAT(ParseTextproto(PrintTextproto(SampleRun()), "", message.get()),
              IsOk());
  WriteDefaults(message.get());
  RunSpec run;
  EXPECT_THAT(ParseTextproto(PrintTextproto(*message), "", &run), IsOk());
  return Id(run);
}

TEST(RunIdTest, AChangedDefaultInTheSchemaGivesANewId) {
  DynamicSchema same(*RunSpec::descriptor(), [](auto*) {});
  EXPECT_EQ(IdUnder(&same), Id(SampleRun()));
  DynamicSchema decay(*RunSpec::descriptor(),
                      ChangedDefault("AdamWSpec", "weight_decay", "0.01"));
  EXPECT_NE(IdUnder(&decay), Id(SampleRun()));
  DynamicSchema objects(*RunSpec::descriptor(),
                        ChangedDefault("SynthesisSpec", "max_objects", "5"));
  EXPECT_NE(IdUnder(&objects), Id(SampleRun()));
  DynamicSchema log(*RunSpec::descriptor(),
                    ChangedDefault("TrainingSpec", "log_every", "20"));
  EXPECT_EQ(IdUnder(&log), Id(SampleRun()));
}

TEST(RunIdTest, AResolvedSpecKeepsItsIdUnderASchemaWithOtherDefaults) {
  RunSpec resolved = SampleRun();
  ResolveRun(&resolved);
  DynamicSchema changed(*RunSpec::descriptor(),
                        ChangedDefault("AdamWSpec", "weight_decay", "0.01"));
  const auto message = changed.New();
  ASSERT_THAT(ParseTextproto(PrintTextproto(resolved), "", message.get()),
              IsOk());
  WriteDefaults(message.get());
  RunSpec read;
  ASSERT_THAT(ParseTextproto(PrintTextproto(*message), "", &read), IsOk());
  EXPECT_EQ(Id(read), Id(SampleRun()));
}

TEST(RunIdTest, ASpecWithFieldsOfANewerSchemaHasNoId) {
  RunSpec run = SampleRun();
  AdamWSpec newer;
  ASSERT_TRUE(newer.ParseFromString("\x78\x01"));  // Field 15, a number.
  *run.mutable_training()->mutable_optimizer() = newer;
  EXPECT_THAT(TryId(run),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("training.optimizer has field or value 15")));
}

TEST(RunIdTest, InputsComeAfterWhatTheyRead) {
  RunSpec run = SampleRunFromTrained();
  ResolveRun(&run);
  ASSERT_OK_AND_ASSIGN(const RunInputs inputs, ListInputs(run, {}));
  ASSERT_EQ(inputs.inputs.size(), 4);
  const Input& data = inputs.inputs[0];
  const Input& tokenizer = inputs.inputs[1];
  const Input& other_data = inputs.inputs[2];
  const Input& weights = inputs.inputs[3];

  EXPECT_EQ(data.kind, Input::Kind::kData);
  EXPECT_THAT(std::get<SynthesisSpec>(data.recipe),
              EqualsProto(run.data().synthesis()));
  EXPECT_EQ(data.identity, inputs.reads[InputName::kData]);

  EXPECT_EQ(tokenizer.kind, Input::Kind::kTokenizer);
  EXPECT_THAT(std::get<SentencepieceSpec>(tokenizer.recipe),
              EqualsProto(run.tokenizer().sentencepiece()));
  EXPECT_EQ(tokenizer.identity, inputs.reads[InputName::kTokenizer]);
  EXPECT_EQ(tokenizer.reads, (ReadsOf(data.identity, "")));

  EXPECT_EQ(other_data.kind, Input::Kind::kData);
  EXPECT_NE(other_data.identity, data.identity);

  EXPECT_EQ(weights.kind, Input::Kind::kWeights);
  EXPECT_THAT(std::get<RunSpec>(weights.recipe),
              EqualsProto(run.weights().trained().run()));
  EXPECT_EQ(weights.identity, inputs.reads[InputName::kWeights]);
  EXPECT_EQ(weights.reads, (ReadsOf(other_data.identity, tokenizer.identity)));
  for (const Input& input : inputs.inputs) {
    EXPECT_TRUE(input.made());
    EXPECT_THAT(input.identity, MatchesRegex("[0-9a-f]{32}"));
  }
}

TEST(RunIdTest, WeightsAreNotTheRunThatMakesThem) {
  RunSpec run = SampleRunFromTrained();
  ResolveRun(&run);
  ASSERT_OK_AND_ASSIGN(const RunInputs outer, ListInputs(run, {}));
  ASSERT_OK_AND_ASSIGN(const RunInputs inputs,
                       ListInputs(run.weights().trained().run(), {}));
  EXPECT_THAT(RunId(run.weights().trained().run(), inputs.reads),
              IsOkAndHolds(testing::Ne(outer.reads[InputName::kWeights])));
}

TEST(RunIdTest, ASpecWithoutASourceIsAnError) {
  const auto refused = [](const char* message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, message);
  };
  EXPECT_THAT(TryId(RunSpec()), refused("data: say found or synthesis"));
  RunSpec run = SampleRun();
  run.clear_tokenizer();
  EXPECT_THAT(TryId(run), refused("tokenizer: say found or sentencepiece"));
  run = SampleRun();
  run.clear_weights();
  EXPECT_THAT(TryId(run), refused("weights: say random, trained or found"));
}

}  // namespace
}  // namespace transect
