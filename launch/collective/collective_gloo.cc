#include "launch/collective/collective_gloo.h"

#include <torch/torch.h>

// The header of ProcessGroupGloo is empty without it; torch/torch.h does not
// look at it, so the precompiled header stays valid.
#define USE_C10D_GLOO
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "launch/collective/collective.h"
#include "launch/collective/peer_lost.h"
#include "launch/collective/rendezvous.h"
#include "launch/collective/tree_sum.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr char kLoopback[] = "127.0.0.1";

enum class Operation : int32_t {
  kAllReduceSum,
  kAllGather,
  kBroadcast,
  kBarrier
};

absl::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kAllReduceSum:
      return "sum";
    case Operation::kAllGather:
      return "gather";
    case Operation::kBroadcast:
      return "broadcast";
    case Operation::kBarrier:
      return "barrier";
  }
  return "unknown call";
}

// What a rank is about to do; sent to all ranks before every call.
struct Announcement {
  int64_t call = 0;
  int64_t elements = 0;
  Operation operation = Operation::kBarrier;
  int32_t type = 0;
  int32_t root = 0;
  std::array<char, 68> what = {};

  bool operator==(const Announcement& other) const {
    return std::memcmp(this, &other, sizeof(*this)) == 0;
  }
};
// No padding, so that bytes can be compared.
static_assert(sizeof(Announcement) == 96);

std::string Describe(const Announcement& announcement) {
  return absl::StrCat(
      "call ", announcement.call, ", ", Name(announcement.operation), " '",
      announcement.what.data(), "' of ", announcement.elements, " ",
      at::toString(static_cast<at::ScalarType>(announcement.type)),
      announcement.operation == Operation::kBroadcast
          ? absl::StrCat(" from rank ", announcement.root)
          : "");
}

