/// \file
/// Text for people at a terminal: width, padding, cutting, wrapping, aligned
/// columns, color, durations, quantities and counts. Pure functions; whether a
/// terminal shows colors and how wide it is are the caller's questions.
///
/// Text is UTF-8. Width counts code points: one column each, so combining
/// marks count too and wide East Asian characters count as one. Escape
/// sequences are not understood: measure, pad and cut first, style last.
#ifndef TRANSECT_DATA_IO_TERMINAL_TEXT_H_
#define TRANSECT_DATA_IO_TERMINAL_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// Columns that `text` takes: its code points.
int DisplayWidth(absl::string_view text);

/// `text` with spaces after it (PadRight) or before it (PadLeft) up to `width`
/// columns; wider text as it is.
std::string PadRight(absl::string_view text, int width);
std::string PadLeft(absl::string_view text, int width);

/// `text`, or its start and "…" if it is wider than `width` columns. A width of
/// 0 or less means no limit.
std::string CutToWidth(absl::string_view text, int width);

/// `text` broken at spaces into lines of at most `width` columns, with `indent`
/// spaces before every line but the first, ended by a newline. Spaces within a
/// line stay as they are. A single word that is wider gets a line of its own. A
/// width of 0 or less means no limit.
std::string WrapText(absl::string_view text, int width, int indent);

/// `text` with spaces for everything that acts on text and is not seen
/// (ActsOnText), so that text from files can neither break a line nor control a
/// terminal.
std::string OneLine(absl::string_view text);

/// What TerminalSafe lets through.
struct SafeText {
  /// Whether the sequences of Styled stay.
  bool styles = false;
  /// Longer lines are cut, with a remark; in bytes, 0 for no limit.
  size_t longest_line = 0;
};

/// `text` as it may be written to a terminal, whoever wrote it: what acts on
/// text (ActsOnText) but for line feeds and tabs, and what is not UTF-8, stands
/// as escapes that are seen: \u001b, \u202e, \xff. Every text goes through this
/// where it leaves the program (launch/cli/output.h, launch/execute/progress.h)
/// and nowhere else.
std::string TerminalSafe(absl::string_view text, const SafeText& options = {});

/// Widest cell of AlignColumns, in columns: one huge name does not widen every
/// line.
inline constexpr int kWidestCell = 1000;

struct ColumnLayout {
  /// The first columns, this many, are set flush left, the others flush right.
  size_t left_columns = SIZE_MAX;
  /// Spaces before every line.
  int margin = 0;
  /// Longer lines are cut (CutToWidth); 0 or less for no limit.
  int width = 0;
};

/// A line for each row, its cells aligned in columns two spaces apart, without
/// spaces at its end. Rows may have different numbers of cells. A cell wider
/// than kWidestCell is cut.
std::string AlignColumns(const std::vector<std::vector<std::string>>& rows,
                         const ColumnLayout& layout = {});

/// How text looks on a terminal that knows ANSI escape sequences (ECMA-48,
/// "select graphic rendition").
enum class TerminalStyle { kPlain, kBold, kGreen, kYellow, kRed, kGray };

/// `text` between the sequences that switch `style` on and off; `text` itself
/// if `color` is false or the style is plain.
std::string Styled(absl::string_view text, TerminalStyle style, bool color);

/// A measured duration in whole seconds: "8 s", "3 min 20 s", "2 h 5 min".
/// Negative and not finite values count as 0.
std::string DurationText(double seconds);

/// An estimated duration with one unit: "40 s", "12 min", "3.4 h", "5.2 days".
std::string RoughDurationText(double seconds);

/// `value`, which is at least 0, with an SI prefix: "1.2 TFLOP", "80 MB".
/// Prefixes count thousands, for bytes too.
std::string QuantityText(double value, absl::string_view unit);

/// "1 run", "2 runs". `plural` is for words that do not just take an "s".
std::string CountText(int64_t count, absl::string_view singular,
                      absl::string_view plural = "");

}  // namespace transect

#endif  // TRANSECT_DATA_IO_TERMINAL_TEXT_H_
