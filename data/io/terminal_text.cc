#include "data/io/terminal_text.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/io/utf8.h"

namespace transect {
namespace {

constexpr absl::string_view kGap = "  ";

bool StartsCodePoint(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

std::string Spaces(int count) { return std::string(std::max(count, 0), ' '); }

// SGR parameter, by TerminalStyle.
constexpr const char* kStyleCodes[] = {"", "1", "32", "33", "31", "90"};

constexpr absl::string_view kStyleOff = "\x1b[0m";

// Bytes of a sequence of Styled that `text` begins with; 0 if there is none.
size_t StyleBytes(absl::string_view text) {
  if (absl::StartsWith(text, kStyleOff)) {
    return kStyleOff.size();
  }
  for (const char* code : kStyleCodes) {
    const std::string sequence = absl::StrCat("\x1b[", code, "m");
    if (*code != '\0' && absl::StartsWith(text, sequence)) {
      return sequence.size();
    }
  }
  return 0;
}

// Appends a line as TerminalSafe has it.
void AppendSafe(absl::string_view line, bool styles, std::string* safe) {
  for (size_t at = 0; at < line.size();) {
    const std::optional<Utf8Point> point = ReadUtf8Point(line, at);
    if (!point.has_value()) {
      absl::StrAppendFormat(safe, "\\x%02x",
                            static_cast<unsigned char>(line[at]));
      ++at;
      continue;
    }
    size_t bytes = point->bytes;
    if (!ActsOnText(point->point) || point->point == '\t') {
      absl::StrAppend(safe, line.substr(at, bytes));
    } else if (const size_t style = styles ? StyleBytes(line.substr(at)) : 0;
               style > 0) {
      bytes = style;
      absl::StrAppend(safe, line.substr(at, bytes));
    } else if (point->point > 0xFFFF) {
      absl::StrAppendFormat(safe, "\\U%08x",
                            static_cast<uint32_t>(point->point));
    } else {
      absl::StrAppendFormat(safe, "\\u%04x",
                            static_cast<uint32_t>(point->point));
    }
    at += bytes;
  }
}

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
  std::string line;
  line.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const std::optional<Utf8Point> point = ReadUtf8Point(text, at);
    const size_t bytes = point.has_value() ? point->bytes : 1;
    const bool acts = point.has_value() && ActsOnText(point->point);
    absl::StrAppend(&line, acts ? " " : text.substr(at, bytes));
    at += bytes;
  }
  return line;
}

std::string TerminalSafe(absl::string_view text, const SafeText& options) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const size_t end = text.find('\n');
    absl::string_view line = text.substr(0, end);
    size_t cut = 0;
    if (options.longest_line > 0 && line.size() > options.longest_line) {
      size_t keep = options.longest_line;
      while (keep > 0 && !StartsCodePoint(line[keep])) --keep;
      cut = line.size() - keep;
      line = line.substr(0, keep);
    }
    AppendSafe(line, options.styles, &safe);
    if (cut > 0) {
      // A style that was on must not go on.
      absl::StrAppend(&safe, options.styles ? kStyleOff : "", "… (", cut,
                      " more bytes)");
    }
    if (end == absl::string_view::npos) break;
    safe += '\n';
    text.remove_prefix(end + 1);
  }
  return safe;
}

std::string AlignColumns(const std::vector<std::vector<std::string>>& rows,
                         const ColumnLayout& layout) {
  std::vector<int> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] =
          std::max(widths[i], std::min(DisplayWidth(row[i]), kWidestCell));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = Spaces(layout.margin);
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string cell = CutToWidth(row[i], kWidestCell);
      absl::StrAppend(&line, i == 0 ? "" : kGap,
                      i < layout.left_columns ? PadRight(cell, widths[i])
                                              : PadLeft(cell, widths[i]));
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
                      kStyleOff);
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
