#include "launch/store/older_runs.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/identity/canonical.h"

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
    const absl::StatusOr<RunSpec> spec =
        ReadTextproto<RunSpec>(SpecPath(older.dir));
    if (!spec.ok()) continue;
    names[WhatItTrains(*spec)].push_back(absl::StrCat(
        older.scheme, ":", ShownId(older.id), " (code ", older.code, ")"));
  }
  return names;
}

}  // namespace transect
