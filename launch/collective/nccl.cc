#include "launch/collective/nccl.h"

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

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "launch/collective/transport.h"
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
  decltype(&ncclAllReduce) all_reduce = nullptr;
  decltype(&ncclReduceScatter) reduce_scatter = nullptr;
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
      !Find(library, "ncclAllReduce", &nccl.all_reduce) ||
      !Find(library, "ncclReduceScatter", &nccl.reduce_scatter) ||
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

// The types of which there are sums.
absl::StatusOr<ncclDataType_t> TypeOf(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return ncclFloat32;
    case at::kDouble:
      return ncclFloat64;
    case at::kHalf:
      return ncclFloat16;
    case at::kBFloat16:
      return ncclBfloat16;
    case at::kLong:
      return ncclInt64;
    default:
      return absl::UnimplementedError(absl::StrCat(
          "no sum of ", at::toString(tensor.scalar_type()), " by NCCL"));
  }
}

class NcclTransport : public Transport {
 public:
  NcclTransport(int rank, int ranks, const Nccl& nccl, c10::Device gpu,
                absl::Duration timeout)
      : rank_(rank), ranks_(ranks), nccl_(nccl), gpu_(gpu), timeout_(timeout) {}

  ~NcclTransport() override { Abort(); }

  absl::Status Init(Transport* host) {
    ncclUniqueId id = {};
    const at::Tensor bytes =
        at::empty({static_cast<int64_t>(sizeof(id))}, at::kByte);
    if (rank_ == 0) {
      TRANSECT_RETURN_IF_ERROR(
          Refused("making the group's id", nccl_.unique_id(&id)));
      std::memcpy(bytes.data_ptr(), &id, sizeof(id));
    }
    if (host != nullptr) {
      TRANSECT_RETURN_IF_ERROR(host->Broadcast(0, bytes));
    }
    std::memcpy(&id, bytes.data_ptr(), sizeof(id));
    const c10::cuda::CUDAGuard guard(gpu_);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    const absl::Time deadline = absl::Now() + timeout_;
    const ncclResult_t started =
        nccl_.init(&communicator_, ranks_, id, rank_, &config);
    if (started != ncclSuccess && started != ncclInProgress) {
      return Refused("forming the GPUs' group", started);
    }
    return Settle(deadline);
  }

  absl::Status AllToAll(const at::Tensor& sent,
                        const at::Tensor& received) override {
    const size_t bytes = sent.nbytes() / ranks_;
    return Run([&](cudaStream_t stream) {
      const auto goes_on = [](ncclResult_t result) {
        return result == ncclSuccess || result == ncclInProgress;
      };
      ncclResult_t result = nccl_.group_start();
      for (int r = 0; r < ranks_ && goes_on(result); ++r) {
        result = nccl_.send(static_cast<char*>(sent.data_ptr()) + r * bytes,
                            bytes, ncclUint8, r, communicator_, stream);
        if (!goes_on(result)) break;
        result = nccl_.recv(static_cast<char*>(received.data_ptr()) + r * bytes,
                            bytes, ncclUint8, r, communicator_, stream);
      }
      const ncclResult_t ended = nccl_.group_end();
      return goes_on(result) ? ended : result;
    });
  }

  absl::Status AllGather(const at::Tensor& mine,
                         const at::Tensor& all) override {
    return Run([&](cudaStream_t stream) {
      return nccl_.all_gather(mine.data_ptr(), all.data_ptr(), mine.nbytes(),
                              ncclUint8, communicator_, stream);
    });
  }

  absl::Status Broadcast(int root, const at::Tensor& value) override {
    return Run([&](cudaStream_t stream) {
      return nccl_.broadcast(value.data_ptr(), value.data_ptr(), value.nbytes(),
                             ncclUint8, root, communicator_, stream);
    });
  }

  absl::Status AllReduce(const at::Tensor& value) override {
    TRANSECT_ASSIGN_OR_RETURN(const ncclDataType_t type, TypeOf(value));
    return Run([&](cudaStream_t stream) {
      return nccl_.all_reduce(value.data_ptr(), value.data_ptr(), value.numel(),
                              type, ncclSum, communicator_, stream);
    });
  }

  absl::Status ReduceScatter(const at::Tensor& value,
                             const at::Tensor& part) override {
    TRANSECT_ASSIGN_OR_RETURN(const ncclDataType_t type, TypeOf(value));
    return Run([&](cudaStream_t stream) {
      return nccl_.reduce_scatter(value.data_ptr(), part.data_ptr(),
                                  part.numel(), type, ncclSum, communicator_,
                                  stream);
    });
  }

  void Abort() override {
    if (communicator_ != nullptr) nccl_.abort(communicator_);
    communicator_ = nullptr;
  }

 private:
  // Starts a call of NCCL behind the work on the current stream and waits.
  template <typename Start>
  absl::Status Run(Start start) {
    const c10::cuda::CUDAGuard guard(gpu_);
    const absl::Time deadline = absl::Now() + timeout_;
    const cudaStream_t stream = c10::cuda::getCurrentCUDAStream(gpu_.index());
    const ncclResult_t started = start(stream);
    if (started != ncclSuccess && started != ncclInProgress) {
      return Lost(nccl_.error_string(started));
    }
    TRANSECT_RETURN_IF_ERROR(Settle(deadline));
    while (true) {
      const cudaError_t state = cudaStreamQuery(stream);
      if (state == cudaSuccess) return absl::OkStatus();
      if (state != cudaErrorNotReady) {
        return Lost(cudaGetErrorString(state));
      }
      TRANSECT_RETURN_IF_ERROR(Settle(deadline));
      absl::SleepFor(absl::Microseconds(20));
    }
  }

  // Waits until the communicator is not busy with setting something up; fails
  // where it reports an error or the deadline is over.
  absl::Status Settle(absl::Time deadline) {
    while (true) {
      ncclResult_t state = ncclSuccess;
      const ncclResult_t asked = nccl_.async_error(communicator_, &state);
      if (asked != ncclSuccess) return Lost(nccl_.error_string(asked));
      if (state != ncclSuccess && state != ncclInProgress) {
        return Lost(nccl_.error_string(state));
      }
      if (absl::Now() > deadline) return Lost("no answer in time");
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

  static absl::Status Lost(absl::string_view why) {
    return absl::UnavailableError(absl::StrCat("NCCL: ", why));
  }

  const int rank_;
  const int ranks_;
  const Nccl nccl_;
  const c10::Device gpu_;
  const absl::Duration timeout_;
  ncclComm_t communicator_ = nullptr;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Transport>> MakeNcclTransport(
    int rank, int ranks, Transport* host, c10::Device gpu,
    absl::Duration timeout) {
  TRANSECT_ASSIGN_OR_RETURN(const Nccl nccl, LoadNccl());
  auto transport =
      std::make_unique<NcclTransport>(rank, ranks, nccl, gpu, timeout);
  TRANSECT_RETURN_IF_ERROR(transport->Init(host));
  return transport;
}

}  // namespace transect
