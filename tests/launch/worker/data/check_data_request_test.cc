#include "launch/worker/data/check_data_request.h"

#include <stdlib.h>

#include <iostream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "nlohmann/json.hpp"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CheckDataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cache_ = NewDatasetDir();
    setenv("XDG_CACHE_HOME", cache_.c_str(), 1);
    old_ = std::cout.rdbuf(out_.rdbuf());
  }
  void TearDown() override { std::cout.rdbuf(old_); }

  std::string cache_;
  std::ostringstream out_;
  std::streambuf* old_ = nullptr;
};

TEST_F(CheckDataTest, CheckPrintsAndKeepsTheIndex) {
  CheckDataRequest request;
  request.set_root(NewDatasetDir());
  request.mutable_reading()->set_format(FoundDataset::RRSISD);
  request.set_identity("abc");
  WriteSmallDataset(request.root(), {{.id = 1}});
  EXPECT_THAT(CheckData(request), IsOkAndHolds(ExitCode::OK));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("no defects"), HasSubstr("abc")));
  EXPECT_THAT(ListDirectory(cache_ + "/transect/index"),
              IsOkAndHolds(testing::SizeIs(3)));
}

TEST_F(CheckDataTest, ADefectIsFoundAndJsonHasIt) {
  CheckDataRequest request;
  request.set_root(NewDatasetDir());
  request.mutable_reading()->set_format(FoundDataset::RRSISD);
  request.set_output(CheckDataRequest::JSON);
  WriteSmallDataset(request.root(), {{.id = 1, .mask = {0, 0, 0, 0}}});
  EXPECT_THAT(CheckData(request), IsOkAndHolds(ExitCode::FOUND));
  const nlohmann::json json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["defect"][0]["kind"], "empty_mask");
  EXPECT_EQ(json["defect"][0]["example"][0]["id"], "1");
}

TEST_F(CheckDataTest, WhatCannotBeReadIsAnError) {
  CheckDataRequest request;
  request.set_root("/no/such/root");
  request.mutable_reading()->set_format(FoundDataset::RRSISD);
  EXPECT_THAT(CheckData(request), StatusIs(absl::StatusCode::kNotFound,
                                           HasSubstr("/no/such/root")));
}

TEST_F(CheckDataTest, WhatRunsReadIsToldOnStandardErrorIfItStopsThem) {
  CheckUsedDataRequest request;
  for (const bool broken : {false, true}) {
    CheckUsedDataRequest::Use* const use = request.add_use();
    use->set_root(NewDatasetDir());
    use->mutable_data()->set_format(FoundDataset::RRSISD);
    use->add_split("train");
    SmallRecord record;
    if (broken) record.mask = {0, 0, 0, 0};
    WriteSmallDataset(use->root(), {record});
    std::ostringstream errors;
    std::streambuf* const old = std::cerr.rdbuf(errors.rdbuf());
    EXPECT_THAT(CheckUsedData(request),
                IsOkAndHolds(broken ? ExitCode::FOUND : ExitCode::OK));
    std::cerr.rdbuf(old);
    EXPECT_EQ(absl::StrContains(errors.str(), "empty_mask"), broken);
    EXPECT_EQ(absl::StrContains(errors.str(), request.use(0).root()), false)
        << "nothing stops at the first";
  }
  EXPECT_EQ(out_.str(), "");
  request.mutable_use(0)->set_root("/no/such/root");
  EXPECT_THAT(CheckUsedData(request), StatusIs(absl::StatusCode::kNotFound,
                                               HasSubstr("/no/such/root")));
}

}  // namespace
}  // namespace transect
