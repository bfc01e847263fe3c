/// \file
/// The tensors of one safetensors file or of a sharded set, as one.
///
/// A set is a directory as Transformers writes it: `model.safetensors`, or else
/// `model.safetensors.index.json` and the shards that it names. The index maps
/// each tensor to a shard (`weight_map`) and is foreign input like the shards
/// (safetensors.h, rules 1 to 6). On top of those
///
/// 7. every name in the map is in the shard that it names and in no other, and
///    no shard has a name that the map lacks; shard names contain no path
///    separator; `metadata.total_size`, where it is given, is the sum of the
///    tensors' bytes.
///
/// Without LibTorch. Nothing but headers is read until a tensor is asked for.
#ifndef TRANSECT_MODEL_CHECKPOINT_TENSOR_SET_H_
#define TRANSECT_MODEL_CHECKPOINT_TENSOR_SET_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/checkpoint/safetensors.h"

namespace transect {

/// Files of a set, in its directory.
inline constexpr absl::string_view kModelFile = "model.safetensors";
inline constexpr absl::string_view kModelIndexFile =
    "model.safetensors.index.json";

/// Largest index in bytes, and most shards.
inline constexpr int64_t kMaxTensorIndexBytes = 64 << 20;
inline constexpr size_t kMaxShards = 1000;

/// Most bytes of a shard that we write, the default of Transformers 4.
inline constexpr uint64_t kShardBytes = 5'000'000'000;

/// What an index says.
struct TensorIndex {
  /// Tensor to shard.
  std::map<std::string, std::string> shard_of;
  std::set<std::string> shards;
  /// metadata.total_size; negative where it is not given.
  int64_t total_size = -1;
};

/// Parses and validates the text of an index file, as far as that is possible
/// without the shards. DataLoss; errors begin with `path`.
absl::StatusOr<TensorIndex> ParseTensorIndex(absl::string_view text,
                                             const std::string& path);

/// Where a tensor lies. Owned by the set.
struct StoredTensor {
  const SafetensorsFile* file = nullptr;
  const SafetensorsInfo* info = nullptr;
};

/// Tensors by name.
using StoredTensors = std::map<std::string, StoredTensor>;

class TensorSet {
 public:
  /// Opens one file.
  static absl::StatusOr<TensorSet> OpenFile(const std::string& path);

  /// Opens the set in `directory`. NotFound where there is none; where there
  /// are PyTorch's files instead (pytorch_model.bin), FailedPrecondition with
  /// the reason why they are not read. DataLoss names the rule that is broken.
  static absl::StatusOr<TensorSet> OpenDirectory(const std::string& directory);

  /// File or directory.
  const std::string& path() const { return path_; }
  const StoredTensors& tensors() const { return tensors_; }
  /// The one file, or the shards in order of their names.
  const std::vector<std::unique_ptr<SafetensorsFile>>& files() const {
    return files_;
  }

 private:
  std::string path_;
  std::vector<std::unique_ptr<SafetensorsFile>> files_;
  StoredTensors tensors_;
};

/// Names of the files in `directory` that OpenDirectory reads, sorted. Errors
/// as OpenDirectory's; the shards are not looked at.
absl::StatusOr<std::vector<std::string>> TensorSetFiles(
    const std::string& directory);

/// Writes `tensors` to `directory`, which exists, as a set that Transformers
/// reads: one file, or shards of at most `max_shard_bytes` tensor bytes (a
/// larger tensor has a shard for itself), filled in order of the names. Errors
/// as WriteSafetensors'; the index is written last.
absl::Status WriteTensorSet(const std::string& directory,
                            std::vector<SafetensorsSource> tensors,
                            const std::map<std::string, std::string>& metadata,
                            uint64_t max_shard_bytes = kShardBytes);

/// A tensor that a network wants from a file.
struct WantedTensor {
  std::vector<int64_t> shape;
  /// May be absent; where it is there, its shape is checked.
  bool optional = false;
};

/// Checks the tensors of a file or directory `where` against what is wanted
/// (rule 8): InvalidArgument that lists everything missing, mis-shaped, of
/// another kind of number (I64 for `...num_batches_tracked`, else a floating
/// type), and everything that is neither wanted nor `ignored`, by its name in
/// the file. Lists at most kMaxListedTensors, of each kind some, and counts the
/// rest; where something is missing it shows names that are in the file.
absl::Status CheckTensors(
    absl::string_view where, const StoredTensors& stored,
    const std::map<std::string, WantedTensor>& wanted,
    const std::function<bool(absl::string_view name)>& ignored);

inline constexpr size_t kMaxListedTensors = 20;

}  // namespace transect

#endif  // TRANSECT_MODEL_CHECKPOINT_TENSOR_SET_H_
