#include "launch/plan/equal_failures.h"

#include <signal.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/textproto.h"
#include "experiments/training/training.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "re2/re2.h"

namespace transect {

bool SaysNothing(const Outcome& outcome) {
  if (outcome.interrupted()) return true;
  switch (outcome.exit_code()) {
    case ExitCode::PEER_LOST:
    case ExitCode::TRY_AGAIN:
    case ExitCode::CHECKPOINTED:
      return true;
    default:
      break;
  }
  switch (outcome.signal()) {
    case SIGHUP:
    case SIGINT:
    case SIGTERM:
      return true;
    case SIGKILL:
      return outcome.out_of_memory();
    default:
      return false;
  }
}

std::string ComparableCause(absl::string_view cause) {
  static const auto* const kChanges =
      new std::vector<std::pair<const RE2*, const char*>>{
          {new RE2("^rank [0-9]+: "), ""},
          {new RE2("attempts/[0-9]+"), "attempts/*"},
          {new RE2("rank[0-9]{5}"), "rank*"},
          {new RE2("0x[0-9a-fA-F]+"), "0x*"},
          {new RE2("\\b(process|pid|thread|port|attempt) [0-9]+"), "\\1 *"},
          {new RE2(
               "\\b([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+|localhost|\\]):[0-9]+"),
           "\\1:*"},
          {new RE2("\\.tmp[.-][A-Za-z0-9._-]+"), ".tmp*"},
          {new RE2("[0-9]+ bytes free"), "* bytes free"}};
  std::string text(cause);
  for (const auto& [from, to] : *kChanges) {
    RE2::GlobalReplace(&text, *from, to);
  }
  return text;
}

bool MayRecompute(const LaunchPlan& launch) {
  return launch.has_train() && launch.train().run().training().activations() !=
                                   TrainingSpec::RECOMPUTE;
}

bool RanOutOfMemory(absl::string_view job_dir) {
  for (const int attempt : Attempts(job_dir)) {
    const absl::StatusOr<Outcome> outcome =
        ReadTextproto<Outcome>(OutcomePath(AttemptDir(job_dir, attempt)));
    if (outcome.ok() && outcome->out_of_memory()) return true;
  }
  return false;
}

EqualFailures CountEqualFailures(
    absl::string_view job_dir, absl::string_view code,
    const std::function<bool(int, const Outcome&)>& is_failure) {
  const std::vector<int> attempts = Attempts(job_dir);
  EqualFailures failures;
  std::string first;
  for (auto attempt = attempts.rbegin(); attempt != attempts.rend();
       ++attempt) {
    const std::string dir = AttemptDir(job_dir, *attempt);
    const absl::StatusOr<Outcome> outcome =
        ReadTextproto<Outcome>(OutcomePath(dir));
    // Without an outcome its launcher is gone.
    if (!outcome.ok() || SaysNothing(*outcome)) continue;
    const absl::StatusOr<LaunchPlan> launch =
        ReadTextproto<LaunchPlan>(LaunchPath(dir));
    const bool other_code =
        launch.ok() && !code.empty() && launch->code() != code;
    if (launch.ok() && outcome->out_of_memory() && MayRecompute(*launch)) {
      continue;
    }
    if (other_code || !is_failure(*attempt, *outcome)) break;
    std::string comparable = ComparableCause(outcome->cause());
    if (failures.times == 0) {
      first = std::move(comparable);
      failures.cause = outcome->cause();
      failures.of_spec = outcome->exit_code() == ExitCode::SPEC;
    } else if (comparable != first) {
      break;
    }
    ++failures.times;
  }
  return failures;
}

std::string FailureText(int equal_failures, absl::string_view cause) {
  return absl::StrCat("failed",
                      equal_failures < kMostEqualFailures
                          ? ""
                          : absl::StrCat(" ", equal_failures, " times alike"),
                      ": ", cause);
}

}  // namespace transect
