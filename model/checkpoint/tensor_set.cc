#include "model/checkpoint/tensor_set.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::string InDirectory(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory, "/", name);
}

absl::Status IndexError(const std::string& path, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(path, ": ", what));
}

absl::Status CheckShardName(const std::string& path, const std::string& name) {
  if (name.empty() || name == "." || name == ".." ||
      name.find_first_of("/\\") != name.npos || name.find('\0') != name.npos) {
    return IndexError(path, absl::StrCat("shard name '", name,
                                         "' must be the name of a file beside "
                                         "the index, without a separator"));
  }
  if (!absl::EndsWith(name, ".safetensors")) {
    return IndexError(
        path, absl::StrCat("shard name '", name, "' must end in .safetensors"));
  }
  return absl::OkStatus();
}

absl::StatusOr<TensorIndex> ReadIndex(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxTensorIndexBytes));
  return ParseTensorIndex(text, path);
}

// Why there is no set in `directory`.
absl::Status NoSet(const std::string& directory) {
  for (const char* name :
       {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (FileExists(InDirectory(directory, name))) {
      return absl::FailedPreconditionError(absl::StrCat(
          directory, ": has ", name, " and no ", kModelFile,
          "; PyTorch's files are pickles, which can run code when they are "
          "read, so they are refused: save the model with "
          "safe_serialization=True, or download the safetensors revision"));
    }
  }
  return absl::NotFoundError(absl::StrCat(
      directory, ": has neither ", kModelFile, " nor ", kModelIndexFile));
}

bool IsFloating(SafetensorsDtype dtype) {
  return dtype == SafetensorsDtype::kF16 || dtype == SafetensorsDtype::kBF16 ||
         dtype == SafetensorsDtype::kF32 || dtype == SafetensorsDtype::kF64;
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

std::string TypeProblem(const std::string& name, const SafetensorsInfo& info) {
  const bool counter = absl::EndsWith(name, "num_batches_tracked");
  if (counter ? info.dtype == SafetensorsDtype::kI64 : IsFloating(info.dtype)) {
    return "";
  }
  return absl::StrCat(name, " has type ", SafetensorsDtypeName(info.dtype),
                      ", the model takes ",
                      counter ? "I64" : "F32, F16, BF16 or F64");
}

// A name of a file, which may be of any length and have any characters.
std::string ShownName(absl::string_view name) {
  constexpr size_t kLongest = 200;
  return absl::Utf8SafeCEscape(name.substr(0, kLongest)) +
         (name.size() > kLongest ? "..." : "");
}

// kMaxListedTensors of all lists together, of none more than its share while
// another has more.
std::string SomeOfEach(
    const std::vector<const std::vector<std::string>*>& lists) {
  std::vector<size_t> shown(lists.size(), 0);
  size_t all = 0;
  for (const auto* list : lists) all += list->size();
  for (size_t count = 0, i = 0; count < std::min(all, kMaxListedTensors);
       i = (i + 1) % lists.size()) {
    if (shown[i] < lists[i]->size()) {
      ++shown[i];
      ++count;
    }
  }
  std::vector<std::string> parts;
  for (size_t i = 0; i < lists.size(); ++i) {
    parts.insert(parts.end(), lists[i]->begin(), lists[i]->begin() + shown[i]);
  }
  if (all > parts.size()) {
    parts.push_back(absl::StrCat("and ", all - parts.size(), " more"));
  }
  return absl::StrJoin(parts, "; ");
}

// What the file has, for someone whose names do not fit.
std::string NamesThere(const StoredTensors& stored) {
  constexpr size_t kMost = 3;
  std::vector<std::string> names;
  for (const auto& [name, place] : stored) {
    if (names.size() == kMost) break;
    names.push_back(ShownName(place.info->name));
  }
  return names.empty()
             ? "; the file has no tensor"
             : absl::StrCat("; the file has ", stored.size(),
                            " tensors, such as ", absl::StrJoin(names, ", "));
}

}  // namespace

absl::StatusOr<TensorIndex> ParseTensorIndex(absl::string_view text,
                                             const std::string& path) {
  absl::StatusOr<nlohmann::json> json = ParseStrictJson(text, path);
  if (!json.ok()) return absl::DataLossError(json.status().message());
  const auto map = json->is_object() ? json->find("weight_map") : json->end();
  if (!json->is_object() || map == json->end() || !map->is_object()) {
    return IndexError(path, "must be an object with an object 'weight_map'");
  }
  TensorIndex index;
  for (const auto& [name, shard] : map->items()) {
    if (!shard.is_string()) {
      return IndexError(path, absl::StrCat("weight_map['", name,
                                           "'] must be the name of a shard"));
    }
    const std::string& file = shard.get_ref<const std::string&>();
    TRANSECT_RETURN_IF_ERROR(CheckShardName(path, file));
    index.shard_of[name] = file;
    index.shards.insert(file);
  }
  if (index.shards.size() > kMaxShards) {
    return IndexError(
        path, absl::StrCat("names ", index.shards.size(), " shards; at most ",
                           kMaxShards, " are allowed"));
  }
  const auto metadata = json->find("metadata");
  if (metadata != json->end()) {
    if (!metadata->is_object()) {
      return IndexError(path, "'metadata' must be an object");
    }
    const auto total = metadata->find("total_size");
    if (total != metadata->end()) {
      // Some tools write it as a floating number.
      const bool whole = total->is_number_integer()
                             ? total->get<int64_t>() >= 0
                             : total->is_number_float() &&
                                   total->get<double>() >= 0 &&
                                   total->get<double>() < 9e18;
      if (!whole) {
        return IndexError(path, "metadata.total_size must be a count of bytes");
      }
      index.total_size = total->is_number_float()
                             ? static_cast<int64_t>(total->get<double>())
                             : total->get<int64_t>();
    }
  }
  return index;
}

absl::StatusOr<TensorSet> TensorSet::OpenFile(const std::string& path) {
  TensorSet set;
  set.path_ = path;
  TRANSECT_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
  set.files_.push_back(std::make_unique<SafetensorsFile>(std::move(file)));
  for (const SafetensorsInfo& info : set.files_.back()->tensors()) {
    set.tensors_[info.name] = {set.files_.back().get(), &info};
  }
  return set;
}

absl::StatusOr<TensorSet> TensorSet::OpenDirectory(
    const std::string& directory) {
  if (FileExists(InDirectory(directory, kModelFile))) {
    TRANSECT_ASSIGN_OR_RETURN(TensorSet set,
                              OpenFile(InDirectory(directory, kModelFile)));
    set.path_ = directory;
    return set;
  }
  const std::string index_path = InDirectory(directory, kModelIndexFile);
  if (!FileExists(index_path)) return NoSet(directory);
  TRANSECT_ASSIGN_OR_RETURN(const TensorIndex index, ReadIndex(index_path));
  TensorSet set;
  set.path_ = directory;
  uint64_t bytes = 0;
  for (const std::string& shard : index.shards) {
    const std::string path = InDirectory(directory, shard);
    if (!FileExists(path)) {
      return IndexError(index_path,
                        absl::StrCat("names shard ", shard,
                                     ", which is not in the directory"));
    }
    TRANSECT_ASSIGN_OR_RETURN(SafetensorsFile file,
                              SafetensorsFile::Open(path));
    set.files_.push_back(std::make_unique<SafetensorsFile>(std::move(file)));
    for (const SafetensorsInfo& info : set.files_.back()->tensors()) {
      const auto place = index.shard_of.find(info.name);
      if (place == index.shard_of.end()) {
        return IndexError(path, absl::StrCat("tensor '", info.name,
                                             "' is not in the weight_map of ",
                                             kModelIndexFile));
      }
      if (place->second != shard) {
        return IndexError(
            path, absl::StrCat("tensor '", info.name, "' belongs to shard ",
                               place->second, " by ", kModelIndexFile));
      }
      set.tensors_[info.name] = {set.files_.back().get(), &info};
      bytes += info.end - info.begin;
    }
  }
  for (const auto& [name, shard] : index.shard_of) {
    if (set.tensors_.count(name) == 0) {
      return IndexError(InDirectory(directory, shard),
                        absl::StrCat("has no tensor '", name, "', which ",
                                     kModelIndexFile, " places there"));
    }
  }
  if (index.total_size >= 0 &&
      bytes != static_cast<uint64_t>(index.total_size)) {
    return IndexError(index_path,
                      absl::StrCat("metadata.total_size is ", index.total_size,
                                   ", the tensors have ", bytes, " bytes"));
  }
  return set;
}

absl::StatusOr<std::vector<std::string>> TensorSetFiles(
    const std::string& directory) {
  if (FileExists(InDirectory(directory, kModelFile))) {
    return std::vector<std::string>{std::string(kModelFile)};
  }
  const std::string index_path = InDirectory(directory, kModelIndexFile);
  if (!FileExists(index_path)) return NoSet(directory);
  TRANSECT_ASSIGN_OR_RETURN(const TensorIndex index, ReadIndex(index_path));
  std::vector<std::string> names(index.shards.begin(), index.shards.end());
  names.push_back(std::string(kModelIndexFile));
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status WriteTensorSet(const std::string& directory,
                            std::vector<SafetensorsSource> tensors,
                            const std::map<std::string, std::string>& metadata,
                            uint64_t max_shard_bytes) {
  std::sort(tensors.begin(), tensors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::vector<std::vector<SafetensorsSource>> shards(1);
  uint64_t in_shard = 0;
  uint64_t total = 0;
  for (SafetensorsSource& tensor : tensors) {
    const uint64_t bytes = tensor.bytes.size();
    if (!shards.back().empty() && in_shard + bytes > max_shard_bytes) {
      shards.emplace_back();
      in_shard = 0;
    }
    in_shard += bytes;
    total += bytes;
    shards.back().push_back(std::move(tensor));
  }
  if (shards.size() == 1) {
    return WriteSafetensors(InDirectory(directory, kModelFile),
                            std::move(shards[0]), metadata);
  }
  nlohmann::ordered_json index;
  index["metadata"]["total_size"] = total;
  for (size_t i = 0; i < shards.size(); ++i) {
    const std::string name =
        absl::StrFormat("model-%05d-of-%05d.safetensors", i + 1, shards.size());
    for (const SafetensorsSource& tensor : shards[i]) {
      index["weight_map"][tensor.name] = name;
    }
    TRANSECT_RETURN_IF_ERROR(WriteSafetensors(InDirectory(directory, name),
                                              std::move(shards[i]), metadata));
  }
  return WriteFileAtomic(InDirectory(directory, kModelIndexFile),
                         absl::string_view(index.dump(2) + "\n"));
}

absl::Status CheckTensors(
    absl::string_view where, const StoredTensors& stored,
    const std::map<std::string, WantedTensor>& wanted,
    const std::function<bool(absl::string_view name)>& ignored) {
  std::vector<std::string> missing;
  std::vector<std::string> wrong;
  std::vector<std::string> extra;
  for (const auto& [name, want] : wanted) {
    const auto place = stored.find(name);
    if (place == stored.end()) {
      if (!want.optional) missing.push_back(absl::StrCat(name, " is missing"));
      continue;
    }
    const SafetensorsInfo& info = *place->second.info;
    if (info.shape != want.shape) {
      wrong.push_back(absl::StrCat(name, " has shape ", ShapeText(info.shape),
                                   ", the model has ", ShapeText(want.shape)));
    }
    std::string type = TypeProblem(name, info);
    if (!type.empty()) wrong.push_back(std::move(type));
  }
  for (const auto& [name, place] : stored) {
    if (wanted.count(name) == 0 && !ignored(name)) {
      extra.push_back(
          absl::StrCat(ShownName(place.info->name), " is not in the model"));
    }
  }
  if (missing.empty() && wrong.empty() && extra.empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      where,
      " does not fit the model: ", SomeOfEach({&wrong, &missing, &extra}),
      !missing.empty() && extra.empty() ? NamesThere(stored) : ""));
}

}  // namespace transect
