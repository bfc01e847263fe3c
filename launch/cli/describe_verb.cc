// `transect describe`.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "data/io/problems.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/expanding/validate.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "experiments/reading/source_map.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "metrics/describe_log.h"
#include "metrics/log_reader.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/describe.h"
#include "model/checkpoint/tensor_set.h"
#include "model/cost.h"
#include "model/model.pb.h"
#include "model/parts.h"
#include "model/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kMetricLogEnd = ".metrics";

// A model as one run uses it.
std::string DescribeRun(const RunSpec& run) {
  CostOptions options;
  options.element_bytes =
      run.training().precision() == TrainingSpec::FP32 ? 4 : 2;
  options.checkpoint_activations =
      run.training().activations() == TrainingSpec::RECOMPUTE;
  if (const SiglipSpec* siglip = SiglipOf(run.model())) {
    int64_t tokens = run.tokenizer().max_tokens();
    if (siglip->text_padding() != SiglipSpec::MAX_LENGTH) {
      tokens = std::min(tokens, options.text_tokens);
    }
    options.text_tokens =
        std::clamp<int64_t>(tokens, 1, siglip->max_positions());
  }
  return DescribeModel(run.model(), options);
}

absl::StatusOr<std::string> DescribeRunFile(const std::string& text,
                                            const std::string& path) {
  RunSpec run;
  TRANSECT_RETURN_IF_ERROR(ParseTextproto(text, path, &run));
  TRANSECT_ASSIGN_OR_RETURN(const SourceMap sources,
                            SourceMap::Make(text, path, run));
  ResolveModelSpec(run.mutable_model());
  Problems problems;
  ValidateModelSpec(run.model(), "model", &problems);
  TRANSECT_RETURN_IF_ERROR(ToStatus(problems, &sources));
  return DescribeRun(run);
}

// Cells whose models are described alike share a description.
struct Described {
  std::string text;
  std::vector<std::string> cells;
};

absl::StatusOr<std::string> DescribeExperiment(const CommandContext& context,
                                               const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const CheckedExperiment checked,
                            LoadChecked(context, path));
  const Expansion& expansion = checked.expansion;
  std::vector<Described> models;
  const auto add = [&](const Cell& cell) {
    const RunSpec& run = expansion.runs[cell.runs[0]];
    const std::string text = DescribeRun(run);
    auto model = std::ranges::find(models, text, &Described::text);
    if (model == models.end()) model = models.insert(model, {text, {}});
    std::vector<std::string>& cells = model->cells;
    if (std::ranges::find(cells, cell.label) == cells.end()) {
      cells.push_back(cell.label);
    }
  };
  for (const bool base : {true, false}) {
    for (const DesignCells& design : expansion.designs) {
      for (const Cell& cell : design.cells) {
        if (cell.is_base == base) add(cell);
      }
    }
  }
  return absl::StrJoin(models, "\n", [](std::string* out, const Described& m) {
    absl::StrAppend(out, absl::StrJoin(m.cells, "; "), "\n", m.text);
  });
}

absl::StatusOr<std::string> Describe(const CommandContext& context,
                                     const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    if (FileExists(absl::StrCat(path, "/", kAdapterConfigFile))) {
      return DescribeAdapter(path);
    }
    TRANSECT_ASSIGN_OR_RETURN(const TensorSet set,
                              TensorSet::OpenDirectory(path));
    return DescribeWeights(set);
  }
  if (absl::EndsWith(path, ".safetensors")) {
    TRANSECT_ASSIGN_OR_RETURN(const TensorSet set, TensorSet::OpenFile(path));
    return DescribeWeights(set);
  }
  if (absl::EndsWith(path, kMetricLogEnd)) {
    TRANSECT_ASSIGN_OR_RETURN(const MetricLog log, ReadMetricLog(path));
    return DescribeLog(log, path);
  }
  if (absl::EndsWith(path, ".textproto")) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                              ReadFile(path, kMaxExperimentBytes));
    return IsResolvedRun(text) ? DescribeRunFile(text, path)
                               : DescribeExperiment(context, path);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      path,
      ": its name must end in .safetensors (weights), .metrics (metric log) or "
      ".textproto (experiment, or the spec of a run), or it must be a "
      "directory of weights or of an adapter"));
}

absl::StatusOr<int> ShowDescription(const CommandContext& context,
                                    const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, Describe(context, path));
  // The records of a log are for programs too.
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, absl::EndsWith(path, kMetricLogEnd)
                                              ? Printed::kDocument
                                              : Printed::kText));
  return 0;
}

}  // namespace

void AddDescribeVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "describe",
      "Print what a file holds: tensors and parts of weights, an adapter's "
      "configuration, cost of the models of an experiment, records of a metric "
      "log.");
  const auto path = std::make_shared<std::string>();
  verb->add_option("FILE", *path,
                   "*.safetensors, *.metrics or *.textproto, or a directory of "
                   "weights or of a PEFT adapter.")
      ->required();
  OnVerb(verb, line, path, ShowDescription);
}

}  // namespace transect
