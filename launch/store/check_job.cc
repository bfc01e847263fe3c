#include "launch/store/check_job.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "data/io/textproto.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

void AddEvaluation(const Result& evaluation, Result* sum) {
  sum->set_seconds(sum->seconds() + evaluation.seconds());
  sum->set_eval_items(sum->eval_items() + evaluation.eval_items());
  sum->set_eval_seconds(sum->eval_seconds() + evaluation.eval_seconds());
  sum->set_truncated_sentences(sum->truncated_sentences() +
                               evaluation.truncated_sentences());
  sum->set_peak_memory_bytes(
      std::max(sum->peak_memory_bytes(), evaluation.peak_memory_bytes()));
  sum->set_peak_device_memory_bytes(std::max(
      sum->peak_device_memory_bytes(), evaluation.peak_device_memory_bytes()));
}

// The results that attempts of the job left: its own, then those of its
// evaluations; empty ones for what is missing.
std::vector<Result> ResultsOf(absl::string_view job_dir,
                              absl::Span<const EvaluateJob> evaluations) {
  std::vector<std::string> dirs = {std::string(job_dir)};
  for (const EvaluateJob& evaluation : evaluations) {
    dirs.push_back(EvaluationDir(job_dir, evaluation.split(), evaluation.id()));
  }
  std::vector<Result> results;
  for (const std::string& dir : dirs) {
    absl::StatusOr<Result> result = ReadTextproto<Result>(ResultPath(dir));
    const bool counts = result.ok() && !result->made_alone();
    results.push_back(counts ? *std::move(result) : Result());
  }
  return results;
}

}  // namespace

std::vector<EvaluateJob> EvaluationsOf(const LaunchPlan& plan) {
  const auto& evaluations = plan.train().evaluation();
  return {evaluations.begin(), evaluations.end()};
}

ResultCheck CheckJob(absl::string_view job_dir, absl::string_view id,
                     absl::string_view code,
                     absl::Span<const EvaluateJob> evaluations) {
  ResultCheck check = CheckResult(job_dir, id, code);
  if (check.state != ResultCheck::kValid) return check;
  // Without weights there is nothing to evaluate, and nothing to begin with.
  const auto without_weights = [&](absl::string_view needed_by) {
    ResultCheck corrupt;
    corrupt.state = ResultCheck::kCorrupt;
    corrupt.problem =
        absl::StrCat(job_dir, "/", kWeightsFile, " is gone, which ", needed_by,
                     "; the job is blocked: restore the file, or remove ",
                     ResultPath(job_dir), " to run the job again");
    return corrupt;
  };
  if (check.weights_gone && evaluations.empty()) {
    return without_weights("runs begin with");
  }
  Result& result = check.result;
  std::vector<std::string> missing;
  for (const EvaluateJob& evaluation : evaluations) {
    // Of the code that trained the run, also where any code will do.
    ResultCheck part =
        CheckResult(EvaluationDir(job_dir, evaluation.split(), evaluation.id()),
                    evaluation.id(), result.code());
    if (part.state == ResultCheck::kCorrupt) return part;
    if (part.state == ResultCheck::kAbsent) {
      missing.push_back(evaluation.split());
      continue;
    }
    AddEvaluation(part.result, &result);
  }
  if (!missing.empty() && check.weights_gone) {
    return without_weights(absl::StrCat(
        "the evaluation on ", absl::StrJoin(missing, ", "), " needs"));
  }
  if (!missing.empty()) {
    check.state = ResultCheck::kTrained;
    check.problem = absl::StrCat("trained; not evaluated on ",
                                 absl::StrJoin(missing, ", "));
    check.missing = std::move(missing);
  }
  return check;
}

ResultCheck CheckJob(const LaunchPlan& plan) {
  return CheckJob(plan.job_dir(), plan.id(), plan.code(), EvaluationsOf(plan));
}

Result ResultOfAttempt(absl::string_view job_dir,
                       absl::Span<const EvaluateJob> evaluations, int attempt) {
  const std::vector<Result> results = ResultsOf(job_dir, evaluations);
  Result sum;
  if (results[0].attempt() == attempt) sum = results[0];
  for (size_t i = 1; i < results.size(); ++i) {
    if (results[i].attempt() == attempt) AddEvaluation(results[i], &sum);
  }
  return sum;
}

std::vector<int> AttemptsThatCount(absl::string_view job_dir,
                                   absl::Span<const EvaluateJob> evaluations) {
  std::set<int> attempts;
  for (const Result& result : ResultsOf(job_dir, evaluations)) {
    if (result.attempt() > 0) attempts.insert(result.attempt());
  }
  return {attempts.begin(), attempts.end()};
}

}  // namespace transect
