// What `transect data ...` does, after the command line is parsed (cli.h). Exit
// codes as in commands.h.
#ifndef TRANSECT_LAUNCH_CLI_DATA_COMMANDS_H_
#define TRANSECT_LAUNCH_CLI_DATA_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/data.pb.h"
#include "launch/cli/commands.h"

namespace transect {

struct DataSynthOptions {
  // Text file of a SynthesisSpec (data/data.proto); empty for the defaults.
  std::string recipe;
  // Directory to make.
  std::string out;
  // FIELD=VALUE, set in the recipe in this order.
  std::vector<std::string> settings;
};
absl::StatusOr<int> DataSynthCommand(const CommandContext& context,
                                     const DataSynthOptions& options);

struct DataGalleryOptions {
  // Directory of a data set.
  std::string data;
  // A value of FoundDataset.Format.
  std::string format_of_data = "RRSISD";
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

struct DataCheckOptions {
  // Root of the data set.
  std::string root;
  // A value of FoundDataset.Format.
  std::string format_of_data = "RRSISD";
  // spiece.model with which sentences are counted in tokens; may be empty.
  std::string tokenizer;
  // Most tokens of a sentence, end token included.
  int max_tokens = 64;
  // Examples of each kind of defect.
  int examples = 3;
  // text or json.
  std::string format = "text";
};
// Exit code 2 where a run without a policy would stop.
absl::StatusOr<int> DataCheckCommand(const CommandContext& context,
                                     const DataCheckOptions& options);

struct DataExportOptions {
  // Either the start of a run's id, ...
  std::string run;
  // ... the split (empty: the only one) and the file (empty: stdout), ...
  std::string split;
  std::string out;
  // ... or the root of a data set with its layout and the directory to make.
  std::string root;
  std::string format_of_data = "RRSISD";
  std::string jsonl;
};
absl::StatusOr<int> DataExportCommand(const CommandContext& context,
                                      const DataExportOptions& options);

// The layout that --format_of_data names.
absl::StatusOr<FoundDataset::Format> LayoutByName(const std::string& name);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_DATA_COMMANDS_H_
