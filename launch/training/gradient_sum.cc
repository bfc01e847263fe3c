#include "launch/training/gradient_sum.h"

#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/torch.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "experiments/training/training.pb.h"
#include "launch/collective/collective.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/optimizer/flat_layout.h"
#include "launch/rank/train_task.h"
#include "model/base/torch_status.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr char kWhat[] = "sum of gradients";

// Sums `bucket`, [B], of which this rank needs its part alone if `scatter`.
absl::Status SumBucket(const TrainingSpec& training, bool scatter,
                       const at::Tensor& bucket, Collective* group) {
  const torch::NoGradGuard no_grad;
  const bool by_tree = training.numerics() == TrainingSpec::REPRODUCIBLE;
  const SumOrder order = by_tree ? SumOrder::kTree : SumOrder::kLibrary;
  at::Tensor sent = bucket;
  if (training.numerics() == TrainingSpec::PARITY) {
    sent = bucket.to(at::kHalf).div_(group->ranks());
  } else if (!by_tree && training.precision() == TrainingSpec::BF16) {
    sent = bucket.to(at::kBFloat16);
  }
  TRANSECT_RETURN_IF_ERROR(scatter ? group->ReduceScatterSum(kWhat, sent, order)
                                   : group->AllReduceSum(kWhat, sent, order));
  if (!sent.is_alias_of(bucket)) bucket.copy_(sent);
  return absl::OkStatus();
}

// This rank's part of bucket `b` becomes what the optimizer steps with.
void KeepPart(const at::Tensor& bucket, size_t b, AdamWOptimizer* optimizer) {
  const torch::NoGradGuard no_grad;
  const OptimizerShare& share = optimizer->share();
  at::Tensor owned = optimizer->owned_gradients()[b];
  owned.copy_(bucket.chunk(share.ranks)[share.rank]);
}

// After the backward pass, bucket by bucket.
class PlainSum : public GradientSum {
 public:
  PlainSum(const TrainTask& task, AdamWOptimizer* optimizer)
      : task_(task), optimizer_(optimizer) {}

  void Begin() override { optimizer_->HoldGradients(); }

  absl::Status Finish() override {
    const std::vector<FlatRange>& buckets = optimizer_->layout().buckets();
    const int stage = optimizer_->share().zero_stage;
    for (size_t b = 0; b < buckets.size(); ++b) {
      const at::Tensor bucket = optimizer_->gradients().narrow(
          0, buckets[b].begin, buckets[b].size());
      if (task_.collective->ranks() > 1) {
        TRANSECT_RETURN_IF_ERROR(SumBucket(task_.run->training(), stage > 0,
                                           bucket, task_.collective));
      }
      if (stage == 2) KeepPart(bucket, b, optimizer_);
    }
    optimizer_->ReleaseGradients();
    return absl::OkStatus();
  }

 private:
  const TrainTask& task_;
  AdamWOptimizer* const optimizer_;
};

class OverlappedSum : public GradientSum {
 public:
  OverlappedSum(const TrainTask& task, AdamWOptimizer* optimizer,
                std::unique_ptr<Collective> group)
      : task_(task),
        optimizer_(optimizer),
        group_(std::move(group)),
        buckets_(optimizer->layout().buckets().size()),
        order_(buckets_.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    const std::vector<FlatRange>& slots = optimizer->layout().slots();
    const std::vector<FlatRange>& buckets = optimizer->layout().buckets();
    for (size_t b = 0; b < buckets.size(); ++b) {
      for (const FlatRange& slot : slots) {
        if (slot.begin < buckets[b].end && buckets[b].begin < slot.end) {
          ++buckets_[b].slots;
        }
      }
    }
    for (size_t i = 0; i < optimizer->trained().size(); ++i) {
      torch::autograd::impl::set_post_acc_grad_hooks(
          optimizer->trained()[i], std::make_unique<Hook>(this, i));
    }
    thread_ = std::thread([this] { SumAsTheyCome(); });
  }

  ~OverlappedSum() override {
    for (const at::Tensor& tensor : optimizer_->trained()) {
      torch::autograd::impl::set_post_acc_grad_hooks(tensor, nullptr);
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    // A call in work ends by its time-out at the latest.
    thread_.join();
  }

  void Begin() override {
    if (!packs()) optimizer_->HoldGradients();
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Bucket& bucket : buckets_) {
      bucket.missing = bucket.slots;
      bucket.ready = false;
      bucket.gradients = at::Tensor();
    }
    filled_.clear();
    next_ = 0;
    running_ = !first_;
  }

