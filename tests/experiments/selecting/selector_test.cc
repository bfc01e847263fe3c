#include "experiments/selecting/selector.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

// SampleExperiment with axes of numbers, names and options, one of them
// conditional, and two designs that share the base. Runs, of seeds 1 and 2:
//   #1 #2 base   #3 #4 rank=2   #5 #6 text=ZERO   #7 #8 start=drawn
class SelectorTest : public ::testing::Test {
 protected:
  SelectorTest() {
    Experiment experiment = SampleExperiment();
    experiment.clear_design();
    experiment.MergeFrom(FromText<Experiment>(R"pb(
      axis {
        name: "start"
        option { name: "trained" }
        option {
          name: "drawn"
          set { weights { random {} } }
        }
      }
      axis { name: "lr" field: "training.optimizer.lr" }
      axis {
        name: "text_rank"
        field: "model.rsrefseg.siglip.text_lora.rank"
        when { axis: "text" values: "FULL" }
      }
      design {
        name: "factors"
        one_factor { axes: [ "rank", "text" ] }
      }
      design {
        name: "starts"
        one_factor { axes: [ "start" ] }
      }
    )pb"));
    absl::StatusOr<Expansion> expansion = Expand(experiment, {});
    EXPECT_THAT(expansion, IsOk());
    expansion_ = *std::move(expansion);
    EXPECT_EQ(expansion_.runs.size(), 8);
    states_.assign(8, "new");
    states_[2] = "done";
    states_[5] = "failed";
  }

  absl::StatusOr<std::vector<bool>> Try(
      const std::vector<std::string>& words) const {
    return Select(words, expansion_, states_, {"new", "done", "failed"});
  }

  // The numbers of the selected runs.
  std::vector<int> Of(const std::vector<std::string>& words) const {
    const absl::StatusOr<std::vector<bool>> selected = Try(words);
    EXPECT_THAT(selected, IsOk());
    std::vector<int> numbers;
    for (size_t i = 0; selected.ok() && i < selected->size(); ++i) {
      if ((*selected)[i]) {
        numbers.push_back(static_cast<int>(i) + 1);
      }
    }
    return numbers;
  }

  std::string Error(const std::string& word) const {
    const absl::StatusOr<std::vector<bool>> selected = Try({word});
    EXPECT_EQ(selected.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(selected.status().message());
  }

  Expansion expansion_;
  std::vector<std::string> states_;
};

TEST_F(SelectorTest, WithoutWordsAllRunsAreSelected) {
  EXPECT_THAT(Of({}), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(SelectorTest, AnAxisHasOneOfTheValues) {
  EXPECT_THAT(Of({"rank=2"}), ElementsAre(3, 4));
  EXPECT_THAT(Of({"rank=+2"}), ElementsAre(3, 4));
  EXPECT_THAT(Of({"rank=16"}), ElementsAre(1, 2, 5, 6, 7, 8));
  EXPECT_THAT(Of({"rank=2,16"}), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(Of({"text=ZERO"}), ElementsAre(5, 6));
  EXPECT_THAT(Of({"start=drawn"}), ElementsAre(7, 8));
  EXPECT_THAT(Of({"start=trained"}), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(Of({"lr=0.1e-3"}), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(SelectorTest, AllWordsMustFit) {
  EXPECT_THAT(Of({"rank=2", "seed=2"}), ElementsAre(4));
}

TEST_F(SelectorTest, ASelectionOfNothingIsRefusedWithWhatThereIs) {
  EXPECT_EQ(Error("seed>7"),
            "selector \"seed>7\", position 1: no run has that; seeds are 1, 2");
  EXPECT_EQ(Error("seed=3"),
            "selector \"seed=3\", position 1: no run has that; seeds are 1, 2");
  EXPECT_EQ(Error("rank<2"),
            "selector \"rank<2\", position 1: no run has that; rank can be 16, "
            "2");
  states_.assign(8, "new");
  EXPECT_EQ(Error("state=failed"),
            "selector \"state=failed\", position 1: no run has that; the "
            "states are new");
  EXPECT_EQ(Error("!seed<3"),
            "no run of sample matches !seed<3 (0 runs); a comma means either, "
            "as in seed=1,2");
  EXPECT_THAT(Try({"rank=2", "text=ZERO"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "no run of sample matches all of rank=2 (2 runs), "
                       "text=ZERO (2 runs); a comma means either, as in "
                       "seed=1,2"));
}

TEST_F(SelectorTest, ARunThatNoSeedEntersBelongsToAllSeeds) {
  expansion_.runs[2].clear_seed();
  EXPECT_THAT(Of({"seed=2"}), ElementsAre(2, 3, 4, 6, 8));
  EXPECT_THAT(Of({"seed=1"}), ElementsAre(1, 3, 5, 7));
  EXPECT_THAT(Of({"seed!=2"}), ElementsAre(1, 3, 5, 7));
  EXPECT_FALSE(Try({"seed!=1,2"}).ok());
  EXPECT_FALSE(Try({"seed!=1", "seed!=2"}).ok());
}

TEST_F(SelectorTest, NegationTakesAway) {
  EXPECT_THAT(Of({"!rank=2"}), ElementsAre(1, 2, 5, 6, 7, 8));
  EXPECT_THAT(Of({"rank!=2"}), Of({"!rank=2"}));
  EXPECT_THAT(Of({"!rank!=2"}), Of({"rank=2"}));
  EXPECT_THAT(Of({"seed!=2", "!text=ZERO"}), ElementsAre(1, 3, 7));
  EXPECT_THAT(Of({"!#1,3"}), ElementsAre(2, 4, 5, 6, 7, 8));
}

TEST_F(SelectorTest, OrderOfNumbers) {
  EXPECT_THAT(Of({"seed<2"}), ElementsAre(1, 3, 5, 7));
  EXPECT_THAT(Of({"seed<=2", "rank>2"}), ElementsAre(1, 2, 5, 6, 7, 8));
  EXPECT_THAT(Of({"seed>1"}), ElementsAre(2, 4, 6, 8));
  EXPECT_THAT(Of({"rank>=16", "seed>=2"}), ElementsAre(2, 6, 8));
  EXPECT_THAT(Of({"!rank<16"}), Of({"rank=16"}));
}

TEST_F(SelectorTest, AnAxisWithoutAValueFitsNegationsOnly) {
  EXPECT_THAT(Of({"text_rank=16"}), ElementsAre(1, 2, 3, 4, 7, 8));
  EXPECT_THAT(Of({"text_rank>0"}), ElementsAre(1, 2, 3, 4, 7, 8));
  EXPECT_THAT(Of({"text_rank!=16"}), ElementsAre(5, 6));
}

TEST_F(SelectorTest, StatesDesignsAndCells) {
  EXPECT_THAT(Of({"state=FAILED"}), ElementsAre(6));
  EXPECT_THAT(Of({"state=done,failed"}), ElementsAre(3, 6));
  EXPECT_THAT(Of({"!state=new"}), ElementsAre(3, 6));
  EXPECT_THAT(Of({"design=starts"}), ElementsAre(1, 2, 7, 8));
  // The base is in both.
  EXPECT_THAT(Of({"design!=starts"}), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(Of({"cell=base"}), ElementsAre(1, 2));
  EXPECT_THAT(Of({"cell=\"rank=2\",base", "seed=1"}), ElementsAre(1, 3));
}

TEST_F(SelectorTest, IdsAndNumbers) {
  const std::string id = expansion_.spec_ids[4];
  EXPECT_THAT(Of({id}), ElementsAre(5));
  EXPECT_THAT(Of({absl::StrCat(id.substr(0, 8), ",", expansion_.spec_ids[1])}),
              ElementsAre(2, 5));
  EXPECT_THAT(Of({"#3"}), ElementsAre(3));
  EXPECT_THAT(Of({"#3,8"}), ElementsAre(3, 8));
}

TEST_F(SelectorTest, SeveralIdsAndNumbersMeanAnyOfThem) {
  EXPECT_THAT(Of({"#3", "#8"}), ElementsAre(3, 8));
  EXPECT_THAT(Of({expansion_.spec_ids[4], "#1"}), ElementsAre(1, 5));
  EXPECT_THAT(Of({"#3", "#8", "seed=2"}), ElementsAre(8));
  EXPECT_THAT(Of({"#3", "#8", "!#3"}), ElementsAre(8));
}

TEST(NamesRunsTest, WordsThatMeanSingleRunsOrAState) {
  for (const char* word : {"1f3a", "#3", "state=failed", "state=FAILED"}) {
    EXPECT_TRUE(NamesRuns({word}, "failed")) << word;
  }
  for (const char* word : {"rank=2", "!#3", "state=new", "state=failed,new",
                           "!state=failed", "="}) {
    EXPECT_FALSE(NamesRuns({word}, "failed")) << word;
  }
  EXPECT_FALSE(NamesRuns({}, "failed"));
}

TEST_F(SelectorTest, ErrorsNameWordPositionAndWhatCouldStandThere) {
  EXPECT_EQ(Error("rnk=8"),
            "selector \"rnk=8\", position 1: \"rnk\" is not an axis of sample; "
            "did you mean \"rank\"?");
  EXPECT_EQ(Error("rank=3"),
            "selector \"rank=3\", position 6: no cell has rank=3; it can be "
            "16, 2");
  EXPECT_EQ(Error("rank=2,x"),
            "selector \"rank=2,x\", position 8: \"x\" is not a whole number "
            "from -2147483648 to 2147483647; axis \"rank\" has the values "
            "16, 2");
  EXPECT_EQ(Error("other.textproto"),
            "selector \"other.textproto\", position 1: a second experiment "
            "file; give one, and behind it selectors of its runs, such as "
            "seed=1");
  EXPECT_EQ(Error("text=ZER"),
            "selector \"text=ZER\", position 6: \"ZER\" is no TextTuning; "
            "did you mean \"ZERO\"?");
  EXPECT_EQ(Error("start=drwn"),
            "selector \"start=drwn\", position 7: \"drwn\" is not an option of "
            "axis \"start\"; did you mean \"drawn\"?");
  EXPECT_EQ(Error("text<ZERO"),
            "selector \"text<ZERO\", position 5: text has values without an "
            "order; expected = or !=");
  EXPECT_EQ(Error("state=FAILD"),
            "selector \"state=FAILD\", position 7: \"FAILD\" is not a state; "
            "did you mean \"failed\"?");
  EXPECT_EQ(Error("design=factor"),
            "selector \"design=factor\", position 8: \"factor\" is no design "
            "of sample; did you mean \"factors\"?");
  EXPECT_EQ(
      Error("seed=x"),
      "selector \"seed=x\", position 6: \"x\" is not a seed; it can be 1, "
      "2");
  EXPECT_EQ(Error("#9"),
            "selector \"#9\", position 2: there is no run 9, they are 1 to 8");
  EXPECT_EQ(Error("#x"),
            "selector \"#x\", position 2: expected a number, as in #3");
  EXPECT_EQ(Error("#"), "selector \"#\", position 2: expected a value");
  EXPECT_EQ(Error("rank"),
            "selector \"rank\", position 5: expected =, !=, <, <=, > or >= and "
            "a value, or the start of an id, which has digits and letters a to "
            "f only");
  EXPECT_EQ(Error("rank~3"),
            "selector \"rank~3\", position 5: expected =, !=, <, <=, > or >=");
  EXPECT_EQ(Error("rank="), "selector \"rank=\", position 6: expected a value");
  EXPECT_EQ(Error("rank=2,"),
            "selector \"rank=2,\", position 8: expected a value");
  EXPECT_EQ(Error("=3"),
            "selector \"=3\", position 1: expected a name (an axis, seed, "
            "state, design, cell), the start of an id, or '#' and a number");
  EXPECT_EQ(Error("cell=\"a"),
            "selector \"cell=\\\"a\", position 6: has a quote that does not "
            "close");
  EXPECT_EQ(Error("cell=\"a\"b"),
            "selector \"cell=\\\"a\\\"b\", position 9: expected ',' or the "
            "end");
  EXPECT_THAT(Error(""), StartsWith("selector \"\", position 1: expected"));
  EXPECT_THAT(Error(std::string(5000, 'a')), StartsWith("selector \"aaaa"));
}

TEST_F(SelectorTest, TheStartOfSeveralIdsIsAnError) {
  expansion_.spec_ids[0] = std::string(32, 'a');
  expansion_.spec_ids[1] = std::string(31, 'a') + "b";
  EXPECT_THAT(Error("aaaa"),
              StartsWith("selector \"aaaa\", position 1: aaaa is the start of "
                         "2 ids: aaaa"));
  expansion_.spec_ids[1] = absl::StrCat(kPendingPrefix, "aaaa");
  EXPECT_THAT(Of({"aaaa"}), ElementsAre(1));
}

}  // namespace
}  // namespace transect
