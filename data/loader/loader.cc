#include "data/loader/loader.h"

#include <sys/mman.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::unique_ptr<uint8_t[]> Allocate(int64_t bytes) {
  // Not set to zero: every byte is written.
  auto buffer = std::make_unique_for_overwrite<uint8_t[]>(bytes);
  // A batch is fresh memory of tens of megabytes: thousands of page faults in
  // pages of 4 KiB. Where the kernel has no large pages to give, nothing is
  // lost.
  constexpr uintptr_t kLargePage = uintptr_t{2} << 20;
  const auto start = reinterpret_cast<uintptr_t>(buffer.get());
  const uintptr_t from = (start + kLargePage - 1) & ~(kLargePage - 1);
  const uintptr_t to = (start + bytes) & ~(kLargePage - 1);
  if (to > from) {
    madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
  }
  return buffer;
}

absl::StatusOr<PixelBatch> EmptyBatch(std::vector<const Sample*> samples,
                                      const InputFormat& format) {
  const auto count = static_cast<int64_t>(samples.size());
  TRANSECT_CHECK(count > 0) << "a batch without samples";
  PixelBatch batch{format, std::move(samples), nullptr, nullptr, nullptr};
  try {
    batch.images = Allocate(count * format.ImageBytes());
    batch.masks = Allocate(count * format.MaskBytes());
    if (format.siglip_image_size > 0) {
      batch.siglip_images = Allocate(count * format.SiglipImageBytes());
    }
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        absl::StrCat("not enough memory for a batch of ", count, " images of ",
                     format.image_size, " x ", format.image_size, " pixels"));
  }
  return batch;
}

absl::Status ReadInto(const PixelBatch& batch, size_t slot,
                      SampleReader* reader) {
  const InputFormat& format = batch.format;
  SampleBytes to;
  to.image = batch.images.get() + slot * format.ImageBytes();
  to.mask = batch.masks.get() + slot * format.MaskBytes();
  if (batch.siglip_images != nullptr) {
    to.siglip_image =
        batch.siglip_images.get() + slot * format.SiglipImageBytes();
  }
  return reader->Read(*batch.samples[slot], format, to);
}

absl::StatusOr<PixelBatch> Fill(std::vector<const Sample*> samples,
                                const InputFormat& format,
                                SampleReader* reader) {
  TRANSECT_ASSIGN_OR_RETURN(PixelBatch batch,
                            EmptyBatch(std::move(samples), format));
  for (size_t slot = 0; slot < batch.samples.size(); ++slot) {
    TRANSECT_RETURN_IF_ERROR(ReadInto(batch, slot, reader));
  }
  return batch;
}

class InlineLoader final : public Loader {
 public:
  InlineLoader(BatchSamples samples, int64_t begin, int64_t end,
               const InputFormat& format)
      : samples_(std::move(samples)),
        next_(begin),
        end_(end),
        format_(format) {}

  absl::StatusOr<PixelBatch> Next() override {
    TRANSECT_RETURN_IF_ERROR(failure_);
    if (next_ >= end_) {
      return absl::OutOfRangeError(
          absl::StrCat("batch ", end_ - 1, " was the last"));
    }
    absl::StatusOr<PixelBatch> batch =
        Fill(samples_(next_++), format_, &reader_);
    failure_ = batch.status();
    return batch;
  }

 private:
  const BatchSamples samples_;
  int64_t next_;
  const int64_t end_;
  const InputFormat format_;
  SampleReader reader_;
  absl::Status failure_;
};

class ThreadedLoader final : public Loader {
 public:
  ThreadedLoader(BatchSamples samples, int64_t begin, int64_t end,
                 const InputFormat& format, int prefetch_batches)
      : format_(format),
        end_(end),
        most_pending_(prefetch_batches),
        samples_(std::move(samples)),
        opened_(begin) {}

  ~ThreadedLoader() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