  absl::Status Finish() override {
    TakeLateGradients();
    if (first_) {
      // Every bucket has been waited for, so rank 0 knows their order.
      TRANSECT_RETURN_IF_ERROR(AgreeOnOrder());
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      // Tensors that the loss does not reach have no gradient.
      for (size_t b = 0; b < buckets_.size(); ++b) {
        if (!buckets_[b].ready) MarkReady(b);
      }
      running_ = true;
    }
    changed_.notify_all();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock,
                  [&] { return next_ == order_.size() || !status_.ok(); });
    first_ = false;
    return status_;
  }

 private:
  struct Bucket {
    int slots = 0;
    // Slots whose gradient is not there.
    int missing = 0;
    bool ready = false;
    // In stage 2; undefined before the first gradient.
    at::Tensor gradients;
    // On devices, after the kernels that fill it.
    std::optional<c10::Event> filled;
  };

  class Hook : public torch::autograd::PostAccumulateGradHook {
   public:
    Hook(OverlappedSum* sum, size_t tensor) : sum_(sum), tensor_(tensor) {}
    void operator()(const torch::autograd::Variable& tensor) override {
      sum_->Arrived(tensor_);
    }

   private:
    OverlappedSum* const sum_;
    const size_t tensor_;
  };

  // Whether gradients are moved into buckets when they come.
  bool packs() const { return optimizer_->share().zero_stage == 2; }

  FlatRange RangeOf(size_t b) const {
    return optimizer_->layout().buckets()[b];
  }

  // The storage of a bucket.
  at::Tensor& Held(size_t b) {
    at::Tensor& held = buckets_[b].gradients;
    if (!held.defined()) {
      held = packs() ? at::zeros({RangeOf(b).size()},
                                 optimizer_->values().options())
                     : optimizer_->gradients().narrow(0, RangeOf(b).begin,
                                                      RangeOf(b).size());
    }
    return held;
  }

  // The backward pass is done with a tensor.
  void Arrived(size_t tensor) {
    const torch::NoGradGuard no_grad;
    const FlatRange slot = optimizer_->layout().slots()[tensor];
    at::Tensor trained = optimizer_->trained()[tensor];
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (size_t b = 0; b < buckets_.size(); ++b) {
        const FlatRange range = RangeOf(b);
        const int64_t begin = std::max(slot.begin, range.begin);
        const int64_t end = std::min(slot.end, range.end);
        if (begin >= end) continue;
        if (buckets_[b].ready && status_.ok()) {
          status_ = absl::InternalError(
              absl::StrCat(kWhat, ": trained tensor ", tensor,
                           " got a gradient twice in one step"));
        }
        if (!status_.ok()) return;
        if (packs()) {
          Held(b)
              .narrow(0, begin - range.begin, end - begin)
              .copy_(trained.grad().reshape({-1}).narrow(0, begin - slot.begin,
                                                         end - begin));
        }
        if (--buckets_[b].missing == 0) MarkReady(b);
      }
    }
    if (packs()) trained.mutable_grad() = at::Tensor();
    changed_.notify_all();
  }

  // Some layers set gradients themselves (model/layers/sync_batch_norm.h), and
  // no hook hears of them.
  void TakeLateGradients() {
    if (!packs()) return;
    for (size_t i = 0; i < optimizer_->trained().size(); ++i) {
      if (optimizer_->trained()[i].grad().defined()) Arrived(i);
    }
  }

  // The mutex is held.
  void MarkReady(size_t b) {
    Held(b);
    buckets_[b].ready = true;
    filled_.push_back(static_cast<int64_t>(b));
    const c10::Device device = task_.device;
    if (device.is_cpu()) return;
    const c10::impl::VirtualGuardImpl guard(device.type());
    buckets_[b].filled.emplace(device.type());
    buckets_[b].filled->record(guard.getStream(device));
  }

  absl::Status AgreeOnOrder() {
    std::vector<int64_t> order = filled_;
    for (size_t b = 0; b < buckets_.size(); ++b) {
      if (!buckets_[b].ready) order.push_back(static_cast<int64_t>(b));
    }
    at::Tensor agreed = torch::tensor(order, at::kLong);
    TRANSECT_RETURN_IF_ERROR(
        task_.collective->Broadcast("order of buckets", 0, agreed));
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; i < order_.size(); ++i) {
      order_[i] = agreed[static_cast<int64_t>(i)].item<int64_t>();
    }
    return absl::OkStatus();
  }

  void SumAsTheyCome() {
    const c10::Device device = task_.device;
    std::optional<c10::StreamGuard> own;
    if (!device.is_cpu()) {
      own.emplace(c10::impl::VirtualGuardImpl(device.type())
                      .getStreamFromGlobalPool(device));
    }
    while (true) {
      size_t b = 0;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] {
          return ends_ || (running_ && status_.ok() && next_ < order_.size() &&
                           buckets_[order_[next_]].ready);
        });
        if (ends_) return;
        b = order_[next_];
      }
      if (own.has_value()) buckets_[b].filled->block(own->current_stream());
      // The hooks are done with it.
      const at::Tensor bucket = buckets_[b].gradients;
      const absl::Status summed = TorchToStatus(kWhat, [&] {
        absl::Status status =
            SumBucket(task_.run->training(), optimizer_->share().zero_stage > 0,
                      bucket, group_.get());
        if (status.ok() && packs()) KeepPart(bucket, b, optimizer_);
        return status;
      });
      if (own.has_value()) own->current_stream().synchronize();
      const std::lock_guard<std::mutex> lock(mutex_);
      buckets_[b].gradients = at::Tensor();
      status_.Update(summed);
      ++next_;
      changed_.notify_all();
    }
  }

  const TrainTask& task_;
  AdamWOptimizer* const optimizer_;
  const std::unique_ptr<Collective> group_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Bucket> buckets_;
  // Buckets in the order in which they are summed, and in which they were
  // filled in this step.
  std::vector<int64_t> order_, filled_;
  size_t next_ = 0;
  // Whether buckets may be summed; in the first step not before all are there.
  bool running_ = false;
  bool first_ = true;
  bool ends_ = false;
  absl::Status status_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GradientSum>> GradientSum::Create(
    const TrainTask& task, AdamWOptimizer* optimizer) {
  const int ranks = task.collective->ranks();
  if (ranks == 1 || task.run->training().logical_shards() > ranks) {
    return std::make_unique<PlainSum>(task, optimizer);
  }
  TRANSECT_ASSIGN_OR_RETURN(std::unique_ptr<Collective> group,
                            task.collective->NewGroup("gradients"));
  return std::make_unique<OverlappedSum>(task, optimizer, std::move(group));
}

}  // namespace transect
