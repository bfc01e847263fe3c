// `transect complete`: what the scripts of `transect completion` ask while
// someone types.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "analysis/published.h"
#include "data/data.pb.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/reading/field_completion.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/typed_line.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/inputs/site.h"
#include "launch/listing/run_list.h"
#include "launch/plan/jobs.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Words = std::vector<std::string>;

// What one Tab may look at, so that it stays quick.
constexpr size_t kMostRuns = 1000;

struct CompleteOptions {
  // All verbs and flags, when the verb runs.
  const CLI::App* app = nullptr;
  std::string shell;
  std::string line;
};

// Where the line that is typed works.
CommandContext ContextOf(const TypedWord& word) {
  CommandContext context;
  for (const std::string& store : word.ValuesOf("--store")) {
    context.store = store;
  }
  for (const std::string& site : word.ValuesOf("--site")) context.site = site;
  context.overrides = word.ValuesOf("--set");
  return context;
}

// The experiment that the line is about; "" for none.
std::string SpecOf(const TypedWord& word) {
  const Words specs = word.ValuesOf("--spec");
  if (!specs.empty()) return specs.back();
  const bool first = word.kind == "SELECTOR" || word.kind == "PATH=VALUE";
  return first && !word.arguments.empty() ? word.arguments[0] : "";
}

// The experiment, without what is still being typed.
absl::StatusOr<CheckedExperiment> ExperimentOf(const TypedWord& word) {
  const std::string spec = SpecOf(word);
  if (spec.empty()) return absl::NotFoundError("no experiment");
  return LoadChecked(ContextOf(word), spec);
}

void AddIds(const absl::StatusOr<CheckedExperiment>& experiment, Words* found) {
  if (!experiment.ok()) return;
  const Expansion& expansion = experiment->expansion;
  const size_t runs = std::min(expansion.runs.size(), kMostRuns);
  for (size_t i = 0; i < runs; ++i) {
    found->push_back(absl::StrCat("#", i + 1));
  }
  for (size_t i = 0; i < runs; ++i) {
    if (!IsPending(expansion.spec_ids[i])) {
      found->push_back(ShownId(expansion.spec_ids[i]));
    }
  }
}

absl::StatusOr<StoreListing> ListingOf(const TypedWord& word) {
  const CommandContext context = ContextOf(word);
  TRANSECT_ASSIGN_OR_RETURN(const SiteFile site, LoadSite(context.site));
  TRANSECT_ASSIGN_OR_RETURN(const Store store,
                            Store::Open(StoreRoot(context.store, site)));
  return ListRuns(store, "");
}

// Whether another run than those of `cell` has its settings too.
bool IsAmbiguous(const Cell& cell, const std::vector<const Cell*>& cells) {
  return std::ranges::any_of(cells, [&cell](const Cell* other) {
    return other->runs != cell.runs &&
           std::ranges::all_of(cell.settings, [other](const AxisSetting& each) {
             return std::ranges::find(other->settings, each) !=
                    other->settings.end();
           });
  });
}

// Selectors that name one run: a cell's settings, or its label where others
// have them too, and the seed.
void AddCells(const Expansion& expansion, Words* found) {
  const std::vector<const Cell*> cells = CellsInOrder(expansion);
  if (cells.size() * expansion.seeds.size() > kMostRuns) return;
  for (const Cell* cell : cells) {
    Words words;
    if (cell->settings.empty() || IsAmbiguous(*cell, cells)) {
      words.push_back(absl::StrCat("cell=\"", cell->label, "\""));
    } else {
      for (const auto& [axis, value] : cell->settings) {
        words.push_back(absl::StrCat(axis, "=", value));
      }
    }
    for (const uint64_t seed : expansion.seeds) {
      found->push_back(absl::StrCat(absl::StrJoin(words, " "), " seed=", seed));
    }
  }
}

