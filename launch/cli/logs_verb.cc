// `transect logs`.

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/cli/output.h"
#include "launch/cli/run_folder.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/store/cancel.h"
#include "launch/store/check_job.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/watch/log_lines.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr std::chrono::milliseconds kFollowEvery{500};

struct LogsOptions : RunReferenceOptions {
  bool follow = false;
  int rank = 0;
  // 0: the newest one.
  int attempt = 0;
  // text or json.
  std::string format;
};

// How a run stands for someone who follows it.
enum class Standing { kWorking, kWaiting, kDone, kFailed };

Standing StandingOf(const RunFolder& folder, int attempt) {
  if (IsLeaseHeld(folder.dir)) return Standing::kWorking;
  const absl::StatusOr<LaunchPlan> launch =
      ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(folder.dir, attempt)));
  const ResultCheck check = CheckJob(
      folder.dir, folder.id, "",
      launch.ok() ? EvaluationsOf(*launch) : std::vector<EvaluateJob>());
  if (check.state == ResultCheck::kValid) return Standing::kDone;
  if (!CancelText(folder.dir).empty()) return Standing::kFailed;
  const absl::StatusOr<Outcome> outcome =
      ReadTextproto<Outcome>(OutcomePath(AttemptDir(folder.dir, attempt)));
  const bool failed = outcome.ok() && outcome->has_cause() &&
                      !outcome->interrupted() &&
                      outcome->exit_code() != ExitCode::CHECKPOINTED;
  return failed ? Standing::kFailed : Standing::kWaiting;
}

absl::Status Print(const LogsOptions& options, int attempt,
                   const std::vector<LogLine>& lines) {
  std::string text;
  for (const LogLine& line : lines) {
    if (options.format == "json") {
      nlohmann::json object = {{"attempt", attempt},
                               {"rank", options.rank},
                               {"written", line.written},
                               {"text", line.text}};
      absl::StrAppend(&text,
                      object.dump(-1, ' ', /*ensure_ascii=*/true,
                                  nlohmann::json::error_handler_t::replace),
                      "\n");
    } else {
      absl::StrAppend(&text, line.text, "\n");
    }
  }
  if (text.empty()) return absl::OkStatus();
  return PrintOut(
      text, options.format == "json" ? Printed::kDocument : Printed::kText);
}

// The ranks of an attempt, 1 if that is not known.
int RanksOf(const std::string& attempt_dir) {
  const absl::StatusOr<LaunchPlan> launch =
      ReadTextproto<LaunchPlan>(LaunchPath(attempt_dir));
  return launch.ok() ? std::max(1, launch->ranks()) : 1;
}

absl::Status CheckRank(const LogsOptions& options, const std::string& dir,
                       int attempt) {
  const int ranks = RanksOf(AttemptDir(dir, attempt));
  if (options.rank < ranks) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--rank ", options.rank, ": attempt ", attempt,
                   " has ranks ", "0 to ", ranks - 1));
}

absl::StatusOr<int> Follow(const LogsOptions& options, const RunFolder& folder,
                           int attempt) {
  LogLines lines(folder.dir, attempt, options.rank);
  bool told = false;
  while (true) {
    // Asked first: what is written before the end is then read.
    const Standing standing = StandingOf(folder, attempt);
    const std::vector<int> attempts = Attempts(folder.dir);
    const int newest = attempts.empty() ? attempt : attempts.back();
    const bool over = newest > attempt || standing == Standing::kDone ||
                      standing == Standing::kFailed;
    TRANSECT_RETURN_IF_ERROR(Print(options, attempt, lines.Poll(over)));
    if (newest > attempt) {
      attempt = newest;
      TRANSECT_RETURN_IF_ERROR(CheckRank(options, folder.dir, attempt));
      lines = LogLines(folder.dir, attempt, options.rank);
      told = false;
      Tell(absl::StrCat("attempt ", attempt, "\n"));
      continue;
    }
    if (standing == Standing::kDone) return 0;
    if (standing == Standing::kFailed) return 2;
    if (standing == Standing::kWaiting && !told) {
      told = true;
      Tell(
          "nobody works on it now; waiting for its next attempt (Ctrl-C "
          "ends)\n");
    }
    std::this_thread::sleep_for(kFollowEvery);
  }
}

absl::StatusOr<int> ShowLogs(const CommandContext& context,
                             const LogsOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const RunFolder folder,
                            FindRunFolder(context, options));
  const std::vector<int> attempts = Attempts(folder.dir);
  if (attempts.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "run ", ShownId(folder.id),
        " has no attempt yet; `transect status -w` says when it starts"));
  }
  const int attempt = options.attempt == 0 ? attempts.back() : options.attempt;
  if (std::ranges::find(attempts, attempt) == attempts.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--attempt ", attempt, ": run ", ShownId(folder.id),
                     " has attempts ", absl::StrJoin(attempts, ", ")));
  }
  TRANSECT_RETURN_IF_ERROR(CheckRank(options, folder.dir, attempt));
  if (options.format == "text") {
    const std::string dir = AttemptDir(folder.dir, attempt);
    Tell(absl::StrCat("attempt ", attempt, " of ", attempts.back(), ", rank ",
                      options.rank, " of ", RanksOf(dir), "  ",
                      RankLogPath(dir, options.rank), "\n"));
  }
  if (options.follow) return Follow(options, folder, attempt);
  LogLines lines(folder.dir, attempt, options.rank);
  TRANSECT_RETURN_IF_ERROR(Print(options, attempt, lines.Poll(/*rest=*/true)));
  return 0;
}

}  // namespace

void AddLogsVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "logs",
      "Print what a rank of a run measured and wrote: the steps, then its log, "
      "whose end says why it failed.");
  const auto options = std::make_shared<LogsOptions>();
  AddRunArgument(verb, line, options.get());
  verb->add_flag("-f,--follow", options->follow,
                 "Go on as more comes, through restarts, until the run is "
                 "done (exit code 0) or failed (2).");
  verb->add_option("--rank", options->rank, "Which rank. Default: 0.")
      ->check(CLI::Range(0, 65535));
  verb->add_option("--attempt", options->attempt,
                   "Which attempt. Default: the newest.")
      ->check(CLI::Range(1, 1000000));
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json: an object in each line with attempt, rank, text and "
            "whether the rank wrote it or it is a measurement.");
  OnVerb(verb, line, options, ShowLogs);
}

}  // namespace transect
