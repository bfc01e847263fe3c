#include "launch/plan/plan_text.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "data/io/message_strings.h"
#include "data/io/terminal_text.h"
#include "google/protobuf/repeated_field.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/estimate_text.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

// Of a name or message, in columns.
constexpr int kWidestText = 4000;

// Order of columns and counts.
constexpr PlanState::Value kPlanStates[] = {
    PlanState::NEW,     PlanState::TRAINED,      PlanState::DONE,
    PlanState::STALE,   PlanState::OLDER_SCHEME, PlanState::FAILED,
    PlanState::RUNNING, PlanState::PENDING,      PlanState::CORRUPT};

std::string Word(PlanState::Value state) {
  return state == PlanState::RUNNING
             ? "in flight"
             : absl::StrReplaceAll(
                   absl::AsciiStrToLower(PlanState::Value_Name(state)),
                   {{"_", " "}});
}

TerminalStyle StyleOf(PlanState::Value state) {
  switch (state) {
    case PlanState::DONE:
      return TerminalStyle::kGreen;
    case PlanState::RUNNING:
      return TerminalStyle::kYellow;
    case PlanState::FAILED:
    case PlanState::CORRUPT:
      return TerminalStyle::kRed;
    default:
      return TerminalStyle::kGray;
  }
}

std::string Aligned(const std::vector<std::vector<std::string>>& rows,
                    size_t left_columns, const PlanStyle& style) {
  return AlignColumns(
      rows, {.left_columns = left_columns, .margin = 2, .width = style.width});
}

std::string EstimateText(const PlanEstimate& estimate) {
  return transect::EstimateText(estimate.low(), estimate.value(),
                                estimate.high());
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
      report.experiment(), "   ", CountText(report.designs_size(), "design"),
      " · ", CountText(report.base_settings_size(), "axis", "axes"),
      " · seeds ", absl::StrJoin(report.seeds(), ", "), "   code ",
      report.code().empty() ? "unknown" : ShownCode(report.code()), "   store ",
      report.store());
  absl::StrAppend(text, WrapText(head, style.width, 2));
  std::vector<std::string> settings;
  for (const PlanSetting& setting : report.base_settings()) {
    settings.push_back(absl::StrCat(setting.axis(), "=", setting.value()));
  }
  if (!settings.empty()) {
    absl::StrAppend(
        text, WrapText(absl::StrCat("base   ", absl::StrJoin(settings, " ")),
                       style.width, 2));
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
      rows.back().push_back(DashIfZero(RunsIn(design, state)));
    }
    if (shared > 0) {
      rows.back().push_back(DashIfZero(design.shared()));
    }
    rows.back().push_back(EstimateText(design.price().hours()));
  }
  absl::StrAppend(text, Aligned(rows, 2, style));
}

// One line of an input or a run; the state is colored after the line was cut.
std::string StateLine(absl::string_view before, PlanState::Value state,
                      absl::string_view word, absl::string_view after,
                      const PlanStyle& style) {
  const std::string shown = PadRight(word, 9);
  const std::string line =
      CutToWidth(absl::StrCat("  ", before, shown, "  ", after), style.width);
  const size_t begin = 2 + before.size();
  if (line.size() < begin + shown.size()) {
    return line + "\n";
  }
  return absl::StrCat(line.substr(0, begin),
                      Styled(shown, StyleOf(state), style.color),
                      line.substr(begin + shown.size()), "\n");
}

std::string ShownIdOrNone(const std::string& id) {
  return PadRight(id.empty() ? "" : ShownId(id), kShownIdDigits);
}

std::string Note(const std::string& note) {
  return note.empty() ? "" : absl::StrCat("; ", note);
}

// Of an input or a run.
template <typename T>
std::string NoteOf(const T& job) {
  return Note(job.equal_failures() < kMostEqualFailures
                  ? job.note()
                  : FailureText(job.equal_failures(), job.note()));
}

