// `transect runs`.

#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/listing/run_filter.h"
#include "launch/listing/run_list.h"
#include "launch/listing/run_list_text.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct RunsOptions {
  std::vector<std::string> selectors;
  // text or json.
  std::string format;
  bool all = false;
};

absl::StatusOr<int> ShowRuns(const CommandContext& context,
                             const RunsOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
  TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
  StoreListing list = ListRuns(session.store, session.code);
  TRANSECT_RETURN_IF_ERROR(FilterRuns(options.selectors, &list));
  RunListStyle style;
  style.color = UseColor(context, STDOUT_FILENO);
  style.width = TerminalWidth(STDOUT_FILENO);
  style.all = options.all;
  std::string text = RenderRunList(list, style);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(list));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  return 0;
}

}  // namespace

void AddRunsVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "runs",
      "List what the store holds: experiments, then runs with id, state, date, "
      "gIoU in percent, code and the experiment that asked last; of a run that "
      "was evaluated often `transect describe ID` lists all scores. Writes "
      "nothing.");
  const auto options = std::make_shared<RunsOptions>();
  verb->add_option(
      "SELECTOR", options->selectors,
      "Only runs that match all of these: experiment=NAME, "
      "name=\"rank=2 seed 1\", state=done,failed, code=START, "
      "split=val, 'date>=2026-11', 'giou>50', host=NAME, the start "
      "of an id; ! before one means all others.");
  verb->add_flag("--all", options->all,
                 "Show every run; without it the 50 youngest. JSON has all.");
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/listing/run_list.proto).");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, ShowRuns);
}

}  // namespace transect
