/// \file
/// Sentences in RRSIS-D's grammar that name exactly one object of a scene:
/// "The red vehicle on the lower left", "A bridge to the right of the stadium".
///
/// A sentence is a set of predicates: category, color, size within the
/// category, absolute position, relation to another object. Each predicate is
/// true, false or borderline of an object; a sentence is used only if all its
/// predicates are true of the target and at least one is plainly false of every
/// other object. So sentences are true and unambiguous with a margin, by
/// construction.
#ifndef TRANSECT_DATA_SYNTHETIC_LAYOUT_LANGUAGE_H_
#define TRANSECT_DATA_SYNTHETIC_LAYOUT_LANGUAGE_H_

#include <string>

#include "data/data.pb.h"
#include "data/random/philox.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Draws a sentence for scene.target among all that name it alone; "" if there
/// is none. `mix` weighs the kinds of sentences that do.
std::string DescribeTarget(const Scene& scene, const SentenceMix& mix,
                           Philox* random);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_LAYOUT_LANGUAGE_H_
