// Model specs from text, without LibTorch.
#ifndef TRANSECT_TESTS_MODEL_TESTING_SPECS_H_
#define TRANSECT_TESTS_MODEL_TESTING_SPECS_H_

#include <string>
#include <vector>

#include "model/model.pb.h"

namespace transect {

// A spec from text, unresolved and resolved. A field that stands twice is
// merged. Aborts on text that does not parse.
ModelSpec ParseSpec(const std::string& text);
ModelSpec ResolvedSpec(const std::string& text);

// The same of RSRefSeg, by the fields of RsRefSegSpec.
ModelSpec RsRefSegOf(const std::string& fields);

// The tiny RSRefSeg with `overrides`, fields of RsRefSegSpec; resolved.
ModelSpec TinySpec(const std::string& overrides = "");

// "field: message" of each problem of `spec` as "model".
std::vector<std::string> ProblemsOf(const ModelSpec& spec);

}  // namespace transect

#endif  // TRANSECT_TESTS_MODEL_TESTING_SPECS_H_
