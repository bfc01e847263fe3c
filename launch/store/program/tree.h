/// \file
/// What lies below a directory.
#ifndef TRANSECT_LAUNCH_STORE_PROGRAM_TREE_H_
#define TRANSECT_LAUNCH_STORE_PROGRAM_TREE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace transect {

/// Names, relative to `root` and sorted, of all below `directory` that is no
/// directory; links are not followed. What cannot be read, such as what is
/// being removed, is left out.
std::vector<std::string> FilesBelow(const std::string& directory,
                                    const std::string& root);

/// Bytes on the disk of the file, link or directory tree at `path`. A file with
/// several hard links counts only where `shared` says so: to remove one name of
/// it frees nothing.
int64_t BytesBelow(const std::string& path, bool shared);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_PROGRAM_TREE_H_
