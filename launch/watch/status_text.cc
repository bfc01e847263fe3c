#include "launch/watch/status_text.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "data/io/terminal_text.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/estimate_text.h"
#include "launch/plan/plan_report.pb.h"
#include "launch/store/store.h"
#include "launch/watch/watched_run.h"

namespace transect {
namespace {

std::string RatioText(double ratio) { return absl::StrFormat("%.2f", ratio); }

std::vector<std::string> Row(const std::string& name,
                             const StatusComparison& comparison,
                             const std::string& predicted,
                             const std::string& measured) {
  return {name, predicted, measured, RatioText(comparison.ratio()),
          absl::StrCat(RatioText(comparison.worst_ratio()), "  ",
                       comparison.worst_job())};
}

std::vector<std::string> MemoryRow(const std::string& name,
                                   const StatusComparison& comparison) {
  return Row(name, comparison,
             QuantityText(comparison.predicted().value(), "B"),
             QuantityText(comparison.measured(), "B"));
}

std::string PricesText(const StatusPrices& prices, int width) {
  // One job may have been done in several attempts.
  std::set<std::string> ids;
  for (const StatusJob& job : prices.jobs()) ids.insert(job.id());
  std::string head = absl::StrCat(
      "prices  of ", CountText(static_cast<int64_t>(ids.size()), "done job"),
      ", as predicted before they started");
  if (prices.guesses() > 0) {
    absl::StrAppend(&head, "; ", prices.guesses(),
                    prices.guesses() == 1 ? " was a guess" : " were guesses");
  }
  if (prices.unpriced() > 0) {
    absl::StrAppend(&head, "; of ", prices.unpriced(),
                    " more no price was recorded");
  }
  std::vector<std::vector<std::string>> rows = {
      {"", "predicted", "measured", "ratio", "furthest off"}};
  if (prices.has_hours()) {
    const PlanEstimate& predicted = prices.hours().predicted();
    rows.push_back(
        Row(prices.unit(), prices.hours(),
            EstimateText(predicted.low(), predicted.value(), predicted.high()),
            NumberText(prices.hours().measured())));
  }
  if (prices.has_memory_bytes()) {
    rows.push_back(MemoryRow("memory a rank", prices.memory_bytes()));
  }
  if (prices.has_device_memory_bytes()) {
    rows.push_back(
        MemoryRow("GPU memory a rank", prices.device_memory_bytes()));
  }
  // The last column is set flush left.
  int widest = 0;
  for (const auto& row : rows) {
    widest = std::max(widest, DisplayWidth(row.back()));
  }
  for (auto& row : rows) row.back() = PadRight(row.back(), widest);
  return absl::StrCat(
      WrapText(head, width, 8),
      AlignColumns(rows, {.left_columns = 1, .margin = 2, .width = width}));
}

// "4 runs: 1 done, 2 running".
std::string CountsLine(const StatusReport& report) {
  std::vector<std::string> counts;
  for (const WatchCounts& count : report.states()) {
    counts.push_back(
        absl::StrCat(count.runs(), " ",
                     report.code_unknown() && count.state() == WatchState::STALE
                         ? "done, code unknown"
                         : WatchStateName(count.state())));
  }
  return absl::StrCat(
      report.experiment().empty() ? ""
                                  : absl::StrCat(report.experiment(), ": "),
      CountText(report.runs(), "run"), counts.empty() ? "" : ": ",
      absl::StrJoin(counts, ", "), "\n");
}

}  // namespace

std::string RenderStatus(const StatusReport& report,
                         const RunTableStyle& style) {
  const int width = style.width;
  std::string text = CountsLine(report);
  std::vector<const WatchedRun*> runs;
  for (const WatchedRun& run : report.run()) runs.push_back(&run);
  absl::StrAppend(&text, RenderRunTable(runs, style));
  if (std::ranges::any_of(report.run(), [](const WatchedRun& run) {
        return run.has_giou() && run.validated_step() > 0;
      })) {
    text += WrapText(
        "gIoU in parentheses: of the last validation of a training that is "
        "not over.",
        width, 4);
  }
  for (const std::string& problem : report.problem()) {
    text += WrapText(absl::StrCat("NOTE ", problem), width, 4);
  }
  for (const StatusFailure& failure : report.given_up()) {
    text +=
        WrapText(absl::StrCat(ShownId(failure.id()), "  ", failure.name(), "  ",
                              FailureText(failure.times(), failure.cause())),
                 width, 4);
  }
  if (!report.given_up().empty()) {
    text += WrapText(
        "`run` does not start these again by itself: mend the cause, then "
        "select them, as with state=failed, or use --retry.",
        width, 4);
  }
  for (const std::string& misfit : report.misfits()) {
    text += WrapText(misfit, width, 4);
  }
  if (report.has_prices()) {
    text += PricesText(report.prices(), width);
  }
  return text;
}

}  // namespace transect
