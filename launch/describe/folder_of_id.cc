#include "launch/describe/folder_of_id.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "launch/store/store.h"

namespace transect {
namespace {

struct Candidate {
  // As a person can name it.
  std::string name;
  std::string kind;
  std::string code;
  std::string dir;
};

std::vector<Candidate> CandidatesOf(const Store& store,
                                    absl::string_view id_start,
                                    absl::string_view code_start) {
  std::vector<Candidate> all;
  const auto add = [&](const std::string& id, const std::string& code,
                       const char* kind, const std::string& dir) {
    if (!absl::StartsWith(code, code_start)) return;
    all.push_back({absl::StrCat(ShownId(id), code.empty() ? "" : "/", code),
                   kind, code, dir});
  };
  for (const std::string& id : store.RunIds(id_start)) {
    for (const std::string& code : store.CodesOfRun(id)) {
      add(id, code, "run", store.RunDir(id, code));
    }
  }
  for (const std::string& id : store.InputIds(id_start)) {
    const std::vector<std::string> codes = store.CodesOfWeights(id);
    for (const std::string& code : codes) {
      add(id, code, "trained weights", store.WeightsDir(id, code));
    }
    // Data sets and tokenizers have no code part.
    if (codes.empty()) add(id, "", "made input", store.InputDir(id));
  }
  return all;
}

}  // namespace

bool IsIdStart(absl::string_view name) {
  const size_t slash = name.find('/');
  const auto is_hex = [](absl::string_view text) {
    return !text.empty() && std::ranges::all_of(text, absl::ascii_isxdigit);
  };
  return is_hex(name.substr(0, slash)) &&
         (slash == name.npos || is_hex(name.substr(slash + 1)));
}

absl::StatusOr<std::string> FolderOfId(const Store& store,
                                       absl::string_view code,
                                       absl::string_view name) {
  const size_t slash = name.find('/');
  const std::string id_start =
      absl::AsciiStrToLower(std::string(name.substr(0, slash)));
  const std::string code_start =
      slash == name.npos ? ""
                         : std::string(ShownCode(absl::AsciiStrToLower(
                               std::string(name.substr(slash + 1)))));
  const std::vector<Candidate> all = CandidatesOf(store, id_start, code_start);
  if (all.empty()) {
    return absl::NotFoundError(absl::StrCat(
        name, ": no such file or folder, and the store ", store.root(),
        " has neither a run nor a made input whose id starts so; `transect "
        "runs` lists the runs, `transect plan SPEC` the inputs"));
  }
  if (all.size() == 1) return all[0].dir;
  std::vector<Candidate> present;
  for (const Candidate& each : all) {
    if (!code.empty() && each.code == ShownCode(code)) present.push_back(each);
  }
  // Of one id: another code's is named with it.
  const bool one_id = std::ranges::all_of(all, [&](const Candidate& each) {
    return each.name.substr(0, kShownIdDigits) ==
           all[0].name.substr(0, kShownIdDigits);
  });
  if (one_id && present.size() == 1) return present[0].dir;
  return absl::InvalidArgumentError(absl::StrCat(
      name, ": ", all.size(), " things in the store ", store.root(),
      " have an id that starts so; name one of\n",
      absl::StrJoin(all, "\n", [](std::string* out, const Candidate& each) {
        absl::StrAppend(out, "  ", each.name, "  ", each.kind);
      })));
}

}  // namespace transect
