#include "launch/plan/schedule.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/io/terminal_text.h"
#include "launch/plan/footprint.h"
#include "launch/plan/weights_fit.h"

namespace transect {
namespace {

std::string Bytes(int64_t bytes) {
  return QuantityText(static_cast<double>(bytes), "B");
}

int WholeGpus(const Resources& resources) {
  return static_cast<int>(std::ranges::count_if(
      resources.gpus, [](const Gpu& gpu) { return !gpu.IsMig(); }));
}

// GPUs that one job of that need could have if it were alone.
int UsableGpus(const Need& need, const Resources& resources) {
  return need.gpus > 1 ? WholeGpus(resources)
                       : static_cast<int>(resources.gpus.size());
}

bool HasTooFewGpus(const Need& need, const Resources& resources) {
  return need.gpus > UsableGpus(need, resources);
}

bool HasTooLittleMemory(const Need& need, const Resources& resources) {
  return resources.memory_bytes > 0 &&
         need.least_memory_bytes > resources.memory_bytes;
}

// "4 can be used here (the driver shows 4)".
std::string GpusHere(const Need& need, const Resources& resources) {
  const int usable = UsableGpus(need, resources);
  const bool parts = usable < static_cast<int>(resources.gpus.size());
  return absl::StrCat(
      usable == 0 ? std::string("none") : absl::StrCat(usable),
      " can be used here", resources.gpu_origin.empty() ? "" : " (",
      resources.gpu_origin, resources.gpu_origin.empty() ? "" : ")",
      parts ? "; the ranks of a run cannot share parts of GPUs" : "");
}

std::string MemoryHere(const Resources& resources) {
  return absl::StrCat(resources.memory_group
                          ? "the control group of this process has "
                          : "this machine has ",
                      Bytes(resources.memory_bytes));
}

// The wanted jobs of a plan, started as an executor would.
class Simulation {
 public:
  Simulation(const Plan& plan, const std::vector<Need>& needs,
             const Resources& resources)
      : plan_(plan), needs_(needs), room_(resources) {}

  // `seconds` by index of the job.
  double Run(const std::vector<double>& seconds) {
    for (size_t i = 0; i < plan_.jobs.size(); ++i) {
      ended_.push_back(!plan_.jobs[i].wanted);
      if (plan_.jobs[i].wanted) waiting_.push_back(static_cast<int>(i));
    }
    double now = 0;
    while (true) {
      StartWhatFits(now, seconds);
      if (ends_.empty()) return now;
      now = ends_.begin()->first;
      while (!ends_.empty() && ends_.begin()->first <= now) {
        const int job = ends_.begin()->second;
        room_.Leave(job);
        busy_.erase(plan_.jobs[job].dir);
        ended_[job] = true;
        ends_.erase(ends_.begin());
      }
    }
  }

 private:
  bool MayStart(int index) const {
    const Job& job = plan_.jobs[index];
    return std::ranges::all_of(job.needs,
                               [&](int need) { return ended_[need]; }) &&
           (job.dir.empty() || busy_.count(job.dir) == 0) &&
           room_.Fits(needs_[index]);
  }

  void StartWhatFits(double now, const std::vector<double>& seconds) {
    std::erase_if(waiting_, [&](int index) {
      if (!MayStart(index)) return false;
      std::vector<int> gpus = room_.FreeGpus(needs_[index]);
      gpus.resize(needs_[index].gpus);
      room_.Enter(index, needs_[index], std::move(gpus));
      if (!plan_.jobs[index].dir.empty()) busy_.insert(plan_.jobs[index].dir);
      ends_.emplace(now + seconds[index], index);
      return true;
    });
  }

  const Plan& plan_;
  const std::vector<Need>& needs_;
  Room room_;
  std::vector<int> waiting_;
  std::vector<bool> ended_;
  std::set<std::string> busy_;
  std::multimap<double, int> ends_;
};

std::vector<Need> NeedsOf(const Plan& plan, absl::Span<const JobPrice> prices) {
  std::vector<Need> needs;
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    needs.push_back(NeedOf(plan.jobs[i], ToForecast(prices[i])));
  }
  return needs;
}

// Jobs with one and the same obstacle, told as one line.
struct Group {
  int jobs = 0;
  int64_t most = 0;
  std::string name;
};

void Add(const Job& job, int64_t amount, Group* group) {
  ++group->jobs;
  if (amount > group->most) {
    group->most = amount;
    group->name = job.name;
  }
}

std::string Who(const Group& group) {
  return group.jobs == 1 ? group.name : absl::StrCat(group.jobs, " jobs");
}

}  // namespace

Need NeedOf(const Job& job, const Forecast& forecast) {
  Need need;
  need.processors = std::max(forecast.processors(), job.processors());
  need.gpus = forecast.gpus();
  const int64_t rank =
      forecast.memory_bytes() > 0 ? forecast.memory_bytes() : kProgramBytes;
  const int ranks = std::max(1, job.launch.ranks());
  need.memory_bytes = rank * ranks;
  need.least_memory_bytes = std::max<int64_t>(0, rank - kProgramBytes) * ranks;
  return need;
}

Room::Room(const Resources& resources, int most_jobs)
    : resources_(resources),
      most_jobs_(most_jobs),
      taken_(resources.gpus.size()) {}

bool Room::Fits(const Need& need) const {
  if (static_cast<int>(FreeGpus(need).size()) < need.gpus) return false;
  if (inside_.empty()) return true;
  if (limit_.has_value() && jobs() >= *limit_) return false;
  if (resources_.free_memory_bytes > 0 &&
      memory_bytes_ + need.memory_bytes > resources_.free_memory_bytes) {
    return false;
  }
  return most_jobs_ > 0
             ? jobs() < most_jobs_
             : processors_ + need.processors <= resources_.processors;
}

