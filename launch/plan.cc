#include "launch/plan.h"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/io/textproto.h"
#include "experiments/expand.h"
#include "experiments/run_id.h"
#include "launch/found_input.h"
#include "launch/found_weights.h"
#include "launch/jobs.h"
#include "launch/launch.pb.h"
#include "launch/lease.h"
#include "launch/site.h"
#include "launch/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status WithRole(const FoundInput& input, const absl::Status& problem) {
  return absl::Status(problem.code(),
                      absl::StrCat(KindName(input.kind), " role '", input.role,
                                   "': ", problem.message()));
}

// Looks for one found input; problems go into it.
FoundInput Find(const Input& input, const Store& store, const SiteFile& site,
                const HashProgress* hash) {
  FoundInput found;
  found.kind = input.kind;
  found.role = input.role;
  absl::StatusOr<std::string> path = FoundPath(site, input.kind, input.role);
  if (!path.ok()) {
    found.problem = path.status();
    return found;
  }
  found.path = *path;
  absl::StatusOr<std::string> identity =
      hash == nullptr ? CachedIdentity(store, input.kind, found.path)
                      : ComputeIdentity(store, input.kind, found.path,
                                        [&](int64_t done, int64_t total) {
                                          (*hash)(found, done, total);
                                        });
  if (identity.ok()) {
    found.identity = *std::move(identity);
  } else {
    found.problem = WithRole(found, identity.status());
  }
  return found;
}

// Problems of the folders of weights that `runs` read go into `found`.
void CheckWeights(absl::Span<const RunSpec> runs,
                  std::vector<FoundInput>* found) {
  std::map<std::string, std::string> folders;
  for (const FoundInput& input : *found) {
    if (input.kind == Input::Kind::kWeights && input.problem.ok()) {
      folders[input.role] = input.path;
    }
  }
  if (folders.empty()) return;
  const std::map<std::string, absl::Status> problems =
      CheckFoundWeights(runs, folders);
  for (FoundInput& input : *found) {
    const auto problem = problems.find(input.role);
    if (input.kind == Input::Kind::kWeights && problem != problems.end()) {
      input.problem = WithRole(input, problem->second);
    }
  }
}

// Codes under which the run has a valid result, other than `code`.
std::vector<std::string> OtherCodes(const Store& store, const Job& job,
                                    absl::string_view code) {
  std::vector<std::string> codes;
  for (const std::string& other : store.CodesOfRun(job.id)) {
    if (other != ShownCode(code) &&
        CheckResult(store.RunDir(job.id, other), job.id, "").state ==
            ResultCheck::kValid) {
      codes.push_back(other);
    }
  }
  return codes;
}

bool ToDo(JobState state) {
  return state == JobState::kNew || state == JobState::kStale ||
         state == JobState::kFailed || state == JobState::kRunning ||
         state == JobState::kPending;
}

// Marks what job `index` needs and nobody has made.
void WantNeeds(int index, Plan* plan) {
  for (const int needed : plan->jobs[index].needs) {
    Job& job = plan->jobs[needed];
    if (ToDo(job.state) && !job.wanted) {
      job.wanted = true;
      WantNeeds(needed, plan);
    }
  }
}

}  // namespace

absl::string_view StateName(JobState state) {
  switch (state) {
    case JobState::kNew:
      return "new";
    case JobState::kDone:
      return "done";
    case JobState::kStale:
      return "stale";
    case JobState::kFailed:
      return "failed";
    case JobState::kRunning:
      return "running";
    case JobState::kCorrupt:
      return "corrupt";
    case JobState::kPending:
      return "pending";
  }
  return "";
}

int Plan::CountRuns(JobState state) const {
  int count = 0;
  for (size_t i = first_run; i < jobs.size(); ++i) {
    count += jobs[i].state == state ? 1 : 0;
  }
  return count;
}

