#include "launch/plan/data_use.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/data.pb.h"
#include "data/defects.h"
#include "data/index/apply_policy.h"
#include "data/index/index.pb.h"
#include "data/index/index_cache.h"
#include "data/index/record_files.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "data/spec.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/training/train_length.h"
#include "experiments/training/training_spec.h"
#include "google/protobuf/repeated_field.h"
#include "launch/plan/footprint.h"

namespace transect {
namespace {

// A found data set as runs read it.
struct Reading {
  FoundDataset data;
  // Whether each of kSplitNames is read.
  bool splits[kSplitNames.size()] = {};
};

Reading& FindReading(const FoundDataset& data, std::vector<Reading>* readings) {
  const std::string bytes = data.SerializeAsString();
  const auto reading = std::ranges::find_if(*readings, [&](const Reading& one) {
    return one.data.SerializeAsString() == bytes;
  });
  return reading != readings->end() ? *reading
                                    : readings->emplace_back(Reading{data, {}});
}

void AddSplit(const std::string& split, Reading* reading) {
  if (const int number = SplitNumber(split); number >= 0) {
    reading->splits[number] = true;
  }
}

void AddTrained(const RunSpec& run, Reading* reading) {
  if (!Trains(run.training())) return;
  AddSplit(run.data().train_split(), reading);
  if (Validates(run.training())) {
    AddSplit(run.training().validation().split(), reading);
  }
}

void AddReadings(const RunSpec& run, std::vector<Reading>* readings) {
  if (run.data().has_found()) {
    Reading& reading = FindReading(run.data().found(), readings);
    AddTrained(run, &reading);
    for (const std::string& split : run.data().eval_splits()) {
      AddSplit(split, &reading);
    }
  }
  if (run.weights().has_trained()) {
    AddReadings(run.weights().trained().run(), readings);
  }
}

// What is left to read for a job. What it starts from is a job of its own.
void AddRest(const Job& job, std::vector<Reading>* readings) {
  const RunSpec& run = job.launch.train().run();
  if (!run.data().has_found()) return;
  Reading& reading = FindReading(run.data().found(), readings);
  if (job.state == JobState::kTrained) {
    for (const std::string& split : job.unevaluated) AddSplit(split, &reading);
    return;
  }
  AddTrained(run, &reading);
  for (const EvaluateJob& evaluation : job.launch.train().evaluation()) {
    AddSplit(evaluation.split(), &reading);
  }
}

// Where the data set lies; null where it was not found. Of a role that stands
// for two layouts the first that was.
const FoundInput* FindFound(const Plan& plan, const FoundDataset& data) {
  const auto found =
      std::ranges::find_if(plan.found, [&](const FoundInput& one) {
        return one.kind == Input::Kind::kData && one.role == data.role() &&
               !one.path.empty();
      });
  return found == plan.found.end() ? nullptr : &*found;
}

void WriteCounts(const std::map<std::string, int64_t>& counts,
                 google::protobuf::RepeatedPtrField<PlanDefectCount>* list) {
  for (const auto& [kind, records] : counts) {
    PlanDefectCount* const count = list->Add();
    count->set_kind(kind);
    count->set_records(records);
  }
}

// Mean side of the images of a split in pixels.
int64_t ImageSize(const IndexedSplit& index) {
  int64_t sum = 0;
  for (const IndexedRecord& record : index.record()) {
    sum += record.image_width();
  }
  return index.record_size() > 0 ? sum / index.record_size() : 0;
}

void AddCounts(const Reading& reading, const std::string& root,
               const std::string& cache_dir, PlanDataUse* use,
               DataSizes* sizes) {
  const std::string key = IndexKey(reading.data, root);
  for (size_t i = 0; i < kSplitNames.size(); ++i) {
    if (!reading.splits[i]) continue;
    const absl::StatusOr<IndexView> index =
        ReadCachedSplit(cache_dir, reading.data, root, kSplitNames[i], key);
    if (!index.ok()) continue;
    const absl::StatusOr<SplitUse> applied =
        ApplyPolicy(reading.data.policy(), root, kSplitNames[i], index->index);
    if (!applied.ok()) {
      use->add_stops(std::string(applied.status().message()));
      continue;
    }
    PlanSplitUse* split = use->add_splits();
    split->set_split(std::string(kSplitNames[i]));
    split->set_records(applied->records);
    split->set_used(applied->used);
    if (sizes != nullptr) {
      sizes->Add(reading.data, kSplitNames[i],
                 {applied->used, ImageSize(index->index)});
    }
    WriteCounts(applied->kept, split->mutable_kept());
    WriteCounts(applied->dropped, split->mutable_dropped());
    WriteCounts(applied->repaired, split->mutable_repaired());
  }
}

}  // namespace

std::vector<PlanDataUse> FindDataUse(const Plan& plan,
                                     const std::string& index_cache_dir,
                                     DataSizes* sizes) {
  std::vector<Reading> readings;
  for (const RunSpec& run : plan.expansion.runs) {
    AddReadings(run, &readings);
  }
  std::vector<PlanDataUse> uses;
  for (const Reading& reading : readings) {
    PlanDataUse& use = uses.emplace_back();
    use.set_role(reading.data.role());
    use.set_policy(PolicyText(reading.data.policy()));
    const FoundInput* const found = FindFound(plan, reading.data);
    if (found != nullptr && !index_cache_dir.empty()) {
      AddCounts(reading, found->path, index_cache_dir, &use, sizes);
    }
    const auto read = std::ranges::count(reading.splits, true);
    if (use.splits_size() + use.stops_size() < read) {
      use.set_sized_as(std::string(PublishedAs(reading.data)));
    }
  }
  return uses;
}

std::vector<UsedData> FindUsedData(const Plan& plan) {
  std::vector<Reading> readings;
  for (const Job& job : plan.jobs) {
    if (job.wanted && job.launch.has_train()) AddRest(job, &readings);
  }
  std::vector<UsedData> all;
  for (const Reading& reading : readings) {
    UsedData used;
    used.data = reading.data;
    for (size_t i = 0; i < kSplitNames.size(); ++i) {
      if (reading.splits[i]) used.splits.push_back(kSplitNames[i]);
    }
    const FoundInput* const found = FindFound(plan, reading.data);
    if (found == nullptr || used.splits.empty()) continue;
    used.root = found->path;
    for (const FoundInput& each : plan.found) {
      if (each.kind == found->kind && each.role == found->role &&
          !each.identity.empty()) {
        absl::StrAppend(&used.identity, used.identity.empty() ? "" : ";",
                        each.identity);
      }
    }
    all.push_back(std::move(used));
  }
  return all;
}

std::string CheckKey(const UsedData& used) {
  FoundDataset data = used.data;
  data.clear_role();
  return Sha256(absl::StrCat("checked data ", kIndexVersion, "\n",
                             used.identity, "\n",
                             absl::StrJoin(used.splits, ","), "\n",
                             PrintTextproto(data)))
      .substr(0, 32);
}

}  // namespace transect
