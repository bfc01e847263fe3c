#include "launch/plan/plan_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/io/proto_json.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"

namespace transect {
namespace {

constexpr JobState kStates[] = {JobState::kDone,    JobState::kNew,
                                JobState::kStale,   JobState::kFailed,
                                JobState::kRunning, JobState::kCorrupt,
                                JobState::kPending};

// Order of columns and counts.
constexpr PlanState::Value kPlanStates[] = {
    PlanState::NEW,    PlanState::DONE,    PlanState::STALE,
    PlanState::FAILED, PlanState::RUNNING, PlanState::PENDING,
    PlanState::CORRUPT};

std::string Word(PlanState::Value state) {
  return state == PlanState::RUNNING
             ? "in flight"
             : absl::AsciiStrToLower(PlanState::Value_Name(state));
}

std::string Painted(PlanState::Value state, absl::string_view text,
                    const PlanStyle& style) {
  if (!style.color) {
    return std::string(text);
  }
  const char* code = "90";
  if (state == PlanState::DONE) code = "32";
  if (state == PlanState::RUNNING) code = "33";
  if (state == PlanState::FAILED || state == PlanState::CORRUPT) code = "31";
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

// Columns that `text` takes, one per code point.
int Width(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Pad(absl::string_view text, int width, bool left = false) {
  const std::string spaces(std::max(0, width - Width(text)), ' ');
  return left ? absl::StrCat(spaces, text) : absl::StrCat(text, spaces);
}

// `line`, without colors, cut to the terminal.
std::string Cut(std::string line, const PlanStyle& style) {
  if (style.width <= 0 || Width(line) <= style.width) {
    return line;
  }
  int columns = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xc0) != 0x80 &&
        ++columns == style.width) {
      return absl::StrCat(line.substr(0, i), "…");
    }
  }
  return line;
}

// Sentences broken between words, further lines indented.
std::string Wrap(absl::string_view text, int indent, const PlanStyle& style) {
  std::string lines;
  int used = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (used > 0 && style.width > 0 && used + 1 + Width(word) > style.width) {
      absl::StrAppend(&lines, "\n", std::string(indent, ' '), word);
      used = indent + Width(word);
      continue;
    }
    absl::StrAppend(&lines, used > 0 || !lines.empty() ? " " : "", word);
    used += Width(word) + (used > 0 ? 1 : 0);
  }
  return lines + "\n";
}

std::string Number(double value) {
  const double size = std::abs(value);
  return size >= 100    ? absl::StrFormat("%.0f", value)
         : size >= 10   ? absl::StrFormat("%.1f", value)
         : size >= 0.01 ? absl::StrFormat("%.2f", value)
         : size > 0     ? absl::StrFormat("%.1g", value)
                        : "0";
}

// "3.3 ± 0.4", or "3.3 (0.8 to 13)" where the interval is wide.
std::string EstimateText(const PlanEstimate& estimate) {
  if (estimate.value() <= 0) {
    return "–";
  }
  const double half = (estimate.high() - estimate.low()) / 2;
  return half <= 0.5 * estimate.value()
             ? absl::StrCat(Number(estimate.value()), " ± ", Number(half))
             : absl::StrCat(Number(estimate.value()), " (",
                            Number(estimate.low()), " to ",
                            Number(estimate.high()), ")");
}

// "40 s", "12 min", "3.4 h", "5.2 days".
std::string DurationText(double seconds) {
  return seconds < 90       ? absl::StrFormat("%.0f s", seconds)
         : seconds < 5400   ? absl::StrFormat("%.0f min", seconds / 60)
         : seconds < 172800 ? absl::StrFormat("%.1f h", seconds / 3600)
                            : absl::StrFormat("%.1f days", seconds / 86400);
}

