#include "launch/plan/plan.h"

#include <algorithm>
#include <functional>
#include <set>
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
#include "data/io/suggestion.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/identity/run_id.h"
#include "experiments/selecting/selector.h"
#include "launch/inputs/for_each.h"
#include "launch/inputs/found_input.h"
#include "launch/inputs/site.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/older_runs.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
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
                const Hashing* hash) {
  FoundInput found;
  found.kind = input.kind;
  found.role = input.role;
  found.keys = {FoundKey(input.kind, input.role, input.format())};
  absl::StatusOr<std::string> path = FoundPath(site, input.kind, input.role);
  if (!path.ok()) {
    found.problem = path.status();
    return found;
  }
  found.path = *path;
  absl::StatusOr<std::string> identity =
      hash == nullptr
          ? CachedIdentity(store, input.kind, found.path, input.format())
          : ComputeIdentity(
                store, input.kind, found.path,
                [&](int64_t done, int64_t total) {
                  hash->progress(found, done, total);
                },
                input.format());
  if (identity.ok()) {
    found.identity = *std::move(identity);
  } else {
    found.problem = WithRole(found, identity.status());
  }
  return found;
}

// The codes that are meant.
absl::StatusOr<std::vector<std::string>> ReadAccepted(
    absl::Span<const std::string> accepted, const Store& store,
    const Plan& plan) {
  if (accepted.empty()) {
    return std::vector<std::string>();
  }
  const std::vector<std::string> bundles = store.Codes();
  std::set<std::string> known(bundles.begin(), bundles.end());
  for (const std::string& id : plan.expansion.spec_ids) {
    if (!IsPending(id)) {
      for (std::string& code : store.CodesOfRun(id)) {
        known.insert(std::move(code));
      }
    }
  }
  std::vector<std::string> codes;
  for (const std::string& start : accepted) {
    std::vector<std::string> matching;
    for (const std::string& code : known) {
      if (!start.empty() && absl::StartsWith(code, ShownCode(start))) {
        matching.push_back(code);
      }
    }
    if (matching.size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--accept-code ", start, ": ",
          matching.empty()
              ? absl::StrCat("no code in the store ", store.root(),
                             " starts so",
                             DidYouMean("", {known.begin(), known.end()}))
              : absl::StrCat("is the start of ",
                             absl::StrJoin(matching, ", "))));
    }
    codes.push_back(std::move(matching[0]));
  }
  return codes;
}

// Runs that are done under an older scheme of ids are not new.
void MarkOlderRuns(const Store& store, std::vector<Job>* jobs) {
  const auto may_be_older = [](const Job& job) {
    return job.kind == Job::Kind::kRun && job.state == JobState::kNew;
  };
  // Specs are read only where the answer can change something.
  if (std::ranges::none_of(*jobs, may_be_older)) return;
  const auto older = OlderRunsByTraining(store);
  if (older.empty()) return;
  for (Job& job : *jobs) {
    if (!may_be_older(job)) continue;
    const auto found = older.find(WhatItTrains(job.launch.train().run()));
    if (found == older.end()) continue;
    job.state = JobState::kOlder;
    job.note = absl::StrCat("done under an older scheme of ids: ",
                            absl::StrJoin(found->second, ", "));
  }
}

bool ToDo(JobState state) {
  return state != JobState::kDone && state != JobState::kCorrupt;
}

// Whether the job or an input that it needs is given up.
bool MeetsGivenUp(const Plan& plan, const Job& job) {
  return IsGivenUp(job) || std::ranges::any_of(job.needs, [&](int needed) {
           return MeetsGivenUp(plan, plan.jobs[needed]);
         });
}

// Adds a reason to the job's misfit.
void AddMisfit(absl::string_view why, Job* job) {
  absl::StrAppend(&job->misfit, job->misfit.empty() ? "" : "; ", why);
}

// Marks in `found` what job `index` needs.
void CollectFound(const Plan& plan, int index, std::vector<bool>* found) {
  const Job& job = plan.jobs[index];
  for (const int each : job.found) (*found)[each] = true;
  for (const int needed : job.needs) {
    if (ToDo(plan.jobs[needed].state)) CollectFound(plan, needed, found);
  }
}

// By index into Plan::found, what job `index` needs.
std::vector<bool> FoundOf(const Plan& plan, int index) {
  std::vector<bool> found(plan.found.size());
  CollectFound(plan, index, &found);
  return found;
}

// Says of each job which found inputs it lacks; states are known.
void MarkMissing(Plan* plan) {
  if (std::ranges::all_of(plan->found, [](const FoundInput& input) {
        return input.problem.ok();
      })) {
    return;
  }
  for (size_t i = 0; i < plan->jobs.size(); ++i) {
    const std::vector<bool> needed = FoundOf(*plan, static_cast<int>(i));
    for (size_t input = 0; input < needed.size(); ++input) {
      const absl::Status& problem = plan->found[input].problem;
      if (needed[input] && !problem.ok()) {
        AddMisfit(problem.message(), &plan->jobs[i]);
      }
    }
  }
}