std::vector<int> Room::FreeGpus(const Need& need) const {
  std::vector<int> free;
  if (need.gpus == 0) return free;
  // Parts first, since several ranks cannot use them.
  for (const bool parts : {true, false}) {
    if (parts && need.gpus > 1) continue;
    for (size_t i = 0; i < taken_.size(); ++i) {
      if (!taken_[i] && resources_.gpus[i].IsMig() == parts) {
        free.push_back(static_cast<int>(i));
      }
    }
  }
  return free;
}

void Room::Enter(int job, const Need& need, std::vector<int> gpus) {
  for (const int gpu : gpus) taken_[gpu] = true;
  processors_ += need.processors;
  memory_bytes_ += need.memory_bytes;
  inside_[job] = {need, std::move(gpus)};
}

void Room::Leave(int job) {
  const auto found = inside_.find(job);
  if (found == inside_.end()) return;
  for (const int gpu : found->second.gpus) taken_[gpu] = false;
  processors_ -= found->second.need.processors;
  memory_bytes_ -= found->second.need.memory_bytes;
  inside_.erase(found);
}

std::string WhyNever(const Need& need, const Resources& resources) {
  if (HasTooFewGpus(need, resources)) {
    return absl::StrCat("takes ", CountText(need.gpus, "GPU"), ", and ",
                        GpusHere(need, resources));
  }
  if (HasTooLittleMemory(need, resources)) {
    return absl::StrCat("takes at least ", Bytes(need.least_memory_bytes),
                        " of memory, and ", MemoryHere(resources));
  }
  return "";
}

std::optional<Estimate> WallSeconds(const Plan& plan,
                                    absl::Span<const JobPrice> prices,
                                    const Resources& resources) {
  const std::vector<Need> needs = NeedsOf(plan, prices);
  std::vector<double> low;
  std::vector<double> value;
  std::vector<double> high;
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    if (plan.jobs[i].wanted && !WhyNever(needs[i], resources).empty()) {
      return std::nullopt;
    }
    low.push_back(prices[i].seconds.low);
    value.push_back(prices[i].seconds.value);
    high.push_back(prices[i].seconds.high);
  }
  const auto run = [&](const std::vector<double>& seconds) {
    return Simulation(plan, needs, resources).Run(seconds);
  };
  Estimate wall = {run(low), run(value), run(high)};
  // Longer jobs may, by another order, end earlier together.
  wall.low = std::min(wall.low, wall.value);
  wall.high = std::max(wall.high, wall.value);
  return wall;
}

std::vector<std::string> FindObstacles(const Plan& plan,
                                       absl::Span<const JobPrice> prices,
                                       const Resources& resources,
                                       bool with_cuda) {
  std::vector<std::string> obstacles;
  const auto add = [&](std::string line) {
    if (std::ranges::find(obstacles, line) == obstacles.end()) {
      obstacles.push_back(std::move(line));
    }
  };
  for (const Job& job : plan.jobs) {
    if (!job.wanted) continue;
    for (const int input : job.found) {
      const absl::Status& problem = plan.found[input].problem;
      if (!problem.ok()) add(std::string(problem.message()));
    }
  }
  for (const WeightsFit& fit : plan.weights) {
    if (std::ranges::any_of(fit.misfits, [&](const auto& misfit) {
          return plan.jobs[misfit.first].wanted;
        })) {
      add(FitText(fit, plan.expansion, plan.first_run));
    }
  }
  std::map<int, Group> gpus;
  Group on_gpus;
  Group memory;
  Group gpu_memory;
  const std::vector<Need> needs = NeedsOf(plan, prices);
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    const Job& job = plan.jobs[i];
    if (!job.wanted) continue;
    const Need& need = needs[i];
    if (need.gpus > 0) Add(job, 1, &on_gpus);
    if (HasTooFewGpus(need, resources)) Add(job, 1, &gpus[need.gpus]);
    if (HasTooLittleMemory(need, resources)) {
      Add(job, need.least_memory_bytes, &memory);
    }
    if (need.gpus > 0 && resources.gpu_memory_bytes > 0 &&
        prices[i].device_memory_bytes > resources.gpu_memory_bytes) {
      Add(job, prices[i].device_memory_bytes, &gpu_memory);
    }
  }
  if (on_gpus.jobs > 0 && !with_cuda) {
    add(absl::StrCat(
        "training.device is CUDA in ", CountText(on_gpus.jobs, "job"),
        " to start, but this transect was built without --config=cuda; use "
        "`bazel run --config=cuda //:transect -- run ...`"));
  }
  for (const auto& [count, group] : gpus) {
    Need need;
    need.gpus = count;
    add(absl::StrCat(Who(group), group.jobs == 1 ? " takes " : " take ",
                     CountText(count, "GPU"), group.jobs == 1 ? "" : " each",
                     ", and ", GpusHere(need, resources)));
  }
  if (memory.jobs > 0) {
    add(absl::StrCat(
        Who(memory), memory.jobs == 1 ? " takes" : " take", " at least ",
        Bytes(memory.most), " of memory",
        memory.jobs == 1 ? "" : absl::StrCat(" (", memory.name, ")"), ", and ",
        MemoryHere(resources)));
  }
  if (gpu_memory.jobs > 0) {
    add(absl::StrCat(
        Who(gpu_memory), gpu_memory.jobs == 1 ? " takes" : " take",
        " at least ", Bytes(gpu_memory.most), " on each GPU",
        gpu_memory.jobs == 1 ? "" : absl::StrCat(" (", gpu_memory.name, ")"),
        ", and the site file gives a GPU ", Bytes(resources.gpu_memory_bytes)));
  }
  return obstacles;
}

}  // namespace transect
