#include "launch/upkeep/stored_jobs.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "launch/store/store.h"

namespace transect {
namespace {

void AddWithEvaluations(const StoredJob& job, std::vector<StoredJob>* jobs) {
  jobs->push_back(job);
  for (const std::string& name : EvaluationNames(job.dir)) {
    StoredJob evaluation = job;
    evaluation.kind = StoredJob::Kind::kEvaluation;
    evaluation.dir = absl::StrCat(EvaluationsDir(job.dir), "/", name);
    jobs->push_back(evaluation);
  }
}

}  // namespace

std::vector<StoredJob> ListJobs(const Store& store) {
  std::vector<StoredJob> jobs;
  const auto add = [&jobs](StoredJob::Kind kind, const std::string& id,
                           const std::string& code, const std::string& dir) {
    AddWithEvaluations({kind, id, code, dir, dir}, &jobs);
  };
  for (const std::string& id : store.RunIds("")) {
    for (const std::string& code : store.CodesOfRun(id)) {
      add(StoredJob::Kind::kRun, id, code, store.RunDir(id, code));
    }
  }
  for (const OlderRun& run : store.OlderRuns()) {
    add(StoredJob::Kind::kRun, run.id, run.code, run.dir);
  }
  for (const std::string& id : store.InputIds("")) {
    for (const std::string& code : store.CodesOfWeights(id)) {
      add(StoredJob::Kind::kWeights, id, code, store.WeightsDir(id, code));
    }
    const std::string dir = store.InputDir(id);
    if (FileExists(SpecPath(dir)) || FileExists(ResultPath(dir))) {
      add(StoredJob::Kind::kInput, id, "", dir);
    }
  }
  return jobs;
}

}  // namespace transect
