#include "launch/plan/plan_report.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"
#include "experiments/identity/run_id.h"
#include "google/protobuf/descriptor.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/plan.h"
#include "launch/plan/price.h"
#include "launch/plan/schedule.h"
#include "launch/plan/weights_fit.h"
#include "launch/store/forecast.pb.h"

namespace transect {
namespace {

constexpr int kFormatVersion = 2;
// The usual bar; below it no exact test over the seeds gets.
constexpr double kUsualP = 0.05;

void SetEstimate(const Estimate& from, PlanEstimate* to) {
  to->set_low(from.low);
  to->set_value(from.value);
  to->set_high(from.high);
}

// A sum of prices.
class PriceSum {
 public:
  explicit PriceSum(HourUnit unit) : unit_(unit) {}

  void Add(const JobPrice& price) {
    hours_ += HoursOf(price, unit_);
    seconds_ += price.seconds;
    flops_ += price.flops;
    disk_bytes_ += price.disk_bytes;
    checkpoint_bytes_ = std::max(checkpoint_bytes_, price.checkpoint_bytes);
    bases_.insert(price.basis);
    guesses_ += price.basis == PriceBasis::GUESS ? 1 : 0;
    if (price.memory_bytes > 0) {
      memory_bytes_ = std::max(memory_bytes_, price.memory_bytes);
      device_memory_bytes_ =
          std::max(device_memory_bytes_, price.device_memory_bytes);
      memory_basis_ = std::max(memory_basis_, price.memory_basis);
    }
  }

  void AddDisk(int64_t bytes) { disk_bytes_ += bytes; }

  void Write(PlanPrice* to) const {
    SetEstimate(hours_, to->mutable_hours());
    SetEstimate(seconds_, to->mutable_seconds());
    to->set_flops(flops_);
    to->set_disk_bytes(disk_bytes_);
    to->set_checkpoint_bytes(checkpoint_bytes_);
    for (const PriceBasis::Value basis : bases_) {
      to->add_basis(basis);
    }
    to->set_guesses(guesses_);
    to->set_memory_bytes_per_rank(memory_bytes_);
    to->set_device_memory_bytes_per_rank(device_memory_bytes_);
    to->set_memory_basis(memory_basis_);
  }

