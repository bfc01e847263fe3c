#include "launch/watch/status_report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/inputs/for_each.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.h"
#include "launch/plan/price.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/watch/watched_run.h"

namespace transect {
namespace {

constexpr int kFormatVersion = 1;

// What an attempt was expected to cost. Only that part of its launch plan is
// parsed: a message at the top of a text that PrintTextproto wrote, in which no
// string has a line feed.
std::optional<Forecast> ReadForecast(const std::string& attempt_dir) {
  constexpr absl::string_view kBegin = "\nforecast {\n";
  const std::string path = LaunchPath(attempt_dir);
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return std::nullopt;
  const absl::string_view all = *text;
  const size_t begin = all.find(kBegin);
  const size_t end = all.find("\n}", begin);
  if (begin == absl::string_view::npos || end == absl::string_view::npos) {
    return std::nullopt;
  }
  Forecast forecast;
  const absl::Status parsed = ParseTextproto(
      all.substr(begin + kBegin.size(), end + 1 - begin - kBegin.size()), path,
      &forecast);
  return parsed.ok() ? std::optional<Forecast>(forecast) : std::nullopt;
}

// By attempt that gave something to the job what it took, training and all
// evaluations together, whichever of the runs that share it asked for them.
std::map<int, Result> ResultsByAttempt(const Job& job) {
  std::map<int, Result> results;
  std::set<int> counting;
  const auto read = [&](const std::string& dir, bool counts) {
    const absl::StatusOr<Result> result =
        ReadTextproto<Result>(ResultPath(dir));
    if (!result.ok() || result->made_alone() || result->attempt() < 1) return;
    if (counts) counting.insert(result->attempt());
    Result& sum = results[result->attempt()];
    sum.set_seconds(sum.seconds() + result->seconds());
    sum.set_peak_memory_bytes(
        std::max(sum.peak_memory_bytes(), result->peak_memory_bytes()));
    sum.set_peak_device_memory_bytes(std::max(
        sum.peak_device_memory_bytes(), result->peak_device_memory_bytes()));
  };
  read(job.dir, /*counts=*/true);
  std::set<std::string> own;
  for (const EvaluateJob& evaluation : job.launch.train().evaluation()) {
    own.insert(EvaluationDir(job.dir, evaluation.split(), evaluation.id()));
  }
  for (const std::string& name : EvaluationNames(job.dir)) {
    const std::string dir = absl::StrCat(EvaluationsDir(job.dir), "/", name);
    read(dir, own.contains(dir));
  }
  std::erase_if(results, [&counting](const auto& entry) {
    return !counting.contains(entry.first);
  });
  return results;
}

// Adds what an attempt was expected to cost, if that was recorded, and what it
// did cost.
void AddAttempt(const Job& of, const std::optional<Forecast>& forecast,
                const Result& result, StatusPrices* prices) {
  if (!forecast.has_value()) {
    prices->set_unpriced(prices->unpriced() + 1);
    return;
  }
  StatusJob* const job = prices->add_jobs();
  job->set_id(of.id);
  job->set_name(of.name);
  *job->mutable_forecast() = *forecast;
  job->set_seconds(result.seconds());
  job->set_memory_bytes(result.peak_memory_bytes());
  job->set_device_memory_bytes(result.peak_device_memory_bytes());
  if (forecast->basis() == PriceBasis::GUESS) {
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
  struct Attempt {
    int number = 0;
    std::optional<Forecast> forecast;
    Result result;
  };
  std::vector<std::vector<Attempt>> attempts(plan.jobs.size());
  ForEachAtOnce(static_cast<int>(plan.jobs.size()), [&](int i) {
    const Job& job = plan.jobs[i];
    if (!job.selected || job.state != JobState::kDone) return;
    for (auto& [number, result] : ResultsByAttempt(job)) {
      attempts[i].push_back({number, ReadForecast(AttemptDir(job.dir, number)),
                             std::move(result)});
    }
  });
  // Runs that differ in what they evaluate share attempts.
  std::set<std::pair<std::string, int>> seen;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const Job& job = plan.jobs[i];
    for (const Attempt& attempt : attempts[i]) {
      if (seen.emplace(job.dir, attempt.number).second) {
        AddAttempt(job, attempt.forecast, attempt.result, &prices);
      }
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

// Puts the runs into the report and counts them.
void AddRuns(std::vector<WatchedRun> runs, StatusReport* report) {
  std::map<int, int> counts;
  for (WatchedRun& run : runs) {
    ++counts[run.state()];
    *report->add_run() = std::move(run);
  }
  for (const WatchState::Value state : kWatchStates) {
    if (counts[state] == 0) continue;
    WatchCounts* const states = report->add_states();
    states->set_state(state);
    states->set_runs(counts[state]);
  }
}

}  // namespace

StatusReport MakeStatusReport(const Plan& plan,
                              absl::Span<const RunStatus> states) {
  StatusReport report;
  report.set_format_version(kFormatVersion);
  report.set_experiment(plan.expansion.name);
  report.set_runs(plan.CountSelected());
  report.set_code_unknown(plan.code.empty());
  AddRuns(WatchPlan(plan, states), &report);
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

StatusReport MakeStoreStatus(const StoreListing& listing) {
  StatusReport report;
  report.set_format_version(kFormatVersion);
  report.set_runs(listing.runs_size());
  report.set_code_unknown(listing.code().empty());
  report.set_store(listing.store());
  AddRuns(WatchListing(listing), &report);
  return report;
}

}  // namespace transect
