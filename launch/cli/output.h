/// \file
/// What a verb says: to scripts on stdout, to people on stderr.
#ifndef TRANSECT_LAUNCH_CLI_OUTPUT_H_
#define TRANSECT_LAUNCH_CLI_OUTPUT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/cli/verb.h"

namespace transect {

/// Writes `text` to stdout; an error where not all of it can be written.
absl::Status PrintOut(absl::string_view text);

/// Writes `text` to stderr.
void Tell(absl::string_view text);

/// Tells how far `what` is, "hashing: 40 %", when that has changed.
class PercentTeller {
 public:
  void Tell(absl::string_view what, int64_t done, int64_t total);

 private:
  std::string last_;
};

/// Whether output to `descriptor` is colored: --color, NO_COLOR and TERM.
bool UseColor(const CommandContext& context, int descriptor);

/// Columns of the terminal behind `descriptor`; 0 where there is none.
int TerminalWidth(int descriptor);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_OUTPUT_H_