Words CompleteRun(const TypedWord& word) {
  Words found;
  const absl::StatusOr<CheckedExperiment> experiment = ExperimentOf(word);
  AddIds(experiment, &found);
  if (experiment.ok()) {
    AddCells(experiment->expansion, &found);
  } else if (absl::StatusOr<StoreListing> list = ListingOf(word); list.ok()) {
    for (const ListedRun& run : list->runs()) {
      found.push_back(ShownId(run.id()));
    }
  }
  return found;
}

// "NAME=VALUE" for each value, or "NAME=" before the name is typed. In a list
// the last value is completed.
void AddAssignments(const std::string& name, const Words& values,
                    const std::string& word, Words* found) {
  const std::string start = absl::StrCat(name, "=");
  if (!absl::StartsWith(word, start)) {
    found->push_back(start);
    return;
  }
  const size_t comma = word.rfind(',');
  const std::string before =
      comma == word.npos ? start : word.substr(0, comma + 1);
  const Words given = absl::StrSplit(
      absl::string_view(before).substr(start.size()), ',', absl::SkipEmpty());
  for (const std::string& value : values) {
    if (std::ranges::find(given, value) == given.end()) {
      found->push_back(absl::StrCat(before, value));
    }
  }
}

// Selectors of an experiment's runs.
Words CompleteSelector(const TypedWord& word) {
  Words found;
  const absl::StatusOr<CheckedExperiment> experiment = ExperimentOf(word);
  if (!experiment.ok()) return found;
  const Expansion& expansion = experiment->expansion;
  for (const CheckedAxis& axis : expansion.axes) {
    Words values;
    for (const AxisValue& value : axis.values) values.push_back(value.text);
    AddAssignments(axis.name, values, word.word, &found);
  }
  Words seeds;
  for (const uint64_t seed : expansion.seeds) {
    seeds.push_back(absl::StrCat(seed));
  }
  AddAssignments("seed", seeds, word.word, &found);
  Words designs;
  Words cells;
  for (const DesignCells& design : expansion.designs) {
    designs.push_back(design.name);
    for (const Cell& cell : design.cells) {
      cells.push_back(absl::StrCat("\"", cell.label, "\""));
    }
  }
  AddAssignments("design", designs, word.word, &found);
  AddAssignments("cell", cells, word.word, &found);
  Words states;
  for (const JobState state : kJobStates) states.emplace_back(StateName(state));
  AddAssignments("state", states, word.word, &found);
  AddIds(experiment, &found);
  return found;
}

// Selectors of a store's runs.
Words CompleteListed(const TypedWord& word) {
  Words found;
  Words experiments;
  Words names;
  Words states;
  const absl::StatusOr<StoreListing> list = ListingOf(word);
  if (!list.ok()) return found;
  for (const ListedRun& run : list->runs()) {
    if (!run.experiment().empty()) experiments.push_back(run.experiment());
    if (!run.name().empty())
      names.push_back(absl::StrCat("\"", run.name(), "\""));
    states.push_back(ListedStateName(run.state()));
    found.push_back(ShownId(run.id()));
  }
  AddAssignments("experiment", experiments, word.word, &found);
  AddAssignments("name", names, word.word, &found);
  AddAssignments("state", states, word.word, &found);
  AddAssignments("split", {"train", "val", "test"}, word.word, &found);
  for (const char* other : {"code", "host"}) {
    AddAssignments(other, {}, word.word, &found);
  }
  return found;
}

// --set of an experiment.
Words CompleteSetting(const TypedWord& word) {
  const google::protobuf::Descriptor& run = *RunSpec::descriptor();
  const size_t equals = word.word.find('=');
  Words found = equals == word.word.npos
                    ? CompleteField(word.word, run, FieldUse::kAssigned)
                    : CompleteValue(word.word.substr(0, equals), run);
  AddAssignments("seeds", {}, word.word, &found);
  const absl::StatusOr<CheckedExperiment> experiment = ExperimentOf(word);
  if (!experiment.ok()) return found;
  for (const CheckedAxis& axis : experiment->expansion.axes) {
    Words values;
    for (const AxisValue& value : axis.values) values.push_back(value.text);
    AddAssignments(absl::StrCat("axis.", axis.name, ".values"), values,
                   word.word, &found);
  }
  return found;
}

