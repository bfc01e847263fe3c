#include "launch/rank/exit_codes.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "launch/collective/peer_lost.h"
#include "launch/store/result.pb.h"

namespace transect {
namespace {

TEST(ExitCodes, FollowTheStatusCode) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), ExitCode::OK);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("x")), ExitCode::SPEC);
  EXPECT_EQ(ExitCodeOf(absl::UnimplementedError("x")), ExitCode::SPEC);
  EXPECT_EQ(ExitCodeOf(absl::DataLossError("x")), ExitCode::DATA);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("x")), ExitCode::INPUT_OUTPUT);
  EXPECT_EQ(ExitCodeOf(absl::ResourceExhaustedError("x")),
            ExitCode::INPUT_OUTPUT);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("x")), ExitCode::TRY_AGAIN);
  EXPECT_EQ(ExitCodeOf(absl::UnknownError("x")), ExitCode::INTERNAL);
}

TEST(ExitCodes, AMarkWinsAndTheInnermostStays) {
  const absl::Status data =
      MarkExitCode(absl::NotFoundError("x"), ExitCode::DATA);
  EXPECT_EQ(ExitCodeOf(data), ExitCode::DATA);
  EXPECT_EQ(ExitCodeOf(MarkExitCode(data, ExitCode::INTERNAL)), ExitCode::DATA);
  EXPECT_EQ(data.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(MarkExitCode(absl::OkStatus(), ExitCode::DATA).ok());
}

TEST(ExitCodes, ALostPeerStaysALostPeer) {
  const absl::Status lost = PeerLostError("x");
  EXPECT_EQ(ExitCodeOf(lost), ExitCode::PEER_LOST);
  EXPECT_EQ(ExitCodeOf(MarkExitCode(lost, ExitCode::INTERNAL)),
            ExitCode::PEER_LOST);
  EXPECT_FALSE(IsPeerLost(absl::UnavailableError("x")));
}

TEST(ExitCodes, NonFiniteIsTyped) {
  EXPECT_EQ(ExitCodeOf(NonFiniteError("the loss of step 3 is nan")),
            ExitCode::NON_FINITE);
}

TEST(ExitCodes, ErrorsOfLibTorchAreMemoryOrABug) {
  EXPECT_EQ(ExitCodeOf(MarkComputation(absl::ResourceExhaustedError("x"))),
            ExitCode::MEMORY);
  EXPECT_EQ(ExitCodeOf(MarkComputation(absl::InvalidArgumentError("x"))),
            ExitCode::INTERNAL);
  EXPECT_TRUE(MarkComputation(absl::OkStatus()).ok());
}

TEST(RootCauseLine, IsOneLineWithTheName) {
  EXPECT_EQ(RootCauseLine(NonFiniteError("the loss of step 3 is nan")),
            "transect_worker: NON_FINITE: the loss of step 3 is nan");
  EXPECT_EQ(RootCauseLine(absl::InvalidArgumentError(
                "file.safetensors:\nmissing: a\nsurplus: b\n")),
            "transect_worker: SPEC: file.safetensors:; missing: a; surplus: b");
}

}  // namespace
}  // namespace transect
