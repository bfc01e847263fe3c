#include "data/io/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

absl::Status ErrnoError(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

// An open file descriptor. Close() reports what a delayed write found out.
class File {
 public:
  File(const std::string& path, int flags)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
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

absl::Status WriteAll(const std::string& path, int flags, bool sync,
                      absl::Span<const absl::string_view> pieces) {
  File file(path, O_WRONLY | O_CREAT | flags);
  if (!file.is_open()) {
    return ErrnoError("cannot create", path);
  }
  for (absl::string_view rest : pieces) {
    while (!rest.empty()) {
      const ssize_t written = write(file.fd(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written < 0) {
        return ErrnoError("cannot write", path);
      }
      rest.remove_prefix(static_cast<size_t>(written));
    }
  }
  if ((sync && fsync(file.fd()) != 0) || !file.Close()) {
    return ErrnoError("cannot write", path);
  }
  return absl::OkStatus();
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
  static std::atomic<int64_t> next{0};
  const std::string temporary =
      absl::StrCat(path, ".tmp.", getpid(), ".", next.fetch_add(1));
  absl::Status status = WriteAll(temporary, O_EXCL, /*sync=*/true, pieces);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoError("cannot replace", path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  const std::string directory =
      std::filesystem::path(path).parent_path().string();
  return FsyncDir(directory.empty() ? "." : directory);
}

absl::Status WriteFile(const std::string& path, absl::string_view contents) {
  return WriteAll(path, O_TRUNC, /*sync=*/false,
                  absl::MakeConstSpan(&contents, 1));
}

absl::Status SyncFileSystem(const std::string& path) {
  File file(path, O_RDONLY);
  if (!file.is_open()) {
    return ErrnoError("cannot open", path);
  }
  return syncfs(file.fd()) == 0 ? absl::OkStatus()
                                : ErrnoError("cannot sync", path);
}

absl::Status MakeDirs(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot make directory ", path));
  }
  // create_directories says nothing where a file has that name.
  if (!std::filesystem::is_directory(path, error)) {
    return absl::ErrnoToStatus(ENOTDIR,
                               absl::StrCat("cannot make directory ", path));
  }
  return absl::OkStatus();
}

absl::Status FsyncDir(const std::string& path) {
  File directory(path, O_RDONLY | O_DIRECTORY);
  if (!directory.is_open()) {
    return ErrnoError("cannot open directory", path);
  }
  // Some file systems cannot sync a directory and say EINVAL.
  if (fsync(directory.fd()) != 0 && errno != EINVAL) {
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
