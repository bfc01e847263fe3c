#include "launch/collective/rendezvous.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "launch/collective/peer_lost.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int64_t kMaxRendezvousBytes = 128;
constexpr size_t kNonceDigits = 32;

bool IsAddress(const std::string& text) {
  in_addr address = {};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

}  // namespace

absl::StatusOr<Listener> ListenOn(const std::string& address) {
  sockaddr_in where = {};
  where.sin_family = AF_INET;
  if (inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", address, "' is no numeric IPv4 address, such as 127.0.0.1"));
  }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, "cannot open a socket");
  }
  absl::Cleanup close_socket = [fd] { close(fd); };
  socklen_t length = sizeof(where);
  auto* const generic = reinterpret_cast<sockaddr*>(&where);
  if (bind(fd, generic, length) != 0 || listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, generic, &length) != 0) {
    const absl::Status status =
        absl::ErrnoToStatus(errno, absl::StrCat("cannot listen on ", address));
    return errno == EADDRNOTAVAIL
               ? absl::InvalidArgumentError(absl::StrCat(
                     status.message(), "; no interface of this machine has it"))
               : status;
  }
  std::move(close_socket).Cancel();
  return Listener{fd, ntohs(where.sin_port)};
}

std::string NewNonce() {
  std::string nonce;
  while (nonce.size() < kNonceDigits) nonce += RandomName();
  return nonce.substr(0, kNonceDigits);
}

absl::Status WriteRendezvous(const std::string& path,
                             const Rendezvous& rendezvous) {
  return WriteFileAtomic(
      path, absl::StrCat(rendezvous.address, ":", rendezvous.port, " ",
                         rendezvous.nonce, "\n"));
}

absl::StatusOr<Rendezvous> AwaitRendezvous(const std::string& path,
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
  absl::string_view rest = text;
  const std::vector<std::string> words =
      absl::ConsumeSuffix(&rest, "\n")
          ? std::vector<std::string>(absl::StrSplit(rest, ' '))
          : std::vector<std::string>();
  const std::vector<std::string> place = words.size() == 2
                                             ? absl::StrSplit(words[0], ':')
                                             : std::vector<std::string>();
  uint32_t port = 0;
  if (place.size() != 2 || !IsAddress(place[0]) ||
      !absl::SimpleAtoi(place[1], &port) || port == 0 || port > 65535 ||
      words[1].size() != kNonceDigits) {
    return absl::DataLossError(absl::StrCat(path, " says '",
                                            absl::StripAsciiWhitespace(text),
                                            "', not ADDRESS:PORT NONCE"));
  }
  return Rendezvous{place[0], static_cast<uint16_t>(port), words[1]};
}

}  // namespace transect
