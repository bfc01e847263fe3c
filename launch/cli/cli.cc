#include "launch/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/published.h"
#include "launch/cli/commands.h"
#include "launch/cli/session.h"
#include "launch/cli/verbs.h"
#include "tools/build_info/build_info.h"

namespace transect {
namespace {

constexpr char kAbout[] =
    "Transect turns one experiment file into a finished results table.";
constexpr char kFooter[] =
    "transect VERB --help explains a verb. Exit codes: 0 all done or nothing "
    "to object to;\n1 wrong usage, spec or input; 2 some runs failed or a "
    "check found a difference; 3 still running.";

std::string VersionText() {
  const BuildInfo build = GetBuildInfo();
  return absl::StrCat("transect ", build.version, " (", build.commit,
                      build.dirty ? ", changed" : "", ")");
}

std::string PublishedNames() {
  std::vector<std::string> names;
  for (const PublishedSet& set : BuiltInPublished()) {
    names.push_back(set.name());
  }
  return absl::StrJoin(names, ", ");
}

// The state of one parse.
struct CommandLine : Verbs {
  PlanOptions plan;
  RunOptions run;
  ReportOptions report;
  StatusOptions status;
  SpecOptions spec;
  HelpOptions help;
  DescribeOptions describe;
};

CLI::App* AddVerb(CLI::App* app, CommandLine* line, const std::string& name,
                  const std::string& about, std::string* spec) {
  CLI::App* verb = app->add_subcommand(name, about);
  verb->add_option("SPEC", *spec, "Experiment file (*.textproto).")->required();
  AddOverrides(verb, line);
  AddPlaces(verb, line);
  return verb;
}

void AddBudget(CLI::App* verb, std::string* budget) {
  verb->add_option("--budget", *budget,
                   "Only what so many hours pay for, such as 40gpuh, 8cpuh or "
                   "2nodeh: the base, then whole cells in the order of the "
                   "tables.");
}

void AddSelectors(CLI::App* verb, std::vector<std::string>* selectors) {
  verb->add_option("SELECTOR", *selectors,
                   "Only runs that all of these fit: rank=8,16, !text=ZERO, "
                   "seed<3, state=FAILED, design=NAME, the start of an id, or "
                   "#3 for the third run that `transect plan` prints.");
}

void AddAcceptCode(CLI::App* verb, CommandLine* line) {
  verb->add_option("--accept_code", line->context.accepted_codes,
                   "Starts of code parts, with commas between: results of "
                   "these count as if they were of the present code.")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void AddVerbs(CLI::App* app, CommandLine* line) {
  CLI::App* plan =
      AddVerb(app, line, "plan",
              "Print what would run, what is done and what it costs. Writes "
              "nothing.",
              &line->plan.spec);
  AddSelectors(plan, &line->plan.selectors);
  AddAcceptCode(plan, line);
  AddBudget(plan, &line->plan.budget);
  plan->add_option("--format", line->plan.format,
                   "text or json (launch/plan/plan_report.proto).")
      ->check(CLI::IsMember({"text", "json"}));
  plan->add_flag("--all", line->plan.all,
                 "Show every run; without it a plan of many runs shows cells.");
  plan->callback([line] {
    line->chosen = [line] { return PlanCommand(line->context, line->plan); };
  });

  CLI::App* run = AddVerb(
      app, line, "run",
      "Bring the store to what SPEC declares, then print the report. Running "
      "it again is always safe.",
      &line->run.spec);
  AddSelectors(run, &line->run.selectors);
  AddAcceptCode(run, line);
  run->add_option("--jobs", line->run.jobs,
                  "Most inputs and runs at a time. Default: as many as there "
                  "are processors for their ranks and threads.")
      ->check(CLI::Range(1, 4096));
  AddBudget(run, &line->run.budget);
  run->add_flag("-n,--dry_run", line->run.dry_run,
                "Print the plan instead; writes nothing.");
  run->callback([line] {
    line->chosen = [line] { return RunCommand(line->context, line->run); };
  });

  CLI::App* report =
      AddVerb(app, line, "report",
              "Print the tables of the runs that are done, from their logs.",
              &line->report.spec);
  AddSelectors(report, &line->report.selectors);
  AddAcceptCode(report, line);
  report->add_option("--format", line->report.format, "text, md or json.")
      ->check(CLI::IsMember({"text", "md", "json"}));
  report->add_option("--out", line->report.out,
                     "File to write instead of standard output.");
  report
      ->add_option("--published", line->report.published,
                   absl::StrCat("Also show published results: a *.textproto "
                                "file or one of ",
                                PublishedNames(), "."))
      ->allow_extra_args(false);
  report->callback([line] {
    line->chosen = [line] {
      return ReportCommand(line->context, line->report);
    };
  });

  CLI::App* status = AddVerb(
      app, line, "status",
      "Count the runs by state. Exit code 0 all done, 3 something is running, "
      "2 else.",
      &line->status.spec);
  AddSelectors(status, &line->status.selectors);
  AddAcceptCode(status, line);
  status->add_flag("-q,--quiet", line->status.quiet, "Print nothing.");
  status->callback([line] {
    line->chosen = [line] {
      return StatusCommand(line->context, line->status);
    };
  });

  CLI::App* spec = AddVerb(app, line, "spec",
                           "Check SPEC and print it with its includes merged.",
                           &line->spec.spec);
  AddSelectors(spec, &line->spec.selectors);
  spec->add_flag("--resolved", line->spec.resolved,
                 "Print every run with all defaults written out.");
  spec->add_flag("--check", line->spec.check,
                 "Print nothing but what is wrong; needs no store.")
      ->excludes("--resolved");
  spec->callback([line] {
    line->chosen = [line] { return SpecCommand(line->context, line->spec); };
  });

  CLI::App* help =
      app->add_subcommand("help", "Print what a field of an experiment means.");
  help->add_option("FIELD.PATH", line->help.path,
                   "Such as training.optimizer.lr; without it, the fields at "
                   "the top.");
  help->callback(
      [line] { line->chosen = [line] { return HelpCommand(line->help); }; });

  CLI::App* describe = app->add_subcommand(
      "describe",
      "Print what a file holds: tensors and parts of weights, an adapter's "
      "configuration, cost of the models of an experiment, records of a metric "
      "log.");
  describe
      ->add_option("FILE", line->describe.file,
                   "*.safetensors, *.metrics or *.textproto, or a directory of "
                   "weights or of a PEFT adapter.")
      ->required();
  describe->callback([line] {
    line->chosen = [line] { return DescribeCommand(line->describe); };
  });
}

// Under `bazel run` the working directory is inside the runfiles. Elsewhere
// the variable is left over from an outer `bazel run` and means nothing.
absl::Status EnterTypedDirectory(CommandContext* context) {
  const char* typed = getenv("BUILD_WORKING_DIRECTORY");
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string();
  if (typed == nullptr || !absl::StrContains(here, ".runfiles")) {
    return absl::OkStatus();
  }
  context->program = {"bazel", "run", "//:transect", "--"};
  // The program is found by its path relative to the old directory.
  if (absl::StrContains(context->argv[0], "/")) {
    context->argv[0] =
        std::filesystem::absolute(context->argv[0], error).string();
  }
  if (chdir(typed) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot enter ", typed));
  }
  return absl::OkStatus();
}

int Complain(const absl::Status& status) {
  Tell(absl::StrCat(status.message(), "\n"));
  return 1;
}

}  // namespace

void AddPlaces(CLI::App* verb, Verbs* verbs) {
  verb->add_option("--store", verbs->context.store,
                   "Directory of the store. Default: TRANSECT_STORE, else the "
                   "site file's, else transect_store here.");
  verb->add_option("--site", verbs->context.site,
                   "Site file: where this machine keeps data. Default: "
                   "TRANSECT_SITE, else ~/.config/transect/site.textproto.");
  verb->add_option("--color", verbs->context.color,
                   "auto, always or never; auto honours NO_COLOR.")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void AddOverrides(CLI::App* verb, Verbs* verbs) {
  verb->add_option("--set", verbs->context.overrides,
                   "PATH=VALUE, such as training.optimizer.lr=3e-4: sets a "
                   "field of the base; may be given several times.")
      ->allow_extra_args(false);
}

int TransectMain(int argc, char** argv) {
  CommandLine line;
  line.context.argv.assign(argv, argv + argc);
  line.context.program = {"transect"};
  if (const absl::Status entered = EnterTypedDirectory(&line.context);
      !entered.ok()) {
    return Complain(entered);
  }
  CLI::App app(kAbout, "transect");
  app.footer(kFooter);
  app.set_version_flag("--version", VersionText());
  // A missing verb is told below, with the help.
  app.require_subcommand(0, 1);
  AddVerbs(&app, &line);
  AddDataVerbs(&app, &line);
  AddWhyVerbs(&app, &line);
  AddCompletionVerb(&app, &line);
  AddModelVerbs(&app, &line);
  AddExportVerb(&app, &line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (!line.chosen) {
    Tell(absl::StrCat("no verb\n\n", app.help()));
    return 1;
  }
  const absl::StatusOr<int> code = line.chosen();
  return code.ok() ? *code : Complain(code.status());
}

}  // namespace transect