// The message of the exception that is being handled, without a backtrace.
std::string CurrentMessage() {
  try {
    throw;
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

class GlooCollective : public Collective {
 public:
  GlooCollective(const GlooGroup& group,
                 c10::intrusive_ptr<c10d::TCPStore> store,
                 c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo)
      : group_(group), store_(std::move(store)), gloo_(std::move(gloo)) {}

  int rank() const override { return group_.rank; }
  int ranks() const override { return group_.ranks; }

  absl::Status AllReduceSum(absl::string_view what, at::Tensor value) override {
    TRANSECT_RETURN_IF_ERROR(
        Announce(Operation::kAllReduceSum, what, value, 0));
    const at::NoGradGuard no_grad;
    // Part r of `sent` is rank r's to add up.
    const int64_t elements = value.numel();
    const int64_t part = (elements + ranks() - 1) / ranks();
    at::Tensor sent = value.detach().contiguous().view({-1});
    if (part * ranks() != elements) {
      sent = at::constant_pad_nd(sent, {0, part * ranks() - elements});
    }
    at::Tensor received = at::empty_like(sent);
    std::vector<int64_t> equal;
    TRANSECT_RETURN_IF_ERROR(Wait(what, [&] {
      return gloo_->alltoall_base(received, sent, equal, equal);
    }));
    at::Tensor mine = TreeSum(received.chunk(ranks()));
    std::vector<std::vector<at::Tensor>> all = {sent.chunk(ranks())};
    std::vector<at::Tensor> own = {std::move(mine)};
    TRANSECT_RETURN_IF_ERROR(
        Wait(what, [&] { return gloo_->allgather(all, own); }));
    if (!sent.is_alias_of(value)) {
      value.copy_(sent.narrow(0, 0, elements).view(value.sizes()));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor& value) override {
    return Gather(Operation::kAllGather, what, value);
  }

  absl::Status Broadcast(absl::string_view what, int root,
                         at::Tensor value) override {
    TRANSECT_RETURN_IF_ERROR(
        Announce(Operation::kBroadcast, what, value, root));
    std::vector<at::Tensor> tensors = {value.detach().contiguous()};
    c10d::BroadcastOptions options;
    options.rootRank = root;
    TRANSECT_RETURN_IF_ERROR(
        Wait(what, [&] { return gloo_->broadcast(tensors, options); }));
    const at::NoGradGuard no_grad;
    value.copy_(tensors[0]);
    return absl::OkStatus();
  }

  absl::Status Barrier(absl::string_view what) override {
    // Nobody has all announcements before everybody has sent one.
    return Announce(Operation::kBarrier, what, at::empty({0}), 0);
  }

  void Abort() override {
    gloo_.reset();
    store_.reset();
  }

 private:
  absl::StatusOr<std::vector<at::Tensor>> Gather(Operation operation,
                                                 absl::string_view what,
                                                 const at::Tensor& value) {
    TRANSECT_RETURN_IF_ERROR(Announce(operation, what, value, 0));
    return GatherUnchecked(what, value);
  }

  absl::StatusOr<std::vector<at::Tensor>> GatherUnchecked(
      absl::string_view what, const at::Tensor& value) {
    std::vector<at::Tensor> inputs = {value.detach().contiguous()};
    std::vector<std::vector<at::Tensor>> outputs(1);
    for (int rank = 0; rank < ranks(); ++rank) {
      outputs[0].push_back(at::empty_like(inputs[0]));
    }
    TRANSECT_RETURN_IF_ERROR(
        Wait(what, [&] { return gloo_->allgather(outputs, inputs); }));
    return outputs[0];
  }

  // Tells all ranks what this one is about to do and checks that they agree.
  absl::Status Announce(Operation operation, absl::string_view what,
                        const at::Tensor& value, int root) {
    if (gloo_ == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat(what, ": this rank has left its group"));
    }
    Announcement mine;
    mine.call = ++calls_;
    mine.elements = value.numel();
    mine.operation = operation;
    mine.type = static_cast<int32_t>(value.scalar_type());
    mine.root = root;
    what.copy(mine.what.data(), mine.what.size() - 1);
    TRANSECT_ASSIGN_OR_RETURN(
        const std::vector<at::Tensor> announcements,
        GatherUnchecked(what, at::from_blob(&mine, {sizeof(mine)}, at::kByte)));
    std::vector<std::string> described;
    bool agree = true;
    for (int rank = 0; rank < ranks(); ++rank) {
      Announcement theirs;
      std::memcpy(static_cast<void*>(&theirs), announcements[rank].data_ptr(),
                  sizeof(theirs));
      agree = agree && theirs == mine;
      described.push_back(
          absl::StrCat("rank ", rank, " is at ", Describe(theirs)));
    }
    if (agree) {
      return absl::OkStatus();
    }
    Abort();
    std::string message = absl::StrCat(what, ": ranks do not agree");
    for (const std::string& rank : described) {
      absl::StrAppend(&message, "; ", rank);
    }
    return absl::InternalError(message);
  }

  // Starts a call of the library and waits for it.
  template <typename Start>
  absl::Status Wait(absl::string_view what, Start start) {
    try {
      start()->wait();
      return absl::OkStatus();
    } catch (...) {
      const std::string message = CurrentMessage();
      Abort();
      return PeerLostError(
          absl::StrCat(what, ": rank ", rank(), " of ", ranks(),
                       " lost a peer in call ", calls_, " (time-out ",
                       absl::FormatDuration(group_.timeout), "): ", message));
    }
  }

  const GlooGroup group_;
  int64_t calls_ = 0;
  // Destroyed in reverse: the group before the store that it uses.
  c10::intrusive_ptr<c10d::TCPStore> store_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Collective>> ConnectGloo(
    const GlooGroup& group) {
  if (group.ranks < 2 || group.rank < 0 || group.rank >= group.ranks) {
    return absl::InvalidArgumentError(
        absl::StrCat("rank ", group.rank, " of ", group.ranks,
                     " cannot form a group; ranks must be 2 or more and rank "
                     "0 to ranks - 1"));
  }
  const auto timeout = absl::ToChronoMilliseconds(group.timeout);
  c10d::TCPStoreOptions options;
  options.isServer = group.rank == 0;
  options.numWorkers = group.ranks;
  options.waitWorkers = false;
  options.timeout = timeout;
  if (options.isServer) {
    TRANSECT_ASSIGN_OR_RETURN(const Listener listener, ListenOnLoopback());
    options.masterListenFd = listener.descriptor;
    options.port = listener.port;
  } else {
    TRANSECT_ASSIGN_OR_RETURN(
        options.port, AwaitRendezvous(group.rendezvous_path, group.timeout));
  }
  try {
    auto store = c10::make_intrusive<c10d::TCPStore>(kLoopback, options);
    if (options.isServer) {
      TRANSECT_RETURN_IF_ERROR(
          WriteRendezvous(group.rendezvous_path, options.port));
    }
    auto gloo_options = c10d::ProcessGroupGloo::Options::create(timeout);
    gloo_options->devices.push_back(
        c10d::ProcessGroupGloo::createDeviceForHostname(kLoopback));
    auto gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
        store, group.rank, group.ranks, gloo_options);
    return std::make_unique<GlooCollective>(group, std::move(store),
                                            std::move(gloo));
  } catch (...) {
    return PeerLostError(absl::StrCat(
        "forming the group: rank ", group.rank, " of ", group.ranks,
        " lost a peer (time-out ", absl::FormatDuration(group.timeout),
        "): ", CurrentMessage()));
  }
}

}  // namespace transect
