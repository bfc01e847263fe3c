#include "launch/watch/run_table.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/terminal_text.h"
#include "launch/store/store.h"
#include "launch/watch/watched_run.h"

namespace transect {
namespace {

using Row = std::vector<std::string>;

constexpr char kNone[] = "–";
constexpr int kMargin = 2;

TerminalStyle StyleOf(WatchState::Value state) {
  switch (state) {
    case WatchState::DONE:
      return TerminalStyle::kGreen;
    case WatchState::RUNNING:
    case WatchState::REQUEUED:
      return TerminalStyle::kYellow;
    case WatchState::FAILED:
    case WatchState::CORRUPT:
    case WatchState::LOST:
      return TerminalStyle::kRed;
    default:
      return TerminalStyle::kGray;
  }
}

// What a person wants to see of many runs.
bool IsNotable(WatchState::Value state) {
  switch (state) {
    case WatchState::RUNNING:
    case WatchState::REQUEUED:
    case WatchState::FAILED:
    case WatchState::CORRUPT:
    case WatchState::LOST:
      return true;
    default:
      return false;
  }
}

std::string NoteOf(const WatchedRun& run) {
  // The node of a run that is in flight says it already.
  std::string note =
      run.state() == WatchState::RUNNING ? "" : OneLine(run.note());
  if (!run.estimated_start().empty()) {
    absl::StrAppend(&note, note.empty() ? "" : ", ", "starts ",
                    run.estimated_start());
  }
  if (run.certified()) note = "certified";
  if (!run.job().empty()) {
    absl::StrAppend(&note, note.empty() ? "" : ", ", "job ", run.job());
  }
  return note;
}

// The cells of a line; the third is flush left, and so is the last.
Row RowOf(const WatchedRun& run, bool numbered) {
  Row row;
  row.push_back(numbered ? absl::StrCat("#", run.number()) : ShownId(run.id()));
  row.push_back(WatchStateName(run.state()));
  row.push_back(
      numbered || run.experiment().empty()
          ? OneLine(run.name())
          : absl::StrCat(OneLine(run.experiment()), ": ", OneLine(run.name())));
  row.push_back(ActivityText(run));
  row.push_back(run.has_loss() ? absl::StrFormat("%.4g", run.loss()) : kNone);
  row.push_back(GiouText(run));
  row.push_back(run.is_base()     ? "base"
                : run.has_delta() ? absl::StrFormat("%+.2f", 100 * run.delta())
                                  : kNone);
  row.push_back(run.has_seconds_left() ? RoughDurationText(run.seconds_left())
                                       : kNone);
  row.push_back(run.node().empty() ? kNone : OneLine(run.node()));
  row.push_back(run.restarts() == 0 ? kNone : absl::StrCat(run.restarts()));
  row.push_back(numbered ? ShownId(run.id()) : kNone);
  row.push_back(NoteOf(run));
  return row;
}

// Drops the columns in which nothing stands, of the first of `keep` none, and
// sets the last one flush left.
void Tidy(size_t keep, std::vector<Row>* rows) {
  for (size_t column = rows->front().size(); column-- > keep;) {
    const bool empty =
        std::all_of(rows->begin() + 1, rows->end(), [column](const Row& row) {
          return row[column] == kNone || row[column].empty();
        });
    if (!empty) continue;
    for (Row& row : *rows) {
      row.erase(row.begin() + static_cast<ptrdiff_t>(column));
    }
  }
  int widest = 0;
  for (const Row& row : *rows) {
    widest = std::max(widest, std::min(DisplayWidth(row.back()), kWidestCell));
  }
  for (Row& row : *rows) row.back() = PadRight(row.back(), widest);
}

std::string RunLines(absl::Span<const WatchedRun* const> runs,
                     const RunTableStyle& style) {
  if (runs.empty()) return "";
  const bool numbered = runs.front()->number() > 0;
  std::string split;
  for (const WatchedRun* run : runs) {
    if (!run->split().empty()) split = run->split();
  }
  std::vector<Row> rows = {
      {numbered ? "#" : "id", "state", "run", "step", "loss",
       split.empty() ? "gIoU" : absl::StrCat("gIoU ", split), "Δ base", "left",
       "node", "restarts", "id", ""}};
  int first = 0;
  for (const WatchedRun* run : runs) {
    rows.push_back(RowOf(*run, numbered));
    first = std::max(first, DisplayWidth(rows.back().front()));
  }
  first = std::max(first, DisplayWidth(rows.front().front()));
  Tidy(3, &rows);
  std::vector<std::string> lines = absl::StrSplit(
      AlignColumns(
          rows, {.left_columns = 3, .margin = kMargin, .width = style.width}),
      '\n');
  // Colored after the lines were cut; the state is the second column. What
  // stands before it is ASCII.
  const size_t begin = static_cast<size_t>(kMargin + first + 2);
  for (size_t i = 0; i < runs.size(); ++i) {
    std::string& line = lines[i + 1];
    const std::string word = WatchStateName(runs[i]->state());
    if (line.compare(std::min(begin, line.size()), word.size(), word) != 0) {
      continue;
    }
    line = absl::StrCat(line.substr(0, begin),
                        Styled(word, StyleOf(runs[i]->state()), style.color),
                        line.substr(begin + word.size()));
  }
  return absl::StrJoin(lines, "\n");
}

struct Group {
  int runs = 0;
  std::map<int, int> states;
  double sum = 0;
  int scored = 0;
};

std::string GroupLines(absl::Span<const WatchedRun* const> runs,
                       const RunTableStyle& style) {
  const bool by_cell = runs.front()->number() > 0;
  std::vector<std::pair<std::string, Group>> groups;
  std::map<std::string, size_t> places;
  for (const WatchedRun* run : runs) {
    const std::string& word = by_cell ? run->cell() : run->experiment();
    const auto [place, is_new] = places.emplace(word, groups.size());
    if (is_new) groups.emplace_back(OneLine(word), Group());
    Group& group = groups[place->second].second;
    ++group.runs;
    ++group.states[run->state()];
    if (run->has_giou() && run->validated_step() == 0) {
      group.sum += run->giou();
      ++group.scored;
    }
  }
  std::vector<Row> rows = {
      {by_cell ? "cell" : "experiment", "runs", "mean gIoU", ""}};
  for (const auto& [name, group] : groups) {
    std::vector<std::string> states;
    for (const WatchState::Value state : kWatchStates) {
      if (const auto found = group.states.find(state);
          found != group.states.end()) {
        states.push_back(
            absl::StrCat(found->second, " ", WatchStateName(state)));
      }
    }
    rows.push_back(
        {name.empty() ? "-" : name, absl::StrCat(group.runs),
         group.scored == 0
             ? kNone
             : absl::StrFormat("%.2f", 100 * group.sum / group.scored),
         absl::StrJoin(states, ", ")});
  }
  Tidy(4, &rows);
  return AlignColumns(
      rows, {.left_columns = 1, .margin = kMargin, .width = style.width});
}

}  // namespace

std::string GiouText(const WatchedRun& run) {
  if (!run.has_giou()) return kNone;
  const std::string number = absl::StrFormat("%.2f", 100 * run.giou());
  return run.validated_step() == 0 ? number : absl::StrCat("(", number, ")");
}

std::string ActivityText(const WatchedRun& run) {
  if (run.activity().empty() && run.total() == 0) return kNone;
  return absl::StrCat(run.activity().empty() || run.activity() == "step"
                          ? ""
                          : absl::StrCat(OneLine(run.activity()), " "),
                      run.done(),
                      run.total() == 0 ? "" : absl::StrCat("/", run.total()));
}

std::string RenderRunTable(absl::Span<const WatchedRun* const> runs,
                           const RunTableStyle& style) {
  if (runs.empty()) return "";
  const auto rows = static_cast<size_t>(style.rows);
  if (style.rows == 0 || runs.size() <= rows) return RunLines(runs, style);
  std::vector<const WatchedRun*> shown;
  size_t notable = 0;
  for (const WatchedRun* run : runs) {
    if (!IsNotable(run->state())) continue;
    ++notable;
    if (shown.size() < rows) shown.push_back(run);
  }
  std::string text = RunLines(shown, style);
  if (notable > shown.size()) {
    absl::StrAppend(&text, std::string(kMargin, ' '), "and ",
                    notable - shown.size(), " more that run or went wrong\n");
  }
  return absl::StrCat(text, GroupLines(runs, style));
}

}  // namespace transect
