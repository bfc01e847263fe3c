#include "launch/worker/evaluate_request.h"

#include <torch/torch.h>

#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "launch/collective/collective.h"
#include "launch/collective/collective_single.h"
#include "launch/collective/cross_rank_sum.h"
#include "launch/store/store.h"
#include "launch/training/evaluator.h"
#include "launch/training/rank_log.h"
#include "launch/training/sample_sheet.h"
#include "launch/training/train_plan.h"
#include "launch/training/train_task.h"
#include "launch/worker/open_run.h"
#include "launch/worker/result_file.h"
#include "launch/worker/split_notes.h"
#include "model/base/segmentation_model.h"
#include "model/parts.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<ExitCode::Code> EvaluateRun(const EvaluateRequest& request) {
  const absl::Time start = absl::Now();
  const TrainJob& job = request.files().job();
  const RunSpec& run = job.run();
  ConfigureNumerics(run.training());
  TRANSECT_ASSIGN_OR_RETURN(const at::Device device,
                            OpenDevice(run.training(), /*rank=*/0));

  LaunchPlan plan;
  plan.set_id(request.files().id());
  plan.set_code(request.files().code());
  plan.set_attempt(1);
  plan.set_job_dir(request.job_dir());
  plan.set_attempt_dir(AttemptDir(request.job_dir(), 1));
  plan.set_ranks(1);
  *plan.mutable_train() = job;
  TRANSECT_RETURN_IF_ERROR(MakeDirs(plan.attempt_dir()));
  Result result = StartResult(plan);

  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankLog> log,
                            RankLog::Open(plan, /*rank=*/0));
  TRANSECT_ASSIGN_OR_RETURN(const DatasetIndex data,
                            OpenSplit(job, request.split()));
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer,
                            OpenTokenizer(job));
  TRANSECT_ASSIGN_OR_RETURN(
      const SplitNotes notes,
      NoteSplit(data, request.split(), *tokenizer, run.tokenizer(), log.get()));
  for (const std::string& text : notes.texts) {
    std::cerr << "NOTE " << text << std::endl;
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::shared_ptr<SegmentationModel> model,
                            OpenTrainedModel(request.files(), device));
  const std::unique_ptr<Collective> collective = MakeSingleCollective();
  const CollectiveSum statistics(collective.get());
  std::cerr << "evaluating " << data.samples().size() << " items of split "
            << request.split() << std::endl;

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
  SampleSheet sheet(run.evaluation().samples());
  TRANSECT_ASSIGN_OR_RETURN(const int64_t items, Evaluate(task, data, &sheet));
  TRANSECT_RETURN_IF_ERROR(log->Close());

  result.set_eval_items(items);
  result.set_truncated_sentences(notes.truncated_sentences);
  if (!sheet.empty()) {
    TRANSECT_RETURN_IF_ERROR(
        sheet.Write(absl::StrCat(plan.job_dir(), "/", kSampleSheetFile)));
    TRANSECT_RETURN_IF_ERROR(AddResultFile(plan, kSampleSheetFile, &result));
  }
  TRANSECT_RETURN_IF_ERROR(AddMetricLogs(plan, &result));
  TRANSECT_RETURN_IF_ERROR(WriteResult(plan, start, &result));
  return ExitCode::OK;
}

}  // namespace transect
