#include "data/io/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "data/io/file_fault.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

// Between the name of a file and the random part of its temporary one.
constexpr absl::string_view kTemporary = ".tmp.";
constexpr size_t kRandomDigits = 16;

absl::Status ErrnoError(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

// An open file descriptor. Close() reports what a delayed write found out.
class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0666)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { Close(); }

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool Close() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || close(fd) == 0;
  }

 private:
  int fd_;
};

// Hands the file to `use` piece by piece until the end or the first error.
absl::Status ForEachPiece(
    const std::string& path,
    const std::function<absl::Status(absl::string_view)>& use) {
  File file(path, O_RDONLY);
  if (!file.is_open()) {
    return ErrnoError("cannot open", path);
  }
  const std::unique_ptr<char[]> piece(new char[kPieceBytes]);
  while (true) {
    const ssize_t got = read(file.fd(), piece.get(), kPieceBytes);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return ErrnoError("cannot read", path);
    }
    if (got == 0) {
      return absl::OkStatus();
    }
    TRANSECT_RETURN_IF_ERROR(use({piece.get(), static_cast<size_t>(got)}));
  }
}

// Whether a fault is due instead of the call; errno is then set.
bool Faulted(absl::string_view operation, const std::string& path) {
  const int error = InjectedFault(operation, path);
  if (error != 0) errno = error;
  return error != 0;
}

// Whether a call failed because the file system does not know it.
bool IsUnsupported(int error) {
  return error == EINVAL || error == ENOSYS || error == ENOTSUP ||
         error == EOPNOTSUPP;
}

absl::Status WritePieces(const std::string& path, bool sync,
                         absl::Span<const absl::string_view> pieces,
                         File* file) {
  for (absl::string_view rest : pieces) {
    while (!rest.empty()) {
      const ssize_t written = Faulted("write", path)
                                  ? -1
                                  : write(file->fd(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written < 0) {
        return ErrnoError("cannot write", path);
      }
      rest.remove_prefix(static_cast<size_t>(written));
    }
  }
  if (sync && (Faulted("fsync", path) || fsync(file->fd()) != 0) &&
      !IsUnsupported(errno)) {
    return ErrnoError("cannot write", path);
  }
  return file->Close() ? absl::OkStatus() : ErrnoError("cannot write", path);
}

// Syncs each file below the directory, one by one.
absl::Status SyncEachBelow(const std::string& path) {
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(path, error), end;
       !error && it != end; it.increment(error)) {
    const std::string name = it->path().string();
    File file(name, O_RDONLY);
    if (!file.is_open()) return ErrnoError("cannot open", name);
    if (fsync(file.fd()) != 0 && !IsUnsupported(errno)) {
      return ErrnoError("cannot sync", name);
    }
  }
  return error ? absl::ErrnoToStatus(error.value(),
                                     absl::StrCat("cannot list ", path))
               : absl::OkStatus();
}

std::string ParentOf(const std::string& path) {
  std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

// Makes the directory and its parents; returns an errno or 0.
int MakeEach(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
  }
  const std::string parent = ParentOf(path);
  if (const int error = parent == path ? 0 : MakeEach(parent); error != 0) {
    return error;
  }
  if (Faulted("mkdir", path) || mkdir(path.c_str(), 0777) != 0) {
    // Somebody else may have made it, and "a/b/" names the parent again.
    const int error = errno;
    return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) ? 0 : error;
  }
  // One may be allowed to write into a directory and not to read it.
  const absl::Status synced = FsyncDir(parent);
  return synced.ok() || absl::IsPermissionDenied(synced) ? 0 : EIO;
}

bool IsTemporary(absl::string_view name) {
  const size_t start = name.rfind(kTemporary);
  if (start == absl::string_view::npos) return false;
  const absl::string_view digits = name.substr(start + kTemporary.size());
  return digits.size() == kRandomDigits &&
         std::ranges::all_of(digits, absl::ascii_isxdigit);
}

class Sha256Hasher {
 public:
  Sha256Hasher() : context_(EVP_MD_CTX_new()) {
    TRANSECT_CHECK(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
  }
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;
  ~Sha256Hasher() { EVP_MD_CTX_free(context_); }

  void Add(absl::string_view bytes) {
    TRANSECT_CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
  }
  std::string Hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    TRANSECT_CHECK(EVP_DigestFinal_ex(context_, digest, &size) == 1);
    return absl::BytesToHexString(
        {reinterpret_cast<const char*>(digest), size});
  }

 private:
  EVP_MD_CTX* context_;
};

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes) {
  std::string contents;
  TRANSECT_RETURN_IF_ERROR(
      ForEachPiece(path, [&](absl::string_view piece) -> absl::Status {
        if (static_cast<int64_t>(contents.size() + piece.size()) > max_bytes) {
          return absl::ResourceExhaustedError(absl::StrCat(
              path, " has more than the ", max_bytes, " bytes allowed"));
        }
        contents.append(piece.data(), piece.size());
        return absl::OkStatus();
      }));
  return contents;
}

absl::Status WriteFileAtomic(const std::string& path,
                             absl::string_view contents) {
  return WriteFileAtomic(path, absl::MakeConstSpan(&contents, 1));
}

