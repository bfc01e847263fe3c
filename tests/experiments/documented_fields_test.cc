// What a researcher can write is documented in the schema: every field that can
// occur in an Experiment and every enumerator but the unspecified one has a
// comment, which says what it does and not only where that is said.
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "data/io/file.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorPool;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::SourceLocation;

class DocumentedFieldsTest : public testing::Test {
 protected:
  void SetUp() override {
    // With source information, which compiled-in descriptors lack.
    ASSERT_OK_AND_ASSIGN(const std::string bytes,
                         ReadFile("experiments/experiment_descriptor_set.bin"));
    google::protobuf::FileDescriptorSet set;
    ASSERT_TRUE(set.ParseFromString(bytes));
    for (const auto& file : set.file()) {
      ASSERT_NE(pool_.BuildFile(file), nullptr) << file.name();
    }
    const Descriptor* root = pool_.FindMessageTypeByName("transect.Experiment");
    ASSERT_NE(root, nullptr);
    AddMessage(*root);
  }

  template <typename T>
  void Check(const T& descriptor) {
    ++checked_;
    SourceLocation location;
    if (!descriptor.GetSourceLocation(&location) ||
        location.leading_comments.size() < 5) {
      undocumented_.push_back(descriptor.full_name());
      return;
    }
    std::string words = location.leading_comments;
    // What only refers to another place says nothing to who reads the help.
    static const std::regex* const references = new std::regex(
        "\\b(S[0-9]+|paper|released|code|true|false|and|to|equations?"
        "|[Ss]ee|[Aa]s|[A-Za-z]+\\.[a-z_.]+|[^A-Za-z]+)\\b");
    words = std::regex_replace(words, *references, " ");
    static const std::regex* const letters = new std::regex("[A-Za-z]{2,}");
    if (!std::regex_search(words, *letters) ||
        std::regex_search(location.leading_comments,
                          std::regex("^ *S[0-9]+\\b"))) {
      only_references_.push_back(descriptor.full_name());
    }
  }

  void AddEnum(const EnumDescriptor& type) {
    for (int i = 0; i < type.value_count(); ++i) {
      if (type.value(i)->number() != 0) {
        Check(*type.value(i));
      }
    }
  }

  void AddMessage(const Descriptor& type) {
    if (!seen_.insert(type.full_name()).second) {
      return;
    }
    Check(type);
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      Check(field);
      if (field.message_type() != nullptr) {
        AddMessage(*field.message_type());
      } else if (field.enum_type() != nullptr &&
                 seen_.insert(field.enum_type()->full_name()).second) {
        AddEnum(*field.enum_type());
      }
    }
  }

  DescriptorPool pool_;
  std::set<std::string> seen_;
  std::vector<std::string> undocumented_;
  std::vector<std::string> only_references_;
  int checked_ = 0;
};

TEST_F(DocumentedFieldsTest, EveryFieldAndEnumeratorHasAComment) {
  EXPECT_THAT(undocumented_, testing::IsEmpty());
}

TEST_F(DocumentedFieldsTest, NoCommentIsOnlyAReference) {
  EXPECT_THAT(only_references_, testing::IsEmpty());
}

TEST_F(DocumentedFieldsTest, TheSpecsOfAllComponentsAreReached) {
  for (const char* type :
       {"transect.LoraSpec", "transect.SynthesisSpec", "transect.AdamWSpec",
        "transect.CellList", "transect.PrompterSpec.GlobalText"}) {
    EXPECT_EQ(seen_.count(type), 1) << type;
  }
  EXPECT_GT(checked_, 150);
}

}  // namespace
}  // namespace transect
