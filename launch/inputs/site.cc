#include "launch/inputs/site.h"

#include <stdlib.h>

#include <filesystem>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/identity/run_id.h"
#include "google/protobuf/repeated_field.h"
#include "launch/inputs/site.pb.h"
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
absl::Status CheckGpus(const Site& site, const std::string& site_file) {
  std::set<std::string> seen;
  for (const std::string& gpu : site.gpu()) {
    int number = 0;
    const bool name =
        absl::SimpleAtoi(gpu, &number)
            ? number >= 0
            : absl::StartsWith(gpu, "GPU-") || absl::StartsWith(gpu, "MIG-");
    if (!name || absl::StrContains(gpu, ",")) {
      return absl::InvalidArgumentError(absl::StrCat(
          site_file, ": gpu: \"", absl::CEscape(gpu),
          "\": must be a number from 0, or a name that begins with GPU- or "
          "MIG-, as `nvidia-smi -L` shows them; one for each `gpu` field"));
    }
    if (!seen.insert(gpu).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(site_file, ": gpu: \"", gpu, "\" twice"));
    }
  }
  if (site.gpu_memory_bytes() < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(site_file, ": gpu_memory_bytes: ", site.gpu_memory_bytes(),
                     ": must be 0 or more"));
  }
  return absl::OkStatus();
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

absl::Status FinishPlaces(absl::string_view field, const std::string& site_file,
                          Places* places) {
  std::set<std::string> roles;
  for (Place& place : *places) {
    if (place.role().empty() || place.path().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          site_file, ": ", field, " { role: \"", place.role(), "\" path: \"",
          place.path(), "\" }: both role and path must be given"));
    }
    if (!roles.insert(place.role()).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          site_file, ": ", field, ": role '", place.role(), "' twice"));
    }
    TRANSECT_ASSIGN_OR_RETURN(*place.mutable_path(),
                              Absolute(place.path(), site_file));
  }
  return absl::OkStatus();
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
  TRANSECT_ASSIGN_OR_RETURN(result.site, ReadTextproto<Site>(result.path));
  Site& site = result.site;
  if (site.has_store()) {
    TRANSECT_ASSIGN_OR_RETURN(*site.mutable_store(),
                              Absolute(site.store(), result.path));
  }
  TRANSECT_RETURN_IF_ERROR(
      FinishPlaces("data", result.path, site.mutable_data()));
  TRANSECT_RETURN_IF_ERROR(
      FinishPlaces("tokenizer", result.path, site.mutable_tokenizer()));
  TRANSECT_RETURN_IF_ERROR(
      FinishPlaces("weights", result.path, site.mutable_weights()));
  TRANSECT_RETURN_IF_ERROR(CheckGpus(site, result.path));
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
  for (const Place& place : PlacesOf(site.site, kind)) {
    if (place.role() == role) {
      return place.path();
    }
  }
  return absl::NotFoundError(absl::StrCat(
      field, " role '", role, "': not in ",
      site.path.empty() ? absl::StrCat("a site file (there is none at ",
                                       DefaultPath(), ", name one with --site)")
                        : absl::StrCat("the site file ", site.path),
      "; add a line: ", field, " { role: \"", role, "\" path: \"/...\" }"));
}

}  // namespace transect
