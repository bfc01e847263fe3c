// What this binary was built from.
//
// The commit is known only in builds with --stamp (--config=release); others
// say "unstamped", so that a commit does not rebuild and retest anything. Only
// the front end `transect` may depend on this library, never `transect_worker`:
// the worker's digest is part of every run id and must not change with a commit
// that does not change its code.
#ifndef TRANSECT_TOOLS_BUILD_INFO_BUILD_INFO_H_
#define TRANSECT_TOOLS_BUILD_INFO_BUILD_INFO_H_

#include <string>

namespace transect {

struct BuildInfo {
  std::string version;  // of Transect, such as "0.1.0"
  std::string commit;   // hexadecimal git commit, or "unstamped"
  bool dirty = false;   // whether the checkout had changes that were not
                        // committed; false where unstamped
};

// Never fails; the same value throughout the process.
BuildInfo GetBuildInfo();

}  // namespace transect

#endif  // TRANSECT_TOOLS_BUILD_INFO_BUILD_INFO_H_
