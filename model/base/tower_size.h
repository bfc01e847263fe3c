/// \file
/// Sizes of a transformer tower: defaults and ranges.
#ifndef TRANSECT_MODEL_BASE_TOWER_SIZE_H_
#define TRANSECT_MODEL_BASE_TOWER_SIZE_H_

#include <cstdint>

#include "model/base/spec_checker.h"
#include "model/base/tower_size.pb.h"

namespace transect {

/// Writes each size that is not set.
void FillTower(TowerSize* tower, int hidden_size, int mlp_size, int layers,
               int heads);

/// Adds to `check` what is out of range. Ranges are generous: they keep a typo
/// from asking for terabytes. \returns whether all is right.
bool CheckTower(const TowerSize& tower, const SpecChecker& check);

/// The same for the fields image_size and patch_size, in pixels, whose grid may
/// have 256 patches a side.
bool CheckGrid(int64_t image_size, int64_t patch_size,
               const SpecChecker& check);

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_TOWER_SIZE_H_
