// `transect describe`.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
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
#include "launch/describe/describe.h"
#include "launch/describe/folder_of_id.h"
#include "launch/describe/output_file.h"
#include "launch/describe/site_sheet.h"
#include "launch/execute/process.h"
#include "launch/store/store.h"
#include "metrics/describe_log.h"
#include "metrics/log_reader.h"
#include "model/checkpoint/describe.h"
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
  const std::string program = ShellQuoted(context.program);
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return DescribeFolder(path, program);
  }
  if (!std::filesystem::exists(path, error)) {
    if (!IsIdStart(path)) {
      return absl::NotFoundError(absl::StrCat(path, ": does not exist"));
    }
    TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
    TRANSECT_ASSIGN_OR_RETURN(const std::string folder,
                              FolderOfId(session.store, session.code, path));
    return DescribeFolder(folder, program);
  }
  if (absl::EndsWith(path, ".safetensors")) return DescribeWeightFile(path);
  if (absl::EndsWith(path, kMetricLogEnd)) {
    TRANSECT_ASSIGN_OR_RETURN(const MetricLog log, ReadMetricLog(path));
    return DescribeLog(log, path);
  }
  if (absl::EndsWith(path, ".textproto")) {
    if (const auto folder = FolderOfRecord(path); folder.has_value()) {
      TRANSECT_RETURN_IF_ERROR(ReadFile(path, kMaxExperimentBytes).status());
      return DescribeFolder(*folder, program);
    }
    TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                              ReadFile(path, kMaxExperimentBytes));
    if (IsResolvedRun(text)) return DescribeRunFile(text, path);
    const std::filesystem::path file = std::filesystem::absolute(path);
    if (file.string() == SpecPath(file.parent_path().string())) {
      // The recipe of an input or an evaluation.
      return DescribeFolder(file.parent_path().string(), program);
    }
    if (LooksLikeSite(text)) return DescribeSite(path);
    return DescribeExperiment(context, path);
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::optional<std::string> output,
                            DescribeOutputFile(path, program));
  if (output.has_value()) return *output;
  return absl::InvalidArgumentError(absl::StrCat(
      path,
      ": is neither a folder nor, by its name, weights (.safetensors), a "
      "metric "
      "log (.metrics), an experiment, a site file, a run's spec or a record of "
      "the store (.textproto), or another file that verbs write (.masks, "
      ".model, .json, "
      ".jsonl, .csv, .png, .html, .md, .log, .sha256)"));
}

absl::StatusOr<int> ShowDescription(const CommandContext& context,
                                    const std::string& typed) {
  // As completion leaves the name of a folder.
  std::string path = typed;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
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
      "Print what a file or folder is and holds: weights, adapters and other "
      "exports with the run that they come from, data sets, runs and all else "
      "in a store, cost of the models of an experiment, records of a metric "
      "log.");
  const auto path = std::make_shared<std::string>();
  verb->add_option("FILE", *path,
                   "A folder or file that Transect wrote, or weights, an "
                   "adapter, a data set, an experiment; or the start of the "
                   "id of a run or a made input in the store.")
      ->required();
  AddPlaces(verb, line);
  OnVerb(verb, line, path, ShowDescription);
}

}  // namespace transect
