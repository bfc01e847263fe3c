#include "launch/cli/run_files.h"

#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/reading/load.h"
#include "experiments/reading/source_map.h"
#include "experiments/run/old_spec.h"
#include "launch/inputs/found_input.h"
#include "launch/plan/plan.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status CheckThere(const std::string& path, absl::string_view what) {
  if (FileExists(path)) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("the run's ", what, ": ", path, " no longer exists"));
}

// Whether a command that uses this much of a run reads the input.
bool IsUsed(const InputInfo& input, InputsUsed used) {
  switch (input.kind) {
    case InputKind::kData:
      return used >= InputsUsed::kData;
    case InputKind::kTokenizer:
      return used >= InputsUsed::kTokenizer;
    case InputKind::kWeights:
      return used >= InputsUsed::kWeights;
  }
  return false;
}

// Which inputs are about to be read.
using Used = std::function<bool(const InputInfo&)>;

// Whether what lies at the places is still what the run read. Identities are
// made as they were when the run was planned.
absl::Status CheckUnchanged(const Store& store, const TrainJob& job,
                            const Reads& then, const Used& used) {
  TRANSECT_ASSIGN_OR_RETURN(const auto sources, SourcesOf(job.run()));
  InputIdentities found;
  for (const auto& [name, input] : sources) {
    if (input.made() || !used(InfoOf(name))) continue;
    TRANSECT_ASSIGN_OR_RETURN(
        found[FoundKey(input.kind, input.role, input.format())],
        ComputeIdentity(
            store, input.kind, PlaceOf(name, job), [](int64_t, int64_t) {},
            input.format()));
  }
  if (found.empty()) return absl::OkStatus();
  TRANSECT_ASSIGN_OR_RETURN(const RunInputs now, ListInputs(job.run(), found));
  for (const auto& [name, input] : sources) {
    const InputInfo& info = InfoOf(name);
    if (input.made() || !used(info)) continue;
    if (now.reads[name] == then[name]) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "the ", info.noun, " at ", PlaceOf(name, job),
        " changed after the run: the identity is now ",
        ShownId(now.reads[name]), ", the run's is ", ShownId(then[name])));
  }
  return absl::OkStatus();
}

// Whether the inputs lie at their places, and what lies there is still what the
// run read.
absl::Status CheckInputs(const Store& store, const FoundRun& run,
                         const Used& used) {
  const TrainJob& job = run.launch.train();
  for (const InputInfo& input : kRunInputs) {
    const std::string& place = PlaceOf(input.name, job);
    if (used(input) && !place.empty()) {
      TRANSECT_RETURN_IF_ERROR(CheckThere(place, input.noun));
    }
  }
  return CheckUnchanged(store, job, ReadsOf(run.inputs), used);
}

absl::StatusOr<RunFiles> FilesWithoutWeights(const FoundRun& run) {
  if (!run.launch.has_train()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ShownId(run.id), " is not a training"));
  }
  RunFiles files;
  files.set_id(run.id);
  files.set_code(run.result.code());
  *files.mutable_job() = run.launch.train();
  return files;
}

// Name of the experiment that a run's spec by itself makes.
constexpr char kModelName[] = "model";

// The experiment in the file, or one whose base is the run's spec in it.
absl::StatusOr<Experiment> LoadRunFile(const std::string& path,
                                       SourceMap* sources) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxExperimentBytes));
  if (!IsResolvedRun(text)) return LoadExperiment(path, sources);
  Experiment experiment;
  experiment.set_name(kModelName);
  TRANSECT_RETURN_IF_ERROR(
      ParseTextproto(text, path, experiment.mutable_base()));
  // What someone wrote by hand is not resolved and has today's defaults.
  if (absl::StrContains(text, "\n# id: ")) {
    CompleteOldSpec(experiment.mutable_base());
  }
  return experiment;
}

}  // namespace

absl::StatusOr<RunFiles> FilesOfRun(const Store& store, const FoundRun& run,
                                    InputsUsed used) {
  TRANSECT_ASSIGN_OR_RETURN(RunFiles files, FilesWithoutWeights(run));
  files.set_trained_weights_path(absl::StrCat(run.dir, "/", kWeightsFile));
  if (!FileExists(files.trained_weights_path())) {
    return absl::NotFoundError(absl::StrCat(
        "the trained weights of run ", ShownId(run.id),
        " are gone: ", files.trained_weights_path(),
        " no longer exists; what the run measured still counts, and for more "
        "restore the file, or remove ",
        ResultPath(run.dir), " and run it again"));
  }
  TRANSECT_RETURN_IF_ERROR(CheckInputs(
      store, run,
      [used](const InputInfo& input) { return IsUsed(input, used); }));
  return files;
}

absl::StatusOr<RunFiles> DataOfRun(const Store& store, const FoundRun& run) {
  TRANSECT_ASSIGN_OR_RETURN(RunFiles files, FilesWithoutWeights(run));
  TRANSECT_RETURN_IF_ERROR(CheckInputs(store, run, [](const InputInfo& input) {
    return input.kind == InputKind::kData;
  }));
  return files;
}

absl::StatusOr<Expansion> ExpandRunFile(const std::string& path) {
  SourceMap sources;
  TRANSECT_ASSIGN_OR_RETURN(const Experiment experiment,
                            LoadRunFile(path, &sources));
  return Expand(experiment, {}, &sources);
}

absl::StatusOr<RunFiles> FilesOfSpec(const Store& store, const SiteFile& site,
                                     const std::string& code,
                                     const std::string& path) {
  SourceMap sources;
  TRANSECT_ASSIGN_OR_RETURN(Experiment loaded, LoadRunFile(path, &sources));
  Experiment experiment;
  experiment.set_name(kModelName);
  *experiment.mutable_base() = std::move(*loaded.mutable_base());
  TRANSECT_ASSIGN_OR_RETURN(Expansion expansion, Expand(experiment, {}),
                            _ << "in " << path);
  TRANSECT_ASSIGN_OR_RETURN(
      const Plan plan,
      MakePlan(std::move(expansion), store, site, code, nullptr));
  const Job& job = plan.jobs.back();
  for (const FoundInput& found : plan.found) {
    if (found.kind != Input::Kind::kData) {
      TRANSECT_RETURN_IF_ERROR(found.problem);
    }
  }
  if (!job.misfit.empty()) {
    return absl::InvalidArgumentError(job.misfit);
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