// Looks at the directories of weights that are there.
void FitFoundWeights(Plan* plan) {
  std::vector<std::pair<std::string, std::string>> directories;
  for (const FoundInput& input : plan->found) {
    if (input.kind != Input::Kind::kWeights || !input.problem.ok()) continue;
    std::pair<std::string, std::string> one(input.role, input.path);
    if (std::ranges::find(directories, one) == directories.end()) {
      directories.push_back(std::move(one));
    }
  }
  std::vector<Training> trainings;
  for (size_t i = 0; i < plan->jobs.size(); ++i) {
    const LaunchPlan& launch = plan->jobs[i].launch;
    if (launch.has_train()) {
      trainings.push_back({static_cast<int>(i), &launch.train().run()});
    }
  }
  plan->weights = FitWeights(directories, trainings);
  for (const WeightsFit& fit : plan->weights) {
    for (const auto& [job, problem] : fit.misfits) {
      AddMisfit(absl::StrCat(WeightsRoleText(fit.role), ": ", problem),
                &plan->jobs[job]);
    }
  }
}

// Whether each of the selected runs has a misfit.
bool NothingFits(const Plan& plan) {
  return std::ranges::all_of(plan.Runs(), [](const Job& job) {
    return !job.selected || (ToDo(job.state) && !job.misfit.empty());
  });
}

// "; did you mean cell=base?" where a word is the label of a row, else "".
std::string CellMeant(absl::Span<const std::string> words,
                      const Expansion& expansion) {
  for (const std::string& word : words) {
    for (const DesignCells& design : expansion.designs) {
      if (std::ranges::any_of(design.cells, [&word](const Cell& cell) {
            return cell.label == word && !absl::StrContains(word, '=');
          })) {
        return absl::StrCat("; did you mean cell=", word, "?");
      }
    }
  }
  return "";
}

// Marks what job `index` needs and is not made yet.
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

std::string SpecText(const Plan& plan, int index) {
  const LaunchPlan& launch = plan.jobs[index].launch;
  if (index >= plan.first_run) {
    return PrintResolved(plan.expansion, index - plan.first_run);
  }
  switch (launch.job_case()) {
    case LaunchPlan::kTrain:
      return PrintTextproto(launch.train().run());
    case LaunchPlan::kSynthesis:
      return PrintTextproto(launch.synthesis());
    case LaunchPlan::kTokenizer:
      return PrintTextproto(launch.tokenizer().spec());
    case LaunchPlan::JOB_NOT_SET:
      break;
  }
  return "";
}

int Plan::CountSelected() const {
  return static_cast<int>(std::ranges::count_if(Runs(), &Job::selected));
}

int Plan::CountRuns(JobState state) const {
  return static_cast<int>(std::ranges::count_if(
      Runs(),
      [state](const Job& job) { return job.selected && job.state == state; }));
}

absl::StatusOr<Plan> MakePlan(Expansion expansion, const Store& store,
                              const SiteFile& site, absl::string_view code,
                              const Hashing* hash,
                              absl::Span<const std::string> accepted) {
  Plan plan;
  plan.code = std::string(code);
  plan.expansion = std::move(expansion);
  InputIdentities identities;
  for (const Input& input : plan.expansion.inputs) {
    if (input.made()) {
      continue;
    }
    const std::string key = FoundKey(input.kind, input.role, input.format());
    const bool hashed = hash != nullptr && hash->keys.count(key) > 0;
    FoundInput found = Find(input, store, site, hashed ? hash : nullptr);
    if (hashed) {
      TRANSECT_RETURN_IF_ERROR(found.problem);
    }
    if (!found.identity.empty()) identities[key] = found.identity;
    // A data set that is read in two ways, such as by a run and as the corpus
    // of its tokenizer, is two inputs and one thing on this machine.
    const auto same = [&found](const FoundInput& other) {
      return other.kind == found.kind && other.role == found.role &&
             other.path == found.path && other.identity == found.identity &&
             other.problem == found.problem;
    };
    const auto known = std::ranges::find_if(plan.found, same);
    if (known == plan.found.end()) {
      plan.found.push_back(std::move(found));
    } else if (std::ranges::find(known->keys, key) == known->keys.end()) {
      known->keys.push_back(key);
    }
  }
  if (!identities.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(plan.expansion,
                              Identify(std::move(plan.expansion), identities));
  }
  plan.jobs = MakeJobs(plan.expansion, plan.found, store, code);
  FitFoundWeights(&plan);
  plan.first_run =
      static_cast<int>(plan.jobs.size() - plan.expansion.runs.size());
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> accepted_codes,
                            ReadAccepted(accepted, store, plan));
  ForEachAtOnce(static_cast<int>(plan.jobs.size()), [&](int i) {
    RefreshState(store, code, &plan.jobs[i], accepted_codes);
  });
  MarkOlderRuns(store, &plan.jobs);
  MarkMissing(&plan);
  TRANSECT_RETURN_IF_ERROR(SelectRuns({}, &plan));
  return plan;
}

