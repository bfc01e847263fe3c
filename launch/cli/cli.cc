#include "launch/cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/suggestion.h"
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
  AddShowVerb(app, line);
  AddLogsVerb(app, line);
  AddFailsVerb(app, line);
  AddCancelVerb(app, line);
  AddReportVerb(app, line);
  AddRunsVerb(app, line);
  AddSpecVerb(app, line);
  AddPredictVerb(app, line);
  AddEvaluateVerb(app, line);
  AddExportVerb(app, line);
  AddWhyVerb(app, line);
  AddDiffVerb(app, line);
  AddCertifyVerb(app, line);
  AddAuditVerb(app, line);
  CLI::App* data =
      app->add_subcommand("data", "Data sets: make, view, check, export.");
  data->require_subcommand(1);
  AddDataSynthVerb(data, line);
  AddDataGalleryVerb(data, line);
  AddDataCheckVerb(data, line);
  AddDataExportVerb(data, line);
  CLI::App* store =
      app->add_subcommand("store", "The store: check, copy, links for people.");
  store->require_subcommand(1);
  AddStoreCheckVerb(store, line);
  AddStoreCopyVerb(store, line);
  AddStoreViewsVerb(store, line);
  AddGcVerb(app, line);
  AddCheckMachineVerb(app, line);
  AddDescribeVerb(app, line);
  AddHelpVerb(app, line);
  AddCompletionVerb(app, line);
  AddCompleteVerb(app, line);
  AddSlotVerb(app, line);
  AddRankVerb(app, line);
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

// The verb that was typed, or the one around the word that is none.
const CLI::App& TypedVerb(const CLI::App& app) {
  const CLI::App* verb = &app;
  while (!verb->get_subcommands().empty()) {
    verb = verb->get_subcommands().front();
  }
  return *verb;
}

// What may have been meant where a word of the command line is no verb, flag or
// value; "" if that is not what is wrong.
std::string Hint(const CLI::App& app, absl::string_view error) {
  const CLI::App& verb = TypedVerb(app);
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  std::vector<std::string> candidates;
  if (!unknown.empty() && absl::StartsWith(unknown[0], "-")) {
    for (const CLI::Option* option : verb.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        candidates.push_back(absl::StrCat("--", name));
      }
    }
    const std::string flag = unknown[0].substr(0, unknown[0].find('='));
    return NearNames(flag, candidates).empty() ? ""
                                               : DidYouMean(flag, candidates);
  }
  if (!unknown.empty()) {
    for (const CLI::App* each : verb.get_subcommands(nullptr)) {
      candidates.push_back(each->get_name());
    }
    return DidYouMean(unknown[0], candidates);
  }
  // "--format: jsn not in {text,json}"
  const size_t not_in = error.find(" not in {");
  const size_t value = error.rfind(": ", not_in);
  if (not_in == absl::string_view::npos || value == absl::string_view::npos) {
    return "";
  }
  const std::string typed(error.substr(value + 2, not_in - value - 2));
  absl::string_view names = error.substr(not_in + 9);
  names = names.substr(0, names.find('}'));
  candidates = absl::StrSplit(names, ',');
  return NearNames(typed, candidates).empty() ? ""
                                              : DidYouMean(typed, candidates);
}

// What the parser says, in plain words where its own are not.
std::string PlainError(const CLI::App& app, const CLI::ParseError& error,
                       const std::vector<std::string>& words) {
  const std::string text = error.what();
  const size_t end = text.find(": At Most 1 required");
  if (end == std::string::npos) return text;
  const std::string name = text.substr(0, end);
  // The first value that was typed shows how one is given.
  std::string example;
  for (size_t i = 0; i < words.size() && example.empty(); ++i) {
    if (words[i] == name && i + 1 < words.size()) {
      example = absl::StrCat(name, " ", words[i + 1]);
    } else if (absl::StartsWith(words[i], absl::StrCat(name, "="))) {
      example = words[i];
    }
  }
  return absl::StrCat(name, " is given more than once, but `",
                      TypedVerb(app).get_name(), "` takes one",
                      example.empty() ? "" : ": say only ", example);
}

// Prints what the parser has to say: help, which was asked for, or what is
// wrong. Returns the exit code.
int TellParsed(const CLI::App& app, const CLI::ParseError& error,
               const std::vector<std::string>& words) {
  std::ostringstream help;
  std::ostringstream wrong;
  if (app.exit(error, help, wrong) == 0) {
    const absl::Status printed = PrintOut(help.str(), Printed::kDocument);
    return printed.ok() ? 0 : Complain(printed);
  }
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  const bool no_verb = !unknown.empty() && !absl::StartsWith(unknown[0], "-") &&
                       !TypedVerb(app).get_subcommands(nullptr).empty();
  Tell(absl::StrCat(no_verb ? absl::StrCat("no verb ", Quoted(unknown[0]))
                            : PlainError(app, error, words),
                    Hint(app, error.what()),
                    "\nRun with --help for more information.\n"));
  return 1;
}

// The words of the command line with dashes in long flags, where underscores
// mean the same. A value behind "=" stays.
std::vector<std::string> WithDashes(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  for (std::string& word : words) {
    if (!absl::StartsWith(word, "--")) continue;
    const auto end = word.begin() + static_cast<ptrdiff_t>(
                                        std::min(word.find('='), word.size()));
    std::replace(word.begin(), end, '_', '-');
  }
  return words;
}

}  // namespace

int TransectMain(int argc, char** argv) {
  // A file that grows beyond `ulimit -f` and a reader that has exited
  // (`| head`) are errors of their writes.
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
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
  const std::vector<std::string> words = WithDashes(argc, argv);
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  try {
    app.parse(argc, pointers.data());
  } catch (const CLI::ParseError& error) {
    return TellParsed(app, error, words);
  }
  if (!line.chosen) {
    Tell(absl::StrCat("no verb\n\n", app.help()));
    return 1;
  }
  const absl::StatusOr<int> code = line.chosen();
  const int exit_code = code.ok() ? *code : Complain(code.status());
  FinishTelling();
  return exit_code;
}

}  // namespace transect
