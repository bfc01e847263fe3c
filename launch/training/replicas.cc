#include "launch/training/replicas.h"

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::string DigestOf(const at::Tensor& tensor) {
  const at::Tensor host = tensor.detach().contiguous().cpu();
  return Sha256(absl::string_view(static_cast<const char*>(host.data_ptr()),
                                  host.nbytes()));
}

// By name, so in the same order on all ranks.
std::map<std::string, std::string> Digests(const torch::nn::Module& model) {
  std::map<std::string, std::string> digests;
  for (const auto& parameter : model.named_parameters()) {
    if (parameter.value().requires_grad()) {
      digests[parameter.key()] = DigestOf(parameter.value());
    }
  }
  for (const auto& buffer : model.named_buffers()) {
    digests[buffer.key()] = DigestOf(buffer.value());
  }
  return digests;
}

}  // namespace

absl::Status CompareReplicas(Collective& collective,
                             const torch::nn::Module& model, int64_t steps) {
  if (collective.ranks() == 1) {
    return absl::OkStatus();
  }
  std::vector<std::string> names;
  std::string joined;
  for (const auto& [name, digest] : Digests(model)) {
    names.push_back(name);
    joined += digest;
  }
  if (names.empty()) {
    return absl::OkStatus();
  }
  const auto rows = static_cast<int64_t>(names.size());
  at::Tensor mine =
      at::empty({rows, static_cast<int64_t>(joined.size()) / rows}, at::kByte);
  joined.copy(static_cast<char*>(mine.data_ptr()), joined.size());
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<at::Tensor> all,
      collective.AllGather("comparison of replicas", mine));
  for (size_t rank = 1; rank < all.size(); ++rank) {
    const at::Tensor differs = all[rank].ne(all[0]).any(/*dim=*/1);
    const int64_t count = differs.sum().item<int64_t>();
    if (count > 0) {
      const int64_t first = differs.to(at::kByte).argmax().item<int64_t>();
      return absl::InternalError(absl::StrCat(
          "after step ", steps, " rank ", rank, " differs from rank 0 in ",
          names[first],
          count > 1 ? absl::StrCat(" and ", count - 1, " more tensors") : ""));
    }
  }
  return absl::OkStatus();
}

}  // namespace transect
