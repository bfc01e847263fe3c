// Experiments as text: parsing, the places of fields, --set, validation and
// expansion. What expands prints to a text that expands to the same ids.
//
// An input is an experiment; after a line "%%" each line is an assignment of
// --set.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/override.h"
#include "experiments/reading/source_map.h"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace transect;  // NOLINT
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(input, absl::MaxSplits("\n%%\n", 1));
  Experiment experiment;
  if (!ParseTextproto(parts.first, "fuzz", &experiment).ok()) {
    return 0;
  }
  absl::StatusOr<SourceMap> sources =
      SourceMap::Make(parts.first, "fuzz", experiment);
  TRANSECT_CHECK_OK(sources.status());
  const std::vector<std::string> assignments =
      absl::StrSplit(parts.second, '\n', absl::SkipEmpty());
  const absl::Status overridden =
      ApplyOverrides(assignments, &experiment, &*sources);
  if (!overridden.ok()) {
    TRANSECT_CHECK(!overridden.message().empty());
    return 0;
  }
  const absl::StatusOr<Expansion> expansion = Expand(experiment, {}, &*sources);
  if (!expansion.ok()) {
    TRANSECT_CHECK(expansion.status().code() ==
                   absl::StatusCode::kInvalidArgument)
        << expansion.status();
    TRANSECT_CHECK(!expansion.status().message().empty());
    return 0;
  }
  Experiment again;
  TRANSECT_CHECK_OK(
      ParseTextproto(PrintTextproto(experiment), "again", &again));
  const absl::StatusOr<Expansion> same = Expand(again, {});
  TRANSECT_CHECK_OK(same.status());
  TRANSECT_CHECK(same->spec_ids == expansion->spec_ids);
  return 0;
}
