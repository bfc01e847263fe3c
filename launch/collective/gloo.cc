#include "launch/collective/gloo.h"

#include <torch/torch.h>

// The header of ProcessGroupGloo is empty without it; torch/torch.h does not
// look at it, so the precompiled header stays valid.
#define USE_C10D_GLOO
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "launch/collective/collective.h"
#include "launch/collective/group.h"
#include "launch/collective/nccl.h"
#include "launch/collective/peer_lost.h"
#include "launch/collective/rendezvous.h"
#include "launch/collective/transport.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using StorePtr = c10::intrusive_ptr<c10d::Store>;

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

class GlooTransport : public Transport {
 public:
  GlooTransport(int rank, int ranks,
                c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo)
      : rank_(rank), ranks_(ranks), gloo_(std::move(gloo)) {}

  absl::Status AllToAll(const at::Tensor& sent,
                        const at::Tensor& received) override {
    return Wait([&] {
      at::Tensor to = received, from = sent;
      std::vector<int64_t> equal;
      return gloo_->alltoall_base(to, from, equal, equal);
    });
  }

  absl::Status AllGather(const at::Tensor& mine,
                         const at::Tensor& all) override {
    return Wait([&] {
      at::Tensor to = all.view({-1}), from = mine.view({-1});
      return gloo_->_allgather_base(to, from, c10d::AllgatherOptions());
    });
  }

  absl::Status Broadcast(int root, const at::Tensor& value) override {
    return Wait([&] {
      std::vector<at::Tensor> tensors = {value};
      c10d::BroadcastOptions options;
      options.rootRank = root;
      return gloo_->broadcast(tensors, options);
    });
  }

  absl::Status AllReduce(const at::Tensor& value) override {
    return Wait([&] {
      std::vector<at::Tensor> tensors = {value};
      return gloo_->allreduce(tensors, c10d::AllreduceOptions());
    });
  }

  // The library has one, which does the same.
  absl::Status ReduceScatter(const at::Tensor& value,
                             const at::Tensor& part) override {
    TRANSECT_RETURN_IF_ERROR(AllReduce(value));
    part.copy_(value.chunk(ranks_)[rank_]);
    return absl::OkStatus();
  }

  void Abort() override { gloo_.reset(); }

 private:
  template <typename Start>
  absl::Status Wait(Start start) {
    try {
      start()->wait();
      return absl::OkStatus();
    } catch (...) {
      return absl::UnavailableError(CurrentMessage());
    }
  }

  const int rank_;
  const int ranks_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo_;
};

class StoreBulletin : public Bulletin {
 public:
  StoreBulletin(int rank, StorePtr store)
      : rank_(rank), store_(std::move(store)) {}

  bool Post(const std::string& kind, const std::string& text) override {
    try {
      store_->set(Key(kind, rank_),
                  std::vector<uint8_t>(text.begin(), text.end()));
      return true;
    } catch (...) {
      return false;
    }
  }

  std::optional<std::string> Read(const std::string& kind, int rank,
                                  absl::Time deadline) override {
    const absl::Duration left =
        std::max(deadline - absl::Now(), absl::Milliseconds(50));
    try {
      store_->wait({Key(kind, rank)}, absl::ToChronoMilliseconds(left));
      const std::vector<uint8_t> text = store_->get(Key(kind, rank));
      return std::string(text.begin(), text.end());
    } catch (...) {
      return std::nullopt;
    }
  }

 private:
  static std::string Key(const std::string& kind, int rank) {
    return absl::StrCat(kind, "/", rank);
  }

  const int rank_;
  const StorePtr store_;
};

// One group among those of a store, `name` of them.
absl::StatusOr<GroupParts> MakeParts(const GlooGroup& group,
                                     const StorePtr& store,
                                     const std::string& name) {
  GroupParts parts;
  parts.rank = group.rank;
  parts.ranks = group.ranks;
  parts.timeout = group.timeout;
  const StorePtr own = c10::make_intrusive<c10d::PrefixStore>(name, store);
  auto options = c10d::ProcessGroupGloo::Options::create(
      absl::ToChronoMilliseconds(group.timeout));
  options->devices.push_back(
      c10d::ProcessGroupGloo::createDeviceForHostname(group.address));
  parts.host = std::make_unique<GlooTransport>(
      group.rank, group.ranks,
      c10::make_intrusive<c10d::ProcessGroupGloo>(own, group.rank, group.ranks,
                                                  options));
  parts.bulletin = std::make_shared<StoreBulletin>(group.rank, own);
  if (group.gpu.has_value()) {
    TRANSECT_ASSIGN_OR_RETURN(
        parts.device,
        MakeNcclTransport(group.rank, group.ranks, parts.host.get(), *group.gpu,
                          group.timeout));
  }
  parts.another =
      [group, store](const std::string& other) -> absl::StatusOr<GroupParts> {
    try {
      return MakeParts(group, store, other);
    } catch (...) {
      return PeerLostError(absl::StrCat("forming ", other, ": rank ",
                                        group.rank, " of ", group.ranks,
                                        " lost a peer: ", CurrentMessage()));
    }
  };
  return parts;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Collective>> ConnectGloo(
    const GlooGroup& group) {
  if (group.ranks < 2 || group.rank < 0 || group.rank >= group.ranks) {
    return absl::InvalidArgumentError(
        absl::StrCat("rank ", group.rank, " of ", group.ranks,
                     " cannot form a group; ranks must be 2 or more and rank "
                     "0 to ranks - 1"));
  }
  c10d::TCPStoreOptions options;
  options.isServer = group.rank == 0;
  options.numWorkers = group.ranks;
  options.waitWorkers = false;
  options.timeout = absl::ToChronoMilliseconds(group.timeout);
  Rendezvous meeting;
  if (options.isServer) {
    TRANSECT_ASSIGN_OR_RETURN(const Listener listener, ListenOn(group.address));
    options.masterListenFd = listener.descriptor;
    meeting = {group.address, listener.port, NewNonce()};
  } else {
    TRANSECT_ASSIGN_OR_RETURN(
        meeting, AwaitRendezvous(group.rendezvous_path, group.timeout));
  }
  options.port = meeting.port;
  try {
    auto store = c10::make_intrusive<c10d::TCPStore>(meeting.address, options);
    if (options.isServer) {
      TRANSECT_RETURN_IF_ERROR(WriteRendezvous(group.rendezvous_path, meeting));
    }
    TRANSECT_ASSIGN_OR_RETURN(
        GroupParts parts,
        MakeParts(group,
                  c10::make_intrusive<c10d::PrefixStore>(meeting.nonce, store),
                  "ranks"));
    return MakeGroup(std::move(parts));
  } catch (...) {
    return PeerLostError(absl::StrCat(
        "forming the group: rank ", group.rank, " of ", group.ranks,
        " lost a peer (time-out ", absl::FormatDuration(group.timeout),
        "): ", CurrentMessage()));
  }
}

}  // namespace transect
