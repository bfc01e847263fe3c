#include "launch/store/check_job.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"

namespace transect {

std::vector<EvaluateJob> EvaluationsOf(const LaunchPlan& plan) {
  const auto& evaluations = plan.train().evaluation();
  return {evaluations.begin(), evaluations.end()};
}

ResultCheck CheckJob(absl::string_view job_dir, absl::string_view id,
                     absl::string_view code,
                     absl::Span<const EvaluateJob> evaluations) {
  ResultCheck check = CheckResult(job_dir, id, code);
  if (check.state != ResultCheck::kValid) return check;
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
    result.set_seconds(result.seconds() + part.result.seconds());
    result.set_eval_items(result.eval_items() + part.result.eval_items());
    result.set_eval_seconds(result.eval_seconds() + part.result.eval_seconds());
    result.set_truncated_sentences(result.truncated_sentences() +
                                   part.result.truncated_sentences());
    result.set_peak_memory_bytes(
        std::max(result.peak_memory_bytes(), part.result.peak_memory_bytes()));
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

}  // namespace transect
