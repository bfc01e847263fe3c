#include "data/index/apply_policy.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/record.pb.h"
#include "data/defects.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct ActionOfKind {
  DefectPolicy::Action action = DefectPolicy::ERROR;
  // Whether it counts where the policy keeps it.
  bool counts = true;
};

// What a policy says of each kind, by its name.
using Actions = absl::flat_hash_map<absl::string_view, ActionOfKind>;

Actions ActionsOf(const DefectPolicy& policy) {
  Actions actions;
  for (const DefectKind& kind : DefectKinds()) {
    actions[kind.name] = {ActionFor(policy, kind),
                          kind.is_noted || ActionFor(DefectPolicy(), kind) ==
                                               DefectPolicy::ERROR};
  }
  return actions;
}

ActionOfKind Find(const Actions& actions, const Defect& defect) {
  const auto found = actions.find(defect.kind());
  // An index that names another kind was made by another version.
  return found == actions.end() ? ActionOfKind() : found->second;
}

// Every defect at which a run stops, one line for each kind.
absl::Status StoppingDefects(const std::string& root, absl::string_view split,
                             const IndexedSplit& index,
                             const Actions& actions) {
  struct Stopping {
    int64_t count = 0;
    std::string first;
  };
  absl::flat_hash_map<std::string, Stopping> stopping;
  for (const IndexedRecord& record : index.record()) {
    for (const Defect& defect : record.defect()) {
      if (Find(actions, defect).action == DefectPolicy::ERROR) {
        Stopping& entry = stopping[defect.kind()];
        if (++entry.count == 1) {
          entry.first =
              absl::StrCat(root, "/", record.place(), " (id ", record.id(),
                           "): ", defect.kind(), ": ", defect.detail());
        }
      }
    }
  }
  std::string message;
  for (const DefectKind& kind : DefectKinds()) {
    const auto found = stopping.find(kind.name);
    if (found == stopping.end()) {
      continue;
    }
    const int64_t more = found->second.count - 1;
    absl::StrAppend(
        &message, message.empty() ? "" : "\n", found->second.first,
        more > 0 ? absl::StrCat("; and ", more, " more in split ", split) : "",
        "; data.found.policy.", kind.name, " may be ", AllowedActions(kind));
  }
  return message.empty() ? absl::OkStatus()
                         : absl::InvalidArgumentError(message);
}

// What the policy says of a record without stopping defects. Counts it.
RecordFate FateOf(const IndexedRecord& record, const Actions& actions,
                  SplitUse* use) {
  RecordFate fate = RecordFate::kUse;
  for (const Defect& defect : record.defect()) {
    const DefectPolicy::Action action = Find(actions, defect).action;
    if (action == DefectPolicy::DROP) {
      fate = RecordFate::kDrop;
      ++use->dropped[defect.kind()];
    } else if (action == DefectPolicy::REPAIR) {
      fate = std::max(fate, RecordFate::kRepair);
    }
  }
  if (fate == RecordFate::kDrop) {
    return fate;
  }
  ++use->used;
  for (const Defect& defect : record.defect()) {
    const ActionOfKind of_kind = Find(actions, defect);
    if (of_kind.action == DefectPolicy::REPAIR) {
      ++use->repaired[defect.kind()];
    } else if (of_kind.action == DefectPolicy::KEEP && of_kind.counts) {
      ++use->kept[defect.kind()];
    }
  }
  return fate;
}

std::string Counts(absl::string_view what,
                   const std::map<std::string, int64_t>& counts) {
  std::string text;
  for (const auto& [kind, count] : counts) {
    absl::StrAppend(&text, text.empty() ? absl::StrCat("; ", what, ": ") : ", ",
                    kind, " ", count);
  }
  return text;
}

}  // namespace

std::string SplitUse::Summary(absl::string_view split) const {
  if (kept.empty() && dropped.empty() && repaired.empty()) {
    return "";
  }
  return absl::StrCat("split ", split, ": ", used, " of ", records, " records",
                      Counts("kept", kept), Counts("dropped", dropped),
                      Counts("repaired", repaired));
}

absl::StatusOr<SplitUse> ApplyPolicy(const DefectPolicy& policy,
                                     const std::string& root,
                                     absl::string_view split,
                                     const IndexedSplit& index,
                                     std::vector<RecordFate>* fates) {
  const Actions actions = ActionsOf(policy);
  TRANSECT_RETURN_IF_ERROR(StoppingDefects(root, split, index, actions));
  SplitUse use;
  use.records = index.record_size();
  if (fates != nullptr) {
    fates->clear();
    fates->reserve(index.record_size());
  }
  for (const IndexedRecord& record : index.record()) {
    const RecordFate fate = FateOf(record, actions, &use);
    if (fates != nullptr) {
      fates->push_back(fate);
    }
  }
  return use;
}

}  // namespace transect
