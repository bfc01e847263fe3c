#include "launch/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "launch/cli/output.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "tools/build_info/build_info.h"

namespace transect {
namespace {

constexpr char kAbout[] =
    "Transect turns one experiment file into a finished results table.";
constexpr char kFooter[] =
    "transect VERB --help explains a verb. Exit codes: 0 success; 1 wrong "
    "usage, spec or input;\n2 some runs failed or a check found a difference; "
    "3 still running.";

std::string VersionText() {
  const BuildInfo build = GetBuildInfo();
  return absl::StrCat("transect ", build.version, " (", build.commit,
                      build.dirty ? ", changed" : "", ")");
}

// In the order of --help.
void AddVerbs(CLI::App* app, CommandLine* line) {
  AddPlanVerb(app, line);
  AddRunVerb(app, line);
  AddStatusVerb(app, line);
  AddReportVerb(app, line);
  AddSpecVerb(app, line);
  AddPredictVerb(app, line);
  AddEvaluateVerb(app, line);
  AddExportVerb(app, line);
  AddWhyVerb(app, line);
  AddDiffVerb(app, line);
  CLI::App* data =
      app->add_subcommand("data", "Data sets: make, view, check, export.");
  data->require_subcommand(1);
  AddDataSynthVerb(data, line);
  AddDataGalleryVerb(data, line);
  AddDataCheckVerb(data, line);
  AddDataExportVerb(data, line);
  AddDescribeVerb(app, line);
  AddHelpVerb(app, line);
  AddCompletionVerb(app, line);
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
  // A missing verb is reported below, with the help.
  app.require_subcommand(0, 1);
  AddVerbs(&app, &line);
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