// With a prefix that counts thousands: "1.25 TFLOP", "80 MB".
std::string Scaled(double value, absl::string_view unit) {
  constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z"};
  size_t i = 0;
  while (value >= 999.5 && i + 1 < std::size(kPrefixes)) {
    value /= 1000;
    ++i;
  }
  return absl::StrFormat(value < 9.95 && i > 0 ? "%.1f %s%s" : "%.0f %s%s",
                         value, kPrefixes[i], unit);
}

std::string Count(int count, absl::string_view word) {
  return absl::StrCat(count, " ", word, count == 1 ? "" : "s");
}

std::string NumberOrDash(int count) {
  return count == 0 ? "–" : absl::StrCat(count);
}

// Rows of cells as aligned columns; the first column stands left.
std::string Aligned(const std::vector<std::vector<std::string>>& rows,
                    size_t left_columns, const PlanStyle& style) {
  std::vector<int> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, "  ", Pad(row[i], widths[i], i >= left_columns));
    }
    absl::StrAppend(
        &text,
        Cut(std::string(absl::StripTrailingAsciiWhitespace(line)), style),
        "\n");
  }
  return text;
}

int RunsIn(const PlanDesign& design, PlanState::Value state) {
  for (const PlanCounts& count : design.counts()) {
    if (count.state() == state) {
      return count.runs();
    }
  }
  return 0;
}

void AppendHead(const PlanReport& report, const PlanStyle& style,
                std::string* text) {
  std::string head = absl::StrCat(
      report.experiment(), "   ", Count(report.designs_size(), "design"), " · ",
      report.base_settings_size(),
      report.base_settings_size() == 1 ? " axis" : " axes", " · seeds ",
      absl::StrJoin(report.seeds(), ", "), "   code ",
      report.code().empty() ? "unknown" : ShownCode(report.code()), "   store ",
      report.store());
  absl::StrAppend(text, Wrap(head, 2, style));
  std::vector<std::string> settings;
  for (const PlanSetting& setting : report.base_settings()) {
    settings.push_back(absl::StrCat(setting.axis(), "=", setting.value()));
  }
  if (!settings.empty()) {
    absl::StrAppend(
        text,
        Wrap(absl::StrCat("base   ", absl::StrJoin(settings, " ")), 2, style));
  }
}

void AppendDesigns(const PlanReport& report, const PlanStyle& style,
                   std::string* text) {
  std::vector<PlanState::Value> states;
  int shared = 0;
  for (const PlanState::Value state : kPlanStates) {
    int runs = 0;
    for (const PlanDesign& design : report.designs()) {
      runs += RunsIn(design, state);
    }
    if (runs > 0 || state == PlanState::NEW || state == PlanState::DONE) {
      states.push_back(state);
    }
  }
  for (const PlanDesign& design : report.designs()) {
    shared += design.shared();
  }
  std::vector<std::vector<std::string>> rows = {
      {"design", "", "cells", "runs"}};
  for (const PlanState::Value state : states) {
    rows[0].push_back(Word(state));
  }
  if (shared > 0) {
    rows[0].push_back("shared");
  }
  rows[0].push_back(report.total().unit());
  for (const PlanDesign& design : report.designs()) {
    rows.push_back({design.name(), design.kind(),
                    absl::StrCat(design.cells_size()),
                    absl::StrCat(design.runs())});
    for (const PlanState::Value state : states) {
      rows.back().push_back(NumberOrDash(RunsIn(design, state)));
    }
    if (shared > 0) {
      rows.back().push_back(NumberOrDash(design.shared()));
    }
    rows.back().push_back(EstimateText(design.price().hours()));
  }
  absl::StrAppend(text, Aligned(rows, 2, style));
}

// One line of an input or a run; the state is painted after the line was cut.
std::string StateLine(absl::string_view before, PlanState::Value state,
                      absl::string_view word, absl::string_view after,
                      const PlanStyle& style) {
  const std::string shown = Pad(word, 9);
  const std::string line =
      Cut(absl::StrCat("  ", before, shown, "  ", after), style);
  const size_t begin = 2 + before.size();
  if (line.size() < begin + shown.size()) {
    return line + "\n";
  }
  return absl::StrCat(line.substr(0, begin), Painted(state, shown, style),
                      line.substr(begin + shown.size()), "\n");
}

