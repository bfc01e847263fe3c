/// \file
/// SHA-256 digests of large files, of data sets, of found weights and of
/// libraries, remembered in the store so that gigabytes are hashed once
/// (`FileDigests`, digest_cache.proto).
///
/// A digest is valid for a file with the same device, inode, size, time of
/// modification and time of the last change of the inode (ctime). Programs can
/// set the time of modification back, but not ctime. A new hard link or name
/// changes ctime too, and costs one more hash.
///
/// Every node that mounts a file system of the network gives it a device number
/// of its own, while inode and times are the server's: there the device does
/// not count, so that a digest holds on all nodes.
#ifndef TRANSECT_LAUNCH_STORE_DIGEST_CACHE_H_
#define TRANSECT_LAUNCH_STORE_DIGEST_CACHE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/digest_cache.pb.h"
#include "launch/store/store.h"

namespace transect {

/// Everything in `FileDigest` but the digest, for the regular file at `path`,
/// which the cache calls `name`; the device is 0 on a file system of the
/// network. kInvalidArgument if it is not a regular file;
/// the system's error if it cannot be examined.
absl::StatusOr<FileDigest> DescribeFile(const std::string& path,
                                        absl::string_view name);

/// Whether a file system of the type `type` (statfs) is one that several
/// machines mount.
bool IsOfTheNetwork(int64_t type);

/// The digests of one group of files, such as those of a data set.
class DigestCache {
 public:
  /// `key` names the group: two groups with one key overwrite each other's
  /// digests, which costs time and nothing else.
  DigestCache(const Store& store, absl::string_view key);

  /// Sets the digests of those `files` (as DescribeFile made them) that the
  /// cache knows. Reads no content and writes nothing; a cache that cannot be
  /// read is ignored.
  void Fill(std::vector<FileDigest>* files) const;

  /// Sets all digests: hashes what Fill leaves and writes it to the store. The
  /// paths of `files` are relative to `root`. A digest that a file comes with
  /// is one that the caller has just made: it is kept and written too.
  /// `progress` is called after each hashed file with the bytes hashed so far
  /// and the bytes to hash in all.
  absl::Status Compute(
      const std::string& root,
      const std::function<void(int64_t done, int64_t total)>& progress,
      std::vector<FileDigest>* files) const;

 private:
  std::string directory_;
  std::string path_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_DIGEST_CACHE_H_
