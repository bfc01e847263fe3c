#include "tests/model/testing/specs.h"

#include "absl/strings/str_cat.h"
#include "data/io/problems.h"
#include "google/protobuf/text_format.h"
#include "model/spec.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

ModelSpec ParseSpec(const std::string& text) {
  ModelSpec spec;
  TRANSECT_CHECK(google::protobuf::TextFormat::MergeFromString(text, &spec))
      << text;
  return spec;
}

ModelSpec ResolvedSpec(const std::string& text) {
  ModelSpec spec = ParseSpec(text);
  ResolveModelSpec(&spec);
  return spec;
}

ModelSpec RsRefSegOf(const std::string& fields) {
  return ResolvedSpec(absl::StrCat("rsrefseg {", fields, "}"));
}

ModelSpec TinySpec(const std::string& overrides) {
  ModelSpec spec =
      ParseSpec("rsrefseg { siglip { variant: TINY } sam { variant: TINY } }");
  spec.MergeFrom(ParseSpec(absl::StrCat("rsrefseg {", overrides, "}")));
  ResolveModelSpec(&spec);
  return spec;
}

std::vector<std::string> ProblemsOf(const ModelSpec& spec) {
  Problems problems;
  ValidateModelSpec(spec, "model", &problems);
  std::vector<std::string> texts;
  for (const Problem& problem : problems.all()) {
    texts.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return texts;
}

}  // namespace transect
