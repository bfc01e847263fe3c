#include "launch/plan/budget.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "data/io/suggestion.h"
#include "experiments/expanding/expand.h"
#include "launch/plan/estimate_text.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Adds to `jobs` what of job `index` and its needs is wanted and not in `paid`.
void Collect(const Plan& plan, int index, std::vector<bool>* paid,
             std::vector<int>* jobs) {
  if ((*paid)[index] || !plan.jobs[index].wanted) {
    return;
  }
  (*paid)[index] = true;
  jobs->push_back(index);
  for (const int needed : plan.jobs[index].needs) {
    Collect(plan, needed, paid, jobs);
  }
}

absl::Status CheckUnit(const Budget& budget, absl::Span<const JobPrice> prices,
                       const Plan& plan) {
  for (size_t i = plan.first_run; i < plan.jobs.size(); ++i) {
    if (!plan.jobs[i].wanted) {
      continue;
    }
    const bool gpu = prices[i].gpus > 0;
    if ((budget.unit == HourUnit::kGpu && !gpu) ||
        (budget.unit == HourUnit::kCpu && gpu)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the budget counts ", UnitName(budget.unit), ", but ",
                       plan.jobs[i].name, " runs on a ", gpu ? "GPU" : "CPU",
                       "; say ", gpu ? "gpuh" : "cpuh", " or nodeh"));
    }
  }
  return absl::OkStatus();
}

Estimate CostOf(const std::vector<int>& jobs, absl::Span<const JobPrice> prices,
                HourUnit unit) {
  Estimate hours;
  for (const int job : jobs) hours += HoursOf(prices[job], unit);
  return hours;
}

// What the cell costs with its first seed that is to do alone, and whether that
// is paid for; "" where there is no smaller part.
std::string WhatWouldDo(const Budget& budget, absl::Span<const JobPrice> prices,
                        const Plan& plan, const Cell& cell) {
  int seeds = 0;
  const Job* first = nullptr;
  Estimate hours;
  for (const int run : cell.runs) {
    const Job& job = plan.jobs[plan.first_run + run];
    if (!job.wanted || ++seeds > 1) continue;
    first = &job;
    std::vector<bool> paid(plan.jobs.size());
    std::vector<int> jobs;
    Collect(plan, plan.first_run + run, &paid, &jobs);
    hours = CostOf(jobs, prices, budget.unit);
  }
  if (seeds < 2 || !first->launch.train().run().has_seed()) return "";
  return absl::StrFormat(
      "; one seed of it, the selector seed=%d, costs about %s%s",
      first->launch.train().run().seed(), NumberText(hours.value),
      hours.value <= budget.amount ? ", which the budget pays for" : "");
}

}  // namespace

absl::StatusOr<Budget> ParseBudget(absl::string_view text) {
  absl::string_view amount = text;
  Budget budget;
  bool known = true;
  if (absl::ConsumeSuffix(&amount, "gpuh")) {
    budget.unit = HourUnit::kGpu;
  } else if (absl::ConsumeSuffix(&amount, "nodeh")) {
    budget.unit = HourUnit::kNode;
  } else {
    known = absl::ConsumeSuffix(&amount, "cpuh");
  }
  if (!known || !absl::SimpleAtod(amount, &budget.amount) ||
      !std::isfinite(budget.amount) || budget.amount < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("budget ", Quoted(text),
                     ": must be a number of hours, 0 or more, and gpuh, nodeh "
                     "or cpuh, such as 40gpuh"));
  }
  return budget;
}

absl::StatusOr<BudgetChoice> ApplyBudget(const Budget& budget,
                                         absl::Span<const JobPrice> prices,
                                         Plan* plan) {
  TRANSECT_RETURN_IF_ERROR(CheckUnit(budget, prices, *plan));
  BudgetChoice choice;
  choice.budget = budget;
  const std::vector<const Cell*> cells = CellsInOrder(plan->expansion);
  choice.all_cells = static_cast<int>(cells.size());
  std::vector<bool> paid(plan->jobs.size());
  for (const Cell* cell : cells) {
    std::vector<bool> with_cell = paid;
    std::vector<int> jobs;
    for (const int run : cell->runs) {
      Collect(*plan, plan->first_run + run, &with_cell, &jobs);
    }
    const Estimate hours = CostOf(jobs, prices, budget.unit);
    if (choice.hours.value + hours.value > budget.amount) {
      choice.next_cell = cell->label;
      choice.next_hours = hours;
      break;
    }
    paid = std::move(with_cell);
    choice.hours += hours;
    ++choice.cells;
  }
  if (choice.cells == 0 && !cells.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        absl::StrFormat(
            "a budget of %g %s does not pay for the first cell, %s: with all "
            "seeds and the inputs that it needs it costs about %s",
            budget.amount, UnitName(budget.unit), choice.next_cell,
            NumberText(choice.next_hours.value)),
        WhatWouldDo(budget, prices, *plan, *cells.front())));
  }
  for (size_t i = 0; i < plan->jobs.size(); ++i) {
    plan->jobs[i].wanted = plan->jobs[i].wanted && paid[i];
  }
  return choice;
}

}  // namespace transect