std::string ShownIdOrNone(const std::string& id) {
  return Pad(id.empty() ? "" : ShownId(id), kShownIdDigits);
}

std::string Note(const std::string& note) {
  return note.empty() ? "" : absl::StrCat("; ", note);
}

void AppendInputs(const PlanReport& report, const PlanStyle& style,
                  std::string* text) {
  if (report.inputs().empty()) {
    return;
  }
  absl::StrAppend(text, "\ninputs\n");
  for (const PlanInput& input : report.inputs()) {
    const bool found = !input.role().empty();
    std::string word = Word(input.state());
    if (input.state() == PlanState::DONE) word = found ? "found" : "made";
    if (input.state() == PlanState::NEW)
      word = input.wanted() ? "to make" : "unneeded";
    absl::StrAppend(
        text,
        StateLine(
            "", input.state(), word,
            absl::StrCat(
                ShownIdOrNone(input.id()), "  ", input.name(),
                input.path().empty() ? "" : "  ", input.path(),
                Note(input.note()),
                input.wanted()
                    ? absl::StrCat("   ", EstimateText(input.price().hours()))
                    : ""),
            style));
  }
}

// "3 new, 2 done" of the runs of a cell.
std::string CellCounts(const PlanReport& report, const PlanCell& cell) {
  std::map<PlanState::Value, int> counts;
  for (const int run : cell.runs()) {
    ++counts[report.runs(run - 1).state()];
  }
  std::vector<std::string> parts;
  for (const PlanState::Value state : kPlanStates) {
    if (counts[state] > 0) {
      parts.push_back(absl::StrCat(counts[state], " ", Word(state)));
    }
  }
  return absl::StrJoin(parts, ", ");
}

void AppendCells(const PlanReport& report, const PlanStyle& style,
                 std::string* text) {
  absl::StrAppend(text, "\ncells   (", report.runs_size(),
                  " runs; --all shows them)\n");
  for (const PlanDesign& design : report.designs()) {
    std::vector<std::vector<std::string>> rows;
    for (const PlanCell& cell : design.cells()) {
      double hours = 0;
      for (const int run : cell.runs()) {
        hours += report.runs(run - 1).price().hours().value();
      }
      const std::string first = absl::StrCat("#", cell.runs(0));
      rows.push_back(
          {design.name(), cell.label(),
           cell.runs_size() == 1
               ? first
               : absl::StrCat(first, "…", "#", cell.runs(cell.runs_size() - 1)),
           CellCounts(report, cell), Number(hours)});
    }
    absl::StrAppend(text, Aligned(rows, 4, style));
  }
}

void AppendRuns(const PlanReport& report, const PlanStyle& style,
                std::string* text) {
  absl::StrAppend(text, "\nruns\n");
  const int digits = Width(absl::StrCat("#", report.runs_size()));
  for (const PlanRun& run : report.runs()) {
    // What is left out by selectors or a budget is told from what is not.
    const bool left_out =
        !run.wanted() &&
        (run.state() == PlanState::NEW || run.state() == PlanState::STALE ||
         run.state() == PlanState::FAILED || run.state() == PlanState::PENDING);
    absl::StrAppend(
        text,
        StateLine(
            absl::StrCat(
                Pad(absl::StrCat("#", run.index()), digits, /*left=*/true),
                "  "),
            run.state(), Word(run.state()),
            absl::StrCat(
                ShownIdOrNone(run.id()), "  ", run.name(),
                run.wanted()
                    ? absl::StrCat("   ", EstimateText(run.price().hours()))
                    : "",
                left_out ? "   not selected" : "", Note(run.note())),
            style));
  }
}