bool IsGivenUp(const Job& job) {
  return job.state == JobState::kFailed &&
         (job.failed_at_spec || job.equal_failures >= kMostEqualFailures);
}

std::vector<int> GivenUpJobs(const Plan& plan) {
  std::vector<bool> needed(plan.jobs.size());
  // Runs come after all inputs, and inputs after what they read.
  for (int i = static_cast<int>(plan.jobs.size()) - 1; i >= 0; --i) {
    const Job& job = plan.jobs[i];
    if (i >= plan.first_run) needed[i] = job.selected && ToDo(job.state);
    if (!needed[i]) continue;
    for (const int input : job.needs) {
      needed[input] = needed[input] || ToDo(plan.jobs[input].state);
    }
  }
  std::vector<int> given_up;
  for (int i = 0; i < static_cast<int>(plan.jobs.size()); ++i) {
    if (needed[i] && IsGivenUp(plan.jobs[i])) given_up.push_back(i);
  }
  return given_up;
}

std::set<std::string> NeededKeys(const Plan& plan) {
  std::set<std::string> keys;
  for (const Job& job : plan.jobs) {
    if (!job.wanted) continue;
    for (const int input : job.found) {
      keys.insert(plan.found[input].keys.begin(), plan.found[input].keys.end());
    }
  }
  return keys;
}

std::vector<bool> NeededFound(const Plan& plan) {
  std::vector<bool> needed(plan.found.size());
  for (size_t i = plan.first_run; i < plan.jobs.size(); ++i) {
    const Job& job = plan.jobs[i];
    if (job.selected && ToDo(job.state)) {
      CollectFound(plan, static_cast<int>(i), &needed);
    }
  }
  return needed;
}

std::vector<std::string> MisfitsText(const Plan& plan) {
  std::vector<std::string> lines;
  const auto waits = [&](int index) {
    const Job& job = plan.jobs[index];
    return index >= plan.first_run && job.selected && !job.wanted &&
           ToDo(job.state);
  };
  for (size_t input = 0; input < plan.found.size(); ++input) {
    if (plan.found[input].problem.ok()) continue;
    std::vector<int> waiting;
    for (int i = plan.first_run; i < static_cast<int>(plan.jobs.size()); ++i) {
      if (waits(i) && FoundOf(plan, i)[input]) waiting.push_back(i);
    }
    if (waiting.empty()) continue;
    lines.push_back(MissingText(plan.found[input].problem, waiting,
                                plan.expansion, plan.first_run));
  }
  for (const WeightsFit& fit : plan.weights) {
    if (std::ranges::any_of(fit.misfits, [&](const auto& misfit) {
          return waits(misfit.first);
        })) {
      lines.push_back(FitText(fit, plan.expansion, plan.first_run));
    }
  }
  return lines;
}

absl::Status SelectRuns(absl::Span<const std::string> selectors, Plan* plan,
                        bool retry) {
  const bool meant =
      retry || NamesRuns(selectors, StateName(JobState::kFailed));
  std::vector<std::string> states;
  for (const Job& run : plan->Runs()) {
    states.emplace_back(StateName(run.state));
  }
  std::vector<std::string> names;
  for (const JobState state : kJobStates) {
    names.emplace_back(StateName(state));
  }
  const absl::StatusOr<std::vector<bool>> chosen =
      Select(selectors, plan->expansion, states, names);
  if (!chosen.ok()) {
    return absl::Status(chosen.status().code(),
                        absl::StrCat(chosen.status().message(),
                                     CellMeant(selectors, plan->expansion)));
  }
  const std::vector<bool>& selected = *chosen;
  for (Job& job : plan->jobs) {
    job.wanted = false;
  }
  for (size_t i = 0; i < selected.size(); ++i) {
    plan->jobs[plan->first_run + i].selected = selected[i];
  }
  const bool nothing_fits = NothingFits(*plan);
  for (size_t i = 0; i < selected.size(); ++i) {
    const int index = plan->first_run + static_cast<int>(i);
    Job& job = plan->jobs[index];
    if (job.selected && ToDo(job.state) &&
        (job.misfit.empty() || nothing_fits) &&
        (meant || !MeetsGivenUp(*plan, job))) {
      job.wanted = true;
      WantNeeds(index, plan);
    }
  }
  return absl::OkStatus();
}

}  // namespace transect
