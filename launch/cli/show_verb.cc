// `transect show`.

#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/run_folder.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/execute/process.h"
#include "launch/listing/run_list.h"
#include "launch/store/store.h"
#include "launch/watch/run_page.h"
#include "launch/watch/watched_run.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct ShowOptions : RunReferenceOptions {
  bool resolved = false;
  // text or json.
  std::string format;
};

// The run in that folder; one of which nothing was started where the store has
// none.
WatchedRun RunIn(const RunFolder& folder) {
  StoreListing listing = ListRuns(folder.session.store, folder.session.code);
  StoreListing one;
  for (ListedRun& run : *listing.mutable_runs()) {
    if (run.directory() == folder.dir) one.add_runs()->Swap(&run);
  }
  WatchedRun run;
  if (one.runs_size() > 0) {
    run = WatchListing(one)[0];
  } else {
    run.set_id(folder.id);
    run.set_code(folder.code);
    run.set_directory(folder.dir);
    run.set_state(WatchState::NEW);
  }
  if (!folder.name.empty()) run.set_name(folder.name);
  return run;
}

absl::StatusOr<int> Show(const CommandContext& context,
                         const ShowOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const RunFolder folder,
                            FindRunFolder(context, options));
  const RunPage page = MakeRunPage(folder.session.store, RunIn(folder));
  RunPageStyle style;
  style.color = UseColor(context, STDOUT_FILENO);
  style.width = TerminalWidth(STDOUT_FILENO);
  style.spec = options.resolved;
  style.program = ShellQuoted(context.program);
  std::string text = RenderRunPage(page, style);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(page));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  return 0;
}

}  // namespace

void AddShowVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "show",
      "Show everything about one run: what it is and does, what happened to "
      "it, its attempts and how they ended, scores, files, code and machine.");
  const auto options = std::make_shared<ShowOptions>();
  AddRunArgument(verb, line, options.get());
  verb->add_flag("--resolved", options->resolved,
                 "Print the run as it was resolved, too.");
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/watch/run_page.proto).");
  OnVerb(verb, line, options, Show);
}

}  // namespace transect
