#include "launch/worker/train_job.h"

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/dataset_index.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "launch/collective/collective.h"
#include "launch/collective/collective_gloo.h"
#include "launch/collective/collective_single.h"
#include "launch/collective/cross_rank_sum.h"
#include "launch/launch.pb.h"
#include "launch/worker/evaluator.h"
#include "launch/worker/exit_codes.h"
#include "launch/worker/rank_log.h"
#include "launch/worker/result_file.h"
#include "launch/worker/sample_sheet.h"
#include "launch/worker/train_plan.h"
#include "launch/worker/train_task.h"
#include "launch/worker/trainer.h"
#include "model/build_model.h"
#include "model/checkpoint/tensor_file.h"
#include "model/segmentation_model.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// REPRODUCIBLE: deterministic kernels, as many threads as the spec says.
// Denormal numbers stay: flushing them is a state of each thread, so results
// could depend on which thread computed what.
void ConfigureNumerics(const TrainingSpec& training) {
  at::set_num_threads(training.threads_per_rank());
  at::set_num_interop_threads(1);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
  // It would overwrite every new tensor with NaN first: a debugging aid.
  at::globalContext().setDeterministicFillUninitializedMemory(false);
}

absl::StatusOr<std::unique_ptr<Collective>> Connect(const LaunchPlan& plan,
                                                    int rank) {
  if (plan.ranks() == 1) {
    return MakeSingleCollective();
  }
  GlooGroup group;
  group.rank = rank;
  group.ranks = plan.ranks();
  group.rendezvous_path = absl::StrCat(plan.attempt_dir(), "/rendezvous");
  group.timeout =
      absl::Seconds(plan.train().run().training().collective_timeout_seconds());
  return ConnectGloo(group);
}

absl::StatusOr<DatasetIndex> OpenSplit(const TrainJob& job,
                                       absl::string_view split) {
  absl::StatusOr<DatasetIndex> data =
      DatasetIndex::OpenRrsisd(job.data_root(), split);
  return data.ok() ? std::move(data)
                   : MarkExitCode(data.status(), ExitCode::DATA);
}

absl::StatusOr<std::unique_ptr<Tokenizer>> OpenTokenizer(const TrainJob& job) {
  absl::StatusOr<std::unique_ptr<Tokenizer>> tokenizer =
      Tokenizer::Load(job.tokenizer_path());
  if (!tokenizer.ok()) {
    return MarkExitCode(tokenizer.status(), ExitCode::DATA);
  }
  TRANSECT_RETURN_IF_ERROR(
      CheckVocabulary(job.run().model(), (*tokenizer)->vocab_size()));
  return tokenizer;
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> MakeModel(
    const TrainJob& job, CollectiveSum* statistics) {
  TRANSECT_ASSIGN_OR_RETURN(
      std::shared_ptr<SegmentationModel> model,
      BuildModel(job.run().model(), job.run().seed(),
                 statistics->ranks() == 1 ? nullptr : statistics));
  if (job.has_weights_path()) {
    TRANSECT_RETURN_IF_ERROR(LoadParts(*model, job.weights_path(),
                                       WeightPrefixes(job.run().weights())));
  }
  return model;
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
  Result result = StartResult(plan);

  // Open everything.
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankLog> log,
                            RankLog::Open(plan, rank));
  TRANSECT_ASSIGN_OR_RETURN(const DatasetIndex train_data,
                            OpenSplit(job, run.data().train_split()));
  std::optional<DatasetIndex> eval_data;
  if (job.evaluate()) {
    TRANSECT_ASSIGN_OR_RETURN(eval_data,
                              OpenSplit(job, run.data().eval_split()));
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer,
                            OpenTokenizer(job));
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Collective> collective,
                            Connect(plan, rank));
  CollectiveSum statistics(collective.get());
  TRANSECT_ASSIGN_OR_RETURN(const std::shared_ptr<SegmentationModel> model,
                            MakeModel(job, &statistics));
  TrainTask task;
  task.run = &run;
  task.tokenizer = tokenizer.get();
  task.model = model.get();
  task.collective = collective.get();
  task.batch_statistics = &statistics;
  task.log = log.get();
  task.image_size = InputImageSize(run.model());

  // Train.
  TRANSECT_ASSIGN_OR_RETURN(const TrainSummary trained,
                            Train(task, train_data));
  if (rank == 0) {
    const bool trainable_only =
        run.model().rsrefseg().tuning() == RsRefSegSpec::ADAPTERS;
    TRANSECT_RETURN_IF_ERROR(MarkExitCode(
        SaveTensors(absl::StrCat(plan.job_dir(), "/", kWeightsFile),
                    StateTensors(*model, trainable_only)),
        ExitCode::INPUT_OUTPUT));
  }

  // Evaluate.
  at::Tensor items = at::zeros({}, at::kLong);
  SampleSheet sheet(rank == 0 ? run.evaluation().samples() : 0);
  if (job.evaluate()) {
    TRANSECT_ASSIGN_OR_RETURN(const int64_t mine,
                              Evaluate(task, *eval_data, &sheet));
    items.fill_(mine);
  }

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
  CountParameters(*model, &result);
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
