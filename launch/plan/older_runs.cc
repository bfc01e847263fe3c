#include "launch/plan/older_runs.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/canonical.h"
#include "launch/plan/jobs.h"
#include "launch/store/store.h"

namespace transect {
namespace {

bool MayBeOlder(const Job& job) {
  return job.kind == Job::Kind::kRun && job.state == JobState::kNew;
}

// What the run trains, sources of its inputs included; "" for a spec that has
// no such text.
std::string WhatItTrains(RunSpec run) {
  run.clear_evaluation();
  run.mutable_data()->clear_eval_splits();
  return CanonicalText(run).value_or("");
}

// Names of the finished older runs by what they train: "h1:14b1ce31… (code
// 5f0e…)".
std::map<std::string, std::vector<std::string>> OlderByTraining(
    const Store& store) {
  std::map<std::string, std::vector<std::string>> names;
  for (const OlderRun& older : store.OlderRuns()) {
    if (CheckResult(older.dir, older.id, "").state != ResultCheck::kValid) {
      continue;
    }
    const absl::StatusOr<RunSpec> spec =
        ReadTextproto<RunSpec>(SpecPath(older.dir));
    if (!spec.ok()) continue;
    names[WhatItTrains(*spec)].push_back(absl::StrCat(
        older.scheme, ":", ShownId(older.id), " (code ", older.code, ")"));
  }
  return names;
}

}  // namespace

void MarkOlderRuns(const Store& store, std::vector<Job>* jobs) {
  // Specs are read only where the answer can change something.
  if (std::ranges::none_of(*jobs, MayBeOlder)) return;
  const auto names = OlderByTraining(store);
  if (names.empty()) return;
  for (Job& job : *jobs) {
    if (!MayBeOlder(job)) continue;
    const auto found = names.find(WhatItTrains(job.launch.train().run()));
    if (found == names.end()) continue;
    job.state = JobState::kOlder;
    job.note = absl::StrCat("done under an older scheme of ids: ",
                            absl::StrJoin(found->second, ", "));
  }
}

}  // namespace transect
