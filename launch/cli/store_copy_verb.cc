// `transect store copy`.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/terminal_text.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/listing/run_filter.h"
#include "launch/listing/run_list.h"
#include "launch/store/store.h"
#include "launch/upkeep/check_store.h"
#include "launch/upkeep/copy_store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct StoreCopyOptions {
  std::string destination;
  std::vector<std::string> selectors;
};

absl::StatusOr<int> CopyTheStore(const CommandContext& context,
                                 const StoreCopyOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
  TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
  std::vector<std::string> runs;
  if (!options.selectors.empty()) {
    StoreListing list = ListRuns(session.store, session.code);
    TRANSECT_RETURN_IF_ERROR(FilterRuns(options.selectors, &list));
    for (const ListedRun& run : list.runs()) runs.push_back(run.directory());
    if (runs.empty()) {
      return absl::NotFoundError(
          "no run of the store matches; `transect runs` lists them");
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(const Store to,
                            Store::OpenOrCreate(options.destination));
  PercentTeller teller;
  TRANSECT_ASSIGN_OR_RETURN(
      const StoreCopy copy,
      CopyStore(session.store, runs, options.selectors.empty(), to,
                [&teller](int done, int total) {
                  teller.Tell("copying", done, total);
                }));
  for (const std::string& note : copy.notes) {
    Tell(absl::StrCat("note: ", note, "\n"));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(
      absl::StrCat("copied ", CountText(copy.jobs, "job"), " to ", to.root(),
                   ": ", CountText(copy.files, "file"), ", ",
                   QuantityText(static_cast<double>(copy.bytes), "B"), "; ",
                   CountText(copy.kept_files, "file"), " were there\n")));
  PercentTeller check_teller;
  const StoreCheck check = CheckStore(to, [&check_teller](int done, int total) {
    check_teller.Tell("checking", done, total);
  });
  TRANSECT_RETURN_IF_ERROR(PrintOut(StoreCheckText(check)));
  return check.problem().empty() ? 0 : 2;
}

}  // namespace

void AddStoreCopyVerb(CLI::App* store, CommandLine* line) {
  CLI::App* verb = store->add_subcommand(
      "copy",
      "Copy a store, or some runs with all that they need, to another "
      "directory, and check all of it there. The same command goes on with a "
      "copy that was interrupted; a store that is there gets what it lacks. "
      "Exit code 2 where the check finds something.");
  const auto options = std::make_shared<StoreCopyOptions>();
  verb->add_option("DEST", options->destination,
                   "Directory of the other store; made where there is none.")
      ->required();
  verb->add_option("SELECTOR", options->selectors,
                   "Only runs that match all of these, as `transect runs` "
                   "takes them. Without any everything is copied.");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, CopyTheStore);
}

}  // namespace transect
