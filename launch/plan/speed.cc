#include "launch/plan/speed.h"

#include <algorithm>
#include <cmath>

#include "absl/types/span.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/throughput.h"
#include "model/cost.h"

namespace transect {
namespace {

// What a device reaches in training, FLOP/s, where nothing was measured: the
// whole quickstart, which takes 403 s on two cores of a server processor, by
// thread; RSRefSeg in stock kernels on
// an H100 (18 % of its matrix throughput of 790e12 in bf16).
constexpr double kCpuThreadThroughput = 2.8e10;
constexpr double kGpuThroughputBf16 = 1.4e14;
constexpr double kGpuThroughputFp32 = 2.5e13;
// Start of ranks, opening of data; loading and writing of weights. The tiny
// preset and one of 65 million parameters on a server processor.
constexpr double kStartSeconds = 0.3;
constexpr double kSecondsPerParameter = 4e-8;

// How far a price may be off, as a factor either way.
constexpr double kProbeFactor = 1.3;
constexpr double kMeasuredFactor = 1.1;
constexpr double kMeasuredOnceFactor = 1.2;
constexpr double kScaledFactor = 1.3;

bool DifferInSizesOnly(TrainingWork a, TrainingWork b) {
  for (TrainingWork* work : {&a, &b}) {
    work->clear_global_batch();
    work->clear_train_flops();
    work->clear_forward_flops();
  }
  return SameWork(a, b);
}

double ModelThroughput(const TrainingWork& work) {
  if (work.device() != TrainingSpec::CUDA) {
    return kCpuThreadThroughput * work.ranks() * work.threads_per_rank();
  }
  return work.ranks() * (work.precision() == TrainingSpec::FP32
                             ? kGpuThroughputFp32
                             : kGpuThroughputBf16);
}

// What measurements say about a kind of work; null where they do not.
struct Known {
  const Throughput* same = nullptr;
  const Throughput* probe = nullptr;
  const Throughput* nearest = nullptr;  // of other sizes
  double distance = 0;                  // of `nearest`
};

Known Find(const TrainingWork& work, absl::Span<const Throughput> throughputs) {
  Known known;
  for (const Throughput& throughput : throughputs) {
    if (SameWork(throughput.work(), work)) {
      (throughput.probe() ? known.probe : known.same) = &throughput;
      continue;
    }
    const double distance =
        std::abs(std::log(StepFlops(work) / StepFlops(throughput.work())));
    if (throughput.runs() > 0 && DifferInSizesOnly(throughput.work(), work) &&
        (known.nearest == nullptr || distance < known.distance)) {
      known.nearest = &throughput;
      known.distance = distance;
    }
  }
  return known;
}

double MeasuredFactor(int count) {
  return count > 1 ? kMeasuredFactor : kMeasuredOnceFactor;
}

double ScaledFactor(const Known& known) {
  return kScaledFactor * std::exp(0.25 * known.distance);
}

void SetStepSpeed(const TrainingWork& work, const Known& known, Speed* speed) {
  if (known.same != nullptr && known.same->runs() > 0) {
    const double factor = MeasuredFactor(known.same->runs());
    speed->step_basis = PriceBasis::MEASURED;
    speed->step = {known.same->step_seconds_min() / factor,
                   known.same->step_seconds(),
                   known.same->step_seconds_max() * factor};
  } else if (known.nearest != nullptr) {
    speed->step_basis = PriceBasis::SCALED;
    speed->step = Within(known.nearest->step_seconds() * StepFlops(work) /
                             StepFlops(known.nearest->work()),
                         ScaledFactor(known));
  } else if (known.probe != nullptr) {
    speed->step_basis = PriceBasis::PROBE;
    speed->step = Within(known.probe->step_seconds(), kProbeFactor);
  } else {
    speed->step_basis = PriceBasis::GUESS;
    speed->step = Within(StepFlops(work) / ModelThroughput(work), kGuessFactor);
  }
}

// After SetStepSpeed.
void SetPassSpeed(const TrainingWork& work, const Known& known, Speed* speed) {
  const auto flops = static_cast<double>(work.forward_flops());
  if (known.same != nullptr && known.same->evaluations() > 0) {
    speed->pass_basis = PriceBasis::MEASURED;
    speed->pass = Within(known.same->eval_pass_seconds(),
                         MeasuredFactor(known.same->evaluations()));
  } else if (known.nearest != nullptr && known.nearest->evaluations() > 0) {
    speed->pass_basis = PriceBasis::SCALED;
    speed->pass =
        Within(known.nearest->eval_pass_seconds() * flops /
                   static_cast<double>(known.nearest->work().forward_flops()),
               ScaledFactor(known));
  } else {
    // Evaluations are about as fast as steps, operation by operation.
    speed->pass_basis = std::max(speed->step_basis, PriceBasis::SCALED);
    speed->pass = speed->step * (flops / StepFlops(work));
  }
}

void SetOther(const ModelCost& cost, const Known& known, bool train,
              Speed* speed) {
  const Throughput* const same = known.same;
  if (!train && same != nullptr && same->has_evaluation_other_seconds()) {
    speed->other = Within(same->evaluation_other_seconds(),
                          MeasuredFactor(same->evaluations()));
  } else if (same != nullptr && same->runs() > 0) {
    speed->other = Within(same->other_seconds(), MeasuredFactor(same->runs()));
  } else if (known.nearest != nullptr) {
    speed->other = Within(known.nearest->other_seconds(), ScaledFactor(known));
  } else {
    speed->other =
        Within(kStartSeconds +
                   kSecondsPerParameter * static_cast<double>(cost.parameters),
               kGuessFactor);
  }
}

}  // namespace

Estimate Within(double value, double factor) {
  return {value / factor, value, value * factor};
}

double StepFlops(const TrainingWork& work) {
  // A model of which nothing is trained has none; 1 keeps ratios finite.
  return std::max(1.0, static_cast<double>(work.global_batch()) *
                           static_cast<double>(work.train_flops()));
}

Speed SpeedOf(const TrainingWork& work, const ModelCost& cost, bool train,
              absl::Span<const Throughput> throughputs) {
  const Known known = Find(work, throughputs);
  Speed speed;
  speed.same = known.same;
  SetStepSpeed(work, known, &speed);
  SetPassSpeed(work, known, &speed);
  SetOther(cost, known, train, &speed);
  return speed;
}

}  // namespace transect
