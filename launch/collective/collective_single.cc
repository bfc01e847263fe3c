#include "launch/collective/collective_single.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/collective/collective.h"

namespace transect {
namespace {

class SingleCollective : public Collective {
 public:
  int rank() const override { return 0; }
  int ranks() const override { return 1; }
  absl::Status AllReduceSum(absl::string_view what, at::Tensor value,
                            SumOrder order) override {
    return absl::OkStatus();
  }
  absl::Status ReduceScatterSum(absl::string_view what, at::Tensor value,
                                SumOrder order) override {
    return absl::OkStatus();
  }
  absl::Status AllGatherParts(absl::string_view what,
                              at::Tensor value) override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor& value) override {
    return std::vector<at::Tensor>{value.detach().clone()};
  }
  absl::Status Broadcast(absl::string_view what, int root,
                         at::Tensor value) override {
    return absl::OkStatus();
  }
  absl::Status Barrier(absl::string_view what) override {
    return absl::OkStatus();
  }
  absl::Status CheckSchedule(absl::string_view what) override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<Collective>> NewGroup(
      const std::string& name) override {
    return MakeSingleCollective();
  }
  void Abort() override {}
};

}  // namespace

std::unique_ptr<Collective> MakeSingleCollective() {
  return std::make_unique<SingleCollective>();
}

}  // namespace transect
