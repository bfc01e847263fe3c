#include "launch/execute/job_attempts.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/io/textproto.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/found_contents.h"
#include "launch/store/check_job.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Whether the attempt ran out of memory, and may have had too many beside it or
// kept what can be computed again.
bool MayHaveMoreMemory(const std::string& job_dir, int attempt,
                       const Outcome& outcome) {
  if (!outcome.out_of_memory()) return false;
  const absl::StatusOr<LaunchPlan> launch =
      ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(job_dir, attempt)));
  return !launch.ok() || !launch->has_train() || MayRecompute(*launch);
}

}  // namespace

int LastAttempt(const Job& job) {
  const std::vector<int> attempts = Attempts(job.dir);
  return attempts.empty() ? 0 : attempts.back();
}

std::optional<JobEnd> EndedElsewhere(absl::string_view code, const Job& job,
                                     int before) {
  const ResultCheck check =
      CheckJob(job.dir, job.id, job.inputs.has_code() ? code : "",
               EvaluationsOf(job.launch));
  JobEnd end;
  if (check.state == ResultCheck::kValid) {
    end.kind = JobEnd::kDoneElse;
    return end;
  }
  if (check.state == ResultCheck::kCorrupt) {
    end.kind = JobEnd::kFailed;
    end.cause = check.problem;
    return end;
  }
  const int last = LastAttempt(job);
  if (check.state != ResultCheck::kAbsent || last <= before) {
    return std::nullopt;
  }
  const absl::StatusOr<Outcome> outcome =
      ReadTextproto<Outcome>(OutcomePath(AttemptDir(job.dir, last)));
  // One that succeeded evaluated something else.
  if (!outcome.ok() || MayHaveMoreMemory(job.dir, last, *outcome) ||
      SaysNothing(*outcome) || !IsFailureOf(job, last, *outcome)) {
    return std::nullopt;
  }
  end.kind = JobEnd::kFailed;
  end.cause = outcome->cause();
  end.log = RankLogPath(AttemptDir(job.dir, last), outcome->rank());
  return end;
}

absl::StatusOr<AttemptSpec> DescribeAttempt(const Plan& plan, int index) {
  const Job& job = plan.jobs[index];
  AttemptSpec spec;
  spec.plan = job.launch;
  if (spec.plan.has_train()) {
    TRANSECT_RETURN_IF_ERROR(
        AddFoundContents(plan.found, job.inputs, spec.plan.mutable_train()));
  }
  if (spec.plan.has_tokenizer()) {
    TRANSECT_RETURN_IF_ERROR(AddFoundContents(plan.found, job.inputs,
                                              spec.plan.mutable_tokenizer()));
  }
  spec.job_dir = job.dir;
  spec.threads = job.threads;
  spec.spec_text = SpecText(plan, index);
  spec.inputs = job.inputs;
  return spec;
}

}  // namespace transect
