#include "data/synthetic/synthesis.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "data/random/philox.h"
#include "data/spec.h"
#include "data/synthetic/layout/plan.h"
#include "data/synthetic/render/render.h"
#include "data/synthetic/rrsisd_writer.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Images that may be finished ahead of the one that is written, per thread.
constexpr int kAhead = 4;

// Position of an image in the data set.
struct Place {
  const char* split;
  int64_t number;
};

// One finished image.
struct Made {
  Scene scene;
  std::string jpeg;
};

absl::StatusOr<Made> Make(const SynthesisSpec& spec, const Place& place) {
  Made made;
  TRANSECT_ASSIGN_OR_RETURN(made.scene,
                            PlanScene(spec, place.split, place.number));
  Philox random = SceneRandom(spec, "pixels", place.split, place.number);
  const Image image = RenderScene(made.scene, spec, &random);
  TRANSECT_ASSIGN_OR_RETURN(made.jpeg, EncodeJpeg(image, spec.jpeg_quality()));
  return made;
}

// Makes images on several threads and hands them out in order. A bounded number
// is kept.
class Factory {
 public:
  Factory(const SynthesisSpec& spec, std::vector<Place> places, int threads)
      : spec_(spec),
        places_(std::move(places)),
        window_(static_cast<size_t>(threads) * kAhead),
        done_(window_) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  }

  ~Factory() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

  // The next image.
  absl::StatusOr<Made> Next() {
    std::unique_lock lock(mutex_);
    std::optional<absl::StatusOr<Made>>& slot = done_[taken_ % window_];
    changed_.wait(lock, [&] { return slot.has_value(); });
    absl::StatusOr<Made> made = std::move(*slot);
    slot.reset();
    ++taken_;
    changed_.notify_all();
    return made;
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] {
        return stop_ || started_ == places_.size() ||
               started_ < taken_ + window_;
      });
      if (stop_ || started_ == places_.size()) {
        return;
      }
      const size_t mine = started_++;
      lock.unlock();
      absl::StatusOr<Made> made = Make(spec_, places_[mine]);
      lock.lock();
      done_[mine % window_] = std::move(made);
      changed_.notify_all();
    }
  }

  const SynthesisSpec& spec_;
  const std::vector<Place> places_;
  const size_t window_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<absl::StatusOr<Made>>> done_;
  size_t started_ = 0;
  size_t taken_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

// Writes all files below `dir`.
absl::StatusOr<std::vector<BlindBound>> WriteFiles(
    const SynthesisSpec& spec, const std::string& dir,
    const std::function<void(int64_t done, int64_t total)>& progress,
    int threads) {
  RrsisdWriter writer(dir);
  TRANSECT_RETURN_IF_ERROR(writer.Start());
  std::vector<Place> places;
  for (const char* split : kSplitNames) {
    for (int64_t number = 0; number < SynthesisImages(spec, split); ++number) {
      places.push_back({split, number});
    }
  }
  const auto total = static_cast<int64_t>(places.size());
  BlindBounds bounds;
  Factory factory(spec, places, threads);
  for (int64_t i = 0; i < total; ++i) {
    TRANSECT_ASSIGN_OR_RETURN(const Made made, factory.Next());
    TRANSECT_RETURN_IF_ERROR(
        writer.Add(i + 1, places[i].split, made.scene, made.jpeg));
    bounds.Add(places[i].split, made.scene);
    if (progress) {
      progress(i + 1, total);
    }
  }
  TRANSECT_RETURN_IF_ERROR(
      WriteFile(absl::StrCat(dir, "/", kBlindBoundsFile), bounds.Json()));
  TRANSECT_RETURN_IF_ERROR(std::move(writer).Finish());
  return bounds.Compute();
}

}  // namespace

absl::StatusOr<std::vector<BlindBound>> WriteSyntheticDataset(
    const SynthesisSpec& spec, const std::string& dir,
    const std::function<void(int64_t done, int64_t total)>& progress,
    int threads) {
  if (threads <= 0) {
    threads =
        static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
  }
  std::vector<BlindBound> bounds;
  const auto fill = [&](const std::string& making) -> absl::Status {
    TRANSECT_ASSIGN_OR_RETURN(bounds,
                              WriteFiles(spec, making, progress, threads));
    return absl::OkStatus();
  };
  TRANSECT_RETURN_IF_ERROR(MakeNewDirectory(dir, fill));
  return bounds;
}

}  // namespace transect
