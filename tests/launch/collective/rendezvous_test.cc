#include "launch/collective/rendezvous.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/peer_lost.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", name);
}

// Whether 127.0.0.`host` accepts a connection at `port`.
bool Accepts(uint32_t host, uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl((127u << 24) | host);
  address.sin_port = htons(port);
  const bool connected =
      connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return connected;
}

TEST(Rendezvous, ListensOnOneLoopbackAddressOnly) {
  ASSERT_OK_AND_ASSIGN(const Listener listener, ListenOn("127.0.0.1"));
  EXPECT_GT(listener.port, 0);
  EXPECT_TRUE(Accepts(1, listener.port));
  // A socket on all addresses would accept here.
  EXPECT_FALSE(Accepts(2, listener.port));
  close(listener.descriptor);
}

TEST(Rendezvous, RefusesAnAddressThatIsNotOurs) {
  EXPECT_THAT(ListenOn("192.0.2.1"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no interface of this machine has it")));
  EXPECT_THAT(ListenOn("localhost"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no numeric IPv4 address")));
}

TEST(Rendezvous, PassesThePlaceThroughTheFile) {
  const std::string path = Path("rendezvous");
  const std::string nonce = NewNonce();
  EXPECT_NE(nonce, NewNonce());
  std::thread late([&] {
    absl::SleepFor(absl::Milliseconds(50));
    ASSERT_THAT(WriteRendezvous(path, {"10.1.2.3", 4711, nonce}), IsOk());
  });
  ASSERT_OK_AND_ASSIGN(const Rendezvous read,
                       AwaitRendezvous(path, absl::Seconds(20)));
  late.join();
  EXPECT_EQ(read.address, "10.1.2.3");
  EXPECT_EQ(read.port, 4711);
  EXPECT_EQ(read.nonce, nonce);
}

TEST(Rendezvous, CallsARankZeroThatDoesNotComeALostPeer) {
  const absl::Status status =
      AwaitRendezvous(Path("never"), absl::Milliseconds(100)).status();
  EXPECT_TRUE(IsPeerLost(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("rank 0 did not write"));
}

TEST(Rendezvous, RefusesAFileThatSaysAnythingElse) {
  for (const std::string text :
       {"", "127.0.0.1:80\n", "127.0.0.1: 0123456789abcdef0123456789abcdef\n",
        "127.0.0.1:0 0123456789abcdef0123456789abcdef\n",
        "127.0.0.1:65536 0123456789abcdef0123456789abcdef\n",
        "localhost:80 0123456789abcdef0123456789abcdef\n",
        "127.0.0.1:80 0123456789abcdef0123456789abcdef",
        "127.0.0.1:80 0123456789abcdef0123456789abcde\n",
        "127.0.0.1:80 0123456789abcdef0123456789abcdef more\n"}) {
    const std::string path = Path("bad");
    ASSERT_THAT(WriteFileAtomic(path, text), IsOk());
    EXPECT_THAT(AwaitRendezvous(path, absl::Seconds(1)),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path)))
        << text;
  }
}

}  // namespace
}  // namespace transect
