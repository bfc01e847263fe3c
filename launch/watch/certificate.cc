#include "launch/watch/certificate.h"

#include <string>

#include "absl/status/statusor.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/store/store.h"
#include "launch/watch/certificate.pb.h"

namespace transect {

bool IsCertified(absl::string_view run_dir) {
  const std::string path = CertificatePath(run_dir);
  if (!FileExists(path)) return false;
  const absl::StatusOr<Certificate> certificate =
      ReadTextproto<Certificate>(path);
  if (!certificate.ok()) return false;
  const absl::StatusOr<std::string> result = ReadFile(ResultPath(run_dir));
  return result.ok() && Sha256(*result) == certificate->result_sha256();
}

}  // namespace transect
