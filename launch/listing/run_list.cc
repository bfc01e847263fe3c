#include "launch/listing/run_list.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "analysis/load_runs.h"
#include "analysis/report.pb.h"
#include "analysis/score_run.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/store/check_job.h"
#include "launch/store/find_run.h"
#include "launch/store/job.pb.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"

namespace transect {
namespace {

constexpr int kFormatVersion = 1;
// More than processors: on a store far away it is waiting that takes time.
constexpr int kThreads = 8;

// The mean IoU of an evaluation whose result does not say it.
absl::StatusOr<double> GiouOf(const std::string& dir) {
  const absl::StatusOr<LoadedEvaluation> loaded = LoadEvaluation(dir);
  if (!loaded.ok()) return loaded.status();
  const absl::StatusOr<RunScores> scores = ScoreRun(*loaded->items);
  if (!scores.ok()) return scores.status();
  for (const Measure& measure : scores->measures) {
    if (measure.kind == ReportCell::GIOU) return measure.value;
  }
  return absl::NotFoundError("no gIoU");
}

void AddEvaluations(std::vector<FoundEvaluation> evaluations, ListedRun* run) {
  // Who shows one number of a split takes the last: that of the images' size.
  std::ranges::stable_partition(evaluations, [](const FoundEvaluation& each) {
    return each.result.resolution() != 0;
  });
  for (const FoundEvaluation& evaluation : evaluations) {
    ListedEvaluation* const listed = run->add_evaluations();
    listed->set_split(evaluation.split);
    listed->set_data(evaluation.data);
    listed->set_items(evaluation.result.eval_items());
    listed->set_resolution(evaluation.result.resolution());
    if (evaluation.result.has_giou()) {
      listed->set_giou(evaluation.result.giou());
    } else if (const absl::StatusOr<double> giou = GiouOf(evaluation.dir);
               giou.ok()) {
      listed->set_giou(*giou);
    }
  }
}

// Whether the text of a launch plan, as WriteTextprotoAtomic lays it out, asks
// for no more than these evaluations. Most do, and parsing a plan takes longer
// than all else of a run together; where it is not certain, the answer is no.
bool AsksForNoMore(absl::string_view launch,
                   const std::vector<FoundEvaluation>& evaluations) {
  constexpr absl::string_view kBlock = "\n  evaluation {\n";
  const auto asked = [launch](const FoundEvaluation& evaluation) {
    return absl::StrContains(
        launch, absl::StrCat("    id: \"", evaluation.result.id(), "\"\n"));
  };
  size_t blocks = 0;
  for (size_t at = launch.find(kBlock); at != launch.npos;
       at = launch.find(kBlock, at + 1)) {
    ++blocks;
  }
  return blocks > 0 && blocks == static_cast<size_t>(
                                     std::ranges::count_if(evaluations, asked));
}

// The splits that the attempt was to evaluate and that are not evaluated.
std::vector<std::string> Unevaluated(
    const std::string& attempt_dir,
    const std::vector<FoundEvaluation>& evaluations) {
  std::vector<std::string> missing;
  const std::string path = LaunchPath(attempt_dir);
  const absl::StatusOr<std::string> text = ReadFile(path);
  LaunchPlan launch;
  if (!text.ok() || AsksForNoMore(*text, evaluations) ||
      !ParseTextproto(*text, path, &launch).ok()) {
    return missing;
  }
  for (const EvaluateJob& wanted : EvaluationsOf(launch)) {
    const auto is_it = [&wanted](const FoundEvaluation& evaluation) {
      return evaluation.result.id() == wanted.id();
    };
    if (std::ranges::none_of(evaluations, is_it)) {
      missing.push_back(wanted.split());
    }
  }
  return missing;
}

// State and note of a run that has no result.
void SetUnfinished(const std::string& attempt_dir, ListedRun* run) {
  const absl::StatusOr<Outcome> outcome =
      ReadTextproto<Outcome>(OutcomePath(attempt_dir));
  if (outcome.ok() && outcome->has_cause() && !outcome->interrupted()) {
    run->set_state(ListedState::FAILED);
    run->set_note(outcome->cause());
  } else {
    run->set_state(ListedState::INTERRUPTED);
  }
}

// Fills in what lies in the directory of `run`.
void ReadRun(ListedRun* run) {
  const std::string& dir = run->directory();
  const std::vector<int> attempts = Attempts(dir);
  const std::string last =
      attempts.empty() ? "" : AttemptDir(dir, attempts.back());
  if (const absl::StatusOr<Provenance> provenance =
          ReadTextproto<Provenance>(ProvenancePath(last));
      !last.empty() && provenance.ok()) {
    run->set_experiment(provenance->experiment());
    run->set_name(provenance->job());
    run->set_start_unix_us(provenance->start_unix_us());
    run->set_host(provenance->host());
  }
  const ResultCheck check = CheckResult(dir, run->id(), "");
  if (check.state == ResultCheck::kCorrupt) {
    run->set_state(ListedState::CORRUPT);
    run->set_note(check.problem);
    return;
  }
  if (check.state == ResultCheck::kValid) {
    const std::vector<FoundEvaluation> evaluations = FinishedEvaluations(dir);
    AddEvaluations(evaluations, run);
    run->set_steps(check.result.steps());
    const std::vector<std::string> missing = Unevaluated(last, evaluations);
    if (missing.empty()) {
      run->set_state(ListedState::DONE);
      if (check.weights_gone) run->set_note("its trained weights are gone");
      return;
    }
    if (check.weights_gone) {
      run->set_state(ListedState::CORRUPT);
      run->set_note(absl::StrCat(dir, "/", kWeightsFile,
                                 " is gone, and it is not evaluated on ",
                                 absl::StrJoin(missing, ", ")));
      return;
    }
    run->set_state(ListedState::TRAINED);
    run->set_note(
        absl::StrCat("not evaluated on ", absl::StrJoin(missing, ", ")));
  }
  if (IsLeaseHeld(dir)) {
    run->set_state(ListedState::RUNNING);
    run->set_note(LeaseHolder(dir));
  } else if (run->state() == ListedState::UNSPECIFIED) {
    SetUnfinished(last, run);
  }
}

void ReadRuns(StoreListing* list) {
  std::atomic<int> next = 0;
  const auto work = [&next, list] {
    for (int i = next++; i < list->runs_size(); i = next++) {
      ReadRun(list->mutable_runs(i));
    }
  };
  std::vector<std::thread> threads;
  for (int t = 1; t < std::min(kThreads, list->runs_size()); ++t) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

StoreListing ListRuns(const Store& store, absl::string_view code) {
  StoreListing list;
  list.set_format_version(kFormatVersion);
  list.set_store(store.root());
  list.set_code(std::string(code));
  for (const std::string& id : store.RunIds("")) {
    for (const std::string& under : store.CodesOfRun(id)) {
      ListedRun* const run = list.add_runs();
      run->set_id(id);
      run->set_code(under);
      run->set_directory(store.RunDir(id, under));
    }
  }
  ReadRuns(&list);
  for (const OlderRun& older : store.OlderRuns()) {
    if (CheckResult(older.dir, older.id, "").state != ResultCheck::kValid) {
      continue;
    }
    ListedRun* const run = list.add_runs();
    run->set_id(older.id);
    run->set_code(older.code);
    run->set_directory(older.dir);
    run->set_state(ListedState::OLDER_SCHEME);
  }
  std::stable_sort(list.mutable_runs()->begin(), list.mutable_runs()->end(),
                   [](const ListedRun& a, const ListedRun& b) {
                     return a.start_unix_us() > b.start_unix_us();
                   });
  list.set_all_runs(list.runs_size());
  return list;
}

std::string ListedStateName(ListedState::Value state) {
  return absl::AsciiStrToLower(ListedState::Value_Name(state));
}

std::string DateText(int64_t unix_us) {
  return unix_us == 0
             ? "–"
             : absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixMicros(unix_us),
                                absl::LocalTimeZone());
}

}  // namespace transect