absl::StatusOr<Plan> MakePlan(const Experiment& experiment, const Store& store,
                              const SiteFile& site, absl::string_view code,
                              const HashProgress* hash) {
  Plan plan;
  plan.code = std::string(code);
  TRANSECT_ASSIGN_OR_RETURN(plan.expansion, Expand(experiment, {}));
  InputIdentities identities;
  for (const Input& input : plan.expansion.inputs) {
    if (input.made()) {
      continue;
    }
    FoundInput found = Find(input, store, site, hash);
    if (hash != nullptr) {
      TRANSECT_RETURN_IF_ERROR(found.problem);
    }
    if (!found.identity.empty()) {
      identities[absl::StrCat(KindName(found.kind), "/", found.role)] =
          found.identity;
    }
    plan.found.push_back(std::move(found));
  }
  if (!identities.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(plan.expansion, Expand(experiment, identities));
  }
  CheckWeights(plan.expansion.runs, &plan.found);
  if (hash != nullptr) {
    for (const FoundInput& input : plan.found) {
      TRANSECT_RETURN_IF_ERROR(input.problem);
    }
  }
  plan.jobs = MakeJobs(plan.expansion, plan.found, store, code);
  plan.first_run =
      static_cast<int>(plan.jobs.size() - plan.expansion.runs.size());
  for (Job& job : plan.jobs) {
    RefreshState(store, code, &job);
  }
  TRANSECT_RETURN_IF_ERROR(SelectRuns({}, &plan));
  return plan;
}

void RefreshState(const Store& store, absl::string_view code, Job* job) {
  if (job->state == JobState::kPending) {
    return;
  }
  job->note.clear();
  job->state = JobState::kNew;
  const bool of_code =
      job->kind == Job::Kind::kRun || job->kind == Job::Kind::kWeights;
  if (!job->dir.empty()) {
    ResultCheck check = CheckResult(job->dir, job->id, of_code ? code : "");
    if (check.state == ResultCheck::kValid) {
      job->state = JobState::kDone;
      job->result = std::move(check.result);
      return;
    }
    if (check.state == ResultCheck::kCorrupt) {
      job->state = JobState::kCorrupt;
      job->note = check.problem;
      return;
    }
    if (IsLeaseHeld(job->dir)) {
      job->state = JobState::kRunning;
      job->note = LeaseHolder(job->dir);
      return;
    }
    if (const std::vector<int> attempts = Attempts(job->dir);
        !attempts.empty()) {
      const absl::StatusOr<Outcome> outcome = ReadTextproto<Outcome>(
          OutcomePath(AttemptDir(job->dir, attempts.back())));
      if (outcome.ok() && !outcome->interrupted() && outcome->has_cause()) {
        job->state = JobState::kFailed;
        job->note = outcome->cause();
        return;
      }
      job->note = absl::StrCat("attempt ", attempts.back(), " was interrupted");
    }
  }
  if (job->kind == Job::Kind::kRun) {
    const std::vector<std::string> codes = OtherCodes(store, *job, code);
    if (!codes.empty()) {
      job->state = JobState::kStale;
      job->note = absl::StrCat("done under code ", absl::StrJoin(codes, ", "));
    }
  }
}

absl::Status SelectRuns(absl::Span<const std::string> id_prefixes, Plan* plan) {
  std::vector<bool> selected(plan->jobs.size(), id_prefixes.empty());
  for (const std::string& prefix : id_prefixes) {
    std::vector<std::string> fitting;
    for (size_t i = plan->first_run; i < plan->jobs.size(); ++i) {
      if (!prefix.empty() && absl::StartsWith(plan->jobs[i].id, prefix)) {
        selected[i] = true;
        fitting.push_back(
            absl::StrCat("  ", plan->jobs[i].id, "  ", plan->jobs[i].name));
      }
    }
    if (fitting.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", prefix,
                       "': no run of this experiment has an id that starts so; "
                       "`transect plan` prints the ids"));
    }
    if (fitting.size() > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", prefix, "' is the start of ", fitting.size(),
                       " ids:\n", absl::StrJoin(fitting, "\n")));
    }
  }
  for (Job& job : plan->jobs) {
    job.wanted = false;
  }
  for (size_t i = plan->first_run; i < plan->jobs.size(); ++i) {
    if (selected[i] && ToDo(plan->jobs[i].state)) {
      plan->jobs[i].wanted = true;
      WantNeeds(static_cast<int>(i), plan);
    }
  }
  return absl::OkStatus();
}

}  // namespace transect
