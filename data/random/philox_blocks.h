/// \file
/// Many blocks of Philox at once, for masks as large as activations.
#ifndef TRANSECT_DATA_RANDOM_PHILOX_BLOCKS_H_
#define TRANSECT_DATA_RANDOM_PHILOX_BLOCKS_H_

#include <array>
#include <cstdint>

#include "data/random/philox.h"

namespace transect {

/// Blocks that PhiloxBlocks makes.
inline constexpr int kPhiloxBlocks = 16;

/// The words of the blocks of `key` with the counters {first + i, 0, 0, 0} for
/// i = 0 … kPhiloxBlocks - 1, block after block: what Philox::Block returns for
/// each, several times as fast. Counters wrap around after 2^32 - 1.
void PhiloxBlocks(Philox::Key key, uint32_t first,
                  std::array<uint32_t, 4 * kPhiloxBlocks>* words);

}  // namespace transect

#endif  // TRANSECT_DATA_RANDOM_PHILOX_BLOCKS_H_
