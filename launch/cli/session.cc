#include "launch/cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "analysis/aggregate.h"
#include "analysis/render_markdown.h"
#include "analysis/render_text.h"
#include "analysis/report.pb.h"
#include "data/io/proto_json.h"
#include "experiments/expanding/validate.h"
#include "experiments/reading/load.h"
#include "experiments/reading/override.h"
#include "experiments/reading/source_map.h"
#include "launch/cli/report_input.h"
#include "launch/execute/process.h"
#include "launch/inputs/site.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.h"
#include "launch/plan/plan_text.h"
#include "launch/store/bundle.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<Experiment> LoadChecked(const CommandContext& context,
                                       const std::string& spec) {
  // Checked here, while the places of its fields are at hand.
  SourceMap sources;
  TRANSECT_ASSIGN_OR_RETURN(Experiment experiment,
                            LoadExperiment(spec, &sources));
  TRANSECT_RETURN_IF_ERROR(
      ApplyOverrides(context.overrides, &experiment, &sources));
  TRANSECT_RETURN_IF_ERROR(ToStatus(ValidateExperiment(experiment), &sources));
  return experiment;
}

absl::StatusOr<Session> OpenSession(const CommandContext& context,
                                    const std::string& spec) {
  TRANSECT_ASSIGN_OR_RETURN(Experiment experiment, LoadChecked(context, spec));
  TRANSECT_ASSIGN_OR_RETURN(SiteFile site, LoadSite(context.site));
  TRANSECT_ASSIGN_OR_RETURN(Store store,
                            Store::Open(StoreRoot(context.store, site)));
  Session session{std::move(site),
                  std::move(store),
                  FindWorker(context.argv[0]),
                  "",
                  std::move(experiment),
                  context.accepted_codes,
                  {}};
  // Now, and not after hours of training.
  TRANSECT_ASSIGN_OR_RETURN(session.published,
                            ChoosePublished(session.experiment.report(), {}));
  if (session.worker.ok()) {
    TRANSECT_ASSIGN_OR_RETURN(session.code, CodePart(*session.worker));
  } else if (!absl::IsNotFound(session.worker.status())) {
    return session.worker.status();
  }
  return session;
}

absl::StatusOr<Plan> PlanWithoutHashing(
    const Session& session, const std::vector<std::string>& selectors) {
  TRANSECT_ASSIGN_OR_RETURN(
      Plan plan, MakePlan(session.experiment, session.store, session.site,
                          session.code, nullptr, session.accepted_codes));
  TRANSECT_RETURN_IF_ERROR(SelectRuns(selectors, &plan));
  return plan;
}

std::vector<std::string> CommonFlags(const CommandContext& context) {
  std::vector<std::string> words;
  if (!context.store.empty()) {
    words.insert(words.end(), {"--store", context.store});
  }
  if (!context.site.empty()) {
    words.insert(words.end(), {"--site", context.site});
  }
  for (const std::string& assignment : context.overrides) {
    words.insert(words.end(), {"--set", assignment});
  }
  if (!context.accepted_codes.empty()) {
    words.insert(words.end(),
                 {"--accept_code", absl::StrJoin(context.accepted_codes, ",")});
  }
  return words;
}

absl::StatusOr<PricedPlan> PricePlan(const Session& session,
                                     const std::string& budget, Plan* plan) {
  PricedPlan priced;
  priced.machine = ThisMachine();
  priced.prices =
      PriceJobs(*plan, ReadThroughputs(session.store), priced.machine);
  if (!budget.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const Budget parsed, ParseBudget(budget));
    TRANSECT_ASSIGN_OR_RETURN(priced.budget,
                              ApplyBudget(parsed, priced.prices, plan));
  }
  return priced;
}

std::string CommandText(const CommandContext& context, absl::string_view verb,
                        const std::string& spec) {
  std::vector<std::string> words = context.program;
  words.insert(words.end(), {std::string(verb), spec});
  const std::vector<std::string> flags = CommonFlags(context);
  words.insert(words.end(), flags.begin(), flags.end());
  return ShellQuoted(words);
}

absl::Status PrintPlan(const CommandContext& context, const Session& session,
                       const PlanOptions& options, const PricedPlan& priced,
                       const Plan& plan) {
  PlanFrame frame;
  frame.spec = options.spec;
  frame.store = session.store.root();
  frame.run_command = CommandText(context, "run", options.spec);
  if (!options.selectors.empty()) {
    absl::StrAppend(&frame.run_command, " ", ShellQuoted(options.selectors));
  }
  if (!options.budget.empty()) {
    absl::StrAppend(&frame.run_command, " --budget ",
                    ShellQuoted({options.budget}));
  }
  frame.report_command = CommandText(context, "report", options.spec);
  frame.machine = priced.machine;
  frame.budget = priced.budget;
  const PlanReport report =
      BuildPlanReport(plan, session.experiment, priced.prices, frame);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(const std::string json, PrintProtoJson(report));
    return PrintOut(json);
  }
  PlanStyle style;
  style.color = UseColor(context, STDOUT_FILENO);
  style.width = TerminalWidth(STDOUT_FILENO);
  style.all = options.all;
  return PrintOut(RenderPlan(report, style));
}

bool UseColor(const CommandContext& context, int descriptor) {
  if (context.color != "auto") {
    return context.color == "always";
  }
  const char* no_color = getenv("NO_COLOR");
  const char* terminal = getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') && terminal != nullptr &&
         absl::string_view(terminal) != "dumb" && isatty(descriptor) != 0;
}

int TerminalWidth(int descriptor) {
  winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

absl::Status PrintOut(absl::string_view text) {
  if (fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
      fflush(stdout) != 0) {
    return absl::ErrnoToStatus(errno, "cannot write to standard output");
  }
  return absl::OkStatus();
}

void Tell(absl::string_view text) {
  fwrite(text.data(), 1, text.size(), stderr);
  fflush(stderr);
}

absl::StatusOr<RenderedReport> MakeReport(const CommandContext& context,
                                          const Session& session,
                                          const Plan& plan) {
  const LoadedReport loaded = LoadReport(plan, session.published);
  RenderedReport rendered;
  for (const std::string& problem : loaded.problems) {
    Tell(absl::StrCat(problem, "\n"));
    rendered.exit_code = 2;
  }
  TRANSECT_ASSIGN_OR_RETURN(const ComparisonReport report,
                            BuildReport(loaded.input));
  rendered.text =
      RenderText(report, TextStyle{.width = TerminalWidth(STDOUT_FILENO),
                                   .color = UseColor(context, STDOUT_FILENO)});
  rendered.markdown = RenderMarkdown(report);
  TRANSECT_ASSIGN_OR_RETURN(rendered.json, PrintProtoJson(report));
  return rendered;
}

}  // namespace transect
