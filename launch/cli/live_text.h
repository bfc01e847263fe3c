/// \file
/// Text on stdout that is drawn again in its place, for people who watch.
#ifndef TRANSECT_LAUNCH_CLI_LIVE_TEXT_H_
#define TRANSECT_LAUNCH_CLI_LIVE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "launch/execute/screen_writer.h"

namespace transect {

/// Whether a text on stdout may be drawn again: it is a terminal, and TERM
/// names one that knows cursor movements.
bool CanRedraw();

/// Rows of the terminal behind stdout; 24 where there is none.
int TerminalRows();

/// The first `most` lines of `text`.
std::string FirstLines(absl::string_view text, int most);

/// A text that replaces the one before. It is made safe for the terminal
/// (TerminalSafe) with the sequences of Styled left in, and goes nowhere while
/// the terminal takes nothing: the next one is newer. Each line must fit into
/// the width of the terminal, and all lines into its rows.
class LiveText {
 public:
  LiveText();

  void Show(absl::string_view text);

 private:
  ScreenWriter screen_;
  int drawn_lines_ = 0;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_LIVE_TEXT_H_
