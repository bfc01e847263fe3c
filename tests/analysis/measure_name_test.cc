#include "analysis/measure_name.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(MeasureNameTest, EveryMeasureHasANameOfItsOwn) {
  std::set<std::string> names;
  const auto* kinds = ReportCell::Kind_descriptor();
  for (int i = 0; i < kinds->value_count(); ++i) {
    names.insert(
        MeasureName(static_cast<ReportCell::Kind>(kinds->value(i)->number())));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(kinds->value_count()));
  EXPECT_EQ(MeasureName(ReportCell::UNSPECIFIED), "");
  EXPECT_EQ(MeasureName(ReportCell::GIOU), "gIoU");
}

TEST(MeasureNameTest, AResolutionIsNamed) {
  EXPECT_EQ(ResolutionName(0), "each image's own size");
  EXPECT_EQ(ResolutionName(480), "480 x 480 pixels");
}

}  // namespace
}  // namespace transect
