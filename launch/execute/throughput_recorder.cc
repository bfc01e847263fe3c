#include "launch/execute/throughput_recorder.h"

#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "experiments/training/training_spec.h"
#include "launch/plan/plan.h"
#include "launch/store/check_job.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"

namespace transect {
namespace {

constexpr std::chrono::seconds kPollEvery{1};

TrainingWork WorkOfJob(const Job& job, const Machine& machine) {
  const RunSpec& run = job.launch.train().run();
  return WorkOf(run, CostOfImage(run), machine);
}

}  // namespace

void ThroughputRecorder::OnStart(int job, absl::string_view attempt_dir) {
  if (plan_.jobs[job].launch.has_train()) {
    attempts_[job] = AttemptNumber(attempt_dir);
    probes_[job].tail =
        std::make_unique<MetricLogTail>(RankMetricsPath(attempt_dir, 0));
  }
  next_.OnStart(job, attempt_dir);
}

void ThroughputRecorder::OnElsewhere(int job, absl::string_view holder) {
  next_.OnElsewhere(job, holder);
}

void ThroughputRecorder::OnWait(int job, absl::string_view why) {
  next_.OnWait(job, why);
}

void ThroughputRecorder::OnAgain(int job, absl::string_view why) {
  probes_.erase(job);
  next_.OnAgain(job, why);
}

void ThroughputRecorder::OnEnd(int job, const JobEnd& end) {
  probes_.erase(job);
  const Job& ended = plan_.jobs[job];
  if (end.kind == JobEnd::kDone && ended.launch.has_train()) {
    const auto attempt = attempts_.find(job);
    if (attempt != attempts_.end()) {
      if (const std::optional<Throughput> throughput = ThroughputOfResult(
              WorkOfJob(ended, machine_),
              EvaluationPasses(ended.launch.train().run().evaluation()),
              ResultOfAttempt(ended.dir, EvaluationsOf(ended.launch),
                              attempt->second));
          throughput.has_value()) {
        RecordThroughput(store_, *throughput).IgnoreError();
      }
    }
  }
  next_.OnEnd(job, end);
}

void ThroughputRecorder::OnInterrupt(int signal_number) {
  next_.OnInterrupt(signal_number);
}

void ThroughputRecorder::OnSuspend() { next_.OnSuspend(); }

void ThroughputRecorder::OnTick(SteadyTime now) {
  if (now - last_poll_ >= kPollEvery) {
    last_poll_ = now;
    for (auto probe = probes_.begin(); probe != probes_.end();) {
      const absl::StatusOr<std::vector<MetricRecord>> records =
          probe->second.tail->Poll();
      bool ended = !records.ok();
      for (size_t i = 0; !ended && i < records->size(); ++i) {
        const MetricRecord& record = (*records)[i];
        if (!record.has_train_step() || ++probe->second.records < 2 ||
            !(record.train_step().step_seconds() > 0)) {
          continue;
        }
        Throughput throughput;
        *throughput.mutable_work() =
            WorkOfJob(plan_.jobs[probe->first], machine_);
        throughput.set_probe(true);
        throughput.set_step_seconds(record.train_step().step_seconds());
        RecordThroughput(store_, throughput).IgnoreError();
        ended = true;
      }
      probe = ended ? probes_.erase(probe) : std::next(probe);
    }
  }
  next_.OnTick(now);
}

}  // namespace transect
