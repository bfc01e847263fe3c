#include "launch/store/digest_cache.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

bool SameFile(const FileDigest& a, const FileDigest& b) {
  return a.device() == b.device() && a.inode() == b.inode() &&
         a.bytes() == b.bytes() && a.mtime_ns() == b.mtime_ns() &&
         a.ctime_ns() == b.ctime_ns();
}

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// The kernel's clock for ctime ticks every 1 to 10 ms. Two changes within a
// tick look alike, so a file is hashed only when its last one is older.
void AwaitNextTick(const std::vector<FileDigest>& files) {
  constexpr int64_t kTick = 10'000'000;
  timespec time;
  if (clock_gettime(CLOCK_REALTIME, &time) != 0) return;
  const int64_t now = Nanoseconds(time);
  for (const FileDigest& file : files) {
    if (file.ctime_ns() <= now && now - file.ctime_ns() < kTick) {
      std::this_thread::sleep_for(std::chrono::nanoseconds(kTick));
      return;
    }
  }
}

// From the kernel's list of magic numbers and the file systems' own sources.
constexpr int64_t kNetworkTypes[] = {
    0x6969,      // NFS
    0x517b,      // SMB
    0xff534d42,  // CIFS
    0xfe534d42,  // SMB 2
    0x0bd00bd0,  // Lustre
    0x47504653,  // GPFS
    0x19830326,  // BeeGFS
    0x00c36400,  // Ceph
    0x5346414f,  // AFS
    0x01021997,  // 9P
    0x65735546,  // FUSE: sshfs, GlusterFS, JuiceFS
    0x20030528,  // OrangeFS
    0xaad7aaea,  // PanFS
};

}  // namespace

bool IsOfTheNetwork(int64_t type) {
  // f_type is signed on some machines.
  return std::ranges::find(kNetworkTypes, type & 0xffffffff) !=
         std::end(kNetworkTypes);
}

absl::StatusOr<FileDigest> DescribeFile(const std::string& path,
                                        absl::string_view name) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not a regular file"));
  }
  FileDigest file;
  file.set_path(std::string(name));
  struct statfs system;
  const bool of_network =
      statfs(path.c_str(), &system) == 0 && IsOfTheNetwork(system.f_type);
  file.set_device(of_network ? 0 : info.st_dev);
  file.set_inode(info.st_ino);
  file.set_bytes(info.st_size);
  file.set_mtime_ns(Nanoseconds(info.st_mtim));
  file.set_ctime_ns(Nanoseconds(info.st_ctim));
  return file;
}

DigestCache::DigestCache(const Store& store, absl::string_view key)
    : directory_(store.DigestCacheDir()),
      path_(absl::StrCat(directory_, "/", Sha256(key).substr(0, 32),
                         ".textproto")) {}

void DigestCache::Fill(std::vector<FileDigest>* files) const {
  const absl::StatusOr<FileDigests> cache = ReadTextproto<FileDigests>(path_);
  if (!cache.ok()) {
    return;
  }
  std::map<absl::string_view, const FileDigest*> known;
  for (const FileDigest& file : cache->file()) {
    known[file.path()] = &file;
  }
  for (FileDigest& file : *files) {
    const auto found = known.find(file.path());
    if (file.sha256().empty() && found != known.end() &&
        SameFile(*found->second, file)) {
      file.set_sha256(found->second->sha256());
    }
  }
}

absl::Status DigestCache::Compute(
    const std::string& root,
    const std::function<void(int64_t done, int64_t total)>& progress,
    std::vector<FileDigest>* files) const {
  bool changed = std::ranges::any_of(
      *files, [](const FileDigest& file) { return !file.sha256().empty(); });
  Fill(files);
  AwaitNextTick(*files);
  int64_t total = 0;
  for (const FileDigest& file : *files) {
    total += file.sha256().empty() ? file.bytes() : 0;
  }
  int64_t done = 0;
  FileDigests digests;
  for (FileDigest& file : *files) {
    if (file.sha256().empty()) {
      TRANSECT_ASSIGN_OR_RETURN(
          const std::string sha256,
          Sha256OfFile(absl::StrCat(root, "/", file.path())));
      file.set_sha256(sha256);
      done += file.bytes();
      changed = true;
      progress(done, total);
    }
    *digests.add_file() = file;
  }
  if (changed) {
    TRANSECT_RETURN_IF_ERROR(MakeDirs(directory_));
    TRANSECT_RETURN_IF_ERROR(WriteTextprotoAtomic(path_, digests));
  }
  return absl::OkStatus();
}

}  // namespace transect
