// A group of ranks of which only rank 0 exists: what the others contribute is
// what a test says.
#ifndef TRANSECT_TESTS_LAUNCH_TESTING_SCRIPTED_COLLECTIVE_H_
#define TRANSECT_TESTS_LAUNCH_TESTING_SCRIPTED_COLLECTIVE_H_

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/collective/collective.h"

namespace transect {

class ScriptedCollective : public Collective {
 public:
  // The value of rank `rank`, 1 or more, in an AllGather; `mine` is rank 0's.
  using Gather = std::function<at::Tensor(absl::string_view what, int rank,
                                          const at::Tensor& mine)>;
  // What an AllReduceSum does to rank 0's value.
  using Sum = std::function<void(absl::string_view what, at::Tensor value)>;

  explicit ScriptedCollective(
      int ranks,
      Gather gather = [](absl::string_view, int,
                         const at::Tensor& mine) { return mine.clone(); },
      Sum sum = [](absl::string_view, const at::Tensor&) {})
      : ranks_(ranks), gather_(std::move(gather)), sum_(std::move(sum)) {}

  int rank() const override { return 0; }
  int ranks() const override { return ranks_; }
  absl::Status AllReduceSum(absl::string_view what, at::Tensor value,
                            SumOrder) override {
    sum_(what, std::move(value));
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor& value) override {
    std::vector<at::Tensor> all = {value.clone()};
    for (int rank = 1; rank < ranks_; ++rank) {
      all.push_back(gather_(what, rank, value));
    }
    return all;
  }
  absl::Status Broadcast(absl::string_view, int, at::Tensor) override {
    return absl::OkStatus();
  }
  absl::Status ReduceScatterSum(absl::string_view, at::Tensor,
                                SumOrder) override {
    return absl::OkStatus();
  }
  absl::Status AllGatherParts(absl::string_view, at::Tensor) override {
    return absl::OkStatus();
  }
  absl::Status CheckSchedule(absl::string_view) override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<Collective>> NewGroup(
      const std::string&) override {
    return std::make_unique<ScriptedCollective>(ranks_, gather_, sum_);
  }
  absl::Status Barrier(absl::string_view) override { return absl::OkStatus(); }
  void Abort() override {}

 private:
  const int ranks_;
  const Gather gather_;
  const Sum sum_;
};

}  // namespace transect

#endif  // TRANSECT_TESTS_LAUNCH_TESTING_SCRIPTED_COLLECTIVE_H_
