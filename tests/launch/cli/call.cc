#include "tests/launch/cli/call.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "launch/cli/cli.h"

namespace transect {

Said Call(std::vector<std::string> words) {
  words.insert(words.begin(), "transect");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.code = TransectMain(static_cast<int>(words.size()), argv.data());
  said.out = testing::internal::GetCapturedStdout();
  said.err = testing::internal::GetCapturedStderr();
  return said;
}

}  // namespace transect
