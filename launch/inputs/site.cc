#include "launch/inputs/site.h"

#include <stdlib.h>

#include <filesystem>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
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

std::string Absolute(const std::string& path, const std::string& site_file) {
  return (std::filesystem::absolute(site_file).parent_path() / path)
      .lexically_normal()
      .string();
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
    place.set_path(Absolute(place.path(), site_file));
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
    site.set_store(Absolute(site.store(), result.path));
  }
  TRANSECT_RETURN_IF_ERROR(
      FinishPlaces("data", result.path, site.mutable_data()));
  TRANSECT_RETURN_IF_ERROR(
      FinishPlaces("tokenizer", result.path, site.mutable_tokenizer()));
  TRANSECT_RETURN_IF_ERROR(
      FinishPlaces("weights", result.path, site.mutable_weights()));
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
