#include "launch/plan_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "experiments/expand.h"
#include "launch/plan.h"
#include "launch/store.h"

namespace transect {
namespace {

constexpr JobState kStates[] = {JobState::kDone,    JobState::kNew,
                                JobState::kStale,   JobState::kFailed,
                                JobState::kRunning, JobState::kCorrupt,
                                JobState::kPending};

std::string Painted(JobState state, absl::string_view text, bool color) {
  if (!color) {
    return std::string(text);
  }
  const char* code = "90";
  if (state == JobState::kDone) code = "32";
  if (state == JobState::kRunning) code = "33";
  if (state == JobState::kFailed || state == JobState::kCorrupt) code = "31";
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

// "2 new, 1 done" of some runs.
std::string Counts(const std::vector<JobState>& states) {
  std::vector<std::string> parts;
  for (const JobState state : kStates) {
    const auto count = std::count(states.begin(), states.end(), state);
    if (count > 0) {
      parts.push_back(absl::StrCat(count, " ", StateName(state)));
    }
  }
  return absl::StrJoin(parts, ", ");
}

void AppendDesigns(const Plan& plan, std::string* text) {
  size_t width = 0;
  for (const DesignCells& design : plan.expansion.designs) {
    width = std::max(width, design.name.size());
  }
  std::set<int> seen;
  for (const DesignCells& design : plan.expansion.designs) {
    std::set<int> runs;
    for (const Cell& cell : design.cells) {
      runs.insert(cell.runs.begin(), cell.runs.end());
    }
    std::vector<JobState> states;
    int shared = 0;
    for (const int run : runs) {
      states.push_back(plan.jobs[plan.first_run + run].state);
      shared += seen.insert(run).second ? 0 : 1;
    }
    absl::StrAppendFormat(
        text, "  %-*s  %3d cells  %4d runs   %s%s\n", static_cast<int>(width),
        design.name, design.cells.size(), runs.size(), Counts(states),
        shared > 0 ? absl::StrCat("  (", shared, " shared with a design above)")
                   : "");
  }
}

void AppendInputs(const Plan& plan, bool color, std::string* text) {
  if (plan.found.empty() && plan.first_run == 0) {
    return;
  }
  absl::StrAppend(text, "\ninputs\n");
  for (const FoundInput& input : plan.found) {
    const bool known = !input.identity.empty();
    const std::string state = known ? "found" : "pending";
    absl::StrAppendFormat(
        text, "  %s  %-12s  %s '%s'  %s\n",
        Painted(known ? JobState::kDone : JobState::kPending,
                absl::StrFormat("%-8s", state), color),
        known ? ShownId(input.identity) : "", KindName(input.kind), input.role,
        !input.problem.ok() ? std::string(input.problem.message())
        : known             ? input.path
                : absl::StrCat(input.path, "; `transect run` hashes it once"));
  }
  for (int i = 0; i < plan.first_run; ++i) {
    const Job& job = plan.jobs[i];
    absl::string_view word = StateName(job.state);
    if (job.state == JobState::kDone) word = "made";
    if (job.state == JobState::kNew) word = job.wanted ? "to make" : "unneeded";
    absl::StrAppendFormat(
        text, "  %s  %-12s  %s%s\n",
        Painted(job.state, absl::StrFormat("%-8s", word), color),
        job.state == JobState::kPending ? "" : ShownId(job.id), job.name,
        job.note.empty() ? "" : absl::StrCat("; ", job.note));
  }
}

void AppendRuns(const Plan& plan, bool color, std::string* text) {
  absl::StrAppend(text, "\nruns\n");
  for (size_t i = plan.first_run; i < plan.jobs.size(); ++i) {
    const Job& job = plan.jobs[i];
    absl::StrAppendFormat(
        text, "  %s  %-12s  %s%s\n",
        Painted(job.state, absl::StrFormat("%-8s", StateName(job.state)),
                color),
        job.state == JobState::kPending ? "" : ShownId(job.id), job.name,
        job.note.empty() ? "" : absl::StrCat("; ", job.note));
  }
}

}  // namespace

std::string CountsText(const Plan& plan) {
  std::vector<JobState> states;
  for (size_t i = plan.first_run; i < plan.jobs.size(); ++i) {
    states.push_back(plan.jobs[i].state);
  }
  return Counts(states);
}

std::string RenderPlan(const Plan& plan, bool color) {
  const Expansion& expansion = plan.expansion;
  std::string text = absl::StrCat(
      expansion.name, "   ", expansion.designs.size(),
      expansion.designs.size() == 1 ? " design" : " designs", " · ",
      expansion.axes.size(), expansion.axes.size() == 1 ? " axis" : " axes",
      " · seeds ", absl::StrJoin(expansion.seeds, ", "), "   code ",
      plan.code.empty() ? "unknown: no worker beside this program, so these "
                          "are spec parts of ids only"
                        : ShownCode(plan.code),
      "\n");
  AppendDesigns(plan, &text);
  AppendInputs(plan, color, &text);
  AppendRuns(plan, color, &text);
  int runs = 0;
  int inputs = 0;
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    if (plan.jobs[i].wanted) {
      ++(i < static_cast<size_t>(plan.first_run) ? inputs : runs);
    }
  }
  absl::StrAppend(&text, "\nPlan: ", inputs, inputs == 1 ? " input" : " inputs",
                  " to make, ", runs, runs == 1 ? " run" : " runs",
                  " to launch, ", plan.CountRuns(JobState::kDone), " done.\n");
  return text;
}

}  // namespace transect
