#include "launch/inputs/site.h"

#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/problems.h"
#include "data/io/suggestion.h"
#include "data/io/textproto.h"
#include "experiments/identity/run_id.h"
#include "experiments/reading/source_map.h"
#include "google/protobuf/repeated_field.h"
#include "launch/inputs/site.pb.h"
#include "launch/store/claim.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Places = google::protobuf::RepeatedPtrField<Place>;

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

std::string DefaultPath() {
  const std::string config = Variable("XDG_CONFIG_HOME");
  if (!config.empty()) {
    return absl::StrCat(config, "/transect/site.textproto");
  }
  const std::string home = Variable("HOME");
  return home.empty() ? ""
                      : absl::StrCat(home, "/.config/transect/site.textproto");
}

// `path` with the home folder in place of a leading "~", absolute: relative
// paths are relative to the site file.
absl::StatusOr<std::string> Absolute(const std::string& path,
                                     const std::string& site_file) {
  std::string full = path;
  if (path == "~" || absl::StartsWith(path, "~/")) {
    const std::string home = Variable("HOME");
    if (home.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat(site_file, ": ", path,
                       ": the home folder is not known, because HOME is not "
                       "set; write the whole path"));
    }
    full = absl::StrCat(home, path.substr(1));
  }
  return (std::filesystem::absolute(site_file).parent_path() / full)
      .lexically_normal()
      .string();
}

// The GPUs are entries of CUDA_VISIBLE_DEVICES, each once.
void CheckGpus(const Site& site, Problems* problems) {
  std::map<std::string, int> seen;
  for (int i = 0; i < site.gpu_size(); ++i) {
    const std::string& gpu = site.gpu(i);
    const std::string field = absl::StrCat("gpu[", i, "]");
    int number = 0;
    const bool name =
        absl::SimpleAtoi(gpu, &number)
            ? number >= 0
            : absl::StartsWith(gpu, "GPU-") || absl::StartsWith(gpu, "MIG-");
    if (!name || absl::StrContains(gpu, ",")) {
      problems->Add(field,
                    absl::StrCat("is ", Quoted(gpu),
                                 ", must be a number from 0, or a name that "
                                 "begins with GPU- or MIG-, as `nvidia-smi -L` "
                                 "shows them; one for each `gpu` field"));
    } else if (!seen.emplace(gpu, i).second) {
      problems->Add(field, absl::StrCat("is ", Quoted(gpu), ", given before"));
    }
  }
}

void CheckNumbers(const Site& site, Problems* problems) {
  if (site.gpu_memory_bytes() < 0) {
    problems->Add(
        "gpu_memory_bytes",
        absl::StrCat("is ", site.gpu_memory_bytes(), ", must be 0 or more"));
  }
  if (site.lease_seconds() < 1 || site.lease_seconds() > kMaxLeaseSeconds) {
    problems->Add("lease_seconds",
                  absl::StrCat("is ", site.lease_seconds(), ", must be 1 to ",
                               kMaxLeaseSeconds));
  }
}

void CheckSlurm(const SlurmSite& slurm, Problems* problems) {
  const auto at_least = [&](const char* field, int64_t value, int64_t least) {
    if (value < least) {
      problems->Add(
          absl::StrCat("slurm.", field),
          absl::StrCat("is ", value, ", must be ", least, " or more"));
    }
  };
  at_least("signal_seconds", slurm.signal_seconds(), 1);
  at_least("max_array_size", slurm.max_array_size(), 2);
  at_least("ranks_per_node", slurm.ranks_per_node(), 0);
  at_least("max_slots", slurm.max_slots(), 1);
  at_least("poll_seconds", slurm.poll_seconds(), 1);
  if (!slurm.scratch().empty() && slurm.scratch().front() != '/') {
    problems->Add("slurm.scratch",
                  absl::StrCat("is ", Quoted(slurm.scratch()),
                               ", must be an absolute path, the same on each "
                               "node"));
  }
  // They become lines of a batch script.
  for (const std::string* const text :
       {&slurm.partition(), &slurm.account(), &slurm.qos(), &slurm.gres(),
        &slurm.time_limit(), &slurm.interface(), &slurm.scratch()}) {
    if (text->find_first_of("\n\r") != std::string::npos) {
      problems->Add("slurm", absl::StrCat("has ", Quoted(*text),
                                          ", which is no single line"));
    }
  }
  for (const std::string& option : slurm.option()) {
    if (!absl::StartsWith(option, "-") ||
        option.find_first_of("\n\r") != std::string::npos) {
      problems->Add("slurm.option",
                    absl::StrCat("has ", Quoted(option),
                                 ", must be an option of sbatch, such as "
                                 "\"--exclude=n7\""));
    }
  }
}

