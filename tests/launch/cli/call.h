// Calls `transect` in the process of a test.
#ifndef TRANSECT_TESTS_LAUNCH_CLI_CALL_H_
#define TRANSECT_TESTS_LAUNCH_CLI_CALL_H_

#include <string>
#include <vector>

namespace transect {

struct Said {
  int code;
  std::string out;
  std::string err;
};

// Exit code and output of `transect` with these arguments.
Said Call(std::vector<std::string> words);

}  // namespace transect

#endif  // TRANSECT_TESTS_LAUNCH_CLI_CALL_H_
