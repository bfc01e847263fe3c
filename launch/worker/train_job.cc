#include "launch/worker/train_job.h"

#include <sys/resource.h>
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/index/dataset_index.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "launch/collective/collective.h"
#include "launch/collective/collective_gloo.h"
#include "launch/collective/collective_nccl.h"
#include "launch/collective/collective_single.h"
#include "launch/collective/cross_rank_sum.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/training/evaluator.h"
#include "launch/training/exit_codes.h"
#include "launch/training/rank_log.h"
#include "launch/training/sample_sheet.h"
#include "launch/training/train_plan.h"
#include "launch/training/train_task.h"
#include "launch/training/trainer.h"
#include "launch/worker/load_model.h"
#include "launch/worker/open_run.h"
#include "launch/worker/result_file.h"
#include "launch/worker/split_notes.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"
#include "model/parts.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<std::unique_ptr<Collective>> Connect(const LaunchPlan& plan,
                                                    int rank,
                                                    at::Device device) {
  if (plan.ranks() == 1) {
    return MakeSingleCollective();
  }
  GlooGroup group;
  group.rank = rank;
  group.ranks = plan.ranks();
  group.rendezvous_path = absl::StrCat(plan.attempt_dir(), "/rendezvous");
  group.timeout =
      absl::Seconds(plan.train().run().training().collective_timeout_seconds());
  if (!device.is_cuda()) {
    return ConnectGloo(group);
  }
  TRANSECT_ASSIGN_OR_RETURN(std::unique_ptr<Collective> host,
                            ConnectGloo(group));
  return ConnectNccl(std::move(host), device, group.timeout);
}

// Largest resident size of this process so far.
int64_t PeakMemoryBytes() {
  rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? int64_t{1024} * usage.ru_maxrss
                                             : 0;
}

void CountParameters(const SegmentationModel& model, Result* result) {
  int64_t all = 0;
  int64_t trainable = 0;
  for (const at::Tensor& parameter : model.parameters()) {
    all += parameter.numel();
    trainable += parameter.requires_grad() ? parameter.numel() : 0;
  }
  result->set_parameters(all);
  result->set_trainable_parameters(trainable);
}

}  // namespace

absl::Status RunTrainJob(const LaunchPlan& plan, int rank) {
  const absl::Time start = absl::Now();
  TRANSECT_RETURN_IF_ERROR(CheckTrainPlan(plan));
  const TrainJob& job = plan.train();
  const RunSpec& run = job.run();
  ConfigureNumerics(run.training());
  TRANSECT_ASSIGN_OR_RETURN(const at::Device device,
                            OpenDevice(run.training(), rank));
  Result result = StartResult(plan);

  // Open everything.
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankLog> log,
                            RankLog::Open(plan, rank));
  TRANSECT_ASSIGN_OR_RETURN(const DatasetIndex train_data,
                            OpenSplit(job, run.data().train_split()));
  std::vector<DatasetIndex> eval_data;
  if (job.evaluate()) {
    for (const std::string& split : run.data().eval_splits()) {
      TRANSECT_ASSIGN_OR_RETURN(eval_data.emplace_back(),
                                OpenSplit(job, split));
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer,
                            OpenTokenizer(job));
  TRANSECT_ASSIGN_OR_RETURN(const SplitNotes train_notes,
                            NoteSplit(train_data, run.data().train_split(),
                                      *tokenizer, run.tokenizer(), log.get()));
  int64_t truncated = train_notes.truncated_sentences;
  for (size_t i = 0; i < eval_data.size(); ++i) {
    const std::string& split = run.data().eval_splits(static_cast<int>(i));
    if (split == run.data().train_split()) {
      continue;
    }
    TRANSECT_ASSIGN_OR_RETURN(
        const SplitNotes notes,
        NoteSplit(eval_data[i], split, *tokenizer, run.tokenizer(), log.get()));
    truncated += notes.truncated_sentences;
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Collective> collective,
                            Connect(plan, rank, device));
  CollectiveSum statistics(collective.get());
  TRANSECT_ASSIGN_OR_RETURN(const std::shared_ptr<SegmentationModel> model,
                            OpenModel(job, device, &statistics));
  TrainTask task;
  task.run = &run;
  task.tokenizer = tokenizer.get();
  task.model = model.get();
  task.collective = collective.get();
  task.batch_statistics = &statistics;
  task.device = device;
  task.log = log.get();
  task.input = InputFormatOf(run);
  task.loader = LoaderOptionsOf(run.training());

  // Train.
  TRANSECT_ASSIGN_OR_RETURN(const TrainSummary trained,
                            Train(task, train_data));
  if (rank == 0) {
    TRANSECT_RETURN_IF_ERROR(MarkExitCode(
        SaveTensors(absl::StrCat(plan.job_dir(), "/", kWeightsFile),
                    StateTensors(*model, SavesTrainableOnly(run.model()))),
        ExitCode::INPUT_OUTPUT));
  }

  // Evaluate.
  at::Tensor items = at::zeros({}, at::kLong);
  SampleSheet sheet(rank == 0 ? run.evaluation().samples() : 0);
  const absl::Time evaluation_start = absl::Now();
  for (const DatasetIndex& split : eval_data) {
    TRANSECT_ASSIGN_OR_RETURN(const int64_t mine,
                              Evaluate(task, split, &sheet));
    items.add_(mine);
  }
  const absl::Duration evaluation = absl::Now() - evaluation_start;

  // All logs are complete before the result speaks of them.
  TRANSECT_RETURN_IF_ERROR(log->Close());
  TRANSECT_RETURN_IF_ERROR(
      collective->AllReduceSum("number of evaluated items", items));
  if (rank != 0) {
    return absl::OkStatus();
  }
  result.set_steps(trained.steps);
  result.set_step_seconds(trained.step_seconds);
  result.set_eval_items(items.item<int64_t>());
  if (job.evaluate()) {
    result.set_eval_seconds(absl::ToDoubleSeconds(evaluation));
  }
  result.set_peak_memory_bytes(PeakMemoryBytes());
  CountParameters(*model, &result);
  result.set_truncated_sentences(truncated);
  TRANSECT_RETURN_IF_ERROR(AddResultFile(plan, kWeightsFile, &result));
  if (!sheet.empty()) {
    TRANSECT_RETURN_IF_ERROR(
        sheet.Write(absl::StrCat(plan.job_dir(), "/", kSampleSheetFile)));
    TRANSECT_RETURN_IF_ERROR(AddResultFile(plan, kSampleSheetFile, &result));
  }
  TRANSECT_RETURN_IF_ERROR(AddMetricLogs(plan, &result));
  return WriteResult(plan, start, &result);
}

}  // namespace transect
