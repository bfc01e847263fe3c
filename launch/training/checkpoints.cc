#include "launch/training/checkpoints.h"

#include <torch/torch.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/io/file.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/store.h"
#include "model/checkpoint/tensor_file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kPrefix = "step-";
constexpr absl::string_view kBestPrefix = "best-";
constexpr absl::string_view kSuffix = ".safetensors";

// SHA-256 of the run's id and the state's digest, [64] uint8.
constexpr char kSeal[] = "seal";

at::Tensor SealOf(const std::string& run_id, const SavedState& state) {
  const std::string digest =
      Sha256(absl::StrCat(run_id, "\n", DigestOf(state)));
  at::Tensor seal = at::empty({static_cast<int64_t>(digest.size())}, at::kByte);
  digest.copy(static_cast<char*>(seal.data_ptr()), digest.size());
  return seal;
}

void RemoveDirectory(const std::string& directory) {
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

class ThreadedWriter : public CheckpointWriter {
 public:
  ThreadedWriter(const LaunchPlan& plan, int keep)
      : plan_(plan), keep_(keep), thread_([this] { Work(); }) {}

  ~ThreadedWriter() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  absl::Status Write(int64_t steps, SavedState state,
                     BestWeights best) override {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !waiting_; });
    steps_ = steps;
    state_ = std::move(state);
    best_ = std::move(best);
    waiting_ = true;
    absl::Status before = std::move(status_);
    status_ = absl::OkStatus();
    changed_.notify_all();
    return before;
  }

  absl::Status Finish() override {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !waiting_; });
    absl::Status before = std::move(status_);
    status_ = absl::OkStatus();
    return before;
  }

 private:
  void Work() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return waiting_ || ends_; });
      if (!waiting_) return;
      SavedState state = std::move(state_);
      state_.clear();
      const BestWeights best = std::exchange(best_, {});
      lock.unlock();
      absl::Status status;
      try {
        status = WriteOne(std::move(state), best);
      } catch (const std::exception& error) {
        status = absl::InternalError(error.what());
      }
      lock.lock();
      status_ = std::move(status);
      waiting_ = false;
      changed_.notify_all();
    }
  }

  absl::Status WriteOne(SavedState state, const BestWeights& best) {
    TRANSECT_RETURN_IF_ERROR(MarkExitCode(
        MakeDirs(CheckpointsDir(plan_.attempt_dir())), ExitCode::INPUT_OUTPUT));
    if (best.tensors != nullptr && !best_written_.contains(best.step)) {
      TRANSECT_RETURN_IF_ERROR(
          WriteCheckpoint(BestWeightsPath(plan_.attempt_dir(), best.step),
                          plan_.id(), *best.tensors));
      best_written_.insert(best.step);
    }
    TRANSECT_RETURN_IF_ERROR(
        WriteCheckpoint(CheckpointPath(plan_.attempt_dir(), steps_), plan_.id(),
                        std::move(state)));
    written_.push_back({steps_, best.step});
    Prune();
    return absl::OkStatus();
  }

  // Removes checkpoints that are not kept any more, and the best weights that
  // none of those that are names.
  void Prune() {
    std::error_code ignored;
    for (; written_.size() > static_cast<size_t>(keep_);
         written_.erase(written_.begin())) {
      fs::remove(CheckpointPath(plan_.attempt_dir(), written_.front().steps),
                 ignored);
    }
    std::erase_if(best_written_, [&](int64_t step) {
      const bool named = std::ranges::any_of(
          written_, [&](const Written& one) { return one.best == step; });
      if (!named) {
        fs::remove(BestWeightsPath(plan_.attempt_dir(), step), ignored);
      }
      return !named;
    });
    for (const int attempt : Attempts(plan_.job_dir())) {
      if (attempt >= plan_.attempt()) continue;
      RemoveDirectory(CheckpointsDir(AttemptDir(plan_.job_dir(), attempt)));
    }
  }

  // A checkpoint, and the step of the best weights that it names.
  struct Written {
    int64_t steps = 0;
    int64_t best = 0;
  };

  const LaunchPlan plan_;
  const int keep_;
  // Of the thread: what is there, oldest first.
  std::vector<Written> written_;
  std::set<int64_t> best_written_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Whether `state_` is to be written or is being written.
  bool waiting_ = false;
  bool ends_ = false;
  int64_t steps_ = 0;
  SavedState state_;
  BestWeights best_;
  absl::Status status_;
  // Last, so that all of the above is there when it begins.
  std::thread thread_;
};

}  // namespace

