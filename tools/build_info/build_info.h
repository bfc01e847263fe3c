// What this binary was built from.
//
// Every build knows its commit. So that a commit does not rebuild and retest
// everything, only the front end `transect` may depend on this library, and in
// it only what links last (launch/cli), never `transect_worker`
// (//tests/arch:worker_deps_test): the worker's digest is part of every run id
// and must not change with a commit that does not change its code.
#ifndef TRANSECT_TOOLS_BUILD_INFO_BUILD_INFO_H_
#define TRANSECT_TOOLS_BUILD_INFO_BUILD_INFO_H_

#include <string>

namespace transect {

struct BuildInfo {
  std::string version;  // of Transect, such as "0.1.0"
  std::string commit;   // hexadecimal git commit, or "unknown" for a build
                        // outside of a git checkout
  bool dirty = false;   // whether the checkout had changes that were not
                        // committed, untracked files included; false where
                        // unknown
};

// Never fails; the same value throughout the process.
BuildInfo GetBuildInfo();

}  // namespace transect

#endif  // TRANSECT_TOOLS_BUILD_INFO_BUILD_INFO_H_
