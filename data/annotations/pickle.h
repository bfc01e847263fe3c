/// \file
/// The data-only part of Python's pickle format, protocols 0 to 5: enough for
/// `refs(unc).p` of RRSIS-D and REFER, and nothing that looks objects up or
/// runs code.
///
/// Values are None, booleans, 64-bit integers, strings, lists, tuples and
/// dictionaries with string or integer keys. Byte strings of Python 2 are read
/// as Latin-1, of which ASCII is a part. Every other opcode is refused with its
/// name and offset, and of an object of numpy it is said how to save it as
/// plain data. The limits below bound memory by a multiple of the input's size;
/// hostile lengths are refused before memory is taken.
#ifndef TRANSECT_DATA_ANNOTATIONS_PICKLE_H_
#define TRANSECT_DATA_ANNOTATIONS_PICKLE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Largest input, in bytes. RRSIS-D's file has about 5 MB.
inline constexpr int64_t kMaxPickleBytes = int64_t{64} << 20;
/// Most values in one file.
inline constexpr int64_t kMaxPickleObjects = int64_t{8} << 20;
/// Deepest nesting of containers.
inline constexpr int kMaxPickleDepth = 16;

class PickleValue;

/// A parsed file. Owns the memory of its values.
class PickleDocument {
 public:
  /// Parses a whole file. kInvalidArgument names the opcode, where there is
  /// one, and the offset.
  static absl::StatusOr<PickleDocument> Parse(std::string bytes);

  PickleValue root() const;

 private:
  friend class PickleParser;
  friend class PickleValue;

  enum class Kind : uint8_t {
    kNone,
    kBool,
    kInt,
    kString,
    kList,
    kTuple,
    kDict
  };

  struct Node {
    Kind kind;
    // kBool, kInt.
    int64_t integer = 0;
    // kString; points into the input or `own_`.
    absl::string_view text;
    // Members; of a kDict key, value, key, value, ...
    std::vector<uint32_t> items;
  };

  PickleDocument() = default;

  // On the heap, so that moving the document leaves the views valid.
  std::unique_ptr<const std::string> bytes_;
  // Strings that the input spells otherwise; a deque does not move them.
  std::deque<std::string> own_;
  std::vector<Node> nodes_;
  uint32_t root_ = 0;
};

/// A view of one value; valid as long as its document. Values that Python
/// shares (the same list twice) are shared here. The As- functions are
/// kInvalidArgument where the value has another type; they say which.
class PickleValue {
 public:
  absl::StatusOr<int64_t> AsInt() const;
  absl::StatusOr<absl::string_view> AsString() const;
  /// Members of a list or tuple.
  absl::StatusOr<std::vector<PickleValue>> AsList() const;
  /// The value of string key `key`; the last one where a key was set twice, as
  /// in Python. kNotFound if the dictionary has no such key.
  absl::StatusOr<PickleValue> Get(absl::string_view key) const;
  /// "None", "bool", "int", "str", "list", "tuple" or "dict".
  absl::string_view TypeName() const;

 private:
  friend class PickleDocument;
  PickleValue(const PickleDocument* document, uint32_t node)
      : document_(document), node_(node) {}
  const PickleDocument::Node& node() const { return document_->nodes_[node_]; }
  absl::Status WrongType(absl::string_view wanted) const;

  const PickleDocument* document_;
  uint32_t node_;
};

/// Writes one value as protocol 4, readable by Python's pickle.load. Between
/// BeginDict and EndDict come key, value, key, value.
class PickleWriter {
 public:
  PickleWriter();
  void Int(int64_t value);
  /// `text` is UTF-8.
  void String(absl::string_view text);
  void BeginList();
  void EndList();
  void BeginDict();
  void EndDict();
  /// The bytes of the file; the writer is spent.
  std::string Finish() &&;

 private:
  std::string bytes_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_PICKLE_H_
