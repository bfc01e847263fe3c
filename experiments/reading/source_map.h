/// \file
/// Where in which file each field of an experiment was written, so that what is
/// wrong with it can be pointed at long after parsing.
#ifndef TRANSECT_EXPERIMENTS_READING_SOURCE_MAP_H_
#define TRANSECT_EXPERIMENTS_READING_SOURCE_MAP_H_

#include <map>
#include <string>
#include <utility>

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

  /// Notes that the list `list` of this map has the value called `name`, which
  /// `place` declares, and that the list at `by`, which is to be laid over it,
  /// has not.
  void NoteReplaced(absl::string_view list, absl::string_view name,
                    absl::string_view place, absl::string_view by);

  /// Why no `list` of the result has a value called `name` that a file
  /// declares, with the way out, to append to a message: "; FILE:LINE:COLUMN
  /// declares it, but ..."; "" where no file does.
  std::string WhyGone(absl::string_view list, absl::string_view name) const;

  /// Makes `place` that of `field` and of all that is in it.
  void Replace(absl::string_view field, absl::string_view place);

  /// `file:line:column`, from 1, of `field` or of the nearest message around it
  /// that is written in a file; the file alone if there is none, "" in an empty
  /// map. All elements of a list in brackets are at the place of the list.
  std::string Find(absl::string_view field) const;

 private:
  // The file itself is under "".
  std::map<std::string, std::string, std::less<>> places_;
  // By list and name: where it was declared and what replaced it.
  std::map<std::pair<std::string, std::string>,
           std::pair<std::string, std::string>>
      replaced_;
};

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_SOURCE_MAP_H_
