/// \file
/// Whole files: reading, atomic writing, digests.
///
/// Files that others may read while they are written go through
/// WriteFileAtomic: a reader sees the old contents or the new ones, and a crash
/// at any byte loses nothing that was written before. A directory of many files
/// goes through MakeNewDirectory (new_directory.h), an append-only log through
/// its own writer (metrics/log_writer.h).
///
/// Errors name the path and the system's text. Codes follow errno: no such file
/// is kNotFound, a full disk kResourceExhausted, missing rights
/// kPermissionDenied. All functions may be called from several threads.
///
/// File systems differ. Where one cannot sync, nothing is synced; where one has
/// no hard links, LinkOrCopy copies; modes are given when a file is made, since
/// some cannot change them. Temporary files have random names and are removed
/// by those who made them only: writers with the same process number, as in
/// containers, do not meet.
#ifndef TRANSECT_DATA_IO_FILE_H_
#define TRANSECT_DATA_IO_FILE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace transect {

/// Returns the contents of a regular file, a pipe or a device. More than
/// `max_bytes` bytes are kResourceExhausted, and nothing of that size is kept.
absl::StatusOr<std::string> ReadFile(
    const std::string& path,
    int64_t max_bytes = std::numeric_limits<int64_t>::max());

/// Replaces `path` by a file with `contents`: temporary file in the same
/// directory, fsync, rename, fsync of the directory. On an error the old file
/// is untouched and the temporary one is gone. The directory must exist.
absl::Status WriteFileAtomic(const std::string& path,
                             absl::string_view contents);

/// The same for the concatenation of `pieces`, which is not held in memory.
absl::Status WriteFileAtomic(const std::string& path,
                             absl::Span<const absl::string_view> pieces);

/// Moves the file or the empty directory `from` to `to`, in the same file
/// system, and waits until both names are on the disk. kAlreadyExists, and
/// nothing is moved, if there is something at `to`. Of several callers with one
/// `to` exactly one succeeds, but for file systems that have neither hard links
/// nor a rename that refuses to replace.
absl::Status RenameNew(const std::string& from, const std::string& to);

/// Copies the regular file `source` to `target`, which must not exist, with the
/// mode `mode` less the umask. Does not wait for the disk.
absl::Status CopyFile(const std::string& source, const std::string& target,
                      uint32_t mode);

/// A hard link `target` to `source`; a copy with the mode `mode` where there
/// can be no link.
absl::Status LinkOrCopy(const std::string& source, const std::string& target,
                        uint32_t mode);

/// Removes files directly in `directory` that WriteFileAtomic of a dead writer
/// left: temporary ones that nobody wrote to for `min_age_seconds`. What cannot
/// be removed stays; a directory that does not exist holds none.
void RemoveTemporaryFiles(const std::string& directory,
                          int64_t min_age_seconds);

/// A new name beside `path` for a file that is to be renamed to it, such that
/// RemoveTemporaryFiles knows it.
std::string TemporaryPath(const std::string& path);

/// 16 random hexadecimal digits.
std::string RandomName();

/// Writes `contents` to `path` without waiting for the disk and without a
/// temporary name, replacing an existing file: for the files of a
/// MakeNewDirectory.
absl::Status WriteFile(const std::string& path, absl::string_view contents);

/// Waits until everything written so far to the file system of `path`, which
/// exists, is on the disk.
absl::Status SyncFileSystem(const std::string& path);

/// Makes the directory `path` and its parents, and waits until their names are
/// on the disk; existing ones are no error.
absl::Status MakeDirs(const std::string& path);

/// Waits until the names that the directory `path` holds are on the disk.
absl::Status FsyncDir(const std::string& path);

/// Names of what the directory `path` holds, sorted.
absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path);

/// True if something exists at `path`; links are followed.
bool FileExists(const std::string& path);

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string Sha256(absl::string_view bytes);

/// SHA-256 of a file, read in pieces of 1 MiB.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_FILE_H_
