#include "experiments/reading/schema_help.h"

#include <string>

#include "absl/types/span.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

// message Box { optional int32 size = 1 [default = 3]; }, with comments.
DocumentedSchema BoxSchema() {
  google::protobuf::FileDescriptorSet files;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        file {
          name: "box.proto"
          package: "test"
          message_type {
            name: "Box"
            field {
              name: "size"
              number: 1
              label: LABEL_OPTIONAL
              type: TYPE_INT32
              default_value: "3"
            }
          }
          source_code_info {
            location {
              path: [ 4, 0, 2, 0 ]
              span: [ 0, 0, 1 ]
              leading_comments: " Edge in meters,\n 1 to 9. Or so.\n"
            }
          }
        }
      )pb",
      &files));
  const std::string bytes = files.SerializeAsString();
  return DocumentedSchema(absl::MakeConstSpan(
      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

TEST(SchemaHelpTest, AFieldHasTypeDefaultAndComment) {
  const DocumentedSchema schema = BoxSchema();
  const google::protobuf::Descriptor& box = schema.Find("test.Box");
  const google::protobuf::FieldDescriptor& size = *box.field(0);
  EXPECT_EQ(FieldHeadline("a.size", size), "a.size: int32, default 3");
  EXPECT_EQ(HelpOfField("a.size", size),
            "a.size: int32, default 3\nEdge in meters,\n1 to 9. Or so.\n");
  EXPECT_EQ(FirstSentence(size), "Edge in meters, 1 to 9.");
  EXPECT_EQ(HelpOfFields(box),
            "\n  size: int32, default 3\n    Edge in meters,\n"
            "    1 to 9. Or so.\n");
}

}  // namespace
}  // namespace transect
