/// \file
/// Trains a finished run twice more and compares: once from nothing, and once
/// over a kill in the middle, from the checkpoint before it. What comes out the
/// same, bit for bit, is certified.
///
/// The repetitions lie in directories of their own (Store::CertifyDir); the
/// run's is read and gets the certificate, nothing else. They train with the
/// bundle and the spec of the run, less its times for checkpoints, which change
/// no bit, on this machine.
#ifndef TRANSECT_LAUNCH_WATCH_CERTIFY_H_
#define TRANSECT_LAUNCH_WATCH_CERTIFY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/inputs/resources.h"
#include "launch/store/find_run.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/watch/certificate.pb.h"

namespace transect {

struct CertifyOptions {
  /// What the repetitions may take.
  Resources resources;
  /// Who asks; time and experiment are filled in.
  Provenance provenance;
  /// Hears a line for people now and then.
  std::function<void(const std::string&)> tell;
};

struct Certified {
  /// Complete only where there are no differences and no signal.
  Certificate certificate;
  /// What differs, a sentence for each.
  std::vector<std::string> differences;
  /// Where the repetitions lie, which are kept where something differs.
  std::string directory;
  /// SIGINT, SIGTERM or SIGHUP if one came, else 0.
  int signal = 0;
};

/// Trains `run`, which is done, twice more and compares. Writes the certificate
/// where all is the same, and takes an older one away where it is not.
/// kUnavailable while another one certifies the run; kFailedPrecondition if its
/// bundle is gone, if its training is over before it can be killed, and for a
/// run without steps; kInternal with the cause if a repetition fails; errors of
/// the readers of logs and results.
absl::StatusOr<Certified> Certify(const Store& store, const FoundRun& run,
                                  const CertifyOptions& options);

/// What is compared of the job directories `a` and `b` of a run, of which `b`
/// is the repetition: weights, metric series, and the items of each evaluation
/// of `launch`. Errors where either cannot be read.
absl::StatusOr<std::vector<Comparison>> CompareRuns(const std::string& a,
                                                    const std::string& b,
                                                    const LaunchPlan& launch);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_CERTIFY_H_
