#include "launch/collective/collective_nccl.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <nccl.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "launch/collective/peer_lost.h"
#include "launch/collective/tree_sum.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The functions of libnccl.so.2 that are used.
struct Nccl {
  decltype(&ncclGetErrorString) error_string = nullptr;
  decltype(&ncclGetUniqueId) unique_id = nullptr;
  decltype(&ncclCommInitRankConfig) init = nullptr;
  decltype(&ncclCommGetAsyncError) async_error = nullptr;
  decltype(&ncclCommAbort) abort = nullptr;
  decltype(&ncclAllGather) all_gather = nullptr;
  decltype(&ncclBroadcast) broadcast = nullptr;
  decltype(&ncclGroupStart) group_start = nullptr;
  decltype(&ncclGroupEnd) group_end = nullptr;
  decltype(&ncclSend) send = nullptr;
  decltype(&ncclRecv) recv = nullptr;
};

template <typename Function>
bool Find(void* library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
  return *function != nullptr;
}

absl::StatusOr<Nccl> LoadNccl() {
  // LibTorch's CUDA half has it loaded already; else the loader looks for it.
  void* library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_NOLOAD);
  if (library == nullptr) library = dlopen("libnccl.so.2", RTLD_NOW);
  if (library == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("several GPUs need NCCL: ", dlerror()));
  }
  Nccl nccl;
  if (!Find(library, "ncclGetErrorString", &nccl.error_string) ||
      !Find(library, "ncclGetUniqueId", &nccl.unique_id) ||
      !Find(library, "ncclCommInitRankConfig", &nccl.init) ||
      !Find(library, "ncclCommGetAsyncError", &nccl.async_error) ||
      !Find(library, "ncclCommAbort", &nccl.abort) ||
      !Find(library, "ncclAllGather", &nccl.all_gather) ||
      !Find(library, "ncclBroadcast", &nccl.broadcast) ||
      !Find(library, "ncclGroupStart", &nccl.group_start) ||
      !Find(library, "ncclGroupEnd", &nccl.group_end) ||
      !Find(library, "ncclSend", &nccl.send) ||
      !Find(library, "ncclRecv", &nccl.recv)) {
    return absl::FailedPreconditionError(
        absl::StrCat("libnccl.so.2 is too old: ", dlerror()));
  }
  return nccl;
}

enum class Operation : int64_t { kSum, kGather, kBroadcast };

class NcclCollective : public Collective {
 public:
  NcclCollective(std::unique_ptr<Collective> host, const Nccl& nccl,
                 c10::Device gpu, absl::Duration timeout)
      : host_(std::move(host)), nccl_(nccl), gpu_(gpu), timeout_(timeout) {}

  ~NcclCollective() override { AbortGpus(); }

  absl::Status Init() {
    ncclUniqueId id = {};
    const at::Tensor bytes =
        at::empty({static_cast<int64_t>(sizeof(id))}, at::kByte);
    if (rank() == 0) {
      TRANSECT_RETURN_IF_ERROR(
          Refused("making the group's id", nccl_.unique_id(&id)));
      std::memcpy(bytes.data_ptr(), &id, sizeof(id));
    }
    TRANSECT_RETURN_IF_ERROR(
        host_->Broadcast("id of the GPUs' group", 0, bytes));
    std::memcpy(&id, bytes.data_ptr(), sizeof(id));
    const c10::cuda::CUDAGuard guard(gpu_);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    const absl::Time deadline = absl::Now() + timeout_;
    const ncclResult_t started =
        nccl_.init(&communicator_, ranks(), id, rank(), &config);
    if (started != ncclSuccess && started != ncclInProgress) {
      return Refused("forming the GPUs' group", started);
    }
    return Settle("forming the GPUs' group", deadline);
  }

  int rank() const override { return host_->rank(); }
  int ranks() const override { return host_->ranks(); }

