#include "tests/launch/testing/execution.h"

#include "absl/strings/str_cat.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {

Job& AddWantedRun(const Store& store, Plan* plan) {
  Job job;
  job.id = std::string(32, static_cast<char>('0' + plan->jobs.size()));
  job.name = absl::StrCat("job ", plan->jobs.size());
  job.dir = store.RunDir(job.id, kRunCode);
  job.launch.set_id(job.id);
  job.launch.set_code(kRunCode);
  job.launch.set_ranks(1);
  job.inputs.set_code(kRunCode);
  job.wanted = true;
  plan->expansion.runs.emplace_back();
  plan->expansion.spec_ids.push_back(job.id);
  plan->expansion.reads.emplace_back();
  plan->jobs.push_back(job);
  return plan->jobs.back();
}

Recorder::Recorder()
    : again_file(NewDir() + "/again"), elsewhere_file(NewDir() + "/seen") {}

void Recorder::OnStart(int job, absl::string_view) {
  events.push_back(absl::StrCat("start ", job));
}

void Recorder::OnElsewhere(int job, absl::string_view) {
  events.push_back(absl::StrCat("elsewhere ", job));
  Put(elsewhere_file, "");
}

void Recorder::OnWait(int, absl::string_view why) { waits.emplace_back(why); }

void Recorder::OnAgain(int job, absl::string_view why) {
  events.push_back(absl::StrCat("again ", job));
  reasons.emplace_back(why);
  Put(again_file, "");
}

void Recorder::OnEnd(int job, const JobEnd&) {
  events.push_back(absl::StrCat("end ", job));
}

void Recorder::OnInterrupt(int) { events.push_back("interrupt"); }

void Recorder::OnSuspend() { events.push_back("suspend"); }

}  // namespace transect
