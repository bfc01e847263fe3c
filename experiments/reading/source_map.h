/// \file
/// Where in which file each field of an experiment was written, so that what is
/// wrong with it can be pointed at long after parsing.
#ifndef TRANSECT_EXPERIMENTS_READING_SOURCE_MAP_H_
#define TRANSECT_EXPERIMENTS_READING_SOURCE_MAP_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace transect {

/// Places by field path ("axis[1].values[0]", "base.training.steps").
class SourceMap {
 public:
  /// The places of the fields of `message`, which `text` parses to. `file` is
  /// what places print. kInvalidArgument if the text does not parse; the
  /// message of ParseTextproto says more.
  static absl::StatusOr<SourceMap> Make(
      absl::string_view text, absl::string_view file,
      const google::protobuf::Message& message);

  /// Lays `upper` over this map by the rule of merge.h: its places win, and a
  /// list of its own replaces the list here.
  void MergeOver(const SourceMap& upper);

  /// Makes `place` that of `field` and of all that is in it.
  void Replace(absl::string_view field, absl::string_view place);

  /// `file:line:column`, from 1, of `field` or of the nearest message around it
  /// that is written in a file; the file alone if there is none, "" in an empty
  /// map. All elements of a list in brackets are at the place of the list.
  std::string Find(absl::string_view field) const;

 private:
  // The file itself is under "".
  std::map<std::string, std::string, std::less<>> places_;
};

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_SOURCE_MAP_H_
