#include "launch/plan/near_run.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/canonical.h"
#include "experiments/identity/field_diff.h"
#include "experiments/run/old_spec.h"
#include "launch/store/store.h"

namespace transect {
namespace {

// What a run trains, as a set: a number for each line of the canonical text and
// the blocks around it, ascending. A field with two values makes two lines.
using Lines = std::vector<uint64_t>;

RunSpec WithoutEvaluation(RunSpec run) {
  run.clear_evaluation();
  run.mutable_data()->clear_eval_splits();
  return run;
}

// Nothing for a spec without a canonical text.
Lines LinesOf(const RunSpec& run) {
  Lines lines;
  const absl::StatusOr<std::string> text =
      CanonicalText(WithoutEvaluation(run));
  if (!text.ok()) return lines;
  // A string may have line feeds and braces; the same text then still gives the
  // same numbers, and what is shown is compared by fields.
  std::vector<uint64_t> blocks = {0};
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (line == "}") {
      if (blocks.size() > 1) blocks.pop_back();
      continue;
    }
    // The constant is that of Fibonacci hashing.
    const uint64_t number = blocks.back() * 0x9e3779b97f4a7c15 +
                            std::hash<std::string_view>()(
                                std::string_view(line.data(), line.size()));
    lines.push_back(number);
    if (absl::EndsWith(line, "{")) blocks.push_back(number);
  }
  std::ranges::sort(lines);
  return lines;
}

// Lines that only one of them has; more than `most` count as most + 1.
int Distance(const Lines& a, const Lines& b, int most) {
  int distance = 0;
  size_t i = 0;
  size_t j = 0;
  while (distance <= most && (i < a.size() || j < b.size())) {
    if (j == b.size() || (i < a.size() && a[i] < b[j])) {
      ++distance;
      ++i;
    } else if (i == a.size() || b[j] < a[i]) {
      ++distance;
      ++j;
    } else {
      ++i;
      ++j;
    }
  }
  return distance;
}

struct Candidate {
  std::string id;
  std::string dir;
  int64_t time = 0;
  RunSpec spec;
  Lines lines;
};

// The finished runs of the store that are none of the plan, the youngest
// first, without their specs.
std::vector<Candidate> FindCandidates(const Store& store, const Plan& plan) {
  std::set<std::string_view> own;
  for (const Job& job : plan.Runs()) own.insert(job.id);
  std::vector<Candidate> candidates;
  for (std::string& id : store.RunIds("")) {
    if (own.count(id) > 0) continue;
    for (const std::string& code : store.CodesOfRun(id)) {
      Candidate candidate;
      candidate.id = id;
      candidate.dir = store.RunDir(id, code);
      // Only a finished run has it; it is looked at again where it matters.
      struct stat info;
      if (stat(ResultPath(candidate.dir).c_str(), &info) != 0) continue;
      candidate.time =
          info.st_mtim.tv_sec * int64_t{1'000'000'000} + info.st_mtim.tv_nsec;
      candidates.push_back(std::move(candidate));
    }
  }
  std::ranges::stable_sort(candidates, std::greater<>(), &Candidate::time);
  if (candidates.size() > kMostNearSpecs) candidates.resize(kMostNearSpecs);
  return candidates;
}

// Reads what they train; leaves out what this program cannot read.
void ReadSpecs(std::vector<Candidate>* candidates) {
  std::set<std::string> seen;
  std::erase_if(*candidates, [&](Candidate& candidate) {
    // One run under several codes has one spec.
    if (!seen.insert(candidate.id).second) return true;
    absl::StatusOr<RunSpec> spec =
        ReadTextproto<RunSpec>(SpecPath(candidate.dir));
    if (!spec.ok()) return true;
    CompleteOldSpec(&*spec);
    candidate.spec = *std::move(spec);
    candidate.lines = LinesOf(candidate.spec);
    return candidate.lines.empty();
  });
}

// "lr 1e-4 → 5e-4, steps 10 → 20"; "" for more fields than are near.
std::string DifferenceText(const RunSpec& done, const RunSpec& now) {
  const auto shown = [](const std::optional<std::string>& value) {
    return !value.has_value() ? std::string("–")
           : value->empty()   ? std::string("\"\"")
                              : *value;
  };
  std::vector<std::string> parts;
  std::vector<FieldDifference> fields =
      DiffFields(WithoutEvaluation(done), WithoutEvaluation(now));
  RemoveFollowing(&fields);
  for (const FieldDifference& field : fields) {
    if (!field.in_id) continue;
    parts.push_back(
        absl::StrCat(field.path, " ", shown(field.a), " → ", shown(field.b)));
  }
  if (parts.size() > kMostNearFields) return "";
  // The same spec, under other inputs: what they hold differs.
  if (parts.empty()) return "what its inputs hold";
  return absl::StrJoin(parts, ", ");
}

// The finished run with the fewest other lines; nothing if none is near.
const Candidate* Nearest(const RunSpec& spec,
                         const std::vector<Candidate>& candidates) {
  const Lines lines = LinesOf(spec);
  if (lines.empty()) return nullptr;
  // A field that has another value makes two lines.
  int least = 2 * kMostNearFields + 1;
  const Candidate* nearest = nullptr;
  for (const Candidate& candidate : candidates) {
    const int distance = Distance(lines, candidate.lines, least - 1);
    if (distance < least) {
      least = distance;
      nearest = &candidate;
    }
  }
  const bool done =
      nearest != nullptr &&
      CheckResult(nearest->dir, nearest->id, "").state == ResultCheck::kValid;
  return done ? nearest : nullptr;
}

bool MayBeNoted(const Job& job) {
  return job.selected && job.state == JobState::kNew && job.note.empty();
}

}  // namespace

std::vector<std::string> NoteNearRuns(const Store& store, Plan* plan) {
  std::vector<size_t> runs;
  for (size_t i = plan->first_run;
       i < plan->jobs.size() && runs.size() < kMostNearRuns; ++i) {
    if (MayBeNoted(plan->jobs[i])) runs.push_back(i);
  }
  if (runs.empty()) return {};
  std::vector<Candidate> candidates = FindCandidates(store, *plan);
  if (candidates.empty()) return {};
  ReadSpecs(&candidates);
  std::map<std::string, int> counts;
  for (const size_t index : runs) {
    Job& job = plan->jobs[index];
    const RunSpec& spec = job.launch.train().run();
    const Candidate* const nearest = Nearest(spec, candidates);
    if (nearest == nullptr) continue;
    const std::string difference = DifferenceText(nearest->spec, spec);
    if (difference.empty()) continue;
    job.note = absl::StrCat("differs from done ", ShownId(nearest->id), " in ",
                            difference);
    ++counts[difference];
  }
  std::vector<std::pair<int, std::string>> lines;
  for (const auto& [difference, count] : counts) {
    lines.emplace_back(count, difference);
  }
  std::ranges::stable_sort(lines, std::greater<>(),
                           &std::pair<int, std::string>::first);
  std::vector<std::string> texts;
  for (const auto& [count, difference] : lines) {
    texts.push_back(absl::StrCat(CountText(count, "new run"),
                                 count == 1 ? " differs" : " differ",
                                 " from done ones in ", difference));
  }
  return texts;
}

}  // namespace transect
