// Properties of expansion over random experiments, and the counts of each kind
// of design by hand.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "data/random/philox.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/canonical.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr int kExperiments = 60;

// Axes with values that a random design may ask for. Those of text_rank apply
// where text is not ZERO; start is of options.
constexpr char kAxes[] = R"pb(
  axis {
    name: "rank"
    field: "model.rsrefseg.sam.lora.rank"
    values: [ "16", "2", "4" ]
  }
  axis {
    name: "text"
    field: "model.rsrefseg.siglip.text_tuning"
    values: [ "FULL", "ZERO", "HALF" ]
  }
  axis {
    name: "text_rank"
    field: "model.rsrefseg.siglip.text_lora.rank"
    values: [ "16", "8", "1" ]
    when {
      axis: "text"
      values: [ "FULL", "HALF" ]
    }
  }
  axis {
    name: "lr"
    field: "training.optimizer.lr"
    values: [ "1e-4", "5e-1", "0.25" ]
  }
  axis {
    name: "start"
    option { name: "trained" }
    option {
      name: "drawn"
      set { weights { random {} } }
    }
    option {
      name: "short"
      set { training { steps: 2 } }
    }
  }
)pb";

// The names of some of the axes, at least one.
std::vector<std::string> SomeAxes(const Experiment& experiment,
                                  Philox* random) {
  std::vector<std::string> names;
  for (const Axis& axis : experiment.axis()) {
    if (random->NextBelow(2) == 0) names.push_back(axis.name());
  }
  if (names.empty()) names.push_back("rank");
  return names;
}

void Set(const char* axis, const std::string& value, Setting* setting) {
  setting->set_axis(axis);
  setting->set_value(value);
}

// Makes `design` one of a random kind, about random axes.
void DrawKind(const Experiment& experiment, Philox* random, Design* design) {
  switch (random->NextBelow(5)) {
    case 0:
      for (const std::string& name : SomeAxes(experiment, random)) {
        design->mutable_one_factor()->add_axes(name);
      }
      break;
    case 1:
      for (const std::string& name : SomeAxes(experiment, random)) {
        design->mutable_grid()->add_axes(name);
      }
      break;
    case 2:
      for (const std::string& name : SomeAxes(experiment, random)) {
        design->mutable_zip()->add_axes(name);
      }
      break;
    case 3: {
      LeaveOneOut* const leave = design->mutable_leave_one_out();
      Set("text", "ZERO", leave->add_without());
      Set("rank", absl::StrCat(1 + random->NextBelow(8)), leave->add_without());
      break;
    }
    default:
      Set("lr", absl::StrCat(1 + random->NextBelow(9), "e-3"),
          design->mutable_list()->add_cell()->add_set());
      break;
  }
}

Experiment RandomExperiment(Philox* random) {
  Experiment experiment = SampleExperiment();
  experiment.clear_axis();
  experiment.clear_design();
  experiment.clear_seeds();
  experiment.MergeFrom(FromText<Experiment>(kAxes));
  const int designs = 1 + static_cast<int>(random->NextBelow(3));
  for (int i = 0; i < designs; ++i) {
    Design* design = experiment.add_design();
    design->set_name(absl::StrCat("d", i));
    DrawKind(experiment, random, design);
  }
  const int seeds = 1 + static_cast<int>(random->NextBelow(3));
  for (int i = 0; i < seeds; ++i) experiment.add_seeds(10 + i);
  return experiment;
}

// A zip of text and text_rank, say, can have a row twice. Such experiments are
// refused, and another is drawn.
Experiment ValidRandomExperiment(uint64_t number) {
  Philox random(1, "properties of expansion", number);
  while (true) {
    Experiment experiment = RandomExperiment(&random);
    if (Expand(experiment, {}).ok()) return experiment;
  }
}

std::set<std::string> Ids(const Experiment& experiment) {
  const absl::StatusOr<Expansion> expansion = Expand(experiment, {});
  EXPECT_THAT(expansion, IsOk()) << PrintTextproto(experiment);
  return expansion.ok() ? std::set<std::string>(expansion->spec_ids.begin(),
                                                expansion->spec_ids.end())
                        : std::set<std::string>();
}

template <typename List>
void ShuffleList(Philox* random, List* list) {
  for (int i = list->size() - 1; i > 0; --i) {
    list->SwapElements(
        i, static_cast<int>(random->NextBelow(static_cast<uint64_t>(i) + 1)));
  }
}

