#include "tests/benchmarks/model/operator_times.h"

#include <ATen/record_function.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace transect {
namespace {

using Clock = std::chrono::steady_clock;

// An operator that has begun in a thread.
struct Running {
  Clock::time_point start;
  double in_others = 0;
};

struct Totals {
  std::mutex mutex;
  std::map<std::string, OperatorTime> by_name;
};

Totals& AllTotals() {
  static auto* const totals = new Totals();
  return *totals;
}

std::vector<Running>& Stack() {
  thread_local std::vector<Running> stack;
  return stack;
}

std::unique_ptr<at::ObserverContext> Begin(const at::RecordFunction&) {
  Stack().push_back({Clock::now()});
  return nullptr;
}

void End(const at::RecordFunction& function, at::ObserverContext*) {
  std::vector<Running>& stack = Stack();
  if (stack.empty()) return;
  const double seconds =
      std::chrono::duration<double>(Clock::now() - stack.back().start).count();
  const double own = seconds - stack.back().in_others;
  stack.pop_back();
  if (!stack.empty()) stack.back().in_others += seconds;
  absl::string_view name = function.name();
  absl::ConsumePrefix(&name, "aten::");
  Totals& totals = AllTotals();
  const std::lock_guard<std::mutex> lock(totals.mutex);
  OperatorTime& total = totals.by_name[std::string(name)];
  total.name = std::string(name);
  ++total.calls;
  total.seconds += own;
}

}  // namespace

OperatorTimes::OperatorTimes() {
  AllTotals().by_name.clear();
  handle_ = at::addGlobalCallback(at::RecordFunctionCallback(Begin, End)
                                      .scopes({at::RecordScope::FUNCTION}));
}

OperatorTimes::~OperatorTimes() {
  if (handle_ != 0) at::removeCallback(handle_);
}

std::vector<OperatorTime> OperatorTimes::Finish() {
  at::removeCallback(handle_);
  handle_ = 0;
  Totals& totals = AllTotals();
  const std::lock_guard<std::mutex> lock(totals.mutex);
  std::vector<OperatorTime> times;
  for (const auto& [name, time] : totals.by_name) times.push_back(time);
  std::sort(times.begin(), times.end(),
            [](const OperatorTime& a, const OperatorTime& b) {
              return a.seconds > b.seconds;
            });
  return times;
}

std::string OperatorGroup(const std::string& name) {
  for (const char* part : {"attention", "softmax"}) {
    if (absl::StrContains(name, part)) return "attention";
  }
  if (absl::StrContains(name, "conv")) return "convolutions";
  for (const char* whole : {"mm", "addmm", "bmm", "baddbmm", "matmul", "linear",
                            "addmm_", "baddbmm_", "mkldnn_linear"}) {
    if (name == whole) return "matrix products";
  }
  return "other";
}

}  // namespace transect
