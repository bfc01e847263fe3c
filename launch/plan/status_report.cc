#include "launch/plan/status_report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/estimate_text.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.h"
#include "launch/plan/price.h"
#include "launch/store/check_job.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

constexpr int kFormatVersion = 1;

// Adds what an attempt in `job_dir` was expected to cost, if that was recorded,
// and what it did cost.
void AddAttempt(const std::string& id, const std::string& name,
                const std::string& job_dir, int attempt, StatusPrices* prices) {
  const absl::StatusOr<LaunchPlan> launch =
      ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(job_dir, attempt)));
  if (!launch.ok() || !launch->has_forecast()) {
    prices->set_unpriced(prices->unpriced() + 1);
    return;
  }
  // Of all that it evaluated, whichever of the runs that share it asked.
  const Result result =
      ResultOfAttempt(job_dir, EvaluationsOf(*launch), attempt);
  StatusJob* const job = prices->add_jobs();
  job->set_id(id);
  job->set_name(name);
  *job->mutable_forecast() = launch->forecast();
  job->set_seconds(result.seconds());
  job->set_memory_bytes(result.peak_memory_bytes());
  job->set_device_memory_bytes(result.peak_device_memory_bytes());
  if (launch->forecast().basis() == PriceBasis::GUESS) {
    prices->set_guesses(prices->guesses() + 1);
  }
}

// What a comparison takes from a job: predicted and measured, 0 for unknown.
struct Pair {
  PlanEstimate predicted;
  double measured = 0;
};

PlanEstimate Exactly(int64_t value) {
  PlanEstimate estimate;
  estimate.set_low(static_cast<double>(value));
  estimate.set_value(static_cast<double>(value));
  estimate.set_high(static_cast<double>(value));
  return estimate;
}

Pair HoursOfJob(const StatusJob& job, HourUnit unit) {
  const Forecast& forecast = job.forecast();
  JobPrice price;
  price.processors = forecast.processors();
  price.gpus = forecast.gpus();
  price.seconds = {forecast.seconds_low(), forecast.seconds(),
                   forecast.seconds_high()};
  const Estimate predicted = HoursOf(price, unit);
  price.seconds = {job.seconds(), job.seconds(), job.seconds()};
  Pair pair;
  pair.predicted.set_low(predicted.low);
  pair.predicted.set_value(predicted.value);
  pair.predicted.set_high(predicted.high);
  pair.measured = HoursOf(price, unit).value;
  return pair;
}

// Compares over all jobs of which both numbers are known. `add` puts a job's
// number to that of the others: a sum or the larger.
void Compare(const StatusPrices& prices,
             const std::function<Pair(const StatusJob&)>& pair_of,
             const std::function<double(double, double)>& add,
             StatusComparison* (StatusPrices::*mutable_comparison)(),
             StatusPrices* to) {
  StatusComparison comparison;
  PlanEstimate& sum = *comparison.mutable_predicted();
  double furthest = -1;
  for (const StatusJob& job : prices.jobs()) {
    const Pair pair = pair_of(job);
    if (!(pair.predicted.value() > 0) || !(pair.measured > 0)) continue;
    sum.set_low(add(sum.low(), pair.predicted.low()));
    sum.set_value(add(sum.value(), pair.predicted.value()));
    sum.set_high(add(sum.high(), pair.predicted.high()));
    comparison.set_measured(add(comparison.measured(), pair.measured));
    const double ratio = pair.measured / pair.predicted.value();
    if (std::abs(std::log(ratio)) > furthest) {
      furthest = std::abs(std::log(ratio));
      comparison.set_worst_ratio(ratio);
      comparison.set_worst_job(job.name());
    }
  }
  if (furthest < 0) return;
  comparison.set_ratio(comparison.measured() / sum.value());
  *(to->*mutable_comparison)() = comparison;
}

void AddPrices(const Plan& plan, StatusReport* report) {
  StatusPrices prices;
  const HourUnit unit = UnitOf(plan);
  prices.set_unit(std::string(UnitName(unit)));
  // Runs that differ in what they evaluate share attempts.
  std::set<std::pair<std::string, int>> seen;
  for (const Job& job : plan.jobs) {
    if (!job.selected || job.state != JobState::kDone) continue;
    const std::vector<EvaluateJob> evaluations = EvaluationsOf(job.launch);
    for (const int attempt : AttemptsThatCount(job.dir, evaluations)) {
      if (!seen.emplace(job.dir, attempt).second) continue;
      AddAttempt(job.id, job.name, job.dir, attempt, &prices);
    }
  }
  if (prices.jobs().empty()) return;
  const auto larger = [](double a, double b) { return std::max(a, b); };
  Compare(
      prices, [unit](const StatusJob& job) { return HoursOfJob(job, unit); },
      std::plus<>(), &StatusPrices::mutable_hours, &prices);
  Compare(
      prices,
      [](const StatusJob& job) {
        return Pair{Exactly(job.forecast().memory_bytes()),
                    static_cast<double>(job.memory_bytes())};
      },
      larger, &StatusPrices::mutable_memory_bytes, &prices);
  Compare(
      prices,
      [](const StatusJob& job) {
        return Pair{Exactly(job.forecast().device_memory_bytes()),
                    static_cast<double>(job.device_memory_bytes())};
      },
      larger, &StatusPrices::mutable_device_memory_bytes, &prices);
  *report->mutable_prices() = prices;
}

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

}  // namespace

StatusReport MakeStatusReport(const Plan& plan) {
  StatusReport report;
  report.set_format_version(kFormatVersion);
  report.set_experiment(plan.expansion.name);
  report.set_runs(plan.CountSelected());
  report.set_code_unknown(plan.code.empty());
  for (const JobState state : kJobStates) {
    if (const int runs = plan.CountRuns(state); runs > 0) {
      PlanCounts* const count = report.add_counts();
      count->set_state(ToPlanState(state));
      count->set_runs(runs);
    }
  }
  for (const int index : GivenUpJobs(plan)) {
    const Job& job = plan.jobs[index];
    StatusFailure* const failure = report.add_given_up();
    failure->set_id(job.id);
    failure->set_name(job.name);
    failure->set_cause(job.note);
    failure->set_times(job.equal_failures);
  }
  for (std::string& line : MisfitsText(plan)) {
    report.add_misfits(std::move(line));
  }
  AddPrices(plan, &report);
  return report;
}

std::string RenderStatus(const StatusReport& report, int width) {
  std::vector<std::string> counts;
  for (const PlanCounts& count : report.counts()) {
    counts.push_back(absl::StrCat(
        count.runs(), " ",
        report.code_unknown() && count.state() == PlanState::STALE
            ? "done, code unknown"
            : absl::StrReplaceAll(
                  absl::AsciiStrToLower(PlanState::Value_Name(count.state())),
                  {{"_", " "}})));
  }
  std::string text = absl::StrCat(report.experiment(), ": ", report.runs(),
                                  " runs: ", absl::StrJoin(counts, ", "), "\n");
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
