// What the verbs do, after the command line is parsed (cli.h).
//
// Each returns the exit code: 0 all done or nothing to object to, 1 wrong
// usage, spec or input (as an error status, whose message the caller prints), 2
// some runs failed or a check found a difference, 3 still running; 128 + n
// after signal n. What a script may read goes to stdout, the rest to stderr.
#ifndef TRANSECT_LAUNCH_CLI_COMMANDS_H_
#define TRANSECT_LAUNCH_CLI_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace transect {

// What all verbs know.
struct CommandContext {
  // The command line as it was typed, argv[0] first.
  std::vector<std::string> argv;
  // Program as people type it: {"transect"} or {"bazel", "run", ...}.
  std::vector<std::string> program;
  // Values of --store, --site; empty if absent.
  std::string store;
  std::string site;
  // auto, always or never.
  std::string color = "auto";
  // Values of --set (experiments/reading/override.h).
  std::vector<std::string> overrides;
  // Starts of code parts whose results count, from --accept_code.
  std::vector<std::string> accepted_codes;
};

struct PlanOptions {
  std::string spec;
  // Words of experiments/selecting/selector.h; here and below none means all
  // runs.
  std::vector<std::string> selectors;
  // As ParseBudget takes it; empty for all.
  std::string budget;
  // text or json.
  std::string format = "text";
  // Show every run, however many there are.
  bool all = false;
};
absl::StatusOr<int> PlanCommand(const CommandContext& context,
                                const PlanOptions& options);

struct RunOptions {
  std::string spec;
  std::vector<std::string> selectors;
  // Most jobs at a time; 0: as many as the processors allow.
  int jobs = 0;
  // As ParseBudget takes it; empty for all.
  std::string budget;
  // Print the plan instead.
  bool dry_run = false;
};
absl::StatusOr<int> RunCommand(const CommandContext& context,
                               const RunOptions& options);

struct ReportOptions {
  std::string spec;
  std::vector<std::string> selectors;
  // text, md or json.
  std::string format = "text";
  // File instead of stdout; empty for stdout.
  std::string out;
  // Published results (FindPublished) to show in all tables, besides those that
  // the experiment names.
  std::vector<std::string> published;
};
absl::StatusOr<int> ReportCommand(const CommandContext& context,
                                  const ReportOptions& options);

struct StatusOptions {
  std::string spec;
  std::vector<std::string> selectors;
  // Print nothing.
  bool quiet = false;
};
absl::StatusOr<int> StatusCommand(const CommandContext& context,
                                  const StatusOptions& options);

struct SpecOptions {
  std::string spec;
  // Print the runs with every default instead of the merged experiment.
  bool resolved = false;
  // Print nothing: an error says what is wrong. Needs neither store nor worker.
  bool check = false;
  // With `resolved` only.
  std::vector<std::string> selectors;
};
absl::StatusOr<int> SpecCommand(const CommandContext& context,
                                const SpecOptions& options);

struct HelpOptions {
  // As FieldHelp (experiments/reading/field_help.h) takes it.
  std::string path;
};
// Needs neither store nor worker.
absl::StatusOr<int> HelpCommand(const HelpOptions& options);

struct DescribeOptions {
  // *.safetensors, *.metrics or *.textproto (an experiment, or a run's spec as
  // `transect spec --resolved` prints it and the store keeps it).
  std::string file;
};
// Needs neither store nor worker.
absl::StatusOr<int> DescribeCommand(const DescribeOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_COMMANDS_H_
