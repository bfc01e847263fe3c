// What `transect data ...` does, after the command line is parsed (cli.h). Exit
// codes as in commands.h.
#ifndef TRANSECT_LAUNCH_DATA_COMMANDS_H_
#define TRANSECT_LAUNCH_DATA_COMMANDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "launch/commands.h"

namespace transect {

struct DataSynthOptions {
  // Text file of a SynthesisSpec (data/data.proto); empty for the defaults.
  std::string recipe;
  // Folder to make.
  std::string out;
};
absl::StatusOr<int> DataSynthCommand(const CommandContext& context,
                                     const DataSynthOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DATA_COMMANDS_H_
