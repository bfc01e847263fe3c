#include "launch/cli/run_notes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "launch/cli/output.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_text.h"
#include "launch/store/store.h"

namespace transect {

bool TellCorrupt(const Plan& plan) {
  bool corrupt = false;
  for (const Job& job : plan.jobs) {
    if (job.selected && job.state == JobState::kCorrupt) {
      corrupt = true;
      Tell(absl::StrCat("CORRUPT ", ShownId(job.id), "  ", job.name, ": ",
                        job.note, "\n"));
    }
  }
  return corrupt;
}

bool TellGivenUp(const Plan& plan, const std::string& run_command) {
  bool given_up = false;
  for (const int index : GivenUpJobs(plan)) {
    const Job& job = plan.jobs[index];
    if (job.wanted) continue;
    given_up = true;
    Tell(absl::StrCat("NOT STARTED ", ShownId(job.id), "  ", job.name, "  ",
                      FailureText(job.equal_failures, job.note), "\n"));
  }
  if (given_up) {
    Tell(absl::StrCat("    again  ", run_command, " --retry\n"));
  }
  return given_up;
}

bool TellMisfits(const Plan& plan) {
  const std::vector<std::string> lines = MisfitsText(plan);
  for (const std::string& line : lines) {
    Tell(absl::StrCat("NOT STARTED ", line, "\n"));
  }
  return !lines.empty();
}

void TellWeightsGone(const Plan& plan) {
  std::vector<std::string> ids;
  for (const Job& job : plan.Runs()) {
    if (job.selected && job.weights_gone) ids.push_back(ShownId(job.id));
  }
  if (ids.empty()) return;
  Tell(absl::StrCat("NOTE the trained weights of ", ids.size(),
                    ids.size() == 1 ? " run are gone (" : " runs are gone (",
                    absl::StrJoin(ids, ", "),
                    "): the numbers still count; predict, evaluate, export and "
                    "activation maps need the weights\n"));
}

void TellTruncated(const Plan& plan) {
  for (const Job& job : plan.jobs) {
    if (job.kind != Job::Kind::kRun || job.state != JobState::kDone ||
        job.result.truncated_sentences() == 0) {
      continue;
    }
    Tell(absl::StrCat("NOTE ", ShownId(job.id), "  ", job.name, ": ",
                      job.result.truncated_sentences(),
                      " sentences were longer than ",
                      job.launch.train().run().tokenizer().max_tokens(),
                      " tokens and were cut\n"));
  }
}

}  // namespace transect
