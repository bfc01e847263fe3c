// What `transect data ...` does, after the command line is parsed (cli.h). Exit
// codes as in commands.h.
#ifndef TRANSECT_LAUNCH_DATA_COMMANDS_H_
#define TRANSECT_LAUNCH_DATA_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/commands.h"

namespace transect {

struct DataSynthOptions {
  // Text file of a SynthesisSpec (data/data.proto); empty for the defaults.
  std::string recipe;
  // Folder to make.
  std::string out;
  // FIELD=VALUE, set in the recipe in this order.
  std::vector<std::string> settings;
};
absl::StatusOr<int> DataSynthCommand(const CommandContext& context,
                                     const DataSynthOptions& options);

struct DataGalleryOptions {
  // Folder of a data set.
  std::string data;
  // The page.
  std::string out;
  // Splits to show; empty for all that there are.
  std::vector<std::string> splits;
  // Most samples.
  int limit = 200;
  // Longer side of the pictures in pixels.
  int thumbnail = 480;
};
absl::StatusOr<int> DataGalleryCommand(const CommandContext& context,
                                       const DataGalleryOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DATA_COMMANDS_H_
