#include "launch/cli/evaluation_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/measure_name.h"
#include "launch/store/store.h"

namespace transect {

std::string EvaluationText(const Evaluation& evaluation) {
  std::string text = absl::StrFormat(
      "run %s, split %s%s, %d items%s%s, in percent\n",
      ShownId(evaluation.run()), evaluation.split(),
      evaluation.data().empty() ? "" : absl::StrCat(" of ", evaluation.data()),
      evaluation.items(),
      evaluation.resolution() == 0
          ? ""
          : absl::StrCat(" at ", ResolutionName(evaluation.resolution())),
      evaluation.reused() ? " (evaluated before)" : "");
  if (evaluation.trained_on()) {
    absl::StrAppend(&text,
                    "  the run was trained on this split: the numbers do not "
                    "say how it does on new images\n");
  }
  for (const EvaluationMeasure& measure : evaluation.measure()) {
    absl::StrAppend(
        &text, absl::StrFormat("  %-21s %6.2f", MeasureName(measure.kind()),
                               100 * measure.value()));
    if (measure.items() != evaluation.items()) {
      absl::StrAppend(&text, "  of ", measure.items(), " items");
    }
    absl::StrAppend(&text, "\n");
  }
  for (const std::string& path :
       {evaluation.directory(), evaluation.items_file()}) {
    if (!path.empty()) absl::StrAppend(&text, "  ", path, "\n");
  }
  return text;
}

}  // namespace transect
