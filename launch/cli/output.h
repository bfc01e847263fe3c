/// \file
/// What a verb says: to scripts on stdout, to people on stderr.
///
/// Everything that verbs, the parser of the command line and the worker of a
/// request (worker_command.h) print goes through PrintOut and Tell, which make
/// it safe for a terminal (TerminalSafe): names, sentences and messages in it
/// were written by others.
#ifndef TRANSECT_LAUNCH_CLI_OUTPUT_H_
#define TRANSECT_LAUNCH_CLI_OUTPUT_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/cli/verb.h"
#include "launch/execute/screen_writer.h"

namespace transect {

/// What kind of text is printed.
enum class Printed {
  /// For people; of huge lines the start.
  kText,
  /// The same with the sequences of Styled (data/io/terminal_text.h).
  kColored,
  /// JSON, Markdown, text of Protobuf, a script: lines of any length.
  kDocument,
};

/// Of a --format: "text" is for people, colored where UseColor says so of
/// stdout; the others are documents.
Printed PrintedAs(const CommandContext& context, absl::string_view format);

/// Writes `text` to stdout, however long its reader takes; an error where not
/// all of it can be written. A reader that has read enough and is gone, as
/// `head` is, is no error.
absl::Status PrintOut(absl::string_view text, Printed what = Printed::kText);

/// Writes `text` to stderr. Goes on after a second in which the terminal takes
/// nothing; the text is then written as soon as it can be.
void Tell(absl::string_view text);

/// stderr, which Tell and the progress of runs share.
ScreenWriter& ErrorScreen();

/// Waits for what was told, a short time only if the terminal takes nothing.
void FinishTelling();

/// Tells how far `what` is, "hashing: 40 %": when it begins, and then at a new
/// tenth, at most once in some seconds, while stderr takes what is written.
class PercentTeller {
 public:
  void Tell(absl::string_view what, int64_t done, int64_t total);

 private:
  std::string last_what_;
  int64_t last_tenth_ = 0;
  std::chrono::steady_clock::time_point last_time_;
};

/// Tells `question` and reads a line of stdin. \returns whether it is "y" or
/// "yes". Callers make sure that a person sits at both ends.
bool SaysYes(absl::string_view question);

/// Whether output to `descriptor` is colored: --color, NO_COLOR and TERM.
bool UseColor(const CommandContext& context, int descriptor);

/// Columns of the terminal behind `descriptor`; 0 where there is none.
int TerminalWidth(int descriptor);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_OUTPUT_H_
