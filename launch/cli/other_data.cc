#include "launch/cli/other_data.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/defaults.h"
#include "data/io/inert.h"
#include "data/io/suggestion.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "launch/cli/output.h"
#include "launch/cli/request_flags.h"
#include "launch/inputs/found_input.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr auto kData = InputName::kData;

// Where the data set called `name` lies; sets its role.
absl::StatusOr<std::string> RootOf(const Session& session,
                                   const std::string& name, std::string* role) {
  std::vector<std::string> roles;
  for (const Place& place : session.site.site.data()) {
    roles.push_back(place.role());
  }
  if (std::ranges::find(roles, name) != roles.end()) {
    *role = name;
    return FoundPath(session.site, InputKind::kData, name);
  }
  const std::filesystem::path path =
      std::filesystem::absolute(name).lexically_normal();
  if (std::error_code error; std::filesystem::is_directory(path, error)) {
    *role = path.string();
    return path.string();
  }
  return absl::NotFoundError(
      absl::StrCat("--data ", name, ": is neither a directory nor a role of ",
                   session.site.path.empty()
                       ? "a site file (docs/site_file.md)"
                       : absl::StrCat("the site file ", session.site.path),
                   DidYouMean(name, roles)));
}

}  // namespace

absl::StatusOr<OtherData> FindOtherData(const Session& session,
                                        const std::string& name,
                                        const FoundDataset& typed,
                                        const DataSpec& own) {
  OtherData data;
  std::string role;
  TRANSECT_ASSIGN_OR_RETURN(data.root, RootOf(session, name, &role));
  if (own.has_found() && own.found().role() == role) {
    data.reading = own.found();
  } else {
    // How else the run's own data are read says nothing about others.
    if (own.has_found()) {
      *data.reading.mutable_policy() = own.found().policy();
    }
    data.reading.set_role(role);
  }
  FoundDataset given = typed;
  if (given.policy().ByteSizeLong() == 0) given.clear_policy();
  data.reading.MergeFrom(given);
  WriteDefaults(&data.reading);
  EraseInert(&data.reading);
  TRANSECT_RETURN_IF_ERROR(CheckReading(data.reading, data.root));
  PercentTeller teller;
  TRANSECT_ASSIGN_OR_RETURN(data.content,
                            ComputeIdentity(
                                session.store, InputKind::kData, data.root,
                                [&teller](int64_t done, int64_t total) {
                                  teller.Tell("hashing", done, total);
                                },
                                data.reading.format()));
  Input input;
  input.role = role;
  input.reading = data.reading;
  input.reading.clear_role();
  TRANSECT_ASSIGN_OR_RETURN(
      data.identity,
      FoundInputId(input,
                   {{FoundKey(InputKind::kData, role, data.reading.format()),
                     data.content}}));
  return data;
}

void ReadOtherData(const OtherData& data, TrainJob* job) {
  *job->mutable_run()->mutable_data()->mutable_found() = data.reading;
  job->set_data_root(data.root);
  auto* const contents = job->mutable_found();
  for (int i = contents->size() - 1; i >= 0; --i) {
    if (contents->Get(i).input() == InfoOf(kData).text) {
      contents->DeleteSubrange(i, 1);
    }
  }
  FoundContent* const content = contents->Add();
  content->set_input(std::string(InfoOf(kData).text));
  content->set_sha256(data.content);
}

}  // namespace transect
