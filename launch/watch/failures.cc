#include "launch/watch/failures.h"

#include <signal.h>
#include <string.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "launch/listing/run_list.h"
#include "launch/plan/equal_failures.h"
#include "launch/store/store.h"
#include "re2/re2.h"

namespace transect {
namespace {

// Jobs of a group that are listed.
constexpr int kMostListed = 20;

bool Failed(const Outcome& outcome) {
  return outcome.has_cause() && !outcome.interrupted() &&
         outcome.exit_code() != ExitCode::CHECKPOINTED;
}

std::string EndOf(const FailedJob& job) {
  if (job.signal() != 0) return absl::StrCat("signal ", job.signal());
  return ExitCode::Code_IsValid(job.exit_code())
             ? ExitCode::Code_Name(static_cast<ExitCode::Code>(job.exit_code()))
             : absl::StrCat("exit code ", job.exit_code());
}

// What equal failures of different jobs have in common: not the job's id or
// directory, nor numbers such as the step.
std::string KeyOf(const FailedJob& job) {
  static const RE2* const kIds =
      new RE2("[0-9a-f]{2}/[0-9a-f]{32}(/[0-9a-f]{12})?");
  static const RE2* const kNumbers =
      new RE2("[0-9]+([.][0-9]+)?(e[-+]?[0-9]+)?");
  std::string text = ComparableCause(job.cause());
  RE2::GlobalReplace(&text, *kIds, "*");
  RE2::GlobalReplace(&text, *kNumbers, "*");
  return absl::StrCat(EndOf(job), "\n", text);
}

std::string JobLine(const FailedJob& job) {
  std::string line = absl::StrCat(
      job.id().empty() ? "" : absl::StrCat(ShownId(job.id()), "  "),
      OneLine(job.name()), "  attempt ", job.attempt());
  if (job.failed() > 1) {
    absl::StrAppend(&line, ", first of ", job.failed(), " in a row");
  }
  absl::StrAppend(&line, ", ", DateText(job.start_unix_us()),
                  job.node().empty() ? "" : " on ", OneLine(job.node()));
  for (const std::string& later : job.later_cause()) {
    absl::StrAppend(&line, "; then: ", OneLine(later));
  }
  return line;
}

}  // namespace

std::optional<FailedJob> FirstFailure(const std::string& dir) {
  const std::vector<int> attempts = Attempts(dir);
  std::optional<FailedJob> first;
  std::vector<std::string> causes;
  for (auto number = attempts.rbegin(); number != attempts.rend(); ++number) {
    const std::string attempt = AttemptDir(dir, *number);
    const absl::StatusOr<Outcome> outcome =
        ReadTextproto<Outcome>(OutcomePath(attempt));
    // Without an outcome its launcher is gone.
    if (!outcome.ok() || outcome->interrupted() ||
        outcome->exit_code() == ExitCode::CHECKPOINTED) {
      continue;
    }
    if (!Failed(*outcome)) break;
    const int failed = first.has_value() ? first->failed() : 0;
    first.emplace();
    first->set_attempt(*number);
    first->set_failed(failed + 1);
    first->set_rank(outcome->rank());
    first->set_exit_code(outcome->exit_code());
    first->set_signal(outcome->signal());
    first->set_cause(outcome->cause());
    first->set_log(RankLogPath(attempt, outcome->rank()));
    causes.push_back(outcome->cause());
    if (const absl::StatusOr<Provenance> provenance =
            ReadTextproto<Provenance>(ProvenancePath(attempt));
        provenance.ok()) {
      first->set_start_unix_us(provenance->start_unix_us());
      first->set_node(provenance->host());
      first->set_experiment(provenance->experiment());
      first->set_name(provenance->job());
    }
  }
  if (!first.has_value()) return first;
  // Newest first until now.
  std::ranges::reverse(causes);
  std::string last = ComparableCause(causes.front());
  for (const std::string& cause : causes) {
    std::string comparable = ComparableCause(cause);
    if (comparable == last) continue;
    first->add_later_cause(cause);
    last = std::move(comparable);
  }
  return first;
}

std::vector<FailureGroup> GroupFailures(std::vector<FailedJob> jobs) {
  std::ranges::stable_sort(
      jobs, {}, [](const FailedJob& job) { return job.start_unix_us(); });
  std::vector<FailureGroup> groups;
  std::map<std::string, size_t> places;
  for (FailedJob& job : jobs) {
    const auto [place, is_new] = places.emplace(KeyOf(job), groups.size());
    if (is_new) groups.emplace_back();
    FailureGroup& group = groups[place->second];
    group.set_cause(job.cause());
    group.set_end(EndOf(job));
    Outcome outcome;
    outcome.set_exit_code(job.exit_code());
    outcome.set_signal(job.signal());
    group.set_way_out(WayOutOf(outcome));
    *group.add_job() = std::move(job);
  }
  std::ranges::stable_sort(
      groups, {}, [](const FailureGroup& group) { return group.job_size(); });
  return groups;
}

std::string WayOutOf(const Outcome& outcome) {
  if (outcome.signal() == SIGKILL || outcome.exit_code() == ExitCode::MEMORY) {
    return "training.activations: RECOMPUTE needs less memory and gives the "
           "same bits; so do more ranks; `transect run --jobs 1` lets one job "
           "at a time have all of it; `transect plan` predicts what a rank "
           "needs";
  }
  if (outcome.signal() != 0) {
    return "a signal from outside ended it: another `transect run` goes on "
           "from its last checkpoint";
  }
  switch (outcome.exit_code()) {
    case ExitCode::SPEC:
      return "another attempt fails alike: change the experiment; `transect "
             "plan` checks it";
    case ExitCode::DATA:
      return "`transect data check DIR` lists the defects of a data set; "
             "data.defects says what is done about them";
    case ExitCode::INTERNAL:
      return "a mistake in Transect or in the machine; `transect "
             "check-machine` tries the latter";
    case ExitCode::NON_FINITE:
      return "a smaller training.optimizer.lr, a longer warm-up, or "
             "training.precision: FP32";
    case ExitCode::PEER_LOST:
      return "the logs of the other ranks say more (`transect logs ID --rank "
             "N`); another `transect run` goes on from the last checkpoint";
    case ExitCode::INPUT_OUTPUT:
      return "`transect check-machine` looks at the store's file system, "
             "`transect gc` makes room";
    case ExitCode::TRY_AGAIN:
      return "another `transect run` tries it again";
    default:
      return "";
  }
}

std::string RenderFailures(const FailureList& list,
                           const FailureTextStyle& style) {
  std::string text;
  int failed = 0;
  for (const FailureGroup& group : list.group()) {
    failed += group.job_size();
    absl::StrAppend(&text,
                    Styled(absl::StrCat(CountText(group.job_size(), "job"),
                                        "  ", group.end()),
                           TerminalStyle::kRed, style.color),
                    "\n");
    int shown = 0;
    for (const FailedJob& job : group.job()) {
      if (++shown > kMostListed) {
        absl::StrAppend(&text, "  and ", group.job_size() - kMostListed,
                        " more\n");
        break;
      }
      absl::StrAppend(
          &text, WrapText(absl::StrCat("  ", JobLine(job)), style.width, 4));
    }
    absl::StrAppend(&text, "  log    ", group.job(group.job_size() - 1).log(),
                    "\n");
    if (!style.again.empty()) {
      absl::StrAppend(&text, "  again  ", style.again, "\n");
    }
    if (!group.way_out().empty()) {
      absl::StrAppend(
          &text,
          WrapText(absl::StrCat("  try    ", group.way_out()), style.width, 9));
    }
    absl::StrAppend(&text,
                    WrapText(absl::StrCat("  cause  ", OneLine(group.cause())),
                             style.width, 9),
                    "\n");
  }
  return absl::StrCat(
      text,
      failed == 0
          ? absl::StrCat("none of ", CountText(list.jobs(), "job"), " failed\n")
          : absl::StrCat(failed, " of ", CountText(list.jobs(), "job"),
                         " failed, for ", CountText(list.group_size(), "cause"),
                         "\n"));
}

}  // namespace transect
