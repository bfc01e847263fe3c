#include "launch/cli/run_files.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/reading/load.h"
#include "experiments/reading/source_map.h"
#include "launch/inputs/found_input.h"
#include "launch/plan/plan.h"
#include "launch/store/job.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status CheckThere(const std::string& path, absl::string_view what) {
  if (FileExists(path)) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("the run's ", what, " is no longer at ", path));
}

// A found input of a run: where it was read, and the identity that the run got
// for it.
struct FoundPlace {
  Input::Kind kind;
  absl::string_view what;
  std::string role;
  std::string path;
  std::string identity;
  std::string Reads::*now;
  FoundDataset::Format format = FoundDataset::RRSISD;
};

std::vector<FoundPlace> FoundPlaces(const TrainJob& job,
                                    const JobInputs& inputs, InputsUsed used) {
  const RunSpec& run = job.run();
  std::vector<FoundPlace> places;
  if (used == InputsUsed::kNone) return places;
  if (used >= InputsUsed::kTokenizer && run.tokenizer().has_found()) {
    places.push_back({Input::Kind::kTokenizer, "tokenizer",
                      run.tokenizer().found().role(), job.tokenizer_path(),
                      inputs.tokenizer(), &Reads::tokenizer});
  }
  if (used >= InputsUsed::kData && run.data().has_found()) {
    places.push_back({Input::Kind::kData, "data set", run.data().found().role(),
                      job.data_root(), inputs.data(), &Reads::data,
                      run.data().found().format()});
  }
  const InitialWeights& weights = job.initial_weights();
  const auto add_weights = [&](const std::string& role, const std::string& path,
                               const std::string& identity,
                               std::string Reads::*now) {
    if (path.empty()) return;
    places.push_back({Input::Kind::kWeights, "weights directory", role, path,
                      identity, now});
  };
  add_weights(run.weights().found().siglip_role(), weights.siglip(),
              inputs.siglip(), &Reads::siglip);
  add_weights(run.weights().found().sam_role(), weights.sam(), inputs.sam(),
              &Reads::sam);
  add_weights(run.weights().adapters().role(), weights.adapters(),
              inputs.adapters(), &Reads::adapters);
  return places;
}

// Whether what lies at the places is still what the run read. Identities are
// made as they were when the run was planned.
absl::Status CheckUnchanged(const Store& store, const RunSpec& run,
                            const std::vector<FoundPlace>& places) {
  if (places.empty()) return absl::OkStatus();
  InputIdentities found;
  for (const FoundPlace& place : places) {
    TRANSECT_ASSIGN_OR_RETURN(
        found[FoundKey(place.kind, place.role, place.format)],
        ComputeIdentity(
            store, place.kind, place.path, [](int64_t, int64_t) {},
            place.format));
  }
  TRANSECT_ASSIGN_OR_RETURN(const RunInputs now, ListInputs(run, found));
  for (const FoundPlace& place : places) {
    if (now.reads.*place.now == place.identity) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "the ", place.what, " at ", place.path,
        " is no longer the one that the run read: its identity is ",
        ShownId(now.reads.*place.now), ", the run's ",
        ShownId(place.identity)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RunFiles> FilesOfRun(const Store& store, const FoundRun& run,
                                    InputsUsed used) {
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
  if (used >= InputsUsed::kTokenizer) {
    TRANSECT_RETURN_IF_ERROR(CheckThere(job.tokenizer_path(), "tokenizer"));
  }
  const InitialWeights& weights = job.initial_weights();
  for (const std::string* path : {&weights.trained(), &weights.siglip(),
                                  &weights.sam(), &weights.adapters()}) {
    if (used >= InputsUsed::kWeights && !path->empty()) {
      TRANSECT_RETURN_IF_ERROR(CheckThere(*path, "initial weights"));
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const JobInputs inputs,
      ReadTextproto<JobInputs>(absl::StrCat(run.dir, "/inputs.textproto")));
  if (used >= InputsUsed::kData) {
    TRANSECT_RETURN_IF_ERROR(CheckThere(job.data_root(), "data set"));
  }
  TRANSECT_RETURN_IF_ERROR(
      CheckUnchanged(store, job.run(), FoundPlaces(job, inputs, used)));
  return files;
}

absl::StatusOr<RunFiles> FilesOfSpec(const Store& store, const SiteFile& site,
                                     const std::string& code,
                                     const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxExperimentBytes));
  Experiment experiment;
  if (IsResolvedRun(text)) {
    TRANSECT_RETURN_IF_ERROR(
        ParseTextproto(text, path, experiment.mutable_base()));
  } else {
    SourceMap sources;
    TRANSECT_ASSIGN_OR_RETURN(Experiment loaded,
                              LoadExperiment(path, &sources));
    *experiment.mutable_base() = std::move(*loaded.mutable_base());
  }
  experiment.set_name("model");
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
