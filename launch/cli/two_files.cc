#include "launch/cli/two_files.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/field_diff.h"
#include "launch/cli/run_files.h"
#include "launch/plan/plan.h"
#include "launch/plan/why.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Names of runs in a line.
constexpr size_t kMostNames = 12;

// The runs of a file by name.
struct FileRuns {
  std::string path;
  std::string experiment;
  std::map<std::string, const RunSpec*> by_name;
  // In the order of the file.
  std::vector<std::string> names;
};

FileRuns RunsOf(const std::string& path, const Plan& plan) {
  FileRuns runs;
  runs.path = path;
  runs.experiment = plan.expansion.name;
  for (const Job& job : plan.Runs()) {
    runs.by_name[job.name] = &job.launch.train().run();
    runs.names.push_back(job.name);
  }
  return runs;
}

std::string RunsText(const std::vector<std::string>& names) {
  std::vector<std::string> shown(
      names.begin(), names.begin() + std::min(names.size(), kMostNames));
  return absl::StrCat(
      CountText(static_cast<int64_t>(names.size()), "run"), " (",
      absl::StrJoin(shown, ", "),
      names.size() > kMostNames
          ? absl::StrCat(" and ", names.size() - kMostNames, " more")
          : "",
      ")");
}

std::string Head(absl::string_view letter, const FileRuns& runs) {
  return absl::StrCat(letter, "  ", runs.path, ": ", runs.experiment, ", ",
                      CountText(static_cast<int64_t>(runs.names.size()), "run"),
                      "\n");
}

// The runs that only `one` has, or "".
std::string OnlyIn(absl::string_view letter, const FileRuns& one,
                   const FileRuns& other) {
  std::vector<std::string> names;
  for (const std::string& name : one.names) {
    if (other.by_name.count(name) == 0) names.push_back(name);
  }
  return names.empty()
             ? ""
             : absl::StrCat("Only ", letter, " has ", RunsText(names), ".\n");
}

FilesCompared Compare(const FileRuns& a, const FileRuns& b) {
  // Runs by what differs, in the order in which that is met.
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  std::vector<std::string> same;
  for (const std::string& name : a.names) {
    const auto other = b.by_name.find(name);
    if (other == b.by_name.end()) continue;
    const std::vector<FieldDifference> fields =
        DiffRuns(*a.by_name.at(name), *other->second);
    if (fields.empty()) {
      same.push_back(name);
      continue;
    }
    const std::string text =
        absl::StrCat(CountText(static_cast<int64_t>(fields.size()), "field"),
                     ":\n", FieldTable(fields));
    auto group =
        std::ranges::find(groups, text, &decltype(groups)::value_type::first);
    if (group == groups.end()) group = groups.insert(group, {text, {}});
    group->second.push_back(name);
  }
  FilesCompared compared;
  compared.text = absl::StrCat(Head("A", a), Head("B", b), "\n");
  for (const auto& [fields, names] : groups) {
    absl::StrAppend(&compared.text, RunsText(names),
                    names.size() == 1 ? " differs in " : " differ in ", fields);
  }
  if (!same.empty()) {
    absl::StrAppend(&compared.text, RunsText(same),
                    same.size() == 1 ? " is" : " are", " the same in both.\n");
  }
  const std::string only = absl::StrCat(OnlyIn("A", a, b), OnlyIn("B", b, a));
  absl::StrAppend(&compared.text, only);
  compared.same = groups.empty() && only.empty();
  return compared;
}

}  // namespace

absl::StatusOr<std::optional<FilesCompared>> CompareFiles(
    const Session& session, const std::string& a, const std::string& b) {
  std::vector<Plan> plans;
  for (const std::string& path : {a, b}) {
    if (!absl::EndsWith(path, ".textproto") || !FileExists(path)) {
      return std::nullopt;
    }
    TRANSECT_ASSIGN_OR_RETURN(Expansion expansion, ExpandRunFile(path));
    TRANSECT_ASSIGN_OR_RETURN(plans.emplace_back(),
                              MakePlan(std::move(expansion), session.store,
                                       session.site, session.code, nullptr));
  }
  if (plans[0].Runs().size() == 1 || plans[1].Runs().size() == 1) {
    return std::nullopt;
  }
  return Compare(RunsOf(a, plans[0]), RunsOf(b, plans[1]));
}

}  // namespace transect
