// bazel run //:install -- PREFIX
#include <stdio.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "launch/store/program/built_worker.h"
#include "launch/store/program/tree.h"
#include "launch/upkeep/install/install.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// A folder or file of the runfiles, and where it is installed.
struct Shared {
  const char* source;
  const char* place;
};

constexpr Shared kShared[] = {
    {"experiments", "share/transect/experiments"},
    {"docs", "share/doc/transect/docs"},
    {"README.md", "share/doc/transect/README.md"},
    {"LICENSE", "share/doc/transect/LICENSE"},
    {"NOTICE", "share/doc/transect/NOTICE"},
    {"launch/upkeep/install/transect.bash",
     "share/bash-completion/completions/transect"},
    {"launch/upkeep/install/_transect", "share/zsh/site-functions/_transect"},
};

absl::Status InstallHere(const std::string& argv0, const std::string& prefix) {
  Installable what;
  TRANSECT_ASSIGN_OR_RETURN(what.worker, FindWorker(argv0));
  const std::string& root = what.worker.root;
  what.program = absl::StrCat(root, "/launch/cli/transect");
  what.start = absl::StrCat(root, "/launch/upkeep/install/start");
  for (const Shared& shared : kShared) {
    const std::string source = absl::StrCat(root, "/", shared.source);
    std::error_code error;
    if (fs::is_regular_file(source, error)) {
      what.shared.push_back({source, shared.place});
      continue;
    }
    for (const std::string& name : FilesBelow(source, source)) {
      what.shared.push_back({absl::StrCat(source, "/", name),
                             absl::StrCat(shared.place, "/", name)});
    }
  }
  TRANSECT_RETURN_IF_ERROR(Install(what, prefix));
  printf(
      "installed in %s\n"
      "  %s/bin/transect --help\n"
      "  %s/bin/transect run %s/share/transect/experiments/"
      "quickstart.textproto\n",
      prefix.c_str(), prefix.c_str(), prefix.c_str(), prefix.c_str());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '\0' || argv[1][0] == '-') {
    fprintf(stderr,
            "usage: bazel run //:install -- PREFIX\n"
            "Installs Transect in the folder PREFIX, over an older "
            "installation there. It then needs neither Bazel nor this "
            "checkout, and no packages.\n");
    return 1;
  }
  // Before the working directory is that of the runfiles no more.
  std::error_code error;
  const std::string argv0 = fs::absolute(argv[0], error).string();
  const char* const typed = getenv("BUILD_WORKING_DIRECTORY");
  if (typed != nullptr) fs::current_path(typed, error);
  const std::string prefix =
      fs::absolute(argv[1], error).lexically_normal().string();
  const absl::Status installed =
      InstallHere(argv0, prefix.size() > 1 && absl::EndsWith(prefix, "/")
                             ? prefix.substr(0, prefix.size() - 1)
                             : prefix);
  if (!installed.ok()) {
    fprintf(stderr, "%s\n", std::string(installed.message()).c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) { return transect::Main(argc, argv); }