// Cost of an input or a run that is wanted.
template <typename T>
std::string Hours(const T& job) {
  return job.wanted() ? absl::StrCat("   ", EstimateText(job.price().hours()),
                                     job.price().guesses() > 0 ? " guess" : "")
                      : "";
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
    // What nobody asks for needs neither be there nor be looked at.
    const bool unneeded = found && input.unneeded() && input.id().empty();
    const bool unusable = input.unusable() && !unneeded;
    if (unneeded) word = "unneeded";
    if (unusable) word = "unusable";
    *text +=
        StateLine("", unusable ? PlanState::FAILED : input.state(), word,
                  absl::StrCat(ShownIdOrNone(input.id()), "  ", input.name(),
                               input.path().empty() ? "" : "  ", input.path(),
                               unneeded || unusable ? ""
                               : input.wanted() || input.misfit().empty()
                                   ? NoteOf(input)
                                   : Note(input.misfit()),
                               Hours(input)),
                  style);
  }
}

// ", kept: empty_mask 2".
std::string DefectCounts(
    absl::string_view what,
    const google::protobuf::RepeatedPtrField<PlanDefectCount>& counts) {
  std::vector<std::string> parts;
  for (const PlanDefectCount& count : counts) {
    parts.push_back(absl::StrCat(count.kind(), " ", count.records()));
  }
  return parts.empty()
             ? ""
             : absl::StrCat("; ", what, ": ", absl::StrJoin(parts, ", "));
}

// What becomes of the defective records of found data sets.
void AppendDataUse(const PlanReport& report, const PlanStyle& style,
                   std::string* text) {
  const auto add = [&](absl::string_view line) {
    *text += WrapText(line, style.width, 7);
  };
  for (const PlanDataUse& use : report.data_use()) {
    const bool known = use.splits_size() + use.stops_size() > 0;
    add(absl::StrCat(
        "data   ", use.role(), ": ",
        use.policy().empty() ? "stops at a defective record"
                             : absl::StrCat("of defective records ",
                                            use.policy(), "; stops at others"),
        known ? "" : "; counts are known when it has been read once",
        use.sized_as().empty()
            ? ""
            : absl::StrCat("; priced with the sizes of ", use.sized_as(),
                           " as published until then")));
    for (const PlanSplitUse& split : use.splits()) {
      const std::string counts =
          absl::StrCat(DefectCounts("kept", split.kept()),
                       DefectCounts("dropped", split.dropped()),
                       DefectCounts("repaired", split.repaired()));
      add(absl::StrCat("       split ", split.split(), ": ", split.used(),
                       " of ", split.records(), " records", counts));
    }
    for (const std::string& stop : use.stops()) {
      add(absl::StrCat("       a run would stop: ",
                       absl::StrReplaceAll(stop, {{"\n", "; "}})));
    }
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
           CellCounts(report, cell), NumberText(hours)});
    }
    absl::StrAppend(text, Aligned(rows, 4, style));
  }
}

void AppendRuns(const PlanReport& report, const PlanStyle& style,
                std::string* text) {
  absl::StrAppend(text, "\nruns\n");
  const int digits = DisplayWidth(absl::StrCat("#", report.runs_size()));
  for (const PlanRun& run : report.runs()) {
    // What is left out by selectors or a budget is told from what is not.
    const bool misfit = !run.wanted() && !run.misfit().empty();
    const bool left_out = !run.wanted() && run.state() != PlanState::DONE &&
                          run.state() != PlanState::RUNNING &&
                          run.state() != PlanState::CORRUPT;
    *text += StateLine(
        absl::StrCat(PadLeft(absl::StrCat("#", run.index()), digits), "  "),
        run.state(), Word(run.state()),
        absl::StrCat(ShownIdOrNone(run.id()), "  ", run.name(), Hours(run),
                     !left_out ? ""
                     : misfit  ? "   not started"
                     : run.equal_failures() < kMostEqualFailures
                         ? "   not selected"
                         : "   not started again",
                     misfit ? Note(run.misfit()) : NoteOf(run)),
        style);
  }
}

