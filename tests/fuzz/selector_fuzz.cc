// Selectors, a word a line: a word says what it says when it is negated twice,
// and selects runs, or none with one line that says why.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "experiments/expanding/expand.h"
#include "experiments/selecting/selector.h"
#include "experiments/selecting/selector_word.h"
#include "tests/experiments/testing/sample_specs.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

const Expansion& Sample() {
  static const Expansion* const expansion = [] {
    absl::StatusOr<Expansion> made = Expand(SampleExperiment(), {});
    TRANSECT_CHECK_OK(made.status());
    return new Expansion(*std::move(made));
  }();
  return *expansion;
}

absl::StatusOr<std::vector<bool>> SelectOf(
    const std::vector<std::string>& words) {
  std::vector<std::string> states(Sample().runs.size(), "new");
  states[0] = "done";
  return Select(words, Sample(), states, {"new", "done", "failed"});
}

void CheckMessage(const absl::Status& status) {
  TRANSECT_CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  TRANSECT_CHECK(absl::StartsWith(status.message(), "selector "));
  TRANSECT_CHECK(!absl::StrContains(status.message(), "\n"));
}

}  // namespace
}  // namespace transect

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace transect;  // NOLINT
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> words = absl::StrSplit(input, '\n');
  std::vector<std::string> negated_twice;
  for (const std::string& word : words) {
    const absl::StatusOr<SelectorWord> parsed = ParseSelector(word);
    if (!parsed.ok()) {
      CheckMessage(parsed.status());
    } else {
      TRANSECT_CHECK(!parsed->values.empty());
      for (const SelectorWord::Value& value : parsed->values) {
        TRANSECT_CHECK(value.position < word.size());
      }
    }
    // Two characters more may be too many.
    const bool room = word.size() + 2 <= kMaxSelectorBytes;
    negated_twice.push_back(room ? "!!" + word : word);
  }
  const absl::StatusOr<std::vector<bool>> selected = SelectOf(words);
  const absl::StatusOr<std::vector<bool>> same = SelectOf(negated_twice);
  TRANSECT_CHECK(selected.ok() == same.ok());
  if (selected.ok()) {
    TRANSECT_CHECK(*selected == *same);
  } else {
    CheckMessage(selected.status());
  }
  return 0;
}
