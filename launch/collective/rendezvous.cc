#include "launch/collective/rendezvous.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "launch/collective/peer_lost.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kHost = "127.0.0.1:";
constexpr int64_t kMaxRendezvousBytes = 64;

}  // namespace

absl::StatusOr<Listener> ListenOnLoopback() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, "cannot open a socket");
  }
  absl::Cleanup close_socket = [fd] { close(fd); };
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, length) != 0 || listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, generic, &length) != 0) {
    return absl::ErrnoToStatus(errno, "cannot listen on 127.0.0.1");
  }
  std::move(close_socket).Cancel();
  return Listener{fd, ntohs(address.sin_port)};
}

absl::Status WriteRendezvous(const std::string& path, uint16_t port) {
  return WriteFileAtomic(path, absl::StrCat(kHost, port, "\n"));
}

absl::StatusOr<uint16_t> AwaitRendezvous(const std::string& path,
                                         absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!FileExists(path)) {
    if (absl::Now() > deadline) {
      return PeerLostError(absl::StrCat("rank 0 did not write ", path, " in ",
                                        absl::FormatDuration(timeout)));
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxRendezvousBytes));
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  uint32_t port = 0;
  if (!absl::ConsumePrefix(&rest, kHost) || !absl::SimpleAtoi(rest, &port) ||
      port == 0 || port > 65535) {
    return absl::DataLossError(
        absl::StrCat(path, " says '", text, "', not 127.0.0.1:PORT"));
  }
  return static_cast<uint16_t>(port);
}

}  // namespace transect