TEST(PropertiesTest, PermutingTheFileChangesNoId) {
  for (int i = 0; i < kExperiments; ++i) {
    const Experiment experiment = ValidRandomExperiment(i);
    Philox random(2, "permutation", i);
    Experiment permuted = experiment;
    ShuffleList(&random, permuted.mutable_axis());
    ShuffleList(&random, permuted.mutable_design());
    ShuffleList(&random, permuted.mutable_seeds());
    bool zip = false;
    for (Design& design : *permuted.mutable_design()) {
      zip = zip || design.has_zip();
      ShuffleList(&random, design.mutable_exclude());
      if (design.has_grid()) {
        ShuffleList(&random, design.mutable_grid()->mutable_axes());
      }
      if (design.has_one_factor()) {
        ShuffleList(&random, design.mutable_one_factor()->mutable_axes());
      }
    }
    // Rows of a zip are made by the order of the values.
    for (Axis& axis : *permuted.mutable_axis()) {
      if (!zip) {
        ShuffleList(&random, axis.mutable_values());
        ShuffleList(&random, axis.mutable_option());
      }
    }
    EXPECT_EQ(Ids(experiment), Ids(permuted)) << PrintTextproto(experiment);
  }
}

TEST(PropertiesTest, PrintingAndReadingChangesNoId) {
  for (int i = 0; i < kExperiments; ++i) {
    const Experiment experiment = ValidRandomExperiment(i);
    Experiment again;
    ASSERT_THAT(ParseTextproto(PrintTextproto(experiment), "", &again), IsOk());
    EXPECT_EQ(Ids(experiment), Ids(again));
  }
}

TEST(PropertiesTest, ResolvingAResolvedRunChangesNothing) {
  for (int i = 0; i < kExperiments; ++i) {
    const absl::StatusOr<Expansion> expansion =
        Expand(ValidRandomExperiment(i), {});
    ASSERT_THAT(expansion, IsOk());
    for (const RunSpec& run : expansion->runs) {
      RunSpec again = run;
      ResolveRun(&again);
      EXPECT_THAT(again, EqualsProto(run));
    }
  }
}

TEST(PropertiesTest, ADesignTwiceAsksForNothingNew) {
  for (int i = 0; i < kExperiments; ++i) {
    const Experiment experiment = ValidRandomExperiment(i);
    Experiment twice = experiment;
    for (const Design& design : experiment.design()) {
      Design* copy = twice.add_design();
      *copy = design;
      copy->set_name(absl::StrCat("again_", design.name()));
    }
    EXPECT_EQ(Ids(experiment), Ids(twice));
  }
}

TEST(PropertiesTest, RunsAreDistinctAndTheirIdsToo) {
  for (int i = 0; i < kExperiments; ++i) {
    const absl::StatusOr<Expansion> expansion =
        Expand(ValidRandomExperiment(i), {});
    ASSERT_THAT(expansion, IsOk());
    std::set<std::string> ids;
    std::set<std::string> texts;
    for (size_t run = 0; run < expansion->runs.size(); ++run) {
      ids.insert(expansion->spec_ids[run]);
      const absl::StatusOr<std::string> text =
          CanonicalText(expansion->runs[run]);
      ASSERT_THAT(text, IsOk());
      texts.insert(*text);
    }
    EXPECT_EQ(ids.size(), expansion->runs.size());
    EXPECT_EQ(texts.size(), expansion->runs.size());
    for (const DesignCells& design : expansion->designs) {
      for (const Cell& cell : design.cells) {
        EXPECT_EQ(cell.runs.size(), expansion->seeds.size());
      }
    }
  }
}

struct Count {
  const char* design;
  int cells;
  // Of two seeds, the base and other designs not counted in.
  int runs;
};

