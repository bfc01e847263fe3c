// Runs the real `transect` with the real worker, for the end-to-end tests.
#ifndef TRANSECT_TESTS_E2E_TRANSECT_RUNNER_H_
#define TRANSECT_TESTS_E2E_TRANSECT_RUNNER_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace transect {

// How a command ended and what it said.
struct Ended {
  // Exit code; 128 + n where signal n ended it.
  int code = 0;
  std::string out;
  std::string err;
};

// A `transect` that runs.
class Started {
 public:
  // `out` and `err` are descriptors for its stdout and stderr; what is -1 goes
  // to a file. `in` is one for its stdin; -1 for that of the test.
  explicit Started(const std::vector<std::string>& arguments, int out = -1,
                   int err = -1, int in = -1);
  // Kills it if Wait was not called.
  ~Started();
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  pid_t pid() const { return pid_; }
  // What went to a descriptor is empty.
  Ended Wait();

 private:
  std::string directory_;
  pid_t pid_;
  bool waited_ = false;
};

// `transect` with these arguments, to its end. It sees no site file and no
// TRANSECT_ variable.
Ended Transect(const std::vector<std::string>& arguments);

// Path of a copy of tests/e2e/tiny.textproto in which each first string was
// replaced by the second; every first string must occur.
std::string TinyExperiment(
    const std::vector<std::pair<std::string, std::string>>& changes = {});

// A store that has been filled by `transect run` of the tiny experiment, made
// once for each process. Its report as the run printed it.
const std::string& FilledStore();
const std::string& FilledReport();

// A new store that has the worker's bundle already: a symbolic link to that of
// FilledStore, since it has hundreds of megabytes. It shares by hard links the
// directories of FilledStore that `directories` names, such as "inputs". No
// directory is changed by whoever uses it.
std::string NewStore(const std::vector<std::string>& directories = {});

// Directories below `store` that hold attempts, sorted.
std::vector<std::string> JobDirs(const std::string& store);

// Processes of workers that work on `store` now.
std::vector<pid_t> Workers(const std::string& store);

}  // namespace transect

#endif  // TRANSECT_TESTS_E2E_TRANSECT_RUNNER_H_
