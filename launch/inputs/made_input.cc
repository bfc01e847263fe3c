#include "launch/inputs/made_input.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/inputs/manifest.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Checks the file of the job that vouches for the input, and what that lists.
absl::StatusOr<std::string> Check(InputKind kind, const std::string& job_dir,
                                  const std::string& file) {
  TRANSECT_ASSIGN_OR_RETURN(const Result result,
                            ReadTextproto<Result>(ResultPath(job_dir)));
  std::string digest;
  for (const ResultFile& made : result.file()) {
    if (made.path() == file) digest = made.sha256();
  }
  if (digest.empty()) {
    return absl::DataLossError(
        absl::StrCat(ResultPath(job_dir), " has no digest of a file ", file));
  }
  TRANSECT_RETURN_IF_ERROR(CheckFiles(job_dir, {{digest, file}}));
  if (kind == InputKind::kData) {
    const std::string list = absl::StrCat(job_dir, "/", file);
    TRANSECT_ASSIGN_OR_RETURN(const std::string text, ReadFile(list));
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<ManifestLine> files,
                              ParseManifest(text, list));
    TRANSECT_RETURN_IF_ERROR(CheckFiles(job_dir, files));
  }
  return digest;
}

}  // namespace

absl::StatusOr<std::string> CheckMadeInput(InputKind kind,
                                           const std::string& place) {
  const std::filesystem::path path(place);
  const std::string job_dir = path.parent_path().string();
  absl::StatusOr<std::string> digest =
      Check(kind, job_dir,
            kind == InputKind::kData ? std::string(kDataManifest)
                                     : path.filename().string());
  if (digest.ok()) return digest;
  return absl::DataLossError(absl::StrCat(
      "the ", KindName(kind), " made at ", place,
      " is not what its job made: ", digest.status().message(),
      "; remove the directory ", job_dir, ", then it is made again"));
}

}  // namespace transect
