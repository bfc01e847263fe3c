/// \file
/// What a field of an experiment means, in the words of the comments in the
/// schema. They are compiled in, so a program that was copied elsewhere knows
/// them too.
#ifndef TRANSECT_EXPERIMENTS_READING_FIELD_HELP_H_
#define TRANSECT_EXPERIMENTS_READING_FIELD_HELP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Text for the terminal: the type of the field and its default, whether it
/// enters ids, its comment (meaning, unit, range), and the fields of a message
/// or the names of an enumeration with their comments.
///
/// `path` starts at a field of RunSpec, as in an axis
/// (`model.rsrefseg.sam.lora.rank`), or of Experiment (`design.grid.axes`);
/// indexes as in error messages (`design[0].grid`) are read over. The end of a
/// path (`rank`, `lora.rank`, `exclude`) will do, of a run before others: of
/// one field it gives that help, of several their paths, types and defaults. An
/// empty path lists both messages.
/// kInvalidArgument, with a suggestion, for a field that does not exist.
absl::StatusOr<std::string> FieldHelp(absl::string_view path);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_FIELD_HELP_H_
