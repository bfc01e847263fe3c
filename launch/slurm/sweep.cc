#include "launch/slurm/sweep.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/execute/attempt.h"
#include "launch/execute/job_attempts.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr size_t kNameDigits = 8;

// A name of an experiment as a part of names of files and jobs.
std::string Safe(absl::string_view text) {
  std::string safe(text);
  for (char& c : safe) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '.') c = '_';
  }
  return safe;
}

absl::StatusOr<SweepJob> RecordJob(const Plan& plan, int index,
                                   const SlurmSite& site) {
  const Job& job = plan.jobs[index];
  TRANSECT_ASSIGN_OR_RETURN(AttemptSpec spec, DescribeAttempt(plan, index));
  SweepJob record;
  record.set_kind(static_cast<int>(job.kind));
  record.set_id(job.id);
  record.set_name(job.name);
  record.set_dir(job.dir);
  *record.mutable_launch() = std::move(spec.plan);
  record.set_threads(job.threads);
  record.set_nodes(NodesFor(job.launch.ranks(), site));
  *record.mutable_inputs() = job.inputs;
  record.set_spec_text(std::move(spec.spec_text));
  record.set_last_attempt(LastAttempt(job));
  return record;
}

// Adds what `index` needs and is to be made, itself last.
void AddWithNeeds(const Plan& plan, int index, std::set<int>* jobs) {
  if (!plan.jobs[index].wanted || !jobs->insert(index).second) return;
  for (const int need : plan.jobs[index].needs) {
    AddWithNeeds(plan, need, jobs);
  }
}

// Adds what `job` needs, and what that needs.
void AddNeedsOf(const Sweep& sweep, int job, std::set<int>* needs) {
  for (const int need : sweep.job(job).needs()) {
    if (needs->insert(need).second) AddNeedsOf(sweep, need, needs);
  }
}

void FillAllocation(const Allocation& allocation, SweepGroup* group) {
  group->set_nodes(allocation.nodes);
  group->set_ranks_per_node(allocation.ranks_per_node);
  group->set_processors_per_rank(allocation.processors_per_rank);
  group->set_gpus_per_node(allocation.gpus_per_node);
  group->set_memory_mib(allocation.memory_mib);
}

}  // namespace

Allocation AllocationOf(const SweepGroup& group) {
  return {group.nodes(), group.ranks_per_node(), group.processors_per_rank(),
          group.gpus_per_node(), group.memory_mib()};
}

std::string SingleName(absl::string_view run_id) {
  return absl::StrCat("transect-", ShownId(run_id));
}

std::string ArrayName(const Plan& plan, const Store& store,
                      const Allocation& allocation) {
  const std::string digest = Sha256(absl::StrCat(
      store.root(), "\n", plan.code, "\n", AllocationText(allocation)));
  return absl::StrCat("transect-", Safe(plan.expansion.name), "-",
                      digest.substr(0, kNameDigits));
}

std::string CommentText(const JobComment& comment) {
  return absl::StrCat("sweep=", comment.sweep, " group=", comment.group,
                      comment.run.empty() ? "" : " run=", comment.run);
}

JobComment ParseComment(absl::string_view text) {
  JobComment comment;
  for (absl::string_view word : absl::StrSplit(text, ' ')) {
    if (absl::ConsumePrefix(&word, "sweep=")) {
      comment.sweep = std::string(word);
    } else if (absl::ConsumePrefix(&word, "group=")) {
      if (!absl::SimpleAtoi(word, &comment.group)) comment.group = -1;
    } else if (absl::ConsumePrefix(&word, "run=")) {
      comment.run = std::string(word);
    }
  }
  return comment;
}

