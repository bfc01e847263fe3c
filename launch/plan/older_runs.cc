#include "launch/plan/older_runs.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/identity/canonical.h"
#include "experiments/run/old_spec.h"
#include "experiments/run/resolve.h"

namespace transect {

std::string WhatItTrains(RunSpec run) {
  run.clear_evaluation();
  run.mutable_data()->clear_eval_splits();
  return CanonicalText(run).value_or("");
}

std::map<std::string, std::vector<std::string>> OlderRunsByTraining(
    const Store& store) {
  std::map<std::string, std::vector<std::string>> names;
  for (const OlderRun& older : store.OlderRuns()) {
    if (CheckResult(older.dir, older.id, "").state != ResultCheck::kValid) {
      continue;
    }
    absl::StatusOr<RunSpec> spec = ReadTextproto<RunSpec>(SpecPath(older.dir));
    if (!spec.ok()) continue;
    // As if it had been resolved today: more may be inert now.
    CompleteOldSpec(&*spec);
    ResolveRun(&*spec);
    names[WhatItTrains(*spec)].push_back(absl::StrCat(
        older.scheme, ":", ShownId(older.id), " (code ", older.code, ")"));
  }
  return names;
}

}  // namespace transect
