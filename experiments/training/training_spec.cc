#include "experiments/training/training_spec.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/inert.h"

namespace transect {
namespace {

// Names fields below one message and words what is wrong with them.
class Checker {
 public:
  Checker(absl::string_view path, Problems* problems)
      : path_(path), problems_(problems) {}

  void Add(absl::string_view field, absl::string_view message) {
    problems_->Add(absl::StrCat(path_, path_.empty() ? "" : ".", field),
                   message);
  }
  void Range(absl::string_view field, int64_t value, int64_t least,
             int64_t most) {
    if (value < least || value > most) {
      Add(field, absl::StrCat("is ", value, ", must be ", least, " to ", most));
    }
  }
  // `allowed` says in words what `ok` tested.
  void Real(absl::string_view field, double value, bool ok,
            absl::string_view allowed) {
    if (!ok || !std::isfinite(value)) {
      Add(field, absl::StrCat("is ", value, ", must be ", allowed));
    }
  }
  void NotNegative(absl::string_view field, double value) {
    Real(field, value, value >= 0, "0 or more");
  }
  void Within(absl::string_view field, double value, double least, double most,
              absl::string_view allowed) {
    Real(field, value, value >= least && value <= most, allowed);
  }

 private:
  std::string path_;
  Problems* problems_;
};

void CheckNumerics(const TrainingSpec& spec, Checker* check) {
  if (spec.numerics() != TrainingSpec::PARITY) return;
  if (spec.precision() != TrainingSpec::FP16) {
    check->Add(
        "precision",
        absl::StrCat("is ", TrainingSpec::Precision_Name(spec.precision()),
                     ", must be FP16 where numerics is PARITY"));
  }
  if (spec.logical_shards() != spec.ranks()) {
    check->Add("logical_shards",
               absl::StrCat("is ", spec.logical_shards(), ", must be ranks, ",
                            spec.ranks(), ", where numerics is PARITY"));
  }
}

void CheckValidation(const ValidationSpec& spec, Checker* check) {
  check->Range("validation.every_epochs", spec.every_epochs(), 0, kMostEpochs);
  check->Range("validation.every_steps", spec.every_steps(), 0, kMostSteps);
  if (spec.every_epochs() > 0 && spec.every_steps() > 0) {
    check->Add("validation.every_steps",
               absl::StrCat("is ", spec.every_steps(), " beside every_epochs, ",
                            spec.every_epochs(), "; only one can be set"));
  }
  check->Range("validation.train_items", spec.train_items(), 0, 100'000);
  if (spec.early_stopping()) {
    check->Range("validation.patience", spec.patience(), 1, 1000);
  }
  if (spec.every_epochs() > 0 || spec.every_steps() > 0) return;
  const auto needs = [&](absl::string_view field, absl::string_view value) {
    check->Add(field, absl::StrCat("is ", value,
                                   ", which needs validations: set "
                                   "validation.every_epochs, such as 5"));
  };
  if (spec.weights() == ValidationSpec::BEST) {
    needs("validation.weights", "BEST");
  }
  if (spec.early_stopping()) needs("validation.early_stopping", "true");
}

void CheckProcesses(const TrainingSpec& spec, Checker* check) {
  // All ranks of a run are on one machine so far.
  constexpr int64_t kMostThreads = 1024;
  check->Range("ranks", spec.ranks(), 1, 1024);
  check->Range("threads_per_rank", spec.threads_per_rank(), 1, 256);
  const int64_t threads = int64_t{spec.ranks()} * spec.threads_per_rank();
  if (threads > kMostThreads) {
    check->Add("threads_per_rank",
               absl::StrCat("is ", spec.threads_per_rank(), " on ",
                            spec.ranks(), " ranks, ", threads,
                            " threads in all, must be at most ", kMostThreads));
  }
  check->Range("global_batch", spec.global_batch(), 1, 1'000'000);
  const int32_t shards = spec.logical_shards();
  // Absent, it is `ranks`, which is out of range then.
  if (shards != spec.ranks()) check->Range("logical_shards", shards, 1, 1024);
  if (shards > 0 && spec.global_batch() % shards != 0) {
    check->Add("global_batch",
               absl::StrCat("is ", spec.global_batch(),
                            ", must be a multiple of logical_shards, ", shards,
                            shards == spec.ranks()
                                ? " (as many as ranks unless it is set)"
                                : ""));
  }
  if (shards > 0 && spec.ranks() > 0 && !CanShareShards(shards, spec.ranks())) {
    std::vector<int> able;
    for (int ranks = 1; ranks <= shards; ++ranks) {
      if (CanShareShards(shards, ranks)) able.push_back(ranks);
    }
    check->Add("ranks", absl::StrCat("is ", spec.ranks(), ", must be one of ",
                                     absl::StrJoin(able, ", "), " to share ",
                                     shards, " logical_shards"));
  }
}

void CheckOptimizer(const AdamWSpec& spec, Checker* check) {
  check->Real("optimizer.lr", spec.lr(), spec.lr() > 0, "above 0");
  check->Real("optimizer.beta1", spec.beta1(),
              spec.beta1() >= 0 && spec.beta1() < 1, "0 to below 1");
  check->Real("optimizer.beta2", spec.beta2(),
              spec.beta2() >= 0 && spec.beta2() < 1, "0 to below 1");
  check->Real("optimizer.eps", spec.eps(), spec.eps() > 0, "above 0");
  check->NotNegative("optimizer.weight_decay", spec.weight_decay());
}

void CheckSchedule(const TrainingSpec& training, Checker* check) {
  const ScheduleSpec& spec = training.schedule();
  // Lengths of different units are compared where the size of the data set is
  // known (train_length.h).
  if (spec.has_warmup_epochs()) {
    check->Range("schedule.warmup_epochs", spec.warmup_epochs(), 1,
                 training.has_epochs() ? training.epochs() : kMostEpochs);
  } else if (training.has_epochs()) {
    check->Range("schedule.warmup_steps", spec.warmup_steps(), 0, kMostSteps);
  } else if (spec.warmup_steps() < 0 ||
             // Wrong steps are told once.
             (spec.warmup_steps() > training.steps() &&
              training.steps() >= 0)) {
    check->Add("schedule.warmup_steps",
               absl::StrCat("is ", spec.warmup_steps(),
                            ", must be 0 to steps, ", training.steps()));
  }
  if (spec.kind() == ScheduleSpec::COSINE_PER_EPOCH) {
    check->Range("schedule.cosine_epochs", spec.cosine_epochs(), 1,
                 kMostEpochs);
  }
  check->Within("schedule.warmup_start_fraction", spec.warmup_start_fraction(),
                0, 1, "0 to 1");
  check->Within("schedule.final_fraction", spec.final_fraction(), 0, 1,
                "0 to 1");
}

// 2^-24 and 2^24: beyond, fp32 gradients times the scale lose what it is for.
constexpr double kLeastScale = 5.9604644775390625e-08;
constexpr double kMostScale = 16777216;

void CheckLossScale(const LossScaleSpec& spec, Checker* check) {
  check->Within("loss_scale.minimum", spec.minimum(), kLeastScale, kMostScale,
                "2^-24 to 2^24");
  check->Within("loss_scale.initial", spec.initial(), spec.minimum(),
                kMostScale, "loss_scale.minimum to 2^24");
  check->Range("loss_scale.growth_interval", spec.growth_interval(), 1,
               1'000'000);
  check->Range("loss_scale.hysteresis", spec.hysteresis(), 1, 1000);
}

void CheckLoss(const LossSpec& spec, Checker* check) {
  check->NotNegative("loss.bce_weight", spec.bce_weight());
  check->NotNegative("loss.activation_weight", spec.activation_weight());
  if (spec.bce_weight() == 0 && spec.activation_weight() == 0) {
    check->Add("loss",
               "has no weight above 0, so that there is nothing to "
               "minimize");
  }
}

}  // namespace

bool CanShareShards(int shards, int ranks) {
  if (ranks == 1) return true;
  if (shards % ranks != 0) return false;
  const auto each = static_cast<unsigned>(shards / ranks);
  return std::has_single_bit(each);
}

void ResolveTrainingSpec(TrainingSpec* spec) {
  if (!spec->has_logical_shards()) spec->set_logical_shards(spec->ranks());
  // Members of a oneof have no default that data/io/defaults.h would write.
  if (spec->length_case() == TrainingSpec::LENGTH_NOT_SET) {
    spec->set_steps(spec->steps());
  }
  ScheduleSpec* const schedule = spec->mutable_schedule();
  if (schedule->warmup_case() == ScheduleSpec::WARMUP_NOT_SET) {
    schedule->set_warmup_steps(schedule->warmup_steps());
  }
  EraseInert(spec);
}

bool Validates(const TrainingSpec& spec) {
  return spec.validation().every_epochs() > 0 ||
         spec.validation().every_steps() > 0;
}

bool ValidationDecides(const TrainingSpec& spec) {
  return spec.validation().weights() == ValidationSpec::BEST ||
         spec.validation().early_stopping();
}

absl::string_view ValidationMetricName(ValidationSpec::Metric metric) {
  return metric == ValidationSpec::CIOU ? "cIoU" : "gIoU";
}

int EvaluationPasses(const EvaluationSpec& spec) {
  return 1 + spec.permuted_sentences() + spec.permuted_within_category() +
         spec.other_object_sentences();
}

void ValidateTrainingSpec(const TrainingSpec& spec, absl::string_view path,
                          Problems* problems) {
  Checker check(path, problems);
  if (spec.has_epochs()) {
    check.Range("epochs", spec.epochs(), 1, kMostEpochs);
  } else {
    check.Range("steps", spec.steps(), 0, kMostSteps);
  }
  CheckProcesses(spec, &check);
  CheckNumerics(spec, &check);
  CheckValidation(spec.validation(), &check);
  CheckOptimizer(spec.optimizer(), &check);
  CheckSchedule(spec, &check);
  CheckLoss(spec.loss(), &check);
  if (spec.precision() == TrainingSpec::FP16) {
    CheckLossScale(spec.loss_scale(), &check);
  }
  check.Range("log_every", spec.log_every(), 1, 10'000'000);
  check.Within("collective_timeout_seconds", spec.collective_timeout_seconds(),
               1, 86400, "1 to 86400");
  check.Range("loader_threads", spec.loader_threads(), 0, 64);
  check.Range("prefetch_batches", spec.prefetch_batches(), 1, 64);
  const CheckpointSpec& checkpoint = spec.checkpoint();
  check.Range("checkpoint.every_steps", checkpoint.every_steps(), 0,
              kMostSteps);
  check.Within("checkpoint.every_minutes", checkpoint.every_minutes(), 0,
               10'000, "0 to 10000");
  check.Range("checkpoint.keep", checkpoint.keep(), 1, 1000);
  check.Range("compare_replicas_every", spec.compare_replicas_every(), 0,
              kMostSteps);
  check.Range("profile_steps", spec.profile_steps(), 0, 1000);
}

void ValidateEvaluationSpec(const EvaluationSpec& spec, absl::string_view path,
                            Problems* problems) {
  Checker checker(path, problems);
  checker.Range("batch", spec.batch(), 1, 4096);
  checker.Range("samples", spec.samples(), 0, 64);
  checker.Within("resolution", spec.resolution(),
                 spec.resolution() == 0 ? 0 : kLeastResolution, kMostResolution,
                 "0, which is each image's own size, or 16 to 4096");
}

}  // namespace transect
