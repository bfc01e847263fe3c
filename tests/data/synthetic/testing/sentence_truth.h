// Which objects of a scene a sentence can mean, decided from the words and the
// boxes alone: an independent reading of RRSIS-D's grammar that shares no code
// with the generator and knows no margins.
#ifndef TRANSECT_TESTS_DATA_SYNTHETIC_TESTING_SENTENCE_TRUTH_H_
#define TRANSECT_TESTS_DATA_SYNTHETIC_TESTING_SENTENCE_TRUTH_H_

#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace transect {

// Indices of the objects of `scene`, a line of scenes.jsonl in an image of
// `size` pixels, that `sentence` is true of. Words that are not understood make
// the result empty.
std::vector<int> ObjectsMeantBy(const std::string& sentence,
                                const nlohmann::json& scene, int size);

}  // namespace transect

#endif  // TRANSECT_TESTS_DATA_SYNTHETIC_TESTING_SENTENCE_TRUTH_H_
