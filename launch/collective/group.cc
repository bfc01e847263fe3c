#include "launch/collective/group.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "launch/collective/collective.h"
#include "launch/collective/peer_lost.h"
#include "launch/collective/tree_sum.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// How long a rank whose call failed waits for word of the others. Their calls
// fail as soon as this rank has closed its connections.
constexpr absl::Duration kWordTime = absl::Seconds(3);
// Calls that a rank can tell of where schedules differ.
constexpr size_t kRememberedCalls = 8;
constexpr int64_t kRememberedBytes = 1024;

enum class Operation : int32_t {
  kSum,
  kLibrarySum,
  kScatteredSum,
  kScatteredLibrarySum,
  kGather,
  kGatherParts,
  kBroadcast,
  kBarrier,
  kComparison,
};

absl::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kSum:
      return "sum";
    case Operation::kLibrarySum:
      return "sum in the library's order";
    case Operation::kScatteredSum:
      return "scattered sum";
    case Operation::kScatteredLibrarySum:
      return "scattered sum in the library's order";
    case Operation::kGather:
      return "gather";
    case Operation::kGatherParts:
      return "gather of parts";
    case Operation::kBroadcast:
      return "broadcast";
    case Operation::kBarrier:
      return "barrier";
    case Operation::kComparison:
      return "comparison of calls";
  }
  return "unknown call";
}

// What a rank is about to do. Sent as bytes, so it has no padding.
struct Call {
  int64_t number = 0;
  int64_t elements = 0;
  Operation operation = Operation::kBarrier;
  int32_t type = 0;
  int32_t root = 0;
  std::array<char, 68> what = {};
};
static_assert(sizeof(Call) == 96);

std::string Bytes(const Call& call) {
  return std::string(reinterpret_cast<const char*>(&call), sizeof(call));
}

std::string Describe(const Call& call) {
  return absl::StrCat("call ", call.number, ", ", Name(call.operation), " '",
                      call.what.data(), "' of ", call.elements, " ",
                      at::toString(static_cast<at::ScalarType>(call.type)),
                      call.operation == Operation::kBroadcast
                          ? absl::StrCat(" from rank ", call.root)
                          : "");
}

// What ranks whose calls failed have left, by rank.
using Words = std::vector<std::optional<std::string>>;

class Group : public Collective {
 public:
  explicit Group(GroupParts parts) : parts_(std::move(parts)) {}

  int rank() const override { return parts_.rank; }
  int ranks() const override { return parts_.ranks; }

  absl::Status AllReduceSum(absl::string_view what, at::Tensor value,
                            SumOrder order) override {
    const bool by_tree = order == SumOrder::kTree;
    TRANSECT_RETURN_IF_ERROR(
        Begin(by_tree ? Operation::kSum : Operation::kLibrarySum, what, value));
    const at::NoGradGuard no_grad;
    at::Tensor sum = value.detach().contiguous();
    TRANSECT_RETURN_IF_ERROR(by_tree ? TreeSumOverRanks(&sum)
                                     : Done(At(sum).AllReduce(sum)));
    if (!sum.is_alias_of(value)) value.copy_(sum);
    return absl::OkStatus();
  }

  absl::Status ReduceScatterSum(absl::string_view what, at::Tensor value,
                                SumOrder order) override {
    const bool by_tree = order == SumOrder::kTree;
    TRANSECT_RETURN_IF_ERROR(Begin(
        by_tree ? Operation::kScatteredSum : Operation::kScatteredLibrarySum,
        what, value));
    const at::NoGradGuard no_grad;
    const at::Tensor part = value.chunk(ranks())[rank()];
    if (by_tree) {
      const at::Tensor received = at::empty_like(value);
      TRANSECT_RETURN_IF_ERROR(Done(At(value).AllToAll(value, received)));
      part.copy_(TreeSum(received.chunk(ranks())));
      return absl::OkStatus();
    }
    const at::Tensor sum = at::empty_like(part);
    TRANSECT_RETURN_IF_ERROR(Done(At(value).ReduceScatter(value, sum)));
    part.copy_(sum);
    return absl::OkStatus();
  }

  absl::Status AllGatherParts(absl::string_view what,
                              at::Tensor value) override {
    TRANSECT_RETURN_IF_ERROR(Begin(Operation::kGatherParts, what, value));
    const at::NoGradGuard no_grad;
    return Done(
        At(value).AllGather(value.chunk(ranks())[rank()].clone(), value));
  }

  absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor& value) override {
    TRANSECT_RETURN_IF_ERROR(Begin(Operation::kGather, what, value));
    return Gather(value);
  }

  absl::Status Broadcast(absl::string_view what, int root,
                         at::Tensor value) override {
    TRANSECT_RETURN_IF_ERROR(Begin(Operation::kBroadcast, what, value, root));
    const at::NoGradGuard no_grad;
    const at::Tensor sent = value.detach().contiguous();
    TRANSECT_RETURN_IF_ERROR(Done(At(sent).Broadcast(root, sent)));
    if (!sent.is_alias_of(value)) value.copy_(sent);
    return absl::OkStatus();
  }

  absl::Status Barrier(absl::string_view what) override {
    TRANSECT_RETURN_IF_ERROR(Count(Operation::kBarrier, what, at::Tensor(), 0));
    // Nobody has all announcements before everybody has sent one.
    return Agree();
  }

  absl::Status CheckSchedule(absl::string_view what) override {
    const std::string mine = digest_;
    TRANSECT_RETURN_IF_ERROR(
        Count(Operation::kComparison, what, at::Tensor(), 0));
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> digests,
                              GatherText(mine, kDigestBytes));
    if (std::all_of(digests.begin(), digests.end(),
                    [&](const std::string& other) { return other == mine; })) {
      return absl::OkStatus();
    }
    TRANSECT_ASSIGN_OR_RETURN(
        const std::vector<std::string> last,
        GatherText(absl::StrJoin(last_calls_, ", then "), kRememberedBytes));
    Abort();
    std::string message =
        absl::StrCat(what, ": ranks have not made the same calls");
    for (int r = 0; r < ranks(); ++r) {
      absl::StrAppend(&message, "; rank ", r, " made ", last[r]);
    }
    return absl::InternalError(message);
  }

  absl::StatusOr<std::unique_ptr<Collective>> NewGroup(
      const std::string& name) override {
    TRANSECT_RETURN_IF_ERROR(Barrier(absl::StrCat("forming ", name)));
    TRANSECT_ASSIGN_OR_RETURN(GroupParts parts, parts_.another(name));
    return MakeGroup(std::move(parts));
  }

  void Abort() override {
    Close();
    parts_.bulletin.reset();
  }

 private:
  static constexpr int64_t kDigestBytes = 64;

  Transport& At(const at::Tensor& tensor) {
    return tensor.is_cuda() ? *parts_.device : *parts_.host;
  }

  void Close() {
    if (parts_.host != nullptr) parts_.host->Abort();
    if (parts_.device != nullptr) parts_.device->Abort();
    parts_.device.reset();
    parts_.host.reset();
  }

  // `sum`, contiguous, becomes the sum over ranks; it may be another tensor
  // then.
  absl::Status TreeSumOverRanks(at::Tensor* sum) {
    Transport& transport = At(*sum);
    // Part r of `sent` is rank r's to add up.
    const int64_t elements = sum->numel();
    const int64_t part = (elements + ranks() - 1) / ranks();
    at::Tensor sent = sum->view({-1});
    const bool padded = part * ranks() != elements;
    if (padded) {
      sent = at::constant_pad_nd(sent, {0, part * ranks() - elements});
    }
    at::Tensor received = at::empty_like(sent);
    TRANSECT_RETURN_IF_ERROR(Done(transport.AllToAll(sent, received)));
    const at::Tensor mine = TreeSum(received.chunk(ranks()));
    TRANSECT_RETURN_IF_ERROR(Done(transport.AllGather(mine, sent)));
    if (padded) *sum = sent.narrow(0, 0, elements).view(sum->sizes());
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<at::Tensor>> Gather(const at::Tensor& value) {
    const at::NoGradGuard no_grad;
    const at::Tensor mine = value.detach().contiguous();
    std::vector<int64_t> shape = mine.sizes().vec();
    shape.insert(shape.begin(), ranks());
    const at::Tensor all = at::empty(shape, mine.options());
    TRANSECT_RETURN_IF_ERROR(Done(At(mine).AllGather(mine, all)));
    return all.unbind(0);
  }

  // Of all ranks, each cut to `bytes`.
  absl::StatusOr<std::vector<std::string>> GatherText(const std::string& text,
                                                      int64_t bytes) {
    const at::Tensor mine = at::zeros({bytes}, at::kByte);
    text.copy(static_cast<char*>(mine.data_ptr()), bytes);
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<at::Tensor> all, Gather(mine));
    std::vector<std::string> texts;
    for (const at::Tensor& one : all) {
      const std::string whole(static_cast<const char*>(one.data_ptr()), bytes);
      texts.push_back(whole.substr(0, whole.find('\0')));
    }
    return texts;
  }

  // Notes that this rank begins a call.
  absl::Status Count(Operation operation, absl::string_view what,
                     const at::Tensor& value, int root) {
    if (parts_.host == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat(what, ": this rank has left its group"));
    }
    call_ = Call();
    call_.operation = operation;
    call_.root = root;
    if (value.defined()) {
      call_.elements = value.numel();
      call_.type = static_cast<int32_t>(value.scalar_type());
    }
    what.copy(call_.what.data(), call_.what.size() - 1);
    const std::string kind = Bytes(call_);
    is_new_ = known_.insert(kind).second;
    call_.number = ++calls_;
    digest_ = Sha256(absl::StrCat(digest_, kind));
    last_calls_.push_back(Describe(call_));
    if (last_calls_.size() > kRememberedCalls) last_calls_.pop_front();
    return absl::OkStatus();
  }

  absl::Status Begin(Operation operation, absl::string_view what,
                     const at::Tensor& value, int root = 0) {
    TRANSECT_RETURN_IF_ERROR(Count(operation, what, value, root));
    return is_new_ ? Agree() : absl::OkStatus();
  }

  // Tells all ranks what this one is about to do and checks that they agree.
  absl::Status Agree() {
    const at::Tensor mine = at::empty({sizeof(call_)}, at::kByte);
    std::memcpy(mine.data_ptr(), &call_, sizeof(call_));
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<at::Tensor> all, Gather(mine));
    std::vector<std::string> described;
    bool agree = true;
    for (int r = 0; r < ranks(); ++r) {
      agree = agree && at::equal(all[r], mine);
      Call theirs;
      std::memcpy(static_cast<void*>(&theirs), all[r].data_ptr(),
                  sizeof(theirs));
      described.push_back(
          absl::StrCat("rank ", r, " is at ", Describe(theirs)));
    }
    if (agree) return absl::OkStatus();
    Abort();
    return absl::InternalError(absl::StrCat(call_.what.data(),
                                            ": ranks do not agree; ",
                                            absl::StrJoin(described, "; ")));
  }

  // Leaves word and takes that of the others, by rank; nothing where rank 0,
  // which keeps the bulletin, does not take it. A thread of its own does it,
  // since a store whose process is stopped never answers; it is left behind.
  std::optional<Words> ExchangeWords(const std::string& mine) {
    std::promise<std::optional<Words>> promise;
    std::future<std::optional<Words>> answer = promise.get_future();
    std::thread([mine, bulletin = parts_.bulletin, rank = rank(),
                 ranks = ranks(), promise = std::move(promise)]() mutable {
      const std::string failed = "failed", read = "read";
      if (!bulletin->Post(failed, mine)) {
        return promise.set_value(std::nullopt);
      }
      const absl::Time deadline = absl::Now() + kWordTime;
      Words words(ranks);
      for (int r = 0; r < ranks; ++r) {
        if (r != rank) words[r] = bulletin->Read(failed, r, deadline);
      }
      bulletin->Post(read, "all");
      // The bulletin goes with rank 0, so it waits for those who read.
      for (int r = 1; r < ranks && rank == 0; ++r) {
        if (words[r].has_value()) bulletin->Read(read, r, deadline);
      }
      promise.set_value(std::move(words));
    }).detach();
    const auto most = absl::ToChronoMilliseconds(kWordTime + absl::Seconds(1));
    if (answer.wait_for(most) != std::future_status::ready) return std::nullopt;
    return answer.get();
  }

  // The status of a call from that of the transport.
  absl::Status Done(const absl::Status& moved) {
    if (moved.ok()) return absl::OkStatus();
    // The others' calls fail now too, and they leave word.
    Close();
    const std::string mine = Describe(call_);
    const std::optional<Words> words = ExchangeWords(mine);
    std::vector<std::string> silent, elsewhere;
    for (int r = 0; r < ranks() && words.has_value(); ++r) {
      if (r == rank()) continue;
      if (!(*words)[r].has_value()) {
        silent.push_back(absl::StrCat("rank ", r));
      } else if (*(*words)[r] != mine) {
        elsewhere.push_back(absl::StrCat("rank ", r, " was at ", *(*words)[r]));
      }
    }
    std::string who;
    if (!words.has_value() || static_cast<int>(silent.size()) == ranks() - 1) {
      // Rank 0 keeps the bulletin.
      who = ranks() == 2 ? absl::StrCat("rank ", 1 - rank(), " does not answer")
            : rank() == 0 ? "no other rank answers"
                          : "no other rank answers, so it may be rank 0";
    } else if (!silent.empty()) {
      who = absl::StrCat(absl::StrJoin(silent, " and "),
                         silent.size() == 1 ? " does" : " do", " not answer");
    } else {
      who = "all ranks answer";
    }
    for (const std::string& other : elsewhere) {
      absl::StrAppend(&who, "; ", other);
    }
    const std::string message =
        absl::StrCat(call_.what.data(), ": rank ", rank(), " of ", ranks(),
                     " lost a peer in call ", call_.number, " (time-out ",
                     absl::FormatDuration(parts_.timeout), "): ", who, ": ",
                     moved.message());
    Abort();
    return PeerLostError(message);
  }

  GroupParts parts_;
  int64_t calls_ = 0;
  Call call_;
  // Whether `call_` was the first of its kind.
  bool is_new_ = false;
  // Kinds of calls that all ranks agreed about.
  std::set<std::string> known_;
  // Of all calls so far.
  std::string digest_;
  std::deque<std::string> last_calls_;
};

}  // namespace

std::unique_ptr<Collective> MakeGroup(GroupParts parts) {
  return std::make_unique<Group>(std::move(parts));
}

}  // namespace transect
