// What an edit of an experiment file does to the ids of its runs: exactly the
// right ones change. That a changed default changes them is in run_id_test.cc;
// what of the code enters its part is in tests/launch/store/bundle_test.cc.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// Cells: base, lr=0.5, lr=0.25, text=ZERO; two seeds. 8 runs.
constexpr char kFile[] = R"pb(
  # What it is for.
  name: "edits"
  title: "T"
  base {
    model {
      rsrefseg {
        siglip { variant: TINY }
        sam { variant: TINY }
      }
    }
    data { synthesis { image_size: 64 train_images: 20 val_images: 10 } }
    tokenizer {
      sentencepiece {
        vocab_size: 64
        corpus { image_size: 64 train_images: 20 val_images: 10 }
      }
      max_tokens: 32
    }
    weights { random {} }
    training {
      steps: 3
      global_batch: 4
      optimizer { weight_decay: 0.1234567 }
    }
  }
  axis {
    name: "lr"
    field: "training.optimizer.lr"
    values: [ "0.5", "0.25" ]
  }
  axis {
    name: "text"
    field: "model.rsrefseg.siglip.text_tuning"
    values: [ "ZERO" ]
  }
  design {
    name: "d"
    one_factor { axes: [ "lr", "text" ] }
  }
  seeds: [ 1, 2 ]
)pb";

std::set<std::string> Ids(const std::string& text) {
  Experiment experiment;
  EXPECT_THAT(ParseTextproto(text, "edited", &experiment), IsOk()) << text;
  const absl::StatusOr<Expansion> expansion = Expand(experiment, {});
  EXPECT_THAT(expansion, IsOk()) << text;
  return expansion.ok() ? std::set<std::string>(expansion->spec_ids.begin(),
                                                expansion->spec_ids.end())
                        : std::set<std::string>();
}

struct Edit {
  const char* what;
  const char* from;
  const char* to;
  // Ids that stay, go and come.
  int stay;
  int go;
  int come;
};

constexpr Edit kEdits[] = {
    // Nothing that a run is.
    {"a comment", "# What it is for.", "# Something else.", 8, 0, 0},
    {"the name", "name: \"edits\"", "name: \"other\"", 8, 0, 0},
    {"the title", "title: \"T\"", "", 8, 0, 0},
    {"the name of an axis", "name: \"lr\"", "name: \"rate\"", -1, 0, 0},
    {"the spelling of an axis value", "\"0.5\"", "\"5e-1\"", 8, 0, 0},
    {"another spelling", "\"0.25\"", "\"+00.250\"", 8, 0, 0},
    {"the spelling of a value of the base", "0.1234567", "1234567e-7", 8, 0, 0},
    {"the order of the values", "\"0.5\", \"0.25\"", "\"0.25\", \"0.5\"", 8, 0,
     0},
    {"the order of the axes", "\"lr\", \"text\"", "\"text\", \"lr\"", 8, 0, 0},
    {"the order of the seeds", "1, 2", "2, 1", 8, 0, 0},
    {"a default written out", "steps: 3", "steps: 3 ranks: 1", 8, 0, 0},
    {"an operational field", "steps: 3", "steps: 3 log_every: 1", 8, 0, 0},
    {"a preset's size written out", "siglip { variant: TINY }",
     "siglip { variant: TINY image_size: 48 }", 8, 0, 0},
    {"an inert field", "steps: 3",
     "steps: 3 schedule { warmup_start_fraction: 0.5 }", 8, 0, 0},
    {"another design that asks for the same", "seeds: [",
     "design { name: 'e' list { cell { set { axis: 'text' value: 'ZERO' } } } "
     "}\nseeds: [",
     8, 0, 0},
    // Some runs.
    {"one value of an axis", "\"0.25\"", "\"0.125\"", 6, 2, 2},
    {"the last digit of a value of an axis", "\"0.25\"", "\"0.2500001\"", 6, 2,
     2},
    {"one value less", ", \"0.25\"", "", 6, 2, 0},
    {"one seed more", "1, 2", "1, 2, 3", 8, 0, 4},
    {"one seed less", "1, 2", "2", 4, 4, 0},
    {"a field that is inert in one cell", "siglip { variant: TINY }",
     "siglip { variant: TINY text_lora { rank: 4 } }", 2, 6, 6},
    // All.
    {"a field of the base", "steps: 3", "steps: 4", 0, 8, 8},
    {"the seventh digit of a field of the base", "0.1234567", "0.1234568", 0, 8,
     8},
    {"the recipe of the data", "data { synthesis { image_size: 64",
     "data { synthesis { seed: 2 image_size: 64", 0, 8, 8},
    {"the recipe of the tokenizer", "vocab_size: 64", "vocab_size: 65", 0, 8,
     8},
};

TEST(EditsTest, ExactlyTheRightIdsChange) {
  const std::set<std::string> before = Ids(kFile);
  ASSERT_EQ(before.size(), 8);
  for (const Edit& edit : kEdits) {
    SCOPED_TRACE(edit.what);
    std::vector<std::pair<std::string, std::string>> replacements = {
        {edit.from, edit.to}};
    Edit expected = edit;
    if (expected.stay < 0) {
      // The designs name it too.
      replacements = {{"\"lr\"", "\"rate\""}};
      expected.stay = 8;
    }
    const std::string text = absl::StrReplaceAll(kFile, replacements);
    ASSERT_NE(text, kFile);
    const std::set<std::string> after = Ids(text);
    int stay = 0;
    for (const std::string& id : after) {
      stay += before.count(id) > 0 ? 1 : 0;
    }
    EXPECT_EQ(stay, expected.stay);
    EXPECT_EQ(static_cast<int>(before.size()) - stay, expected.go);
    EXPECT_EQ(static_cast<int>(after.size()) - stay, expected.come);
  }
}

}  // namespace
}  // namespace transect
