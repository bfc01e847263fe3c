#include "data/annotations/rrsisd_boxes.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSize[] =
    "<size><width>800</width><height>801</height><depth>3</depth></size>";

std::string Box(const char* xmin) {
  return absl::StrCat("<bndbox><xmin> ", xmin,
                      " </xmin><ymin>2</ymin><xmax>30</xmax><ymax>40.0</ymax>"
                      "</bndbox>");
}

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<XmlAnnotation> parsed = ParseRrsisdXml(text, "f.xml");
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(parsed.status().message());
}

TEST(RrsisdBoxesTest, ReadsSizeObjectsAndDescriptions) {
  ASSERT_OK_AND_ASSIGN(
      const XmlAnnotation xml,
      ParseRrsisdXml(
          absl::StrCat("<?xml version=\"1.0\"?>\n<annotation>", kSize,
                       "<object><name>dam</name>", Box("1"),
                       "<description>A dam &amp; \xC3\xA9</description>"
                       "</object><object><name>ship</name>",
                       Box("-1"), "</object></annotation>"),
          "f.xml"));
  EXPECT_EQ(xml.width, 800);
  EXPECT_EQ(xml.height, 801);
  ASSERT_EQ(xml.objects.size(), 2u);
  EXPECT_EQ(xml.objects[0].name, "dam");
  EXPECT_THAT(xml.objects[0].box, ElementsAre(1, 2, 30, 40));
  EXPECT_EQ(xml.objects[0].description, "A dam & \xC3\xA9");
  EXPECT_EQ(xml.objects[1].description, "");
  EXPECT_THAT(xml.objects[1].box, ElementsAre(-1, 2, 30, 40));
}

TEST(RrsisdBoxesTest, RefusesWhatIsNotThisFormat) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("f.xml:1:1: "));
  EXPECT_THAT(ErrorOf("<annotation><size>"), HasSubstr("f.xml:1:"));
  EXPECT_THAT(ErrorOf("<annotation>\xFF</annotation>"),
              HasSubstr("not valid UTF-8"));
  EXPECT_THAT(ErrorOf("<html/>"), HasSubstr("no <annotation> with a <size>"));
  EXPECT_THAT(ErrorOf("<annotation><size><width>1</width></size></annotation>"),
              HasSubstr("has no <height>"));
  EXPECT_THAT(
      ErrorOf(absl::StrCat("<annotation>", kSize, "<object/></annotation>")),
      HasSubstr("has no <bndbox>"));
  for (const char* value : {"x", "", "nan", "1e7", "99999999999999999999"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("<annotation>", kSize, "<object>",
                                     Box(value), "</object></annotation>")),
                AllOf(HasSubstr("<xmin> is \""), HasSubstr("a number")))
        << value;
  }
}

TEST(RrsisdBoxesTest, DeclarationsDepthAndSizeAreRefused) {
  EXPECT_THAT(
      ErrorOf(absl::StrCat("<!DOCTYPE a [<!ENTITY x \"y\">]><annotation>",
                           kSize, "</annotation>")),
      HasSubstr("document type declaration"));
  std::string deep;
  for (int i = 0; i < 100000; ++i) {
    deep += "<a>";
  }
  std::string closed = deep;
  for (int i = 0; i < 100000; ++i) {
    closed += "</a>";
  }
  EXPECT_THAT(ErrorOf(closed), HasSubstr("nest deeper than 16"));
  EXPECT_THAT(ErrorOf(deep), HasSubstr("f.xml:1:"));
  EXPECT_THAT(ErrorOf(std::string(kMaxXmlBytes + 1, ' ')),
              HasSubstr("at most 1048576 are allowed"));
}

}  // namespace
}  // namespace transect
