#include "launch/plan/data_use.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/data.pb.h"
#include "data/defects.h"
#include "data/index/apply_policy.h"
#include "data/index/index.pb.h"
#include "data/index/index_cache.h"
#include "data/spec.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/training/train_length.h"
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

void AddReadings(const RunSpec& run, std::vector<Reading>* readings) {
  if (run.data().has_found()) {
    const FoundDataset& data = run.data().found();
    const std::string bytes = data.SerializeAsString();
    auto reading = std::ranges::find_if(*readings, [&](const Reading& one) {
      return one.data.SerializeAsString() == bytes;
    });
    if (reading == readings->end()) {
      reading = readings->insert(readings->end(), Reading{data, {}});
    }
    const auto add = [&](const std::string& split) {
      if (const int number = SplitNumber(split); number >= 0) {
        reading->splits[number] = true;
      }
    };
    if (Trains(run.training())) add(run.data().train_split());
    for (const std::string& split : run.data().eval_splits()) add(split);
  }
  if (run.weights().has_trained()) {
    AddReadings(run.weights().trained().run(), readings);
  }
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
    const auto found =
        std::ranges::find_if(plan.found, [&](const FoundInput& one) {
          return one.kind == Input::Kind::kData &&
                 one.role == reading.data.role() && !one.path.empty();
        });
    if (found != plan.found.end() && !index_cache_dir.empty()) {
      AddCounts(reading, found->path, index_cache_dir, &use, sizes);
    }
    const auto read = std::ranges::count(reading.splits, true);
    if (use.splits_size() + use.stops_size() < read) {
      use.set_sized_as(std::string(PublishedAs(reading.data)));
    }
  }
  return uses;
}

}  // namespace transect
