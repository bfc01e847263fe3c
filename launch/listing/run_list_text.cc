#include "launch/listing/run_list_text.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/terminal_text.h"
#include "launch/listing/run_list.h"
#include "launch/store/store.h"

namespace transect {
namespace {

using Row = std::vector<std::string>;

constexpr char kNone[] = "-";

std::string Word(ListedState::Value state) {
  return absl::StrReplaceAll(ListedStateName(state), {{"_", " "}});
}

TerminalStyle StyleOf(ListedState::Value state) {
  switch (state) {
    case ListedState::DONE:
      return TerminalStyle::kGreen;
    case ListedState::RUNNING:
      return TerminalStyle::kYellow;
    case ListedState::FAILED:
    case ListedState::CORRUPT:
      return TerminalStyle::kRed;
    default:
      return TerminalStyle::kGray;
  }
}

std::string OrNone(const std::string& text) {
  return text.empty() ? kNone : text;
}

// "2 done, 1 failed".
std::string CountsText(const std::map<int, int>& counts) {
  std::vector<std::string> parts;
  for (const auto& [state, count] : counts) {
    parts.push_back(
        absl::StrCat(count, " ", Word(static_cast<ListedState::Value>(state))));
  }
  return absl::StrJoin(parts, ", ");
}

// Columns for the scores of a run; further ones are counted.
constexpr int kScoresWidth = 40;

// A role, or the end of a directory's path.
std::string DataText(const std::string& data) {
  const size_t slash = data.rfind('/');
  return OneLine(slash == data.npos ? data
                                    : absl::StrCat("…", data.substr(slash)));
}

std::string ScoreText(const ListedEvaluation& evaluation) {
  return absl::StrCat(
      evaluation.split(),
      evaluation.data().empty()
          ? ""
          : absl::StrCat(" of ", DataText(evaluation.data())),
      evaluation.resolution() == 0
          ? ""
          : absl::StrCat(" at ", evaluation.resolution(), " px"),
      " ",
      evaluation.has_giou() ? absl::StrFormat("%.2f", 100 * evaluation.giou())
                            : "?");
}

// "val 41.20, test 39.05"; on other data "test of …/new 12.00". The run's
// own data come first. What does not fit is counted: "val 41.20, 3 more".
std::string ScoresText(const ListedRun& run) {
  std::vector<std::string> parts;
  for (const bool own : {true, false}) {
    for (const ListedEvaluation& evaluation : run.evaluations()) {
      if (evaluation.data().empty() == own) {
        parts.push_back(ScoreText(evaluation));
      }
    }
  }
  if (parts.empty()) return "–";
  std::string text = parts[0];
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string longer = absl::StrCat(text, ", ", parts[i]);
    if (DisplayWidth(longer) > kScoresWidth) {
      return absl::StrCat(text, ", ", parts.size() - i, " more");
    }
    text = longer;
  }
  return text;
}

void AppendExperiments(const StoreListing& list, const RunListStyle& style,
                       std::string* text) {
  struct Summary {
    std::map<int, int> counts;
    int64_t youngest = 0;
  };
  std::map<std::string, Summary> experiments;
  for (const ListedRun& run : list.runs()) {
    Summary& summary = experiments[OneLine(OrNone(run.experiment()))];
    ++summary.counts[run.state()];
    summary.youngest = std::max(summary.youngest, run.start_unix_us());
  }
  std::vector<Row> rows = {{"experiment", "runs", "last", ""}};
  for (const auto& [name, summary] : experiments) {
    int runs = 0;
    for (const auto& [state, count] : summary.counts) runs += count;
    rows.push_back({name, absl::StrCat(runs), DateText(summary.youngest),
                    CountsText(summary.counts)});
  }
  absl::StrAppend(text, AlignColumns(rows, {.margin = 2, .width = style.width}),
                  "\n");
}

void AppendRuns(const StoreListing& list, int shown, const RunListStyle& style,
                std::string* text) {
  std::vector<Row> rows = {
      {"id", "state", "started", "gIoU", "code", "experiment", "run"}};
  for (int i = 0; i < shown; ++i) {
    const ListedRun& run = list.runs(i);
    rows.push_back(
        {ShownId(run.id()), Word(run.state()), DateText(run.start_unix_us()),
         ScoresText(run), run.code(), OneLine(OrNone(run.experiment())),
         absl::StrCat(OneLine(OrNone(run.name())),
                      run.note().empty()
                          ? ""
                          : absl::StrCat("; ", OneLine(run.note())))});
  }
  std::vector<std::string> lines = absl::StrSplit(
      AlignColumns(rows, {.margin = 2, .width = style.width}), '\n');
  // Colored after the lines were cut; the state is the second column.
  const size_t begin = 2 + kShownIdDigits + 2;
  for (int i = 0; i < shown; ++i) {
    std::string& line = lines[i + 1];
    const std::string word = Word(list.runs(i).state());
    // A narrow terminal cuts lines before the state.
    if (line.size() < begin + word.size() ||
        line.substr(begin, word.size()) != word) {
      continue;
    }
    line =
        absl::StrCat(line.substr(0, begin),
                     Styled(word, StyleOf(list.runs(i).state()), style.color),
                     line.substr(begin + word.size()));
  }
  absl::StrAppend(text, absl::StrJoin(lines, "\n"));
}

}  // namespace

std::string RenderRunList(const StoreListing& list, const RunListStyle& style) {
  std::string text = WrapText(
      absl::StrCat("store ", list.store(), "   present code ",
                   list.code().empty() ? "unknown" : ShownCode(list.code())),
      style.width, 2);
  if (list.runs().empty()) {
    return absl::StrCat(text, list.all_runs() == 0
                                  ? "No runs.\n"
                                  : absl::StrCat("None of ", list.all_runs(),
                                                 " runs matches.\n"));
  }
  AppendExperiments(list, style, &text);
  const int shown = style.all ? list.runs_size()
                              : std::min(list.runs_size(), kMostListedRuns);
  AppendRuns(list, shown, style, &text);
  std::map<int, int> counts;
  for (const ListedRun& run : list.runs()) ++counts[run.state()];
  const std::string end = absl::StrCat(
      "\n", CountText(list.runs_size(), "run"),
      list.runs_size() < list.all_runs() ? absl::StrCat(" of ", list.all_runs())
                                         : "",
      ": ", CountsText(counts),
      shown < list.runs_size()
          ? absl::StrCat("; the ", shown,
                         " youngest are shown, --all shows all")
          : "");
  return absl::StrCat(text, WrapText(end, style.width, 2));
}

}  // namespace transect
