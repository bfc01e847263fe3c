#include "launch/run_files.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/load.h"
#include "experiments/run_id.h"
#include "experiments/source_map.h"
#include "experiments/validate.h"
#include "launch/found_input.h"
#include "launch/launch.pb.h"
#include "launch/plan.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Line that marks a file as one run (PrintResolved in experiments/expand.h).
constexpr char kRunMark[] = "# proto-message: transect.RunSpec\n";

absl::Status CheckThere(const std::string& path, absl::string_view what) {
  if (FileExists(path)) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("the run's ", what, " is no longer at ", path));
}

// Whether what lies at `path` is still what the run read.
absl::Status CheckUnchanged(
    const Store& store, Input::Kind kind, const std::string& path,
    const std::string& identity, absl::string_view what,
    FoundDataset::Format format = FoundDataset::RRSISD) {
  TRANSECT_ASSIGN_OR_RETURN(
      const std::string now,
      ComputeIdentity(
          store, kind, path, [](int64_t, int64_t) {}, format));
  if (now == identity) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the ", what, " at ", path,
                   " is no longer the one that the run read: its identity is ",
                   ShownId(now), ", the run's ", ShownId(identity)));
}

}  // namespace

absl::StatusOr<RunFiles> FilesOfRun(const Store& store, const FoundRun& run,
                                    bool with_data) {
  if (!run.launch.has_train()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ShownId(run.id), " is not a training"));
  }
  RunFiles files;
  files.set_id(run.id);
  files.set_code(run.result.code());
  *files.mutable_job() = run.launch.train();
  files.set_trained_weights_path(absl::StrCat(run.dir, "/weights.safetensors"));
  const TrainJob& job = files.job();
  TRANSECT_RETURN_IF_ERROR(
      CheckThere(files.trained_weights_path(), "trained weights"));
  TRANSECT_RETURN_IF_ERROR(CheckThere(job.tokenizer_path(), "tokenizer"));
  const InitialWeights& weights = job.initial_weights();
  for (const std::string* path : {&weights.trained(), &weights.siglip(),
                                  &weights.sam(), &weights.adapters()}) {
    if (!path->empty()) {
      TRANSECT_RETURN_IF_ERROR(CheckThere(*path, "initial weights"));
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const JobInputs inputs,
      ReadTextproto<JobInputs>(absl::StrCat(run.dir, "/inputs.textproto")));
  if (job.run().tokenizer().has_found()) {
    TRANSECT_RETURN_IF_ERROR(CheckUnchanged(store, Input::Kind::kTokenizer,
                                            job.tokenizer_path(),
                                            inputs.tokenizer(), "tokenizer"));
  }
  if (with_data) {
    TRANSECT_RETURN_IF_ERROR(CheckThere(job.data_root(), "data set"));
    if (job.run().data().has_found()) {
      TRANSECT_RETURN_IF_ERROR(CheckUnchanged(
          store, Input::Kind::kData, job.data_root(), inputs.data(), "data set",
          job.run().data().found().format()));
    }
  }
  return files;
}

absl::StatusOr<RunFiles> FilesOfSpec(const Store& store, const SiteFile& site,
                                     const std::string& code,
                                     const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxExperimentBytes));
  Experiment experiment;
  if (absl::StrContains(text, kRunMark)) {
    TRANSECT_RETURN_IF_ERROR(
        ParseTextproto(text, path, experiment.mutable_base()));
  } else {
    SourceMap sources;
    TRANSECT_ASSIGN_OR_RETURN(Experiment loaded,
                              LoadExperiment(path, &sources));
    *experiment.mutable_base() = std::move(*loaded.mutable_base());
  }
  experiment.set_name("model");
  TRANSECT_RETURN_IF_ERROR(ToStatus(ValidateExperiment(experiment)))
      << "in " << path;
  TRANSECT_ASSIGN_OR_RETURN(const Plan plan,
                            MakePlan(experiment, store, site, code, nullptr));
  const Job& job = plan.jobs.back();
  for (const FoundInput& found : plan.found) {
    if (found.kind != Input::Kind::kData) {
      TRANSECT_RETURN_IF_ERROR(found.problem);
    }
  }
  for (const int needed : job.needs) {
    const Job& input = plan.jobs[needed];
    if (input.kind != Job::Kind::kData && input.state != JobState::kDone) {
      return absl::NotFoundError(
          absl::StrCat(path, ": its input (", input.name,
                       ") is not in the store ", store.root(),
                       " under the present code; `transect run` of the "
                       "experiment makes it"));
    }
  }
  RunFiles files;
  *files.mutable_job() = job.launch.train();
  if (files.job().tokenizer_path().empty()) {
    return absl::NotFoundError(
        absl::StrCat(path, ": where its tokenizer lies is not known"));
  }
  return files;
}

}  // namespace transect
