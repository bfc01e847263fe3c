#include "launch/execute/screen_writer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace transect {
namespace {

// Written at a time, so that Flush sees how it goes on.
constexpr size_t kPiece = 4096;

// Bytes that were taken, at least 1, or -1 and errno.
ssize_t WriteSome(int descriptor, absl::string_view text) {
  while (true) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written > 0) return written;
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno != EAGAIN) return -1;
    pollfd ready = {descriptor, POLLOUT, 0};
    if (poll(&ready, 1, -1) < 0 && errno != EINTR) return -1;
  }
}

}  // namespace

absl::Status WriteAll(int descriptor, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = WriteSome(descriptor, text);
    if (written < 0) {
      const int error = errno;
      return error == EPIPE ? absl::UnavailableError("nobody reads any more")
                            : absl::Status(absl::ErrnoToStatusCode(error),
                                           strerror(error));
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

struct ScreenWriter::State {
  explicit State(int descriptor) : descriptor(descriptor) {}

  const int descriptor;
  std::mutex mutex;
  std::condition_variable changed;
  bool started = false;
  bool closing = false;
  // An error came; nothing is written any more.
  bool dead = false;
  std::string pending;
  // What the thread has of `pending`, not yet taken.
  size_t in_hand = 0;
  uint64_t taken = 0;
  // `taken` when Flush gave up; none if it did not.
  uint64_t gave_up_at = UINT64_MAX;

  bool idle() const { return dead || (pending.empty() && in_hand == 0); }
};

ScreenWriter::ScreenWriter(int descriptor)
    : state_(std::make_shared<State>(descriptor)) {}

ScreenWriter::~ScreenWriter() {
  const std::lock_guard lock(state_->mutex);
  state_->closing = true;
  state_->changed.notify_all();
}

int ScreenWriter::descriptor() const { return state_->descriptor; }

void ScreenWriter::Run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    state->changed.wait(
        lock, [&] { return state->closing || !state->pending.empty(); });
    if (state->pending.empty()) return;
    const std::string text = std::exchange(state->pending, {});
    state->in_hand = text.size();
    for (absl::string_view rest = text; !rest.empty() && !state->dead;) {
      lock.unlock();
      const ssize_t written =
          WriteSome(state->descriptor, rest.substr(0, kPiece));
      lock.lock();
      state->dead = written < 0;
      rest.remove_prefix(static_cast<size_t>(std::max<ssize_t>(written, 0)));
      state->taken += static_cast<uint64_t>(std::max<ssize_t>(written, 0));
      state->in_hand = rest.size();
      state->changed.notify_all();
    }
    state->in_hand = 0;
  }
}

void ScreenWriter::Write(absl::string_view text) {
  const std::lock_guard lock(state_->mutex);
  if (state_->dead || text.empty()) return;
  if (!state_->started) {
    state_->started = true;
    // The thread begins with this mask, so that no signal ever goes to it.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread([state = state_] { Run(state); }).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  state_->pending.append(text.data(), text.size());
  state_->changed.notify_all();
}

bool ScreenWriter::Idle() const {
  const std::lock_guard lock(state_->mutex);
  return state_->idle();
}

bool ScreenWriter::Flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(state_->mutex);
  if (state_->taken == state_->gave_up_at) return state_->idle();
  while (!state_->idle()) {
    const uint64_t before = state_->taken;
    const bool moved = state_->changed.wait_for(lock, patience, [&] {
      return state_->idle() || state_->taken != before;
    });
    if (!moved) {
      state_->gave_up_at = before;
      return false;
    }
  }
  state_->gave_up_at = UINT64_MAX;
  return true;
}

}  // namespace transect