std::string BasisText(const PlanPrice& price) {
  std::vector<std::string> parts;
  for (const std::string& basis : price.basis()) {
    parts.push_back(basis == "measured" ? "steps of finished runs like these"
                    : basis == "scaled"
                        ? "steps of finished runs of other sizes, scaled"
                    : basis == "probe" ? "the first steps of a run like these"
                                       : "operations and sizes alone, not "
                                         "measured");
  }
  return absl::StrJoin(parts, "; ");
}

void AppendCost(const PlanReport& report, const PlanStyle& style,
                std::string* text) {
  const PlanTotal& total = report.total();
  if (total.launch() + total.make() > 0) {
    absl::StrAppend(
        text,
        Wrap(
            absl::StrCat(
                "cost   ", EstimateText(total.price().hours()), " ",
                total.unit(), " · ", Scaled(total.price().flops(), "FLOP"),
                " · about ", DurationText(total.wall_seconds().value()),
                " here on ", Count(total.processors(), "processor"), " (",
                DurationText(total.wall_seconds().low()), " to ",
                DurationText(total.wall_seconds().high()), ") · at least ",
                Scaled(static_cast<double>(total.memory_bytes_per_rank()), "B"),
                " of memory a rank · ",
                Scaled(static_cast<double>(total.price().disk_bytes()), "B"),
                " of disk"),
            7, style));
    absl::StrAppend(
        text,
        Wrap(absl::StrCat("hours  from ", BasisText(total.price())), 7, style));
  }
  if (report.tests().seeds() >= 2) {
    absl::StrAppend(
        text, Wrap(absl::StrFormat("seeds  %d: smallest attainable p = %.3g "
                                   "unpaired, %.3g paired",
                                   report.tests().seeds(),
                                   report.tests().smallest_p_unpaired(),
                                   report.tests().smallest_p_paired()),
                   7, style));
  }
  if (report.has_budget()) {
    const PlanBudget& budget = report.budget();
    std::string line = absl::StrFormat(
        "budget %g %s pays for %d of %d cells, %s %s", budget.amount(),
        budget.unit(), budget.cells(), budget.all_cells(),
        EstimateText(budget.hours()), budget.unit());
    if (!budget.next_cell().empty()) {
      absl::StrAppend(&line, "; the next, ", budget.next_cell(), ", costs ",
                      EstimateText(budget.next_hours()));
    }
    absl::StrAppend(text, Wrap(line, 7, style));
  }
  for (const std::string& warning : report.warnings()) {
    absl::StrAppend(text, Wrap(absl::StrCat("warn   ", warning), 7, style));
  }
}

}  // namespace

std::string CountsText(const Plan& plan) {
  std::vector<std::string> parts;
  for (const JobState state : kStates) {
    if (const int count = plan.CountRuns(state); count > 0) {
      parts.push_back(absl::StrCat(count, " ", StateName(state)));
    }
  }
  return absl::StrJoin(parts, ", ");
}

std::string RenderPlan(const PlanReport& report, const PlanStyle& style) {
  std::string text;
  AppendHead(report, style, &text);
  AppendDesigns(report, style, &text);
  AppendInputs(report, style, &text);
  if (report.runs_size() > kMostRunsShown && !style.all) {
    AppendCells(report, style, &text);
  } else {
    AppendRuns(report, style, &text);
  }
  text += "\n";
  AppendCost(report, style, &text);
  const PlanTotal& total = report.total();
  absl::StrAppend(
      &text,
      Wrap(absl::StrCat("Plan: ", total.launch(), " to launch, ", total.make(),
                        total.make() == 1 ? " input" : " inputs", " to make, ",
                        total.reuse(), " to reuse.   ", report.next_command()),
           2, style));
  return text;
}

absl::StatusOr<std::string> RenderPlanJson(const PlanReport& report) {
  return PrintProtoJson(report);
}

}  // namespace transect