// The base is rank=16 text=FULL prompts=SPARSE_AND_DENSE lr=1e-4. Axes: rank 16
// 2, text FULL ZERO, prompts SPARSE_AND_DENSE SPARSE, lr with the three values
// 1 2 3, none of them the base's.
constexpr Count kCounts[] = {
    // 1 + 1 + 1 + 1 + 3
    {"one_factor { axes: ['rank', 'text', 'prompts', 'lr'] }", 7, 14},
    // 2 x 2 x 3
    {"grid { axes: ['rank', 'text', 'lr'] }", 12, 24},
    // 2 x 2 x 3 less the 3 with rank 2 and ZERO
    {"grid { axes: ['rank', 'text', 'lr'] }"
     "exclude { where { axis: 'rank' value: '2' }"
     "          where { axis: 'text' value: 'ZERO' } }",
     9, 18},
    // 2 x 2 x 3 less 6 with rank 2, less 2 more with lr 1
    {"grid { axes: ['rank', 'text', 'lr'] }"
     "exclude { where { axis: 'rank' value: '2' } }"
     "exclude { where { axis: 'lr' value: '1' } }",
     4, 8},
    {"zip { axes: ['rank', 'text', 'prompts'] }", 2, 4},
    // 1 + 3
    {"leave_one_out { without { axis: 'rank' value: '2' }"
     "                without { axis: 'text' value: 'ZERO' }"
     "                without { axis: 'prompts' value: 'SPARSE' } }",
     4, 8},
    // 2 + 3
    {"add_one { without { axis: 'rank' value: '2' }"
     "          without { axis: 'text' value: 'ZERO' }"
     "          without { axis: 'prompts' value: 'SPARSE' } }",
     5, 10},
    // One component: none, and all.
    {"add_one { without { axis: 'rank' value: '2' } }", 2, 4},
    {"list { cell {} cell { set { axis: 'rank' value: '7' } }"
     "       cell { set { axis: 'rank' value: '7' }"
     "              set { axis: 'text' value: 'ZERO' } } }",
     3, 6},
};

TEST(PropertiesTest, CountsByHand) {
  for (const Count& count : kCounts) {
    Experiment experiment = SampleExperiment();
    experiment.clear_design();
    experiment.MergeFrom(FromText<Experiment>(absl::StrCat(
        "axis { name: 'lr' field: 'training.optimizer.lr' values: ['1', '2', "
        "'3'] } design { name: 'd' ",
        count.design, " }")));
    const absl::StatusOr<Expansion> expansion = Expand(experiment, {});
    ASSERT_THAT(expansion, IsOk()) << count.design;
    EXPECT_EQ(expansion->designs[0].cells.size(), count.cells) << count.design;
    EXPECT_EQ(expansion->runs.size(), count.runs) << count.design;
  }
}

// One clear error each, before anything is made of it.
TEST(PropertiesTest, AGridOfABillionRunsIsRefusedAtOnce) {
  Experiment experiment = SampleExperiment();
  experiment.clear_axis();
  experiment.clear_design();
  Design* design = experiment.add_design();
  design->set_name("d");
  for (const char* field : {"lr", "eps", "weight_decay"}) {
    Axis* axis = experiment.add_axis();
    axis->set_name(field);
    axis->set_field(absl::StrCat("training.optimizer.", field));
    for (int i = 1; i <= 1000; ++i) axis->add_values(absl::StrCat(i, "e-9"));
    design->mutable_grid()->add_axes(field);
  }
  EXPECT_THAT(Expand(experiment, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "asks for 1000000000 cells of 2 seeds, must be at most "
                       "20000 runs"));
}

TEST(PropertiesTest, TenMegabytesOfAxesAreRefusedAtOnce) {
  Experiment experiment = SampleExperiment();
  for (int i = 0; i < 150'000; ++i) {
    Axis* axis = experiment.add_axis();
    axis->set_name(absl::StrCat("axis", i));
    axis->set_field("training.steps");
    axis->add_values("1");
  }
  const std::string text = PrintTextproto(experiment);
  EXPECT_GT(text.size(), 8'000'000);
  Experiment read;
  ASSERT_THAT(ParseTextproto(text, "", &read), IsOk());
  EXPECT_THAT(Expand(read, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "axis: has 150003 entries, must be at most 1000"));
}

TEST(PropertiesTest, NumbersThatAreNoneAreRefused) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_base()->mutable_training()->mutable_optimizer()->set_lr(
      std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(Expand(experiment, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "base.training.optimizer.lr: is nan, must be finite"));
  experiment = SampleExperiment();
  Axis* axis = experiment.add_axis();
  axis->set_name("lr");
  axis->set_field("training.optimizer.lr");
  axis->add_values("nan");
  EXPECT_THAT(Expand(experiment, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "axis[3].values[0]: \"nan\" is not a finite number"));
}

TEST(PropertiesTest, AnAxisTwiceIsRefused) {
  Experiment experiment = SampleExperiment();
  *experiment.add_axis() = experiment.axis(0);
  EXPECT_THAT(Expand(experiment, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "axis[3].name: is \"rank\", the name of an axis before "
                       "it"));
}

}  // namespace
}  // namespace transect
