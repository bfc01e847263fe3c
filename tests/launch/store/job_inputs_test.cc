#include "launch/store/job_inputs.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

std::set<std::string> FieldsOf(const google::protobuf::Descriptor& message) {
  std::set<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    names.insert(message.field(i)->name());
  }
  return names;
}

// The code is no input of a run's spec part.
TEST(JobInputsTest, TheMessageHasAFieldForEachInputAndNoOther) {
  std::set<std::string> names = {"code", "train_data"};
  for (const InputInfo& info : kRunInputs) names.emplace(info.text);
  EXPECT_EQ(FieldsOf(*JobInputs::descriptor()), names);
}

TEST(JobInputsTest, IdentitiesComeBack) {
  Reads reads;
  EXPECT_EQ(ToJobInputs(reads).ByteSizeLong(), 0);
  for (const InputInfo& info : kRunInputs) {
    reads[info.name] = absl::StrCat("identity of ", info.text);
  }
  const JobInputs inputs = ToJobInputs(reads);
  EXPECT_EQ(ReadsOf(inputs), reads);
  EXPECT_EQ(inputs.siglip(), "identity of siglip");
}

// A field of InitialWeights that the list does not reach would be read by
// nobody.
TEST(JobInputsTest, EachInputHasAPlaceOfItsOwn) {
  TrainJob job;
  EXPECT_EQ(PlaceOf(InputName::kSam, job), "");
  for (const InputInfo& info : kRunInputs) {
    *MutablePlaceOf(info.name, &job) = std::string(info.text);
  }
  for (const InputInfo& info : kRunInputs) {
    EXPECT_EQ(PlaceOf(info.name, job), info.text);
  }
  EXPECT_EQ(job.data_root(), "data");
  EXPECT_EQ(job.tokenizer_path(), "tokenizer");
  EXPECT_EQ(job.initial_weights().trained(), "weights");
  EXPECT_EQ(kRunInputs.size(), 2 + InitialWeights::descriptor()->field_count());
}

}  // namespace
}  // namespace transect