  absl::Status AllReduceSum(absl::string_view what, at::Tensor value) override {
    if (!value.is_cuda()) return host_->AllReduceSum(what, value);
    TRANSECT_RETURN_IF_ERROR(Agree(Operation::kSum, what, value, 0));
    const at::NoGradGuard no_grad;
    // Part r of `sent` is rank r's to add up.
    const int64_t elements = value.numel();
    const int64_t part = (elements + ranks() - 1) / ranks();
    at::Tensor sent = value.detach().contiguous().view({-1});
    if (part * ranks() != elements) {
      sent = at::constant_pad_nd(sent, {0, part * ranks() - elements});
    }
    const at::Tensor received = at::empty_like(sent);
    const int64_t bytes = part * sent.element_size();
    TRANSECT_RETURN_IF_ERROR(Run(what, [&](cudaStream_t stream) {
      return ExchangeParts(sent, received, bytes, stream);
    }));
    const at::Tensor mine = TreeSum(received.chunk(ranks()));
    TRANSECT_RETURN_IF_ERROR(Run(what, [&](cudaStream_t stream) {
      return nccl_.all_gather(mine.data_ptr(), sent.data_ptr(), bytes,
                              ncclUint8, communicator_, stream);
    }));
    value.copy_(sent.narrow(0, 0, elements).view(value.sizes()));
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor& value) override {
    if (!value.is_cuda()) return host_->AllGather(what, value);
    return Gather(Operation::kGather, what, value);
  }

  absl::Status Broadcast(absl::string_view what, int root,
                         at::Tensor value) override {
    if (!value.is_cuda()) return host_->Broadcast(what, root, value);
    TRANSECT_RETURN_IF_ERROR(Agree(Operation::kBroadcast, what, value, root));
    const at::NoGradGuard no_grad;
    const at::Tensor sent = value.detach().contiguous();
    TRANSECT_RETURN_IF_ERROR(Run(what, [&](cudaStream_t stream) {
      return nccl_.broadcast(sent.data_ptr(), sent.data_ptr(), sent.nbytes(),
                             ncclUint8, root, communicator_, stream);
    }));
    value.copy_(sent);
    return absl::OkStatus();
  }

  absl::Status Barrier(absl::string_view what) override {
    return host_->Barrier(what);
  }

  void Abort() override {
    AbortGpus();
    host_->Abort();
  }

 private:
  absl::StatusOr<std::vector<at::Tensor>> Gather(Operation operation,
                                                 absl::string_view what,
                                                 const at::Tensor& value) {
    TRANSECT_RETURN_IF_ERROR(Agree(operation, what, value, 0));
    const at::NoGradGuard no_grad;
    const at::Tensor sent = value.detach().contiguous();
    std::vector<int64_t> shape = sent.sizes().vec();
    shape.insert(shape.begin(), ranks());
    const at::Tensor all = at::empty(shape, sent.options());
    TRANSECT_RETURN_IF_ERROR(Run(what, [&](cudaStream_t stream) {
      return nccl_.all_gather(sent.data_ptr(), all.data_ptr(), sent.nbytes(),
                              ncclUint8, communicator_, stream);
    }));
    return all.unbind(0);
  }

  // Part r of `sent` goes to rank r; part q of `received` comes from rank q.
  ncclResult_t ExchangeParts(const at::Tensor& sent, const at::Tensor& received,
                             int64_t bytes, cudaStream_t stream) {
    const auto goes_on = [](ncclResult_t result) {
      return result == ncclSuccess || result == ncclInProgress;
    };
    ncclResult_t result = nccl_.group_start();
    for (int r = 0; r < ranks() && goes_on(result); ++r) {
      result = nccl_.send(static_cast<char*>(sent.data_ptr()) + r * bytes,
                          bytes, ncclUint8, r, communicator_, stream);
      if (!goes_on(result)) break;
      result = nccl_.recv(static_cast<char*>(received.data_ptr()) + r * bytes,
                          bytes, ncclUint8, r, communicator_, stream);
    }
    const ncclResult_t ended = nccl_.group_end();
    return goes_on(result) ? ended : result;
  }

