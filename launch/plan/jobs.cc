#include "launch/plan/jobs.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/training/train_length.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "launch/store/store.h"

namespace transect {
namespace {

// Where the inputs lie, by identity.
struct Places {
  std::map<std::string, std::string> path;
  std::map<std::string, int> job;
  std::map<std::string, int> found;
};

std::string NameOf(const SynthesisSpec& spec) {
  const int images =
      spec.train_images() + spec.val_images() + spec.test_images();
  return absl::StrCat(
      "data set, ", images, " ",
      absl::AsciiStrToLower(SynthesisSpec::Style_Name(spec.style())),
      " images of ", spec.image_size(), " px");
}

std::string NameOf(const SentencepieceSpec& spec) {
  return absl::StrCat("tokenizer, ", spec.vocab_size(), " pieces");
}

// A place that is not known stays out of the launch plan; such a job is not
// started.
std::string PathOf(const Places& places, const std::string& identity) {
  const auto found = places.path.find(identity);
  return found == places.path.end() ? "" : found->second;
}

TrainJob MakeTrainJob(const RunSpec& run, const Reads& reads,
                      const Places& places) {
  TrainJob job;
  *job.mutable_run() = run;
  for (const InputInfo& info : kRunInputs) {
    if (!reads[info.name].empty()) {
      *MutablePlaceOf(info.name, &job) = PathOf(places, reads[info.name]);
    }
  }
  return job;
}

// What all jobs have in common.
void FillJob(const std::string& id, const Reads& reads, absl::string_view code,
             const Places& places, Job* job) {
  job->id = id;
  job->launch.set_id(id);
  job->launch.set_code(std::string(code));
  job->launch.set_ranks(1);
  job->inputs = ToJobInputs(reads);
  for (const std::string& input : reads.all()) {
    const auto needed = places.job.find(input);
    if (needed != places.job.end()) {
      job->needs.push_back(needed->second);
    }
    const auto found = places.found.find(input);
    if (found != places.found.end() &&
        std::ranges::find(job->found, found->second) == job->found.end()) {
      job->found.push_back(found->second);
    }
  }
  if (job->launch.has_train()) {
    const TrainingSpec& training = job->launch.train().run().training();
    job->launch.set_ranks(training.ranks());
    job->threads = training.threads_per_rank();
    job->inputs.set_code(std::string(code));
    job->inputs.set_train_data(
        TrainDataId(job->launch.train().run(), reads).value_or(""));
  }
}

Job MakeInputJob(const Input& input, const Places& places, const Store& store,
                 absl::string_view code) {
  Job job;
  if (const auto* data = std::get_if<SynthesisSpec>(&input.recipe)) {
    job.kind = Job::Kind::kData;
    job.name = NameOf(*data);
    *job.launch.mutable_synthesis() = *data;
  } else if (const auto* pieces =
                 std::get_if<SentencepieceSpec>(&input.recipe)) {
    job.kind = Job::Kind::kTokenizer;
    job.name = NameOf(*pieces);
    *job.launch.mutable_tokenizer()->mutable_spec() = *pieces;
    job.launch.mutable_tokenizer()->set_corpus_root(
        PathOf(places, input.reads[InputName::kData]));
  } else if (const auto* run = std::get_if<RunSpec>(&input.recipe)) {
    job.kind = Job::Kind::kWeights;
    job.name = absl::StrCat("initial weights, ", LengthText(run->training()),
                            ", seed ", run->seed());
    *job.launch.mutable_train() = MakeTrainJob(*run, input.reads, places);
  }
  FillJob(input.identity, input.reads, code, places, &job);
  if (IsPending(input.identity)) {
    job.state = JobState::kPending;
  } else if (job.kind != Job::Kind::kWeights) {
    job.dir = store.InputDir(job.id);
  } else if (!code.empty()) {
    job.dir = store.WeightsDir(job.id, code);
  }
  return job;
}

// The file of the input that `job` makes.
std::string OutputOf(const Job& job) {
  switch (job.kind) {
    case Job::Kind::kData:
      return absl::StrCat(job.dir, "/", kDataDir);
    case Job::Kind::kTokenizer:
      return absl::StrCat(job.dir, "/", kTokenizerFile);
    default:
      return absl::StrCat(job.dir, "/", kWeightsFile);
  }
}

// Names of the runs, after the first cell that asks for each.
std::vector<std::string> RunNames(const Expansion& expansion) {
  std::vector<std::string> names(expansion.runs.size());
  for (const DesignCells& design : expansion.designs) {
    for (const Cell& cell : design.cells) {
      for (const int run : cell.runs) {
        if (names[run].empty()) {
          const RunSpec& spec = expansion.runs[run];
          names[run] = spec.has_seed()
                           ? absl::StrCat(cell.label, " seed ", spec.seed())
                           : cell.label;
        }
      }
    }
  }
  return names;
}

}  // namespace

absl::string_view StateName(JobState state) {
  // In the order of JobState.
  constexpr absl::string_view kNames[] = {"new",     "trained",      "done",
                                          "stale",   "older_scheme", "failed",
                                          "running", "corrupt",      "pending"};
  return kNames[static_cast<size_t>(state)];
}

std::vector<Job> MakeJobs(const Expansion& expansion,
                          absl::Span<const FoundInput> found,
                          const Store& store, absl::string_view code) {
  std::vector<Job> jobs;
  Places places;
  for (const Input& input : expansion.inputs) {
    if (!input.made()) {
      const std::string key = FoundKey(input.kind, input.role, input.format());
      for (size_t i = 0; i < found.size(); ++i) {
        if (std::ranges::find(found[i].keys, key) == found[i].keys.end()) {
          continue;
        }
        places.path[input.identity] = found[i].path;
        places.found[input.identity] = static_cast<int>(i);
      }
    } else {
      Job job = MakeInputJob(input, places, store, code);
      places.job[input.identity] = static_cast<int>(jobs.size());
      if (!job.dir.empty()) {
        places.path[input.identity] = OutputOf(job);
      }
      jobs.push_back(std::move(job));
    }
  }
  const std::vector<std::string> names = RunNames(expansion);
  for (size_t i = 0; i < expansion.runs.size(); ++i) {
    Job job;
    job.kind = Job::Kind::kRun;
    job.name = names[i];
    const Reads& reads = expansion.reads[i];
    TrainJob* const train = job.launch.mutable_train();
    *train = MakeTrainJob(expansion.runs[i], reads, places);
    for (const SplitEvaluation& evaluation : expansion.evaluations[i]) {
      EvaluateJob* const evaluate = train->add_evaluation();
      evaluate->set_id(evaluation.id);
      evaluate->set_split(evaluation.split);
    }
    FillJob(expansion.spec_ids[i], reads, code, places, &job);
    if (IsPending(job.id)) {
      job.state = JobState::kPending;
    } else if (!code.empty()) {
      job.dir = store.RunDir(job.id, code);
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace transect
