// Axes over names that resolution replaces by what they stand for:
// model.rsrefseg.variant and preset are in no resolved run, and yet a value of
// them is what tells the cells apart.
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "experiments/expanding/cells.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/selecting/selector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// RSRefSeg-TINY by the description of the paper, with axes over both names.
Experiment Named(absl::string_view designs) {
  Experiment experiment = FromText<Experiment>(R"pb(
    name: "named"
    axis {
      name: "variant"
      field: "model.rsrefseg.variant"
      values: [ "TINY", "B" ]
    }
    axis {
      name: "preset"
      field: "model.rsrefseg.preset"
      values: [ "PAPER", "RELEASED_CODE" ]
    }
    axis {
      name: "sam"
      field: "model.rsrefseg.sam.variant"
      values: [ "TINY", "VIT_B" ]
    }
    axis {
      name: "network"
      option { name: "rsrefseg" }
      option {
        name: "map"
        set { model { patch_text_map { siglip { variant: TINY } } } }
      }
    }
    axis {
      name: "rank"
      field: "model.rsrefseg.sam.lora.rank"
      values: [ "16", "2" ]
      when { axis: "variant" values: "B" }
    }
  )pb");
  *experiment.mutable_base() = SampleRun();
  experiment.mutable_base()->mutable_model()->clear_rsrefseg();
  experiment.mutable_base()->mutable_model()->mutable_rsrefseg()->set_variant(
      RsRefSegSpec::TINY);
  // What padding to the longest sentence, of the released code, asks for.
  experiment.mutable_base()->mutable_evaluation()->set_batch(1);
  experiment.MergeFrom(FromText<Experiment>(designs));
  return experiment;
}

Expansion Expanded(const Experiment& experiment) {
  absl::StatusOr<Expansion> expansion = Expand(experiment, {});
  EXPECT_THAT(expansion, IsOk());
  return expansion.ok() ? *std::move(expansion) : Expansion();
}

std::vector<std::string> Labels(const Expansion& expansion) {
  std::vector<std::string> labels;
  for (const DesignCells& design : expansion.designs) {
    for (const Cell& cell : design.cells) labels.push_back(cell.label);
  }
  return labels;
}

std::string Error(const Experiment& experiment) {
  return std::string(Expand(experiment, {}).status().message());
}

TEST(ReplacedNamesTest, AVariantIsAnAxis) {
  const Expansion expansion =
      Expanded(Named("design { name: 'd' one_factor { axes: 'variant' } }"));
  EXPECT_THAT(Labels(expansion), ElementsAre("base", "variant=B"));
  EXPECT_THAT(expansion.base_settings,
              ElementsAre(Pair("variant", "TINY"), Pair("preset", "PAPER"),
                          Pair("sam", "TINY"), Pair("network", "rsrefseg")));
  const Cell& cell = expansion.designs[0].cells[1];
  // The towers follow, and an axis over one of them knows.
  EXPECT_THAT(cell.settings,
              ElementsAre(Pair("variant", "B"), Pair("sam", "VIT_B"),
                          Pair("rank", "16")));
  const RsRefSegSpec& model = expansion.runs[cell.runs[0]].model().rsrefseg();
  EXPECT_FALSE(model.has_variant());
  EXPECT_EQ(model.siglip().variant(), SiglipSpec::SO400M_PATCH14_384);
}

TEST(ReplacedNamesTest, APresetIsAnAxis) {
  const Expansion expansion =
      Expanded(Named("design { name: 'd' one_factor { axes: 'preset' } }"));
  EXPECT_THAT(Labels(expansion), ElementsAre("base", "preset=RELEASED_CODE"));
  EXPECT_EQ(expansion.runs[1].model().rsrefseg().prompter().global_text(),
            PrompterSpec::POOLER);
  EXPECT_NE(expansion.spec_ids[0], expansion.spec_ids[1]);
}

TEST(ReplacedNamesTest, TheyCrossAndCanBeConditions) {
  const Expansion expansion = Expanded(Named(
      "design { name: 'd' grid { axes: ['variant', 'preset', 'rank'] } }"));
  EXPECT_THAT(
      Labels(expansion),
      ElementsAre("base", "preset=RELEASED_CODE", "variant=B rank=16",
                  "variant=B rank=2", "variant=B preset=RELEASED_CODE rank=16",
                  "variant=B preset=RELEASED_CODE rank=2"));
}

TEST(ReplacedNamesTest, TheDefaultIsTheBasesValueWhereNoneIsWritten) {
  Experiment experiment =
      Named("design { name: 'd' grid { axes: 'variant' } }");
  experiment.mutable_base()
      ->mutable_model()
      ->mutable_rsrefseg()
      ->clear_variant();
  EXPECT_THAT(Labels(Expanded(experiment)),
              ElementsAre("variant=TINY", "base"));
}

TEST(ReplacedNamesTest, SelectorsKnowThem) {
  const Expansion expansion = Expanded(
      Named("design { name: 'd' grid { axes: ['variant', 'preset'] } }"));
  const std::vector<std::string> states(expansion.runs.size(), "new");
  const auto of = [&](const std::vector<std::string>& words) {
    return Select(words, expansion, states, {"new"});
  };
  EXPECT_THAT(of({"variant=B"}),
              IsOkAndHolds(ElementsAre(false, false, true, true)));
  EXPECT_THAT(of({"variant=TINY", "preset=PAPER"}),
              IsOkAndHolds(ElementsAre(true, false, false, false)));
  EXPECT_THAT(of({"!preset=PAPER"}),
              IsOkAndHolds(ElementsAre(false, true, false, true)));
  EXPECT_THAT(of({"variant=L"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("no cell has variant=L")));
}

TEST(ReplacedNamesTest, ANetworkWithoutTheNameHasNoValue) {
  const Expansion expansion =
      Expanded(Named("design { name: 'd' one_factor { axes: 'network' } }"));
  ASSERT_THAT(Labels(expansion), ElementsAre("base", "network=map"));
  EXPECT_THAT(expansion.designs[0].cells[1].without,
              UnorderedElementsAre("variant", "preset", "sam"));
}

TEST(ReplacedNamesTest, ANameThatStandsForNothingHasNoEffect) {
  Experiment experiment =
      Named("design { name: 'd' one_factor { axes: 'variant' } }");
  RsRefSegSpec* const model =
      experiment.mutable_base()->mutable_model()->mutable_rsrefseg();
  model->mutable_siglip()->set_variant(SiglipSpec::TINY);
  model->mutable_sam()->set_variant(SamSpec::TINY);
  experiment.mutable_axis()->RemoveLast();
  EXPECT_EQ(Error(experiment),
            "axis[0].values[0]: sets variant to TINY, but "
            "model.rsrefseg.variant has no effect in that run\n"
            "axis[0].values[1]: sets variant to B, but "
            "model.rsrefseg.variant has no effect in that run");
}

TEST(ReplacedNamesTest, TwoNamesForOneThingAreStillTwoSettings) {
  const Experiment experiment = Named(
      "axis { name: 'size' option { name: 'big'"
      "  set { model { rsrefseg { variant: B } } } } }"
      "design { name: 'd' list { cell { set { axis: 'size' value: 'big' }"
      "  set { axis: 'variant' value: 'TINY' } } } }");
  EXPECT_EQ(Error(experiment),
            "design[0].list.cell[0]: sets model.rsrefseg.variant twice, by "
            "variant=TINY and by size=big");
}

}  // namespace
}  // namespace transect