absl::StatusOr<MadeSweep> MakeSweep(const Plan& plan, const Store& store,
                                    absl::Span<const int> runs,
                                    const SweepParts& parts) {
  const SlurmSite& site = parts.site.slurm();
  std::set<int> indices;
  std::map<Allocation, std::vector<int>> groups;
  for (const int run : runs) {
    TRANSECT_ASSIGN_OR_RETURN(const Allocation allocation,
                              AllocationOf(plan.jobs[run], site));
    groups[allocation].push_back(run);
    AddWithNeeds(plan, run, &indices);
  }
  MadeSweep made;
  Sweep& sweep = made.sweep;
  sweep.set_experiment(plan.expansion.name);
  sweep.set_code(plan.code);
  sweep.set_program(parts.program);
  sweep.set_worker(parts.worker);
  *sweep.mutable_site() = parts.site;
  std::map<int, int> places;
  SweepJobsWriter jobs;
  for (const int index : indices) {
    TRANSECT_ASSIGN_OR_RETURN(SweepJob record, RecordJob(plan, index, site));
    for (const int need : plan.jobs[index].needs) {
      // Others are done.
      if (places.contains(need)) record.add_needs(places[need]);
    }
    places[index] = sweep.job_size();
    SweepJob& shown = *sweep.add_job();
    shown.set_kind(record.kind());
    shown.set_id(record.id());
    *shown.mutable_needs() = record.needs();
    shown.set_last_attempt(record.last_attempt());
    jobs.Add(std::move(record));
  }
  made.jobs = jobs.Finish();
  sweep.set_jobs_sha256(Sha256(made.jobs));
  for (auto& [allocation, members] : groups) {
    SweepGroup* const group = sweep.add_group();
    Allocation larger = allocation;
    std::set<int> inputs;
    for (const int run : members) {
      group->add_run(places[run]);
      AddWithNeeds(plan, run, &inputs);
      inputs.erase(run);
    }
    for (const int input : inputs) {
      group->add_input(places[input]);
      TRANSECT_ASSIGN_OR_RETURN(const Allocation needed,
                                AllocationOf(plan.jobs[input], site));
      larger.memory_mib = std::max(larger.memory_mib, needed.memory_mib);
    }
    FillAllocation(larger, group);
    if (members.size() >= kArrayFrom) {
      group->set_array_name(ArrayName(plan, store, allocation));
      group->set_slots(
          std::min(static_cast<int>(members.size()), site.max_slots()));
    }
  }
  sweep.set_name(
      absl::StrCat(Safe(plan.expansion.name), "-",
                   Sha256(PrintTextproto(sweep)).substr(0, kShownIdDigits)));
  // Not a part of the name: it has the command line.
  *sweep.mutable_provenance() = parts.provenance;
  return made;
}

absl::StatusOr<Sweep> ReadSweep(const Store& store, absl::string_view name) {
  if (name.empty() || Safe(name) != name) {
    return absl::NotFoundError(absl::StrCat("'", name, "' names no sweep"));
  }
  return ReadTextproto<Sweep>(SweepPath(store.SweepDir(name)));
}

absl::StatusOr<std::vector<int>> RunsOfGroup(const Sweep& sweep, int group,
                                             absl::string_view run) {
  if (group < 0 || group >= sweep.group_size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("sweep ", sweep.name(), " has no group ", group));
  }
  std::vector<int> runs;
  for (const int index : sweep.group(group).run()) {
    if (run.empty() || sweep.job(index).id() == run) runs.push_back(index);
  }
  if (runs.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "group ", group, " of sweep ", sweep.name(), " has no run ", run));
  }
  return runs;
}

absl::StatusOr<Plan> PlanOfSweep(const Sweep& sweep, SweepJobsReader* jobs,
                                 absl::Span<const int> runs,
                                 std::vector<SweepJob>* sources) {
  std::set<int> inputs;
  for (const int run : runs) AddNeedsOf(sweep, run, &inputs);
  std::vector<int> indices(inputs.begin(), inputs.end());
  indices.insert(indices.end(), runs.begin(), runs.end());
  Plan plan;
  plan.expansion.name = sweep.experiment();
  plan.code = sweep.code();
  plan.first_run = static_cast<int>(inputs.size());
  std::map<int, int> places;
  sources->clear();
  for (const int index : indices) {
    TRANSECT_ASSIGN_OR_RETURN(SweepJob record, jobs->Get(index));
    Job job;
    job.kind = static_cast<Job::Kind>(record.kind());
    job.id = record.id();
    job.name = record.name();
    job.dir = record.dir();
    job.launch = record.launch();
    job.threads = record.threads();
    job.inputs = record.inputs();
    job.wanted = true;
    for (const int need : record.needs()) {
      if (const auto place = places.find(need); place != places.end()) {
        job.needs.push_back(place->second);
      }
    }
    places[index] = static_cast<int>(plan.jobs.size());
    plan.jobs.push_back(std::move(job));
    sources->push_back(std::move(record));
  }
  return plan;
}

}  // namespace transect
