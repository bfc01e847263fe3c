#include "experiments/reading/load.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/reading/merge.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct IncludedFile {
  // As messages name it.
  std::string path;
  // One name per file, whatever links lead to it.
  std::string canonical;
};

IncludedFile MakeIncludedFile(const std::string& path) {
  std::error_code error;
  const std::filesystem::path canonical =
      std::filesystem::weakly_canonical(path, error);
  return {path, error ? path : canonical.string()};
}

// Refuses the file `path` where the chain that leads to it makes it endless.
absl::Status CheckChain(const std::vector<IncludedFile>& chain,
                        const IncludedFile& next) {
  const auto same = [&next](const IncludedFile& file) {
    return file.canonical == next.canonical;
  };
  const auto first = std::find_if(chain.begin(), chain.end(), same);
  const auto append_path = [](std::string* out, const IncludedFile& file) {
    out->append(file.path);
  };
  if (first != chain.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "includes go in a circle: ",
        absl::StrJoin(first, chain.end(), " includes ", append_path),
        " includes ", next.path));
  }
  if (chain.size() >= kMaxIncludeChain) {
    return absl::InvalidArgumentError(absl::StrCat(
        "more than ", kMaxIncludeChain, " files include one another, from ",
        chain.front().path, " to ", next.path));
  }
  return absl::OkStatus();
}

// Notes the axes of `lower` that are lost where `upper`, which has axes of its
// own, is laid over it.
void NoteReplacedAxes(const Experiment& lower, const Experiment& upper,
                      const SourceMap& upper_sources, SourceMap* sources) {
  if (upper.axis().empty()) {
    return;
  }
  for (int i = 0; i < lower.axis_size(); ++i) {
    const std::string& name = lower.axis(i).name();
    if (std::ranges::none_of(upper.axis(), [&name](const Axis& axis) {
          return axis.name() == name;
        })) {
      sources->NoteReplaced("axis", name,
                            sources->Find(absl::StrCat("axis[", i, "]")),
                            upper_sources.Find("axis[0]"));
    }
  }
}

// Refuses a folder, with the experiments that it holds.
absl::Status CheckIsFile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return absl::OkStatus();
  std::vector<std::string> files;
  for (const std::string& name :
       ListDirectory(path).value_or(std::vector<std::string>())) {
    if (absl::EndsWith(name, ".textproto")) {
      files.push_back((std::filesystem::path(path) / name).string());
    }
  }
  constexpr size_t kMost = 3;
  const size_t shown = std::min(files.size(), kMost);
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": is a folder, not an experiment file",
      files.empty() ? ", and holds none (*.textproto)"
                    : absl::StrCat("; name one that it holds: ",
                                   absl::StrJoin(files.begin(),
                                                 files.begin() + shown, ", ")),
      shown < files.size() ? ", ..." : ""));
}

// Reads the last file of the chain and what it includes.
absl::StatusOr<Experiment> LoadChain(std::vector<IncludedFile>* chain,
                                     SourceMap* sources) {
  const std::string path = chain->back().path;
  TRANSECT_RETURN_IF_ERROR(CheckIsFile(path));
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxExperimentBytes));
  Experiment experiment;
  TRANSECT_RETURN_IF_ERROR(ParseTextproto(text, path, &experiment));
  SourceMap own_sources;
  if (sources != nullptr) {
    TRANSECT_ASSIGN_OR_RETURN(own_sources,
                              SourceMap::Make(text, path, experiment));
  }
  if (!experiment.has_include()) {
    if (sources != nullptr) {
      *sources = std::move(own_sources);
    }
    return experiment;
  }
  const std::filesystem::path included =
      std::filesystem::path(path).parent_path() / experiment.include();
  experiment.clear_include();
  IncludedFile next = MakeIncludedFile(included.lexically_normal().string());
  TRANSECT_RETURN_IF_ERROR(CheckChain(*chain, next));
  chain->push_back(std::move(next));
  TRANSECT_ASSIGN_OR_RETURN(Experiment lower, LoadChain(chain, sources),
                            _ << "included by " << path);
  if (sources != nullptr) {
    NoteReplacedAxes(lower, experiment, own_sources, sources);
  }
  MergeOver(experiment, &lower);
  if (sources != nullptr) {
    sources->MergeOver(own_sources);
  }
  return lower;
}

}  // namespace

absl::StatusOr<Experiment> LoadExperiment(const std::string& path,
                                          SourceMap* sources) {
  std::vector<IncludedFile> chain = {MakeIncludedFile(path)};
  return LoadChain(&chain, sources);
}

}  // namespace transect
