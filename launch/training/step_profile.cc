#include "launch/training/step_profile.h"

#include <torch/csrc/autograd/profiler_kineto.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "launch/store/store.h"
#include "metrics/metric_log.pb.h"

namespace transect {
namespace {

namespace profiler = torch::autograd::profiler;
using torch::profiler::impl::ActivityType;

// The first takes longer, for what is made once, and the second may.
constexpr int64_t kStepsBefore = 2;

std::set<ActivityType> ActivitiesOn(c10::Device device) {
  std::set<ActivityType> activities = {ActivityType::CPU};
  if (device.is_cuda()) activities.insert(ActivityType::CUDA);
  return activities;
}

void Tell(const TrainTask& task, const std::string& text) {
  std::cerr << text << std::endl;
  MetricRecord record;
  record.mutable_event()->set_text(text);
  // A log that fails says so again with its next record.
  task.log->Append(record).IgnoreError();
}

}  // namespace

StepProfile::StepProfile(const TrainTask& task)
    : task_(task),
      wanted_(task.plan != nullptr && task.collective->rank() == 0
                  ? task.run->training().profile_steps()
                  : 0) {}

StepProfile::~StepProfile() {
  if (on_) Write();
  if (wanted_ > 0) {
    Tell(task_, absl::StrCat("no trace: the attempt made ", begun_,
                             " steps, and the first ", kStepsBefore,
                             " are not traced"));
  }
}

StepProfile::Step::Step(StepProfile* profile) : profile_(*profile) {
  if (profile_.wanted_ == 0) return;
  if (++profile_.begun_ == kStepsBefore + 1) profile_.Start();
  if (!profile_.on_) return;
  recorded_.emplace(at::RecordScope::USER_SCOPE);
  if (recorded_->isActive()) recorded_->before("step");
}

StepProfile::Step::~Step() {
  recorded_.reset();
  if (profile_.on_ && profile_.begun_ == kStepsBefore + profile_.wanted_) {
    profile_.Write();
  }
}

void StepProfile::Start() {
  try {
    const torch::profiler::impl::ProfilerConfig config(
        torch::profiler::impl::ProfilerState::KINETO);
    const std::set<ActivityType> activities = ActivitiesOn(task_.device);
    profiler::prepareProfiler(config, activities);
    profiler::enableProfiler(config, activities);
    on_ = true;
  } catch (const std::exception& error) {
    wanted_ = 0;
    Tell(task_,
         absl::StrCat("no trace: the profiler does not start: ", error.what()));
  }
}

void StepProfile::Write() {
  on_ = false;
  wanted_ = 0;
  const std::string path =
      absl::StrCat(task_.plan->attempt_dir(), "/", kTraceFile);
  try {
    const std::unique_ptr<profiler::ProfilerResult> result =
        profiler::disableProfiler();
    result->save(path);
  } catch (const std::exception& error) {
    Tell(task_,
         absl::StrCat("the trace ", path, " was not written: ", error.what()));
    return;
  }
  // The library returns nothing where the disk is full.
  std::error_code error;
  Tell(task_, std::filesystem::is_regular_file(path, error)
                  ? absl::StrCat("trace of ", begun_ - kStepsBefore,
                                 " steps: ", path, ", for ui.perfetto.dev")
                  : absl::StrCat("the trace ", path, " was not written"));
}

}  // namespace transect