  // All ranks mean the same call; the host's group has compared `what`.
  absl::Status Agree(Operation operation, absl::string_view what,
                     const at::Tensor& value, int root) {
    if (communicator_ == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat(what, ": this rank has left its group"));
    }
    at::Tensor mine = at::empty({4}, at::kLong);
    int64_t* const words = mine.data_ptr<int64_t>();
    words[0] = static_cast<int64_t>(operation);
    words[1] = value.numel();
    words[2] = static_cast<int64_t>(value.scalar_type());
    words[3] = root;
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<at::Tensor> all,
                              host_->AllGather(what, mine));
    for (int r = 0; r < ranks(); ++r) {
      if (at::equal(all[r], mine)) continue;
      const int64_t* const theirs = all[r].data_ptr<int64_t>();
      const std::string message = absl::StrCat(
          what, ": ranks do not agree; rank ", rank(), " has ", words[1],
          " elements of ", at::toString(value.scalar_type()), " from rank ",
          root, ", rank ", r, " has ", theirs[1], " of ",
          at::toString(static_cast<at::ScalarType>(theirs[2])), " from rank ",
          theirs[3]);
      Abort();
      return absl::InternalError(message);
    }
    return absl::OkStatus();
  }

  // Starts a call of NCCL behind the work on the current stream and waits.
  template <typename Start>
  absl::Status Run(absl::string_view what, Start start) {
    const c10::cuda::CUDAGuard guard(gpu_);
    const absl::Time deadline = absl::Now() + timeout_;
    const cudaStream_t stream = c10::cuda::getCurrentCUDAStream(gpu_.index());
    const ncclResult_t started = start(stream);
    if (started != ncclSuccess && started != ncclInProgress) {
      return Lost(what, nccl_.error_string(started));
    }
    TRANSECT_RETURN_IF_ERROR(Settle(what, deadline));
    while (true) {
      const cudaError_t state = cudaStreamQuery(stream);
      if (state == cudaSuccess) return absl::OkStatus();
      if (state != cudaErrorNotReady) {
        return Lost(what, cudaGetErrorString(state));
      }
      TRANSECT_RETURN_IF_ERROR(Settle(what, deadline));
      absl::SleepFor(absl::Microseconds(20));
    }
  }

  // Waits until the communicator is not busy with setting something up; fails
  // as a lost peer where it reports an error or the deadline is over.
  absl::Status Settle(absl::string_view what, absl::Time deadline) {
    while (true) {
      ncclResult_t state = ncclSuccess;
      const ncclResult_t asked = nccl_.async_error(communicator_, &state);
      if (asked != ncclSuccess) return Lost(what, nccl_.error_string(asked));
      if (state != ncclSuccess && state != ncclInProgress) {
        return Lost(what, nccl_.error_string(state));
      }
      if (absl::Now() > deadline) return Lost(what, "no answer in time");
      if (state == ncclSuccess) return absl::OkStatus();
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  absl::Status Refused(absl::string_view what, ncclResult_t result) {
    if (result == ncclSuccess) return absl::OkStatus();
    Abort();
    return absl::FailedPreconditionError(
        absl::StrCat(what, ": NCCL says ", nccl_.error_string(result)));
  }

  absl::Status Lost(absl::string_view what, absl::string_view why) {
    const std::string message = absl::StrCat(
        what, ": rank ", rank(), " of ", ranks(), " lost a peer (time-out ",
        absl::FormatDuration(timeout_), "): NCCL: ", why);
    Abort();
    return PeerLostError(message);
  }

  void AbortGpus() {
    if (communicator_ != nullptr) nccl_.abort(communicator_);
    communicator_ = nullptr;
  }

  const std::unique_ptr<Collective> host_;
  const Nccl nccl_;
  const c10::Device gpu_;
  const absl::Duration timeout_;
  ncclComm_t communicator_ = nullptr;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Collective>> ConnectNccl(
    std::unique_ptr<Collective> host, c10::Device gpu, absl::Duration timeout) {
  TRANSECT_ASSIGN_OR_RETURN(const Nccl nccl, LoadNccl());
  auto group =
      std::make_unique<NcclCollective>(std::move(host), nccl, gpu, timeout);
  TRANSECT_RETURN_IF_ERROR(group->Init());
  return group;
}

}  // namespace transect
