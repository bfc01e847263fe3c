#include "launch/cli/live_text.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/io/terminal_text.h"

namespace transect {
namespace {

constexpr int kUsualRows = 24;
// For the last text to get out before the program ends.
constexpr std::chrono::milliseconds kPatience{200};

}  // namespace

bool CanRedraw() {
  const char* terminal = getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && terminal != nullptr &&
         *terminal != '\0' && absl::string_view(terminal) != "dumb";
}

int TerminalRows() {
  winsize size;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0
             ? size.ws_row
             : kUsualRows;
}

std::string FirstLines(absl::string_view text, int most) {
  size_t end = 0;
  for (int i = 0; i < most && end < text.size(); ++i) {
    const size_t newline = text.find('\n', end);
    end = newline == text.npos ? text.size() : newline + 1;
  }
  return std::string(text.substr(0, end));
}

LiveText::LiveText() : screen_(STDOUT_FILENO) {}

void LiveText::Show(absl::string_view text) {
  if (!screen_.Idle()) return;
  const std::string safe = TerminalSafe(text, {.styles = true});
  // The rest of each old line is cleared, and what was below.
  std::string drawing =
      drawn_lines_ > 0 ? absl::StrCat("\x1b[", drawn_lines_, "A\r") : "";
  absl::StrAppend(&drawing, absl::StrReplaceAll(safe, {{"\n", "\x1b[K\n"}}),
                  "\x1b[J");
  screen_.Write(drawing);
  screen_.Flush(kPatience);
  drawn_lines_ = static_cast<int>(std::ranges::count(safe, '\n'));
}

}  // namespace transect
