// `transect store views`.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/plan/plan.h"
#include "launch/upkeep/views.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> ShowViews(const CommandContext& context,
                              const ExperimentOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const ExperimentSession session,
                            OpenExperiment(context, options));
  TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
  const Expansion& expansion = session.plan.expansion;
  std::vector<ViewedRun> viewed;
  for (const DesignCells& design : expansion.designs) {
    for (const Cell& cell : design.cells) {
      for (size_t i = 0; i < cell.runs.size(); ++i) {
        const Job& job = session.plan.Runs()[cell.runs[i]];
        if (!job.selected || job.dir.empty() || !FileExists(job.dir)) continue;
        viewed.push_back({design.name, cell.label,
                          absl::StrCat("seed=", expansion.seeds[i]), job.dir});
      }
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string view,
                            MakeView(session.store, expansion.name, viewed));
  TRANSECT_RETURN_IF_ERROR(PrintOut(absl::StrCat(
      view, ": ", CountText(static_cast<int64_t>(viewed.size()), "link"),
      "\n")));
  return 0;
}

}  // namespace

void AddStoreViewsVerb(CLI::App* store, CommandLine* line) {
  const auto options = std::make_shared<ExperimentOptions>();
  CLI::App* verb = AddExperimentVerb(
      store, line, "views",
      "Make links to the runs of an experiment under names that people can "
      "read: views/EXPERIMENT/DESIGN/CELL/seed=N in the store. Replaces the "
      "links that it made before; nothing else reads them.",
      options.get());
  AddAcceptCode(verb, line);
  OnVerb(verb, line, options, ShowViews);
}

}  // namespace transect
