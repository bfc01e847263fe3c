/// \file
/// The numbers of Philox4x32-10, for those who write its rounds for vectors or
/// another device.
#ifndef TRANSECT_DATA_RANDOM_PHILOX_CONSTANTS_H_
#define TRANSECT_DATA_RANDOM_PHILOX_CONSTANTS_H_

#include <cstdint>

namespace transect {

/// Salmon et al. 2011, table 2, and the Weyl constants of Random123. A round of
/// the counter c under the key k gives {high(m1 c2) ^ c1 ^ k0, low(m1 c2),
/// high(m0 c0) ^ c3 ^ k1, low(m0 c0)}; after it the Weyl constants are added to
/// the key.
inline constexpr uint32_t kPhiloxMultipliers[2] = {0xD2511F53, 0xCD9E8D57};
inline constexpr uint32_t kPhiloxWeyl[2] = {0x9E3779B9, 0xBB67AE85};
inline constexpr int kPhiloxRounds = 10;

}  // namespace transect

#endif  // TRANSECT_DATA_RANDOM_PHILOX_CONSTANTS_H_
