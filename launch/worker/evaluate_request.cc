#include "launch/worker/evaluate_request.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "data/text/tokenizer.h"
#include "launch/evaluation/draw_item.h"
#include "launch/evaluation/logged_masks.h"
#include "launch/requests/drawn_items.pb.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/load_model.h"
#include "launch/worker/open_run.h"
#include "launch/worker/rank_run.h"
#include "launch/worker/verify_inputs.h"
#include "model/base/segmentation_model.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Seconds between lines for people.
constexpr absl::Duration kTellEvery = absl::Seconds(10);

// A run's network and what it needs to be asked.
struct OpenedNetwork {
  std::unique_ptr<Tokenizer> tokenizer;
  std::shared_ptr<SegmentationModel> model;
  at::Device device = at::Device(at::kCPU);
};

absl::StatusOr<OpenedNetwork> OpenNetwork(const RunFiles& files) {
  const TrainJob& job = files.job();
  OpenedNetwork network;
  TRANSECT_ASSIGN_OR_RETURN(network.device,
                            OpenDevice(job.run().training(), /*rank=*/0));
  TRANSECT_ASSIGN_OR_RETURN(network.tokenizer, OpenTokenizer(job));
  TRANSECT_ASSIGN_OR_RETURN(
      network.model,
      BuildTrainedModel(job, files.trained_weights_path(),
                        BuildOptionsOf(job.run().training(), network.device)));
  return network;
}

// Draws what it can; an error is why nothing more can be drawn.
absl::Status DrawEvaluation(const DrawItemsRequest::Evaluation& evaluation,
                            const std::function<void()>& drawn_one,
                            DrawnItems* drawn) {
  const TrainJob& job = evaluation.files().job();
  ConfigureNumerics(job.run().training());
  TRANSECT_ASSIGN_OR_RETURN(const DatasetIndex data,
                            OpenSplit(job, evaluation.split()));
  // People see the data set's own sentences, whatever the network was told.
  TrainJob own_job = job;
  own_job.mutable_run()->mutable_data()->set_sentences(DataSpec::OWN);
  DatasetIndex own;
  if (job.run().data().sentences() != DataSpec::OWN) {
    TRANSECT_ASSIGN_OR_RETURN(own, OpenSplit(own_job, evaluation.split()));
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const Result result,
      ReadTextproto<Result>(ResultPath(evaluation.evaluation_dir())));
  TRANSECT_ASSIGN_OR_RETURN(
      const auto masks, ReadLoggedMasks(evaluation.evaluation_dir(), result));
  OpenedNetwork opened;
  AskedNetwork network;
  if (evaluation.files().has_trained_weights_path()) {
    absl::StatusOr<OpenedNetwork> open = OpenNetwork(evaluation.files());
    if (open.ok()) {
      opened = *std::move(open);
      network = {&job.run(), opened.tokenizer.get(), opened.model.get(),
                 opened.device};
    } else {
      drawn->set_problem(std::string(open.status().message()));
    }
  }
  const auto find = [](const DatasetIndex& index, int64_t id) {
    const std::vector<Sample>& samples = index.samples();
    const auto found = std::ranges::lower_bound(samples, id, {}, &Sample::id);
    return found != samples.end() && found->id == id ? &*found : nullptr;
  };
  for (const int64_t id : evaluation.item()) {
    const Sample* const sample = find(data, id);
    if (sample == nullptr) continue;
    const auto mask = masks.find(id);
    DrawnItem& item = *drawn->add_item();
    item = DrawItem(*sample, mask == masks.end() ? nullptr : &mask->second,
                    network.model == nullptr ? nullptr : &network);
    if (const Sample* const same = find(own, id); same != nullptr) {
      item.set_sentence(same->sentence);
    }
    drawn_one();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ExitCode::Code> EvaluateRun(const EvaluateRequest& request) {
  LaunchPlan plan;
  plan.set_id(request.id());
  plan.set_code(request.files().code());
  plan.set_attempt(1);
  plan.set_job_dir(request.job_dir());
  plan.set_attempt_dir(AttemptDir(request.job_dir(), 1));
  plan.set_ranks(1);
  *plan.mutable_train() = request.files().job();

  Result verified;
  verified.set_made_alone(true);
  if (request.has_store()) {
    plan.set_store(request.store());
    TRANSECT_RETURN_IF_ERROR(VerifyInputs(plan, /*rank=*/0, &verified));
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankRun> opened,
                            RankRun::Open(plan, /*rank=*/0));
  TRANSECT_ASSIGN_OR_RETURN(const OpenedSplit split,
                            opened->OpenSplit(request.split()));
  for (const std::string& note : split.notes.texts) {
    std::cerr << "NOTE " << note << std::endl;
  }
  TRANSECT_RETURN_IF_ERROR(
      opened->OpenTrainedModel(request.files().trained_weights_path()));
  std::cerr << "evaluating " << split.data.samples().size()
            << " items of split " << request.split() << std::endl;
  TRANSECT_RETURN_IF_ERROR(opened->Evaluate(plan, split, verified));
  return ExitCode::OK;
}

absl::StatusOr<ExitCode::Code> DrawItems(const DrawItemsRequest& request) {
  int total = 0;
  for (const auto& evaluation : request.evaluation()) {
    total += evaluation.item_size();
  }
  int done = 0;
  absl::Time told = absl::Now();
  for (const auto& evaluation : request.evaluation()) {
    DrawnItems drawn;
    drawn.set_version(DrawnItems::PRESENT);
    const absl::Status status = DrawEvaluation(
        evaluation,
        [&] {
          ++done;
          if (absl::Now() - told < kTellEvery) return;
          told = absl::Now();
          std::cerr << "drew " << done << " of " << total << " items"
                    << std::endl;
        },
        &drawn);
    if (!status.ok()) drawn.set_problem(std::string(status.message()));
    TRANSECT_RETURN_IF_ERROR(
        WriteFileAtomic(evaluation.out(), drawn.SerializeAsString()));
  }
  return ExitCode::OK;
}

}  // namespace transect