 private:
  HourUnit unit_;
  Estimate hours_;
  Estimate seconds_;
  double flops_ = 0;
  int64_t disk_bytes_ = 0;
  int64_t checkpoint_bytes_ = 0;
  std::set<PriceBasis::Value> bases_;
  int guesses_ = 0;
  int64_t memory_bytes_ = 0;
  int64_t device_memory_bytes_ = 0;
  PriceBasis::Value memory_basis_ = PriceBasis::UNSPECIFIED;
};

void WriteOne(const JobPrice& price, HourUnit unit, PlanPrice* to) {
  PriceSum sum(unit);
  sum.Add(price);
  sum.Write(to);
}

// Name of the member of Design.kind that the file has.
std::string KindOf(const Experiment& experiment, const std::string& name) {
  for (const Design& design : experiment.design()) {
    if (design.name() == name && design.kind_case() != Design::KIND_NOT_SET) {
      return std::string(
          Design::descriptor()->FindFieldByNumber(design.kind_case())->name());
    }
  }
  return "";
}

void AddSettings(const std::vector<AxisSetting>& settings,
                 google::protobuf::RepeatedPtrField<PlanSetting>* to) {
  for (const auto& [axis, value] : settings) {
    PlanSetting* setting = to->Add();
    setting->set_axis(axis);
    setting->set_value(value);
  }
}

void AddDesigns(const Plan& plan, const Experiment& experiment,
                absl::Span<const JobPrice> prices, HourUnit unit,
                PlanReport* report) {
  std::set<int> seen;
  for (const DesignCells& cells : plan.expansion.designs) {
    PlanDesign* design = report->add_designs();
    design->set_name(cells.name);
    design->set_kind(KindOf(experiment, cells.name));
    std::set<int> runs;
    for (const Cell& cell : cells.cells) {
      PlanCell* row = design->add_cells();
      row->set_label(cell.label);
      row->set_is_base(cell.is_base);
      AddSettings(cell.settings, row->mutable_settings());
      for (const int run : cell.runs) {
        if (plan.jobs[plan.first_run + run].selected) {
          row->add_runs(run + 1);
          runs.insert(run);
        }
      }
      if (row->runs().empty()) {
        design->mutable_cells()->RemoveLast();
      }
    }
    std::map<PlanState::Value, int> counts;
    PriceSum price(unit);
    for (const int run : runs) {
      const Job& job = plan.jobs[plan.first_run + run];
      ++counts[ToPlanState(job.state)];
      if (!seen.insert(run).second) {
        design->set_shared(design->shared() + 1);
      } else if (job.wanted) {
        price.Add(prices[plan.first_run + run]);
      }
    }
    design->set_runs(static_cast<int>(runs.size()));
    for (const auto& [state, number] : counts) {
      PlanCounts* count = design->add_counts();
      count->set_state(state);
      count->set_runs(number);
    }
    price.Write(design->mutable_price());
  }
}

// Why nothing that asks for the input can use it.
std::string WhyUnusable(const Plan& plan, const FoundInput& found) {
  if (!found.problem.ok()) return std::string(found.problem.message());
  for (const WeightsFit& fit : plan.weights) {
    if (found.kind == Input::Kind::kWeights && found.role == fit.role &&
        !fit.misfits.empty() && fit.fits.empty()) {
      return FitText(fit, plan.expansion, plan.first_run);
    }
  }
  return "";
}

std::string KnownId(const std::string& id) { return IsPending(id) ? "" : id; }

void AddInputs(const Plan& plan, absl::Span<const JobPrice> prices,
               HourUnit unit, PlanReport* report) {
  const std::vector<bool> needed = NeededFound(plan);
  for (size_t i = 0; i < plan.found.size(); ++i) {
    const FoundInput& found = plan.found[i];
    PlanInput* input = report->add_inputs();
    input->set_unneeded(!needed[i]);
    input->set_kind(std::string(KindName(found.kind)));
    input->set_id(found.identity);
    input->set_name(absl::StrCat(KindName(found.kind), " '", found.role, "'"));
    input->set_role(found.role);
    input->set_path(found.path);
    input->set_state(found.identity.empty() ? PlanState::PENDING
                                            : PlanState::DONE);
    const std::string problem = WhyUnusable(plan, found);
    input->set_note(!problem.empty()         ? problem
                    : found.identity.empty() ? "`transect run` hashes it once"
                                             : "");
    input->set_unusable(!problem.empty());
  }
  for (int i = 0; i < plan.first_run; ++i) {
    const Job& job = plan.jobs[i];
    PlanInput* input = report->add_inputs();
    input->set_kind(job.kind == Job::Kind::kData        ? "data"
                    : job.kind == Job::Kind::kTokenizer ? "tokenizer"
                                                        : "weights");
    input->set_id(KnownId(job.id));
    input->set_name(job.name);
    input->set_state(ToPlanState(job.state));
    input->set_wanted(job.wanted);
    input->set_note(job.note);
    input->set_equal_failures(job.equal_failures);
    input->set_misfit(job.misfit);
    WriteOne(prices[i], unit, input->mutable_price());
  }
}

void AddRuns(const Plan& plan, absl::Span<const JobPrice> prices, HourUnit unit,
             PlanReport* report) {
  for (size_t i = plan.first_run; i < plan.jobs.size(); ++i) {
    const Job& job = plan.jobs[i];
    if (!job.selected) {
      continue;
    }
    PlanRun* run = report->add_runs();
    run->set_index(static_cast<int>(i) - plan.first_run + 1);
    run->set_id(KnownId(job.id));
    run->set_name(job.name);
    if (job.launch.train().run().has_seed()) {
      run->set_seed(job.launch.train().run().seed());
    }
    run->set_state(ToPlanState(job.state));
    run->set_wanted(job.wanted);
    run->set_note(job.note);
    run->set_equal_failures(job.equal_failures);
    if (job.state != JobState::kDone) run->set_misfit(job.misfit);
    WriteOne(prices[i], unit, run->mutable_price());
  }
}

void AddTotal(const Plan& plan, absl::Span<const JobPrice> prices,
              const PlanFrame& frame, HourUnit unit, PlanReport* report) {
  PlanTotal* total = report->mutable_total();
  total->set_unit(std::string(UnitName(unit)));
  PriceSum sum(unit);
  int launch = 0;
  int make = 0;
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    if (!plan.jobs[i].wanted) {
      continue;
    }
    sum.Add(prices[i]);
    ++(static_cast<int>(i) < plan.first_run ? make : launch);
  }
  total->set_launch(launch);
  total->set_make(make);
  total->set_reuse(plan.CountRuns(JobState::kDone));
  total->set_processors(frame.resources.processors);
  total->set_gpus(static_cast<int>(frame.resources.gpus.size()));
  total->set_memory_bytes(frame.resources.free_memory_bytes);
  if (launch + make > 0) {
    total->set_bundle_bytes(frame.bundle_bytes);
    sum.AddDisk(frame.bundle_bytes);
  }
  sum.Write(total->mutable_price());
  if (const std::optional<Estimate> wall =
          WallSeconds(plan, prices, frame.resources);
      wall.has_value()) {
    SetEstimate(*wall, total->mutable_wall_seconds());
  }
}

void AddWarnings(const Plan& plan, PlanReport* report) {
  const PlanTests& tests = report->tests();
  if (tests.seeds() < 2) {
    report->add_warnings(
        "1 seed: no test over seeds is possible; differences are between "
        "single trainings");
  } else if (tests.smallest_p_unpaired() >= kUsualP) {
    report->add_warnings(
        absl::StrFormat("%d seeds: no exact test over seeds can give p < %g",
                        tests.seeds(), kUsualP));
  }
  if (plan.code.empty()) {
    report->add_warnings(
        "no worker beside this program: ids are spec parts only, and whether a "
        "run was done by the present code is not known");
  }
  if (const int corrupt = plan.CountRuns(JobState::kCorrupt); corrupt > 0) {
    report->add_warnings(
        absl::StrCat(corrupt,
                     corrupt == 1 ? " run has a result that does"
                                  : " runs have results that do",
                     " not hold; it stays so until a person looks"));
  }
  for (std::string& line : MisfitsText(plan)) {
    report->add_warnings(std::move(line));
  }
  const std::vector<int> all_given_up = GivenUpJobs(plan);
  if (const auto given_up = std::ranges::count_if(
          all_given_up, [&](int job) { return !plan.jobs[job].wanted; });
      given_up > 0) {
    report->add_warnings(absl::StrCat(
        given_up == 1 ? "1 job" : absl::StrCat(given_up, " jobs"), " failed ",
        kMostEqualFailures,
        " times alike or more and will not be started again: mend the cause, "
        "then select them, as with state=failed, or use --retry"));
  }
}

}  // namespace