  absl::Status StartThreads(int count) {
    for (int i = 0; i < count; ++i) {
      try {
        threads_.emplace_back([this] { ReadUntilStopped(); });
      } catch (const std::system_error& error) {
        return absl::ResourceExhaustedError(
            absl::StrCat("cannot start loader thread ", i + 1, " of ", count,
                         ": ", error.what()));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<PixelBatch> Next() override {
    std::unique_lock<std::mutex> lock(mutex_);
    TRANSECT_RETURN_IF_ERROR(failure_);
    if (pending_.empty() && opened_ >= end_) {
      return absl::OutOfRangeError(
          absl::StrCat("batch ", end_ - 1, " was the last"));
    }
    ready_.wait(lock, [this] {
      return !pending_.empty() && pending_.front()->Complete();
    });
    const std::shared_ptr<Pending> first = std::move(pending_.front());
    pending_.pop_front();
    if (!first->error.ok()) {
      failure_ = first->error;
      stop_ = true;
    }
    lock.unlock();
    work_.notify_all();
    TRANSECT_RETURN_IF_ERROR(first->error);
    return std::move(first->batch);
  }

 private:
  // A batch that is being read.
  struct Pending {
    PixelBatch batch;
    // Slots below it were taken up by a thread, in ascending order.
    size_t taken = 0;
    size_t finished = 0;
    // Of the lowest slot that failed: all below it were taken up before it, so
    // it does not depend on which thread was faster.
    absl::Status error;
    size_t failed_slot = 0;

    // After an error no more slots are taken up.
    bool Open() const { return error.ok() && taken < batch.samples.size(); }
    bool Complete() const { return !Open() && finished == taken; }
  };

  // The batch of the next slot to read, or null where there is nothing to do
  // yet. Needs the mutex.
  std::shared_ptr<Pending> FindWork() {
    for (const std::shared_ptr<Pending>& pending : pending_) {
      if (pending->Open()) {
        return pending;
      }
    }
    if (opened_ >= end_ || pending_.size() >= most_pending_) {
      return nullptr;
    }
    auto pending = std::make_shared<Pending>();
    absl::StatusOr<PixelBatch> batch = EmptyBatch(samples_(opened_++), format_);
    pending->error = batch.status();
    if (batch.ok()) {
      pending->batch = *std::move(batch);
    }
    pending_.push_back(pending);
    return pending;
  }

  void ReadUntilStopped() {
    SampleReader reader;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stop_) {
      const std::shared_ptr<Pending> pending = FindWork();
      if (pending == nullptr) {
        work_.wait(lock);
        continue;
      }
      if (pending->Open()) {
        const size_t slot = pending->taken++;
        lock.unlock();
        const absl::Status status = ReadInto(pending->batch, slot, &reader);
        lock.lock();
        ++pending->finished;
        if (!status.ok() &&
            (pending->error.ok() || slot < pending->failed_slot)) {
          pending->error = status;
          pending->failed_slot = slot;
        }
      }
      if (pending->Complete()) {
        ready_.notify_one();
      }
    }
  }

  const InputFormat format_;
  const int64_t end_;
  const size_t most_pending_;

  std::mutex mutex_;
  // Something to read or to stop for.
  std::condition_variable work_;
  // A batch became complete.
  std::condition_variable ready_;
  // All below is guarded by mutex_.
  const BatchSamples samples_;
  // The next batch to take up.
  int64_t opened_;
  std::deque<std::shared_ptr<Pending>> pending_;
  absl::Status failure_;
  bool stop_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace

absl::StatusOr<PixelBatch> ReadPixels(std::vector<const Sample*> samples,
                                      const InputFormat& format) {
  SampleReader reader;
  return Fill(std::move(samples), format, &reader);
}

absl::StatusOr<std::unique_ptr<Loader>> Loader::Start(
    BatchSamples samples, int64_t begin, int64_t end, const InputFormat& format,
    const LoaderOptions& options) {
  TRANSECT_CHECK(options.threads >= 0 && options.prefetch_batches >= 1)
      << options.threads << " threads, " << options.prefetch_batches
      << " batches";
  if (options.threads == 0) {
    return std::unique_ptr<Loader>(
        new InlineLoader(std::move(samples), begin, end, format));
  }
  auto loader = std::make_unique<ThreadedLoader>(
      std::move(samples), begin, end, format, options.prefetch_batches);
  TRANSECT_RETURN_IF_ERROR(loader->StartThreads(options.threads));
  return std::unique_ptr<Loader>(std::move(loader));
}

}  // namespace transect
