#include "data/io/terminal_text.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace transect {
namespace {

constexpr absl::string_view kGap = "  ";

bool StartsCodePoint(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

std::string Spaces(int count) { return std::string(std::max(count, 0), ' '); }

// SGR parameter, by TerminalStyle.
constexpr const char* kStyleCodes[] = {"", "1", "32", "33", "31", "90"};

}  // namespace

int DisplayWidth(absl::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), StartsCodePoint));
}

std::string PadRight(absl::string_view text, int width) {
  return absl::StrCat(text, Spaces(width - DisplayWidth(text)));
}

std::string PadLeft(absl::string_view text, int width) {
  return absl::StrCat(Spaces(width - DisplayWidth(text)), text);
}

std::string CutToWidth(absl::string_view text, int width) {
  if (width <= 0 || DisplayWidth(text) <= width) {
    return std::string(text);
  }
  int columns = 0;
  size_t end = 0;
  while (!StartsCodePoint(text[end]) || ++columns < width) {
    ++end;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

std::string WrapText(absl::string_view text, int width, int indent) {
  std::string lines;
  int used = 0;
  size_t at = 0;
  while (at < text.size()) {
    const size_t begin = std::min(text.find_first_not_of(' ', at), text.size());
    const size_t end = std::min(text.find(' ', begin), text.size());
    const absl::string_view word = text.substr(begin, end - begin);
    const int spaces = static_cast<int>(begin - at);
    at = end;
    if (word.empty()) {
      break;
    }
    if (used > 0 && width > 0 && used + spaces + DisplayWidth(word) > width) {
      absl::StrAppend(&lines, "\n", Spaces(indent));
      used = indent;
    } else {
      absl::StrAppend(&lines, Spaces(spaces));
      used += spaces;
    }
    absl::StrAppend(&lines, word);
    used += DisplayWidth(word);
  }
  return lines + "\n";
}

std::string OneLine(absl::string_view text) {
  std::string line(text);
  for (size_t i = 0; i < line.size(); ++i) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(line[i]))) {
      line[i] = ' ';
    }
    // U+0080 to U+009F, among them a second escape character.
    if (line[i] == '\xc2' && i + 1 < line.size() &&
        !StartsCodePoint(line[i + 1]) &&
        static_cast<unsigned char>(line[i + 1]) < 0xa0) {
      line[i] = line[i + 1] = ' ';
    }
  }
  return line;
}

std::string AlignColumns(const std::vector<std::vector<std::string>>& rows,
                         const ColumnLayout& layout) {
  std::vector<int> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = Spaces(layout.margin);
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, i == 0 ? "" : kGap,
                      i < layout.left_columns ? PadRight(row[i], widths[i])
                                              : PadLeft(row[i], widths[i]));
    }
    absl::StrAppend(
        &text,
        CutToWidth(absl::StripTrailingAsciiWhitespace(line), layout.width),
        "\n");
  }
  return text;
}

std::string Styled(absl::string_view text, TerminalStyle style, bool color) {
  if (!color || style == TerminalStyle::kPlain) {
    return std::string(text);
  }
  return absl::StrCat("\x1b[", kStyleCodes[static_cast<int>(style)], "m", text,
                      "\x1b[0m");
}

std::string DurationText(double seconds) {
  const int64_t whole =
      std::isfinite(seconds)
          ? static_cast<int64_t>(std::llround(std::clamp(seconds, 0.0, 1e9)))
          : 0;
  if (whole < 60) {
    return absl::StrCat(whole, " s");
  }
  if (whole < 3600) {
    return absl::StrCat(whole / 60, " min ", whole % 60, " s");
  }
  return absl::StrCat(whole / 3600, " h ", whole % 3600 / 60, " min");
}

std::string RoughDurationText(double seconds) {
  return seconds < 90       ? absl::StrFormat("%.0f s", seconds)
         : seconds < 5400   ? absl::StrFormat("%.0f min", seconds / 60)
         : seconds < 172800 ? absl::StrFormat("%.1f h", seconds / 3600)
                            : absl::StrFormat("%.1f days", seconds / 86400);
}

std::string QuantityText(double value, absl::string_view unit) {
  constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z"};
  size_t i = 0;
  while (value >= 999.5 && i + 1 < std::size(kPrefixes)) {
    value /= 1000;
    ++i;
  }
  return absl::StrFormat(value < 9.95 && i > 0 ? "%.1f %s%s" : "%.0f %s%s",
                         value, kPrefixes[i], unit);
}

std::string CountText(int64_t count, absl::string_view singular,
                      absl::string_view plural) {
  if (count == 1) {
    return absl::StrCat("1 ", singular);
  }
  return plural.empty() ? absl::StrCat(count, " ", singular, "s")
                        : absl::StrCat(count, " ", plural);
}

}  // namespace transect
