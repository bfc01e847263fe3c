#include "launch/describe/site_sheet.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "launch/describe/sheet.h"
#include "launch/inputs/site.h"
#include "launch/inputs/site.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::string PathText(const std::string& path) {
  return FileExists(path) ? path : absl::StrCat(path, " (does not exist)");
}

}  // namespace

bool LooksLikeSite(absl::string_view text) {
  bool site = false;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripLeadingAsciiWhitespace(line);
    const std::string name(
        line.substr(0, line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_")));
    if (Experiment::descriptor()->FindFieldByName(name) != nullptr) {
      return false;
    }
    site = site || Site::descriptor()->FindFieldByName(name) != nullptr;
  }
  return site;
}

absl::StatusOr<std::string> DescribeSite(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const SiteFile file, LoadSite(path));
  const Site& site = file.site;
  Sheet sheet(path,
              "a site file: where this machine keeps what experiments name by "
              "role (docs/site_file.md)");
  if (site.has_store()) sheet.Add("store", PathText(site.store()));
  for (const auto& [kind, places] : {std::pair("data", &site.data()),
                                     std::pair("tokenizer", &site.tokenizer()),
                                     std::pair("weights", &site.weights())}) {
    for (const Place& place : *places) {
      sheet.Add(kind, absl::StrCat(place.role(), "  ", PathText(place.path())));
    }
  }
  if (!site.gpu().empty()) sheet.Add("gpus", absl::StrJoin(site.gpu(), ", "));
  if (site.has_gpu_memory_bytes()) {
    sheet.Add("gpus",
              absl::StrCat(site.gpu_memory_bytes(), " bytes of memory each"));
  }
  if (site.has_lease_seconds()) {
    sheet.Add("lease", absl::StrCat(site.lease_seconds(), " s"));
  }
  return sheet.Text();
}

}  // namespace transect
