#include "launch/cli/used_data.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "data/spec.h"
#include "launch/cli/output.h"
#include "launch/cli/worker_command.h"
#include "launch/execute/process.h"
#include "launch/plan/data_use.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The data sets, each root once.
std::vector<std::string> CheckCommands(const CommandContext& context,
                                       const std::vector<UsedData>& all) {
  std::vector<std::string> commands;
  for (const UsedData& used : all) {
    std::vector<std::string> words = context.program;
    words.insert(words.end(), {"data", "check", used.root});
    std::string command =
        absl::StrCat("`", ShellQuoted(words), ReadingFlags(used.data), "`");
    if (std::ranges::find(commands, command) == commands.end()) {
      commands.push_back(std::move(command));
    }
  }
  return commands;
}

// What the file says to whoever opens it.
std::string Mark(const UsedData& used) {
  return absl::StrCat("# With this policy no record of split ",
                      absl::StrJoin(used.splits, ", "),
                      " stops a run; every image was decoded.\n# Content ",
                      used.identity, "\n", PrintTextproto(used.data));
}

}  // namespace

absl::StatusOr<int> CheckUsedData(const CommandContext& context,
                                  const ExperimentSession& session) {
  return CheckUsedData(context, session.store, FindUsedData(session.plan),
                       "nothing was started: the runs would stop");
}

absl::StatusOr<int> CheckUsedData(const CommandContext& context,
                                  const Store& store, std::vector<UsedData> all,
                                  const std::string& outcome) {
  std::erase_if(all, [&](const UsedData& used) {
    return FileExists(store.CheckedDataPath(CheckKey(used)));
  });
  if (all.empty()) return 0;
  WorkerRequest request;
  std::vector<std::string> roles;
  for (const UsedData& used : all) {
    CheckUsedDataRequest::Use* const use =
        request.mutable_check_used_data()->add_use();
    use->set_root(used.root);
    *use->mutable_data() = used.data;
    use->mutable_split()->Assign(used.splits.begin(), used.splits.end());
    std::string role = absl::StrCat("'", used.data.role(), "'");
    if (std::ranges::find(roles, role) == roles.end()) {
      roles.push_back(std::move(role));
    }
  }
  Tell(absl::StrCat("checking all images of data ", absl::StrJoin(roles, ", "),
                    ", once for this content\n"));
  TRANSECT_ASSIGN_OR_RETURN(const int code, RunWorkerRequest(context, request));
  if (code == 2) {
    return absl::FailedPreconditionError(
        absl::StrCat(outcome, " at the defects above; ",
                     absl::StrJoin(CheckCommands(context, all), " and "),
                     " lists all defects of all splits"));
  }
  if (code != 0) return code;
  for (const UsedData& used : all) {
    const std::string path = store.CheckedDataPath(CheckKey(used));
    TRANSECT_RETURN_IF_ERROR(MakeDirs(path.substr(0, path.find_last_of('/'))));
    TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(path, Mark(used)));
  }
  return 0;
}

}  // namespace transect
