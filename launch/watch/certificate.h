/// \file
/// Whether a run has a certificate that it gives the same bits again
/// (certify.h makes it).
#ifndef TRANSECT_LAUNCH_WATCH_CERTIFICATE_H_
#define TRANSECT_LAUNCH_WATCH_CERTIFICATE_H_

#include "absl/strings/string_view.h"

namespace transect {

/// Whether the run in `run_dir` has a certificate, and of the result that it
/// has.
bool IsCertified(absl::string_view run_dir);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_CERTIFICATE_H_