PlanState::Value ToPlanState(JobState state) {
  // The states have the same names.
  PlanState::Value value = PlanState::UNSPECIFIED;
  PlanState::Value_Parse(absl::AsciiStrToUpper(StateName(state)), &value);
  return value;
}

bool CanStart(const PlanReport& report) { return report.obstacles().empty(); }

PlanTests SmallestP(int seeds) {
  PlanTests tests;
  tests.set_seeds(seeds);
  double unpaired = 2;
  double paired = 2;
  // C(2n, n) = prod of (n + k) / k.
  for (int k = 1; k <= seeds; ++k) {
    unpaired *= static_cast<double>(k) / (seeds + k);
    paired /= 2;
  }
  tests.set_smallest_p_unpaired(std::min(1.0, unpaired));
  tests.set_smallest_p_paired(std::min(1.0, paired));
  return tests;
}

PlanReport BuildPlanReport(const Plan& plan, const Experiment& experiment,
                           absl::Span<const JobPrice> prices,
                           const PlanFrame& frame) {
  const Expansion& expansion = plan.expansion;
  const HourUnit unit =
      frame.budget.has_value() ? frame.budget->budget.unit : UnitOf(plan);
  PlanReport report;
  report.set_format_version(kFormatVersion);
  report.set_experiment(expansion.name);
  report.set_title(expansion.title);
  report.set_spec(frame.spec);
  report.set_store(frame.store);
  report.set_code(plan.code);
  report.mutable_seeds()->Assign(expansion.seeds.begin(),
                                 expansion.seeds.end());
  AddSettings(expansion.base_settings, report.mutable_base_settings());
  AddDesigns(plan, experiment, prices, unit, &report);
  AddInputs(plan, prices, unit, &report);
  AddRuns(plan, prices, unit, &report);
  AddTotal(plan, prices, frame, unit, &report);
  *report.mutable_tests() = SmallestP(static_cast<int>(expansion.seeds.size()));
  if (frame.budget.has_value()) {
    const BudgetChoice& choice = *frame.budget;
    PlanBudget* budget = report.mutable_budget();
    budget->set_amount(choice.budget.amount);
    budget->set_unit(std::string(UnitName(choice.budget.unit)));
    budget->set_cells(choice.cells);
    budget->set_all_cells(choice.all_cells);
    SetEstimate(choice.hours, budget->mutable_hours());
    budget->set_next_cell(choice.next_cell);
    SetEstimate(choice.next_hours, budget->mutable_next_hours());
  }
  AddWarnings(plan, &report);
  report.mutable_obstacles()->Assign(frame.obstacles.begin(),
                                     frame.obstacles.end());
  report.mutable_data_use()->Assign(frame.data_use.begin(),
                                    frame.data_use.end());
  if (CanStart(report)) {
    report.set_next_command(report.total().launch() > 0 ? frame.run_command
                                                        : frame.report_command);
  }
  return report;
}

}  // namespace transect
