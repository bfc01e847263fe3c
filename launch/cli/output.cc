#include "launch/cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "data/io/terminal_text.h"
#include "launch/execute/screen_writer.h"

namespace transect {
namespace {

// Without a byte being taken by stderr.
constexpr std::chrono::seconds kPatience{1};

// From one line about the same activity to the next.
constexpr std::chrono::seconds kPercentEvery{5};

// Bytes of a line for people; what is longer is no longer read.
constexpr size_t kLongestLine = 16'000;

}  // namespace

Printed PrintedAs(const CommandContext& context, absl::string_view format) {
  if (format != "text") return Printed::kDocument;
  return UseColor(context, STDOUT_FILENO) ? Printed::kColored : Printed::kText;
}

ScreenWriter& ErrorScreen() {
  static auto* const screen = new ScreenWriter(STDERR_FILENO);
  return *screen;
}

absl::Status PrintOut(absl::string_view text, Printed what) {
  // What was told before stands above it on a terminal.
  FinishTelling();
  fflush(stdout);
  const absl::Status written = WriteAll(
      STDOUT_FILENO,
      TerminalSafe(text, {.styles = what == Printed::kColored,
                          .longest_line =
                              what == Printed::kDocument ? 0 : kLongestLine}));
  if (written.ok() || absl::IsUnavailable(written)) return absl::OkStatus();
  return absl::Status(
      written.code(),
      absl::StrCat("cannot write to standard output: ", written.message()));
}

void Tell(absl::string_view text) {
  ErrorScreen().Write(TerminalSafe(text, {.longest_line = kLongestLine}));
  FinishTelling();
}

void FinishTelling() { ErrorScreen().Flush(kPatience); }

void PercentTeller::Tell(absl::string_view what, int64_t done, int64_t total) {
  const int64_t tenth = total > 0 ? 10 * done / total : 10;
  const auto now = std::chrono::steady_clock::now();
  const bool begins = what != last_what_;
  if (!begins && (tenth <= last_tenth_ || now - last_time_ < kPercentEvery)) {
    return;
  }
  last_what_ = std::string(what);
  last_tenth_ = tenth;
  last_time_ = now;
  if (!ErrorScreen().Idle()) return;
  ErrorScreen().Write(
      TerminalSafe(absl::StrCat(what, ": ", 10 * tenth, " %\n")));
}

bool SaysYes(absl::string_view question) {
  Tell(question);
  std::string answer;
  for (int c = getchar(); c != EOF && c != '\n'; c = getchar()) {
    answer.push_back(static_cast<char>(c));
  }
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return answer == "y" || answer == "yes";
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
