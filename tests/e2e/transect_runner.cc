#include "tests/e2e/transect_runner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/io/file.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

constexpr char kProgram[] = "launch/cli/transect";
constexpr char kExperiment[] = "tests/e2e/tiny.textproto";

std::string ReadAll(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  TRANSECT_CHECK(text.ok()) << text.status().message();
  return *text;
}

}  // namespace

Started::Started(const std::vector<std::string>& arguments, int out_descriptor,
                 int err_descriptor, int in_descriptor)
    : directory_(NewDir()) {
  std::vector<std::string> words = {fs::absolute(kProgram).string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = directory_ + "/out";
  const std::string err = directory_ + "/err";
  pid_ = fork();
  TRANSECT_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    setenv("XDG_CONFIG_HOME", directory_.c_str(), 1);
    unsetenv("TRANSECT_SITE");
    unsetenv("TRANSECT_STORE");
    unsetenv("BUILD_WORKING_DIRECTORY");
    const int out_file = open(out.c_str(), O_WRONLY | O_CREAT, 0666);
    const int err_file = open(err.c_str(), O_WRONLY | O_CREAT, 0666);
    if (in_descriptor >= 0) dup2(in_descriptor, STDIN_FILENO);
    dup2(out_descriptor >= 0 ? out_descriptor : out_file, STDOUT_FILENO);
    dup2(err_descriptor >= 0 ? err_descriptor : err_file, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
}

Started::~Started() {
  if (!waited_) {
    kill(pid_, SIGKILL);
    Wait();
  }
}

Ended Started::Wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    TRANSECT_CHECK(errno == EINTR);
  }
  waited_ = true;
  Ended ended;
  ended.code =
      WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  ended.out = ReadAll(directory_ + "/out");
  ended.err = ReadAll(directory_ + "/err");
  return ended;
}

Ended Transect(const std::vector<std::string>& arguments) {
  return Started(arguments).Wait();
}

std::string TinyExperiment(
    const std::vector<std::pair<std::string, std::string>>& changes) {
  std::string text = ReadAll(kExperiment);
  for (const auto& [from, to] : changes) {
    TRANSECT_CHECK(absl::StrContains(text, from)) << from;
    text = absl::StrReplaceAll(text, {{from, to}});
  }
  const std::string path = NewDir() + "/tiny.textproto";
  Put(path, text);
  return path;
}

namespace {

struct Filled {
  std::string store;
  std::string report;
};

const Filled& GetFilled() {
  static const Filled* const filled = [] {
    auto* made = new Filled;
    made->store = NewDir() + "/store";
    const Ended run = Transect({"run", kExperiment, "--store", made->store});
    TRANSECT_CHECK(run.code == 0) << run.err << run.out;
    made->report = run.out;
    return made;
  }();
  return *filled;
}

}  // namespace

const std::string& FilledStore() { return GetFilled().store; }
const std::string& FilledReport() { return GetFilled().report; }

std::string NewStore(const std::vector<std::string>& directories) {
  const std::string store = NewDir() + "/store";
  TRANSECT_CHECK(MakeDirs(store).ok());
  fs::copy(FilledStore() + "/VERSION", store + "/VERSION");
  // By its path: a hard link to a library would change its ctime, and every
  // command would hash hundreds of megabytes again.
  fs::create_directory_symlink(FilledStore() + "/bundles", store + "/bundles");
  std::vector<std::string> all = {"cache"};
  all.insert(all.end(), directories.begin(), directories.end());
  for (const std::string& directory : all) {
    fs::copy(FilledStore() + "/" + directory, store + "/" + directory,
             fs::copy_options::recursive | fs::copy_options::create_hard_links);
  }
  return store;
}

std::vector<std::string> JobDirs(const std::string& store) {
  std::vector<std::string> jobs;
  for (const char* kind : {"/inputs", "/runs"}) {
    if (!FileExists(store + kind)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(store + kind)) {
      // Evaluations are parts of their runs.
      if (entry.path().filename() == "attempts" &&
          !absl::StrContains(entry.path().string(), "/evaluations/")) {
        jobs.push_back(entry.path().parent_path().string());
      }
    }
  }
  std::sort(jobs.begin(), jobs.end());
  return jobs;
}

std::vector<pid_t> Workers(const std::string& store) {
  std::vector<pid_t> workers;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    const absl::StatusOr<std::string> line =
        ReadFile(entry.path().string() + "/cmdline");
    if (line.ok() && absl::StrContains(*line, "transect_worker") &&
        absl::StrContains(*line, store)) {
      workers.push_back(pid);
    }
  }
  return workers;
}

}  // namespace transect
