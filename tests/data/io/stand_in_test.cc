#include "data/io/stand_in.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(StandInTest, NamesWhatAFileIsAndTheWayOut) {
  const std::vector<std::pair<absl::string_view, const char*>> cases = {
      {"", "is empty"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0",
       "`git lfs pull`"},
      {"/annex/objects/SHA256E-s1--0.bin", "`git annex get`"},
      {"\r\n  <!doctype HTML><title>Sign in", "is a web page"},
      {"\xEF\xBB\xBF<html lang='en'>", "is a web page"},
      {"<?xml version='1.0'?><Error><Code>AccessDenied", "server answered"},
      {"{\"error\":\"gated\"}", "server answered"},
      {"Entry not found", "server answered"},
      {absl::string_view("PK\x03\x04\x14\0", 6), "archive"},
      {"\x1f\x8b\x08", "archive"}};
  for (const auto& [head, what] : cases) {
    EXPECT_THAT(StandInText(head), HasSubstr(what)) << head;
  }
}

TEST(StandInTest, SaysNothingAboutOtherFiles) {
  for (const absl::string_view head :
       {"{}", "name: 'x'", "[1]", "\x80\x02}", "version: 3", "\n"}) {
    EXPECT_EQ(StandInText(head), "") << head;
  }
}

}  // namespace
}  // namespace transect
