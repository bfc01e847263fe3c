#include "data/io/crc32c.h"

#include <string>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(Crc32cTest, AgreesWithThePublishedVectors) {
  // RFC 3720, appendix B.4, and the check value of the CRC catalog.
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  std::string ascending;
  for (char c = 0; c < 32; ++c) {
    ascending.push_back(c);
  }
  EXPECT_EQ(Crc32c(ascending), 0x46DD794Eu);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32cTest, ExtendingEqualsTheCrcOfTheWhole) {
  const std::string text = "length, crc32c, record";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(ExtendCrc32c(Crc32c(text.substr(0, cut)), text.substr(cut)),
              Crc32c(text));
  }
}

}  // namespace
}  // namespace transect
