// A walk: a text file of commands and what each prints, as a person at a
// terminal would see it.
//
//     # Prose, where no output is expected.
//     $ transect plan tiny.textproto
//     tiny   1 design …
//     …
//     ? 1
//
// A line "$ COMMAND" is run by bash, together with the lines "> MORE" that
// follow it. The lines after it, up to the next "$ " or "# ", are what it
// prints to stdout and stderr: all of it, in order. "…" stands for any text
// within a line, and a line of "…" for any number of lines. Spaces at the ends
// of lines and empty lines at both ends of an output do not count. "? N" says
// that the exit code is N; it is 0 without that line.
#ifndef TRANSECT_TESTS_E2E_WALK_SCRIPT_H_
#define TRANSECT_TESTS_E2E_WALK_SCRIPT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

struct WalkStep {
  // Line of the "$ " in the file, from 1.
  int line = 0;
  // For bash; may have several lines.
  std::string command;
  std::vector<std::string> expected;
  int exit_code = 0;
};

std::vector<WalkStep> ParseWalk(absl::string_view text);

// Why `output` is not what the step expects, naming the first expected line
// that no line of the output is left for; "" if it is.
std::string Mismatch(const WalkStep& step, absl::string_view output,
                     int exit_code);

}  // namespace transect

#endif  // TRANSECT_TESTS_E2E_WALK_SCRIPT_H_
