#include "data/io/message_strings.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

std::string Louder(absl::string_view text) { return absl::StrCat(text, "!"); }

TEST(MessageStringsTest, ChangesSinglesListsAndNestedOnes) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("a");
  file.add_dependency("b");
  file.add_dependency("c");
  file.add_message_type()->set_name("d");
  file.mutable_options()->set_java_package("e");
  ChangeStrings(&file, Louder);
  EXPECT_EQ(file.name(), "a!");
  EXPECT_EQ(file.dependency(1), "c!");
  EXPECT_EQ(file.message_type(0).name(), "d!");
  EXPECT_EQ(file.options().java_package(), "e!");
  EXPECT_FALSE(file.has_package());
}

}  // namespace
}  // namespace transect
