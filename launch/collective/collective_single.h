/// \file
/// The group of one rank: nothing is sent, nothing can fail.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_SINGLE_H_
#define TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_SINGLE_H_

#include <memory>

#include "launch/collective/collective.h"

namespace transect {

std::unique_ptr<Collective> MakeSingleCollective();

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_SINGLE_H_
