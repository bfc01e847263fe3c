/// \file
/// What the verbs of the command line share: the state of one command and the
/// flags that several of them have.
///
/// The file NAME_verb.cc has the verb NAME: its flags and what it does. Nothing
/// else knows either of them.
#ifndef TRANSECT_LAUNCH_CLI_VERB_H_
#define TRANSECT_LAUNCH_CLI_VERB_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"

namespace transect {

/// What every verb knows.
struct CommandContext {
  /// The command line as it was typed, argv[0] first.
  std::vector<std::string> argv;
  /// The program as people type it: {"transect"} or {"bazel", "run", ...}.
  std::vector<std::string> program;
  /// Values of --store and --site; empty if absent.
  std::string store;
  std::string site;
  /// auto, always or never.
  std::string color = "auto";
  /// Values of --set (experiments/reading/override.h).
  std::vector<std::string> overrides;
  /// Starts of code parts whose results count, from --accept-code.
  std::vector<std::string> accepted_codes;
  /// Whether jobs that failed alike too often are started again, from --retry.
  bool retry = false;
};

/// The state of one parse. The verb that was typed sets `chosen`, which is
/// called after parsing.
///
/// It returns the exit code: 0 success; 1 wrong usage, spec or input (as an
/// error status, whose message the caller prints); 2 some runs failed or a
/// check found a difference; 3 still running; 128 + n after signal n. What a
/// script may read goes to stdout, the rest to stderr.
struct CommandLine {
  CommandContext context;
  std::function<absl::StatusOr<int>()> chosen;
};

/// Makes the verb call `act` with its options, which its flags write to. Here
/// and below `line` must outlive the app.
template <typename Options>
void OnVerb(CLI::App* verb, CommandLine* line, std::shared_ptr<Options> options,
            absl::StatusOr<int> (*act)(const CommandContext& context,
                                       const Options& options)) {
  verb->callback([line, options, act] {
    line->chosen = [line, options, act] {
      return act(line->context, *options);
    };
  });
}

/// --store, --site and --color.
void AddPlaces(CLI::App* verb, CommandLine* line);

/// --set.
void AddOverrides(CLI::App* verb, CommandLine* line);

/// The runs of an experiment that a verb is about.
struct ExperimentOptions {
  /// The experiment's file.
  std::string spec;
  /// What selects among its runs (experiments/selecting/selector.h); none means
  /// all runs.
  std::vector<std::string> selectors;
};

/// A verb about an experiment: the arguments SPEC and SELECTOR, --set, --store,
/// --site and --color.
CLI::App* AddExperimentVerb(CLI::App* app, CommandLine* line,
                            const std::string& name, const std::string& about,
                            ExperimentOptions* options);

/// --accept-code.
void AddAcceptCode(CLI::App* verb, CommandLine* line);

/// --retry.
void AddRetry(CLI::App* verb, CommandLine* line);

/// --budget, as ParseBudget takes it; empty for all runs.
void AddBudget(CLI::App* verb, std::string* budget);

/// --format, one of `formats`; the first is the default, which the help adds to
/// `about`.
void AddFormat(CLI::App* verb, std::string* format,
               const std::vector<std::string>& formats,
               const std::string& about);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_VERB_H_