std::string CheckpointPath(absl::string_view attempt_dir, int64_t steps) {
  return absl::StrFormat("%s/%s%010d%s", CheckpointsDir(attempt_dir), kPrefix,
                         steps, kSuffix);
}

std::string BestWeightsPath(absl::string_view attempt_dir, int64_t steps) {
  return absl::StrFormat("%s/%s%010d%s", CheckpointsDir(attempt_dir),
                         kBestPrefix, steps, kSuffix);
}

std::vector<int64_t> CheckpointSteps(absl::string_view attempt_dir) {
  std::vector<int64_t> all;
  const auto names = ListDirectory(CheckpointsDir(attempt_dir));
  if (!names.ok()) return all;
  for (const std::string& name : *names) {
    absl::string_view number = name;
    int64_t steps = 0;
    if (absl::ConsumePrefix(&number, kPrefix) &&
        absl::ConsumeSuffix(&number, kSuffix) &&
        absl::SimpleAtoi(number, &steps) && steps > 0) {
      all.push_back(steps);
    }
  }
  std::ranges::sort(all);
  return all;
}

absl::Status WriteCheckpoint(const std::string& path, const std::string& run_id,
                             SavedState state) {
  state.emplace(kSeal, SealOf(run_id, state));
  return MarkExitCode(SaveTensors(path, state), ExitCode::INPUT_OUTPUT);
}

absl::StatusOr<SavedState> ReadCheckpoint(const std::string& path,
                                          const std::string& run_id) {
  TRANSECT_ASSIGN_OR_RETURN(SavedState state, LoadTensors(path));
  const auto seal = state.find(kSeal);
  if (seal == state.end()) {
    return absl::DataLossError(absl::StrCat(path, " has no ", kSeal));
  }
  const at::Tensor said = seal->second;
  state.erase(seal);
  if (!at::equal(said, SealOf(run_id, state))) {
    return absl::DataLossError(absl::StrCat(
        path, " is not what was written, or of another run than ", run_id));
  }
  return state;
}

std::optional<FoundCheckpoint> LoadNewestCheckpoint(
    const LaunchPlan& plan, int64_t most_steps,
    const std::function<absl::Status(const SavedState&,
                                     const std::string& attempt_dir)>& load,
    std::vector<std::string>* skipped) {
  std::vector<std::pair<int64_t, int>> candidates;
  for (const int attempt : Attempts(plan.job_dir())) {
    for (const int64_t steps :
         CheckpointSteps(AttemptDir(plan.job_dir(), attempt))) {
      if (steps <= most_steps) candidates.emplace_back(steps, attempt);
    }
  }
  std::ranges::sort(candidates, std::greater<>());
  for (const auto& [steps, attempt] : candidates) {
    const std::string attempt_dir = AttemptDir(plan.job_dir(), attempt);
    const std::string path = CheckpointPath(attempt_dir, steps);
    const absl::StatusOr<SavedState> state = ReadCheckpoint(path, plan.id());
    if (!state.ok()) {
      skipped->push_back(std::string(state.status().message()));
      continue;
    }
    const absl::Status loaded = load(*state, attempt_dir);
    if (loaded.ok()) return FoundCheckpoint{attempt, steps};
    skipped->push_back(absl::StrCat(path, ": ", loaded.message()));
  }
  return std::nullopt;
}

void RemoveCheckpoints(const LaunchPlan& plan) {
  for (const int attempt : Attempts(plan.job_dir())) {
    RemoveDirectory(CheckpointsDir(AttemptDir(plan.job_dir(), attempt)));
  }
}

absl::StatusOr<std::unique_ptr<CheckpointWriter>> CheckpointWriter::Start(
    const LaunchPlan& plan, int keep) {
  try {
    return std::make_unique<ThreadedWriter>(plan, keep);
  } catch (const std::system_error& error) {
    return MarkExitCode(
        absl::ResourceExhaustedError(absl::StrCat(
            "cannot start the thread that writes checkpoints: ", error.what())),
        ExitCode::MEMORY);
  }
}

}  // namespace transect