absl::Status WriteFileAtomic(const std::string& path,
                             absl::Span<const absl::string_view> pieces) {
  const std::string temporary = TemporaryPath(path);
  if (Faulted("open", path)) return ErrnoError("cannot create", temporary);
  File file(temporary, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.is_open()) {
    return ErrnoError("cannot create", temporary);
  }
  absl::Status status = WritePieces(temporary, /*sync=*/true, pieces, &file);
  if (status.ok() && (Faulted("rename", path) ||
                      rename(temporary.c_str(), path.c_str()) != 0)) {
    status = ErrnoError("cannot replace", path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return FsyncDir(ParentOf(path));
}

absl::Status RenameNew(const std::string& from, const std::string& to) {
  const auto failed = [&to] {
    return errno == EEXIST || errno == ENOTEMPTY
               ? absl::AlreadyExistsError(absl::StrCat(to, " exists already"))
               : ErrnoError("cannot make", to);
  };
  if (Faulted("rename", to)) return failed();
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                RENAME_NOREPLACE) != 0) {
    if (!IsUnsupported(errno)) return failed();
    // NFS: a link refuses to replace.
    if (!Faulted("link", to) && link(from.c_str(), to.c_str()) == 0) {
      unlink(from.c_str());
    } else if (errno == EEXIST) {
      return failed();
    } else {
      struct stat unused;
      if (lstat(to.c_str(), &unused) == 0) {
        errno = EEXIST;
        return failed();
      }
      if (rename(from.c_str(), to.c_str()) != 0) return failed();
    }
  }
  TRANSECT_RETURN_IF_ERROR(FsyncDir(ParentOf(to)));
  return ParentOf(from) == ParentOf(to) ? absl::OkStatus()
                                        : FsyncDir(ParentOf(from));
}

absl::Status CopyFile(const std::string& source, const std::string& target,
                      uint32_t mode) {
  File file(target, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!file.is_open()) {
    return ErrnoError("cannot create", target);
  }
  absl::Status status =
      ForEachPiece(source, [&](absl::string_view piece) -> absl::Status {
        while (!piece.empty()) {
          const ssize_t written =
              Faulted("write", target)
                  ? -1
                  : write(file.fd(), piece.data(), piece.size());
          if (written < 0 && errno == EINTR) continue;
          if (written < 0) return ErrnoError("cannot write", target);
          piece.remove_prefix(static_cast<size_t>(written));
        }
        return absl::OkStatus();
      });
  if (status.ok() && !file.Close()) status = ErrnoError("cannot write", target);
  if (!status.ok()) unlink(target.c_str());
  return status;
}

absl::Status LinkOrCopy(const std::string& source, const std::string& target,
                        uint32_t mode) {
  if (!Faulted("link", target) && link(source.c_str(), target.c_str()) == 0) {
    return absl::OkStatus();
  }
  // EPERM: a file system without links. EMLINK, EXDEV: not to this one.
  if (!IsUnsupported(errno) && errno != EPERM && errno != EMLINK &&
      errno != EXDEV && errno != EACCES) {
    return ErrnoError(absl::StrCat("cannot link ", source, " to"), target);
  }
  return CopyFile(source, target, mode);
}

void RemoveTemporaryFiles(const std::string& directory,
                          int64_t min_age_seconds) {
  const absl::StatusOr<std::vector<std::string>> names =
      ListDirectory(directory);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const std::string path = absl::StrCat(directory, "/", name);
    struct stat info;
    if (IsTemporary(name) && lstat(path.c_str(), &info) == 0 &&
        S_ISREG(info.st_mode) &&
        time(nullptr) - info.st_mtime >= min_age_seconds) {
      unlink(path.c_str());
    }
  }
}

std::string TemporaryPath(const std::string& path) {
  return absl::StrCat(path, kTemporary, RandomName());
}

std::string RandomName() {
  unsigned char bytes[kRandomDigits / 2];
  TRANSECT_CHECK(getrandom(bytes, sizeof(bytes), 0) ==
                 static_cast<ssize_t>(sizeof(bytes)));
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(bytes), sizeof(bytes)});
}

absl::Status WriteFile(const std::string& path, absl::string_view contents) {
  if (Faulted("open", path)) return ErrnoError("cannot create", path);
  File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) return ErrnoError("cannot create", path);
  return WritePieces(path, /*sync=*/false, absl::MakeConstSpan(&contents, 1),
                     &file);
}

absl::Status SyncFileSystem(const std::string& path) {
  File file(path, O_RDONLY);
  if (!file.is_open()) {
    return ErrnoError("cannot open", path);
  }
  if (syncfs(file.fd()) == 0) return absl::OkStatus();
  return IsUnsupported(errno) ? SyncEachBelow(path)
                              : ErrnoError("cannot sync", path);
}

absl::Status MakeDirs(const std::string& path) {
  const int error = MakeEach(path);
  return error == 0 ? absl::OkStatus()
                    : absl::ErrnoToStatus(
                          error, absl::StrCat("cannot make directory ", path));
}

absl::Status FsyncDir(const std::string& path) {
  File directory(path, O_RDONLY | O_DIRECTORY);
  if (!directory.is_open()) {
    return ErrnoError("cannot open directory", path);
  }
  // EBADF, EISDIR: file systems that take no descriptor of a directory.
  if ((Faulted("fsyncdir", path) || fsync(directory.fd()) != 0) &&
      !IsUnsupported(errno) && errno != EBADF && errno != EISDIR) {
    return ErrnoError("cannot sync directory", path);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListDirectory(
    const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(path, error), end;
       !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot list ", path));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool FileExists(const std::string& path) {
  struct stat unused;
  return stat(path.c_str(), &unused) == 0;
}

std::string Sha256(absl::string_view bytes) {
  Sha256Hasher hasher;
  hasher.Add(bytes);
  return hasher.Hex();
}

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  Sha256Hasher hasher;
  TRANSECT_RETURN_IF_ERROR(ForEachPiece(path, [&](absl::string_view piece) {
    hasher.Add(piece);
    return absl::OkStatus();
  }));
  return hasher.Hex();
}

}  // namespace transect
