#include "model/checkpoint/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/stand_in.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "the format and our tensors are little-endian");

constexpr uint64_t kLengthBytes = 8;

absl::Status ErrnoError(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

absl::Status ReadAt(int fd, const std::string& path, uint64_t offset, char* out,
                    uint64_t size) {
  while (size > 0) {
    const ssize_t got = pread(fd, out, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("cannot read", path);
    if (got == 0) {
      return absl::DataLossError(absl::StrCat(path, " ends at ", offset, ", ",
                                              size, " bytes before it should"));
    }
    out += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<uint64_t>(got);
  }
  return absl::OkStatus();
}

// The header of `tensors` in the order given, padded to a multiple of 8 bytes.
absl::StatusOr<std::string> HeaderJson(
    const std::vector<SafetensorsSource>& tensors,
    const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!metadata.empty()) json["__metadata__"] = metadata;
  uint64_t begin = 0;
  for (const SafetensorsSource& tensor : tensors) {
    const uint64_t end = begin + tensor.bytes.size();
    nlohmann::ordered_json entry = {
        {"dtype", std::string(SafetensorsDtypeName(tensor.dtype))},
        {"shape", tensor.shape},
        {"data_offsets", {begin, end}}};
    if (!json.emplace(tensor.name, std::move(entry)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("duplicate key \"", tensor.name, "\""));
    }
    begin = end;
  }
  try {
    std::string header = json.dump();
    header.append((kLengthBytes - header.size() % kLengthBytes) % kLengthBytes,
                  ' ');
    return header;
  } catch (const nlohmann::json::type_error&) {
    return absl::InvalidArgumentError("a name or metadata is not UTF-8");
  }
}

}  // namespace

absl::StatusOr<SafetensorsFile> SafetensorsFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoError("cannot open", path);
  // Owns the descriptor from here on.
  SafetensorsFile file(path, fd, 0, SafetensorsHeader());

  struct stat info;
  if (fstat(fd, &info) != 0) return ErrnoError("cannot stat", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::DataLossError(absl::StrCat(path, " is not a regular file"));
  }
  const uint64_t file_size = static_cast<uint64_t>(info.st_size);
  std::string head(std::min<uint64_t>(file_size, kStandInHead), '\0');
  TRANSECT_RETURN_IF_ERROR(ReadAt(fd, path, 0, head.data(), head.size()));
  if (const std::string what = StandInText(head); !what.empty()) {
    return absl::DataLossError(absl::StrCat(path, ": ", what));
  }
  if (file_size < kLengthBytes) {
    return absl::DataLossError(absl::StrCat(path, " has ", file_size,
                                            " bytes; a safetensors file has "
                                            "at least ",
                                            kLengthBytes));
  }
  uint64_t length = 0;
  TRANSECT_RETURN_IF_ERROR(
      ReadAt(fd, path, 0, reinterpret_cast<char*>(&length), kLengthBytes));
  const uint64_t most =
      std::min(kMaxSafetensorsHeader, file_size - kLengthBytes);
  if (length > most) {
    return absl::DataLossError(absl::StrCat(
        path, ": header length ", length, " is above ", most, " (",
        most == kMaxSafetensorsHeader ? "the limit" : "the rest of the file",
        "); it is cut, or no safetensors file: get it again"));
  }
  std::string json(length, '\0');
  TRANSECT_RETURN_IF_ERROR(ReadAt(fd, path, kLengthBytes, json.data(), length));

  file.data_offset_ = kLengthBytes + length;
  absl::StatusOr<SafetensorsHeader> header =
      ParseSafetensorsHeader(json, file_size - file.data_offset_);
  if (!header.ok()) {
    return absl::Status(header.status().code(),
                        absl::StrCat(path, ": ", header.status().message()));
  }
  file.header_ = *std::move(header);
  return file;
}

SafetensorsFile::SafetensorsFile(std::string path, int fd, uint64_t data_offset,
                                 SafetensorsHeader header)
    : path_(std::move(path)),
      fd_(fd),
      data_offset_(data_offset),
      header_(std::move(header)) {}

SafetensorsFile::SafetensorsFile(SafetensorsFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      data_offset_(other.data_offset_),
      header_(std::move(other.header_)) {}

SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(data_offset_, other.data_offset_);
  std::swap(header_, other.header_);
  return *this;
}

SafetensorsFile::~SafetensorsFile() {
  if (fd_ >= 0) close(fd_);
}

const SafetensorsInfo* SafetensorsFile::Find(absl::string_view name) const {
  const auto it =
      std::lower_bound(header_.tensors.begin(), header_.tensors.end(), name,
                       [](const SafetensorsInfo& info, absl::string_view n) {
                         return info.name < n;
                       });
  return it != header_.tensors.end() && it->name == name ? &*it : nullptr;
}

absl::Status SafetensorsFile::Read(const SafetensorsInfo& tensor,
                                   absl::Span<char> out) const {
  if (out.size() != tensor.end - tensor.begin) {
    return absl::InternalError(absl::StrCat("buffer of ", out.size(),
                                            " bytes for tensor ", tensor.name,
                                            " of ", tensor.end - tensor.begin));
  }
  return ReadPiece(tensor, 0, out);
}

absl::Status SafetensorsFile::ReadPiece(const SafetensorsInfo& tensor,
                                        uint64_t offset,
                                        absl::Span<char> out) const {
  const uint64_t size = tensor.end - tensor.begin;
  if (offset > size || out.size() > size - offset) {
    return absl::InternalError(absl::StrCat(out.size(), " bytes from byte ",
                                            offset, " of tensor ", tensor.name,
                                            ", which has ", size));
  }
  return ReadAt(fd_, path_, data_offset_ + tensor.begin + offset, out.data(),
                out.size());
}

absl::Status WriteSafetensors(
    const std::string& path, std::vector<SafetensorsSource> tensors,
    const std::map<std::string, std::string>& metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return a.dtype != b.dtype ? a.dtype > b.dtype : a.name < b.name;
  });
  uint64_t data_size = 0;
  for (const SafetensorsSource& tensor : tensors) {
    data_size += tensor.bytes.size();
  }
  absl::StatusOr<std::string> header = HeaderJson(tensors, metadata);
  if (header.ok()) {
    // What we write, we can read: names, sizes and limits are checked there.
    const absl::Status valid =
        header->size() > kMaxSafetensorsHeader
            ? absl::InvalidArgumentError(
                  absl::StrCat("header of ", header->size(), " bytes; at most ",
                               kMaxSafetensorsHeader, " are allowed"))
            : ParseSafetensorsHeader(*header, data_size).status();
    if (!valid.ok()) header = valid;
  }
  if (!header.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot write ", path, ": ", header.status().message()));
  }
  const uint64_t length = header->size();
  std::vector<absl::string_view> pieces = {
      absl::string_view(reinterpret_cast<const char*>(&length), kLengthBytes),
      *header};
  for (const SafetensorsSource& tensor : tensors) {
    pieces.push_back(tensor.bytes);
  }
  return WriteFileAtomic(path, pieces);
}

}  // namespace transect