void AppendCost(const PlanReport& report, const PlanStyle& style,
                std::string* text) {
  // Further lines of a sentence are indented to below its text.
  const auto add = [&](absl::string_view sentence) {
    *text += WrapText(sentence, style.width, 7);
  };
  const bool assumed = std::ranges::any_of(
      report.data_use(),
      [](const PlanDataUse& use) { return !use.sized_as().empty(); });
  const PlanTotal& total = report.total();
  if (const int jobs = total.launch() + total.make(); jobs > 0) {
    const PlanPrice& price = total.price();
    std::string line =
        absl::StrCat("cost   ", EstimateText(price.hours()), " ", total.unit(),
                     price.guesses() == 0      ? ""
                     : price.guesses() == jobs ? " (guess)"
                                               : " (partly "
                                                 "guess)",
                     " · ", QuantityText(price.flops(), "FLOP"));
    if (CanStart(report)) {
      const PlanEstimate& wall = total.wall_seconds();
      const int gpus =
          price.device_memory_bytes_per_rank() > 0 ? total.gpus() : 0;
      absl::StrAppend(
          &line, " · ",
          AboutText(
              wall.low(), wall.value(), wall.high(),
              absl::StrCat(" here on ", ResourcesText(total.processors(), gpus,
                                                      total.memory_bytes()))));
    }
    if (price.memory_bytes_per_rank() > 0) {
      absl::StrAppend(&line, " · ",
                      MemoryText(price.memory_bytes_per_rank(),
                                 price.device_memory_bytes_per_rank(),
                                 price.memory_basis() == PriceBasis::GUESS));
    }
    absl::StrAppend(&line, " · ",
                    DiskText(price.disk_bytes(), total.bundle_bytes(),
                             price.checkpoint_bytes()));
    add(line);
    add(absl::StrCat(
        "hours  ",
        BasisText(std::vector<int>(price.basis().begin(), price.basis().end()),
                  price.guesses(), jobs, assumed)));
  }
  if (report.tests().seeds() >= 2) {
    add(absl::StrFormat(
        "seeds  %d: smallest attainable p = %.3g unpaired, %.3g paired",
        report.tests().seeds(), report.tests().smallest_p_unpaired(),
        report.tests().smallest_p_paired()));
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
    add(line);
  }
  for (const std::string& warning : report.warnings()) {
    add(absl::StrCat("warn   ", warning));
  }
  for (const std::string& obstacle : report.obstacles()) {
    add(absl::StrCat("stop   ", obstacle));
  }
}

// The last line.
std::string Conclusion(const PlanReport& report) {
  const PlanTotal& total = report.total();
  if (!CanStart(report)) {
    const int reasons = report.obstacles_size();
    return absl::StrCat(
        "Plan: ",
        total.launch() > 0
            ? absl::StrCat(CountText(total.launch(), "run"), " cannot start")
            : "nothing can start",
        ", for ", CountText(reasons, "reason"), ": the ",
        reasons == 1 ? "line" : "lines", " \"stop\" above.");
  }
  int waiting = 0;
  for (const PlanRun& run : report.runs()) {
    waiting += !run.wanted() && !run.misfit().empty() ? 1 : 0;
  }
  return absl::StrCat(
      "Plan: ", total.launch(), " to launch, ",
      waiting > 0 ? absl::StrCat(waiting, " cannot start (see \"warn\"), ")
                  : "",
      CountText(total.make(), "input"), " to make, ", total.reuse(),
      " to reuse.   ", report.next_command());
}

}  // namespace

std::string CountsText(const Plan& plan) {
  std::vector<std::string> parts;
  for (const JobState state : kJobStates) {
    if (const int count = plan.CountRuns(state); count > 0) {
      parts.push_back(absl::StrCat(
          count, " ", absl::StrReplaceAll(StateName(state), {{"_", " "}})));
    }
  }
  return absl::StrJoin(parts, ", ");
}

std::string RenderPlan(const PlanReport& as_planned, const PlanStyle& style) {
  // Before styles are added, so that no text brings its own.
  PlanReport report = as_planned;
  ChangeStrings(&report, [](absl::string_view text) {
    return CutToWidth(TerminalSafe(text), kWidestText);
  });
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
  AppendDataUse(report, style, &text);
  AppendCost(report, style, &text);
  text += WrapText(Conclusion(report), style.width, 2);
  return text;
}

}  // namespace transect
