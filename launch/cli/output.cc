#include "launch/cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace transect {

absl::Status PrintOut(absl::string_view text) {
  if (fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
      fflush(stdout) != 0) {
    return absl::ErrnoToStatus(errno, "cannot write to standard output");
  }
  return absl::OkStatus();
}

void Tell(absl::string_view text) {
  fwrite(text.data(), 1, text.size(), stderr);
  fflush(stderr);
}

void PercentTeller::Tell(absl::string_view what, int64_t done, int64_t total) {
  const int64_t percent = total > 0 ? 100 * done / total : 100;
  std::string text = absl::StrCat(what, ": ", percent, " %\n");
  if (text == last_) return;
  transect::Tell(text);
  last_ = std::move(text);
}

bool UseColor(const CommandContext& context, int descriptor) {
  if (context.color != "auto") {
    return context.color == "always";
  }
  const char* no_color = getenv("NO_COLOR");
  const char* terminal = getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') && terminal != nullptr &&
         absl::string_view(terminal) != "dumb" && isatty(descriptor) != 0;
}

int TerminalWidth(int descriptor) {
  winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace transect