// --set of a recipe.
Words CompleteRecipe(const TypedWord& word) {
  const google::protobuf::Descriptor& recipe = *SynthesisSpec::descriptor();
  const size_t equals = word.word.find('=');
  return equals == word.word.npos
             ? CompleteField(word.word, recipe, FieldUse::kAssigned)
             : CompleteValue(word.word.substr(0, equals), recipe);
}

Words CompletePublished() {
  Words found;
  for (const PublishedSet& set : BuiltInPublished()) {
    found.push_back(set.name());
  }
  return found;
}

Words CompleteHelp(const std::string& word) {
  Words found = CompleteField(word, *RunSpec::descriptor(), FieldUse::kNamed);
  for (const std::string& field :
       CompleteField(word, *Experiment::descriptor(), FieldUse::kNamed)) {
    // A field by the end of its path is one of a run.
    if (absl::StartsWith(field, word)) found.push_back(field);
  }
  return found;
}

// Whole words that may stand there, whatever was typed of them; empty where the
// script knows by itself.
Words CandidatesFor(const TypedWord& word) {
  if (word.kind == "FIELD.PATH") return CompleteHelp(word.word);
  if (word.kind == "PATH=VALUE") return CompleteSetting(word);
  if (word.kind == "FIELD=VALUE") return CompleteRecipe(word);
  if (word.kind == "PUBLISHED") return CompletePublished();
  if (word.kind == "RUN") return CompleteRun(word);
  if (word.kind == "SELECTOR") {
    const bool listed =
        word.verb == "runs" ||
        (word.verb == "cancel" && word.ValuesOf("--spec").empty());
    return listed ? CompleteListed(word) : CompleteSelector(word);
  }
  return {};
}

absl::StatusOr<int> PrintCandidates(const CommandContext& context,
                                    const CompleteOptions& options) {
  const TypedLine line = ReadTypedLine(options.line);
  const TypedWord word = FindTypedWord(*options.app, line);
  Words fitting;
  Words others;
  for (const std::string& candidate : CandidatesFor(word)) {
    const std::string whole = absl::StrCat(word.prefix, candidate);
    Words& to = absl::StartsWith(candidate, word.word) ? fitting : others;
    if (std::find(to.begin(), to.end(), whole) == to.end()) {
      to.push_back(whole);
    }
  }
  // A field by the end of its path ("lr") takes the place of what was typed.
  const bool ends = word.kind == "FIELD.PATH" || word.kind == "PATH=VALUE" ||
                    word.kind == "FIELD=VALUE";
  if (fitting.empty() && ends && word.word.find('=') == std::string::npos) {
    std::copy_if(others.begin(), others.end(), std::back_inserter(fitting),
                 [&word](const std::string& other) {
                   return absl::StrContains(other, word.word);
                 });
  }
  if (options.shell == "bash") fitting = ForBash(fitting, line);
  if (fitting.empty()) return 0;
  TRANSECT_RETURN_IF_ERROR(PrintOut(
      absl::StrCat(absl::StrJoin(fitting, "\n"), "\n"), Printed::kDocument));
  return 0;
}

}  // namespace

void AddCompleteVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "complete",
      "Print what can stand at the end of LINE; for the scripts of `transect "
      "completion`.");
  // Not among the verbs that people are shown.
  verb->group("");
  const auto options = std::make_shared<CompleteOptions>();
  options->app = app;
  verb->add_option("SHELL", options->shell, "bash or zsh.")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  verb->add_option("LINE", options->line, "The line up to the cursor.")
      ->required();
  OnVerb(verb, line, options, PrintCandidates);
}

}  // namespace transect
