#include "launch/optimizer/flat_layout.h"

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace transect {
namespace {

std::vector<at::Tensor> Tensors() {
  return {torch::zeros({3}), torch::zeros({70, 10}), torch::zeros({}),
          torch::zeros({33})};
}

TEST(FlatLayout, AlignsTensorsAndCoversThem) {
  const FlatLayout layout(Tensors(), /*parts=*/4, /*bucket_elements=*/300);
  int64_t end = 0;
  for (const FlatRange& slot : layout.slots()) {
    EXPECT_EQ(slot.begin % FlatLayout::kAlignment, 0);
    EXPECT_GE(slot.begin, end);
    end = slot.end;
  }
  EXPECT_GE(layout.size(), end);
  int64_t next = 0;
  for (const FlatRange& bucket : layout.buckets()) {
    EXPECT_EQ(bucket.begin, next);
    // Four parts, each aligned, and no more than was asked for.
    EXPECT_EQ(bucket.size() % (4 * FlatLayout::kAlignment), 0);
    EXPECT_LE(bucket.size(), 300);
    next = bucket.end;
  }
  EXPECT_EQ(next, layout.size());
  EXPECT_EQ(layout.buckets().size(), 4u);
}

TEST(FlatLayout, ViewsHaveTheShapesOfTheTensors) {
  const FlatLayout layout(Tensors(), 1);
  const at::Tensor flat = torch::arange(layout.size(), at::kFloat);
  const std::vector<at::Tensor> views = layout.Views(flat);
  ASSERT_EQ(views.size(), 4u);
  for (size_t i = 0; i < views.size(); ++i) {
    EXPECT_EQ(views[i].sizes(), Tensors()[i].sizes());
    EXPECT_EQ(views[i].reshape({-1})[0].item<int64_t>(),
              layout.slots()[i].begin);
  }
}

TEST(FlatLayout, GivesEveryElementToOneRank) {
  const FlatLayout layout(Tensors(), 8, 512);
  for (const int ranks : {1, 2, 4, 8}) {
    at::Tensor owners = torch::zeros({layout.size()});
    for (int rank = 0; rank < ranks; ++rank) {
      for (const FlatRange& range : layout.Owned(rank, ranks)) {
        EXPECT_EQ(range.begin % FlatLayout::kAlignment, 0);
        owners.narrow(0, range.begin, range.size()).add_(1);
      }
    }
    EXPECT_TRUE(owners.eq(1).all().item<bool>()) << ranks;
  }
  EXPECT_THROW(layout.Owned(0, 3), c10::Error);
}

TEST(FlatLayout, DoesNotDependOnTheRanks) {
  const FlatLayout layout(Tensors(), 8, 512);
  const std::vector<FlatRange> two = layout.Owned(0, 2);
  const std::vector<FlatRange> four[] = {layout.Owned(0, 4),
                                         layout.Owned(1, 4)};
  for (size_t b = 0; b < two.size(); ++b) {
    EXPECT_EQ(two[b].begin, four[0][b].begin);
    EXPECT_EQ(four[0][b].end, four[1][b].begin);
    EXPECT_EQ(two[b].end, four[1][b].end);
  }
}

}  // namespace
}  // namespace transect
