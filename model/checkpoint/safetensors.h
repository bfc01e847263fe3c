/// \file
/// Reading and writing safetensors files, without LibTorch.
///
/// A file is an unsigned 64-bit little-endian length N, N bytes of a JSON
/// header, and the tensors' bytes. The header maps each name to dtype, shape
/// and byte range; it is treated as foreign input. A file is refused unless
///
/// 1. N is at most kMaxSafetensorsHeader and N + 8 at most the file size;
/// 2. the header is UTF-8 JSON that begins with `{`, without duplicate keys;
/// 3. every dtype is known, and the product of shape and element size equals
///    the length of the byte range (rank at most kMaxSafetensorsRank);
/// 4. the byte ranges follow each other from 0 without hole or overlap;
/// 5. the last one ends where the file ends;
/// 6. `__metadata__` maps strings to strings.
///
/// An error is kDataLoss and names the file, the tensor, the value and what was
/// allowed; of a file that stands for another, such as a pointer of Git LFS,
/// and of one that is cut it says that (data/io/stand_in.h).
///
/// Tensors are read one by one, when they are asked for, straight into the
/// memory that they are wanted in. The file is not mapped: touching a mapping
/// of a file that shrinks raises SIGBUS where pread returns an error, and the
/// pages of a mapping count as memory of the process beside the copy that the
/// model needs anyway (tests/benchmarks/model measures both).
#ifndef TRANSECT_MODEL_CHECKPOINT_SAFETENSORS_H_
#define TRANSECT_MODEL_CHECKPOINT_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace transect {

/// Largest JSON header in bytes, as in the reference implementation.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;
/// Most dimensions of a tensor, as in PyTorch.
inline constexpr size_t kMaxSafetensorsRank = 64;

/// Element types, in the order of the reference implementation: the writer
/// puts tensors with the later type first, so that every tensor is aligned.
enum class SafetensorsDtype {
  kBool,
  kU8,
  kI8,
  kI16,
  kF16,
  kBF16,
  kI32,
  kF32,
  kF64,
  kI64,
};

/// "F32" and so on.
absl::string_view SafetensorsDtypeName(SafetensorsDtype dtype);

/// Bytes of an element.
int64_t SafetensorsDtypeSize(SafetensorsDtype dtype);

/// One tensor of a header.
struct SafetensorsInfo {
  std::string name;
  SafetensorsDtype dtype = SafetensorsDtype::kF32;
  std::vector<int64_t> shape;
  /// Byte range [begin, end) behind the header.
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// What a header says.
struct SafetensorsHeader {
  /// In order of the name.
  std::vector<SafetensorsInfo> tensors;
  std::map<std::string, std::string> metadata;
};

/// Parses and validates the JSON text of a header (rules 2 to 6) for a file
/// with `data_size` bytes behind it. Errors do not name a file.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::string_view json,
                                                         uint64_t data_size);

/// An open file. Movable; reading is const and may be done by several threads.
class SafetensorsFile {
 public:
  /// Reads and validates the header; no tensor is read.
  static absl::StatusOr<SafetensorsFile> Open(const std::string& path);

  SafetensorsFile(SafetensorsFile&& other) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&& other) noexcept;
  ~SafetensorsFile();

  const std::string& path() const { return path_; }
  /// In order of the name.
  const std::vector<SafetensorsInfo>& tensors() const {
    return header_.tensors;
  }
  const std::map<std::string, std::string>& metadata() const {
    return header_.metadata;
  }

  /// Returns the tensor of this name, or null. Owned by this object.
  const SafetensorsInfo* Find(absl::string_view name) const;

  /// Copies the bytes of `tensor` into `out`, which must have exactly
  /// tensor.end - tensor.begin bytes (else kInternal). kDataLoss if the file
  /// has become shorter.
  absl::Status Read(const SafetensorsInfo& tensor, absl::Span<char> out) const;

  /// The same for out.size() bytes from byte `offset` of the tensor on, which
  /// it must have (else kInternal).
  absl::Status ReadPiece(const SafetensorsInfo& tensor, uint64_t offset,
                         absl::Span<char> out) const;

 private:
  SafetensorsFile(std::string path, int fd, uint64_t data_offset,
                  SafetensorsHeader header);

  std::string path_;
  int fd_;
  uint64_t data_offset_;
  SafetensorsHeader header_;
};

/// A tensor to write. `bytes` is row-major, little-endian, of the length that
/// dtype and shape ask for.
struct SafetensorsSource {
  std::string name;
  SafetensorsDtype dtype = SafetensorsDtype::kF32;
  std::vector<int64_t> shape;
  absl::string_view bytes;
};

/// Replaces `path` by a file with these tensors: temporary file in the same
/// directory, fsync, rename, fsync of the directory; on an error the old file
/// is untouched. Equal input gives equal bytes whatever the order of `tensors`:
/// they are written by descending dtype, then name, metadata in order of the
/// key, the header padded with spaces to a multiple of 8 bytes. That is what
/// the reference implementation writes. kInvalidArgument for a duplicate or
/// reserved name, text that is not UTF-8, or bytes of the wrong length.
absl::Status WriteSafetensors(
    const std::string& path, std::vector<SafetensorsSource> tensors,
    const std::map<std::string, std::string>& metadata = {});

}  // namespace transect

#endif  // TRANSECT_MODEL_CHECKPOINT_SAFETENSORS_H_
