#include "tests/e2e/walk_script.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr char kAny[] = "…";

// Whether `line` is `pattern` with any text for each kAny.
bool LineMatches(absl::string_view pattern, absl::string_view line) {
  const std::vector<absl::string_view> parts = absl::StrSplit(pattern, kAny);
  if (parts.size() == 1) return pattern == line;
  if (!absl::ConsumePrefix(&line, parts.front())) return false;
  for (size_t i = 1; i + 1 < parts.size(); ++i) {
    const size_t found = line.find(parts[i]);
    if (found == absl::string_view::npos) return false;
    line.remove_prefix(found + parts[i].size());
  }
  return absl::EndsWith(line, parts.back());
}

// Lines without spaces at their ends, and without empty ones around them.
std::vector<std::string> Trimmed(std::vector<std::string> lines) {
  for (std::string& line : lines) absl::StripTrailingAsciiWhitespace(&line);
  const auto full = [](const std::string& line) { return !line.empty(); };
  lines.erase(std::find_if(lines.rbegin(), lines.rend(), full).base(),
              lines.end());
  lines.erase(lines.begin(), std::find_if(lines.begin(), lines.end(), full));
  return lines;
}

// How many of the first expected lines match some beginning of the output, and
// whether all of both match.
struct Reached {
  size_t expected = 0;
  bool all = false;
};

Reached Match(const std::vector<std::string>& expected,
              const std::vector<std::string>& output) {
  // Ends of the beginnings of the output that the expected lines so far match.
  std::vector<bool> ends(output.size() + 1, false);
  ends[0] = true;
  for (size_t i = 0; i < expected.size(); ++i) {
    std::vector<bool> next(output.size() + 1, false);
    bool any = false;
    for (size_t end = 0; end <= output.size(); ++end) {
      if (expected[i] == kAny) {
        next[end] = ends[end] || (end > 0 && next[end - 1]);
      } else {
        next[end] = end > 0 && ends[end - 1] &&
                    LineMatches(expected[i], output[end - 1]);
      }
      any = any || next[end];
    }
    if (!any) return {i, false};
    ends = next;
  }
  return {expected.size(), ends.back()};
}

}  // namespace

std::vector<WalkStep> ParseWalk(absl::string_view text) {
  std::vector<WalkStep> steps;
  bool in_output = false;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (absl::ConsumePrefix(&line, "$ ")) {
      WalkStep& step = steps.emplace_back();
      step.line = number;
      step.command = std::string(line);
      in_output = true;
    } else if (absl::StartsWith(line, "# ")) {
      in_output = false;
    } else if (!in_output) {
      TRANSECT_CHECK(line.empty()) << "line " << number << " of no command";
    } else if (steps.back().expected.empty() &&
               absl::ConsumePrefix(&line, "> ")) {
      absl::StrAppend(&steps.back().command, "\n", line);
    } else if (absl::ConsumePrefix(&line, "? ")) {
      TRANSECT_CHECK(absl::SimpleAtoi(line, &steps.back().exit_code))
          << "line " << number;
    } else {
      steps.back().expected.emplace_back(line);
    }
  }
  for (WalkStep& step : steps) {
    step.expected = Trimmed(std::move(step.expected));
  }
  return steps;
}

std::string Mismatch(const WalkStep& step, absl::string_view output,
                     int exit_code) {
  const std::vector<std::string> lines = Trimmed(absl::StrSplit(output, '\n'));
  const Reached reached = Match(step.expected, lines);
  std::string why;
  if (!reached.all) {
    why = reached.expected == step.expected.size()
              ? "there is more output than expected"
              : absl::StrCat("not found: ", step.expected[reached.expected]);
  } else if (exit_code != step.exit_code) {
    why = absl::StrCat("exit code ", exit_code, ", not ", step.exit_code);
  }
  if (why.empty()) return "";
  return absl::StrCat("line ", step.line, ": $ ", step.command, "\n", why,
                      "\nexit code ", exit_code, ", output:\n", output);
}

}  // namespace transect
