// The site file: where this machine keeps data sets, tokenizers, weights and
// the store. Specs name them by role; nothing of the site enters an identity.
#ifndef TRANSECT_LAUNCH_INPUTS_SITE_H_
#define TRANSECT_LAUNCH_INPUTS_SITE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "experiments/identity/run_id.h"
#include "launch/inputs/site.pb.h"

namespace transect {

struct SiteFile {
  // Path of the file; empty where there is none.
  std::string path;
  // Its content; all paths in it made absolute.
  Site site;
};

// Reads the site file: `flag` (the value of --site) if not empty, else the
// environment variable TRANSECT_SITE, else ~/.config/transect/site.textproto,
// which need not exist. A store or a path that begins with `~/` is below HOME;
// other relative ones are relative to the file. Errors: those of ReadFile and
// ParseTextproto; InvalidArgument, with a line for each and its place in the
// file, for a place without role or path, for a role or a GPU that is given
// twice, for a GPU that is no entry of CUDA_VISIBLE_DEVICES, and for numbers
// out of range.
absl::StatusOr<SiteFile> LoadSite(absl::string_view flag);

// Directory of the store: `flag` (the value of --store) if not empty, else the
// environment variable TRANSECT_STORE, else the site file's, else
// transect_store in the working directory.
std::string StoreRoot(absl::string_view flag, const SiteFile& site);

// Path of the found input `role`. NotFound where the site file does not name
// it; the message has the nearest role, and the line that is missing and where
// it goes.
absl::StatusOr<std::string> FoundPath(const SiteFile& site, Input::Kind kind,
                                      absl::string_view role);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_SITE_H_