const Places& PlacesOf(const Site& site, Input::Kind kind) {
  switch (kind) {
    case Input::Kind::kTokenizer:
      return site.tokenizer();
    case Input::Kind::kWeights:
      return site.weights();
    case Input::Kind::kData:
      break;
  }
  return site.data();
}

// Makes the paths absolute and reports what is wrong with the places.
absl::Status FinishPlaces(absl::string_view kind, const std::string& site_file,
                          const SourceMap& sources, Places* places,
                          Problems* problems) {
  // Each role and where it is.
  std::map<std::string, std::string> roles;
  for (int i = 0; i < places->size(); ++i) {
    Place& place = (*places)[i];
    const std::string field = absl::StrCat(kind, "[", i, "]");
    if (place.role().empty() || place.path().empty()) {
      problems->Add(
          field,
          absl::StrCat(
              "has no ", place.role().empty() ? "role" : "path",
              ", must have both: ", kind,
              " { role: ", Quoted(place.role().empty() ? "NAME" : place.role()),
              " path: ", Quoted(place.path().empty() ? "/..." : place.path()),
              " }"));
      continue;
    }
    const auto [first, is_new] =
        roles.emplace(place.role(), sources.Find(field));
    if (!is_new) {
      problems->Add(
          field, absl::StrCat("names role '", place.role(), "' again, which ",
                              first->second, " has; leave one of the two"));
    }
    TRANSECT_ASSIGN_OR_RETURN(*place.mutable_path(),
                              Absolute(place.path(), site_file));
  }
  return absl::OkStatus();
}

absl::Status ToStatus(const Problems& problems, const SourceMap& sources) {
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(
      problems.all(), "\n", [&](std::string* out, const Problem& problem) {
        absl::StrAppend(out, sources.Find(problem.field), ": ", problem.field,
                        ": ", problem.message);
      }));
}

// The text of a site file that somebody named.
absl::StatusOr<std::string> ReadSite(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path, kMaxTextprotoBytes);
  if (text.ok()) return text;
  return absl::Status(
      text.status().code(),
      absl::StrCat("site file ", path, ": ",
                   absl::IsNotFound(text.status()) ? "there is none"
                                                   : text.status().message(),
                   "; --site and TRANSECT_SITE name a file with lines such as "
                   "data { role: \"rrsisd\" path: \"/...\" }; "
                   "`transect help site` shows its fields"));
}

}  // namespace

absl::StatusOr<SiteFile> LoadSite(absl::string_view flag) {
  SiteFile result;
  result.path = flag.empty() ? Variable("TRANSECT_SITE") : std::string(flag);
  if (result.path.empty()) {
    result.path = DefaultPath();
    if (result.path.empty() || !FileExists(result.path)) {
      return SiteFile();
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, ReadSite(result.path));
  Site& site = result.site;
  TRANSECT_RETURN_IF_ERROR(ParseTextproto(text, result.path, &site));
  TRANSECT_ASSIGN_OR_RETURN(const SourceMap sources,
                            SourceMap::Make(text, result.path, site));
  if (site.has_store()) {
    TRANSECT_ASSIGN_OR_RETURN(*site.mutable_store(),
                              Absolute(site.store(), result.path));
  }
  Problems problems;
  for (const auto& [kind, places] :
       {std::pair("data", site.mutable_data()),
        std::pair("tokenizer", site.mutable_tokenizer()),
        std::pair("weights", site.mutable_weights())}) {
    TRANSECT_RETURN_IF_ERROR(
        FinishPlaces(kind, result.path, sources, places, &problems));
  }
  CheckGpus(site, &problems);
  CheckNumbers(site, &problems);
  CheckSlurm(site.slurm(), &problems);
  TRANSECT_RETURN_IF_ERROR(ToStatus(problems, sources));
  return result;
}

std::string StoreRoot(absl::string_view flag, const SiteFile& site) {
  if (!flag.empty()) {
    return std::string(flag);
  }
  const std::string variable = Variable("TRANSECT_STORE");
  if (!variable.empty()) {
    return variable;
  }
  return site.site.store().empty() ? "transect_store" : site.site.store();
}

absl::StatusOr<std::string> FoundPath(const SiteFile& site, Input::Kind kind,
                                      absl::string_view role) {
  const absl::string_view field = KindName(kind);
  std::vector<std::string> roles;
  for (const Place& place : PlacesOf(site.site, kind)) {
    if (place.role() == role) {
      return place.path();
    }
    roles.push_back(place.role());
  }
  const bool near = !NearNames(role, roles).empty();
  return absl::NotFoundError(absl::StrCat(
      field, " role '", role, "': not in ",
      site.path.empty() ? absl::StrCat("a site file (there is none at ",
                                       DefaultPath(), ", name one with --site)")
                        : absl::StrCat("the site file ", site.path),
      near ? DidYouMean(role, roles) : "",
      near ? " Else add a line: " : "; add a line: ", field, " { role: \"",
      role, "\" path: \"/...\" }"));
}

}  // namespace transect
