#include "launch/describe/store_folder.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/measure_name.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "launch/describe/bundle_folder.h"
#include "launch/describe/sheet.h"
#include "launch/describe/training_sheet.h"
#include "launch/listing/run_list.h"
#include "launch/store/bundle.h"
#include "launch/store/check_job.h"
#include "launch/store/find_run.h"
#include "launch/store/job.pb.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

enum class Kind { kStore, kRun, kEvaluation, kInput, kAttempt, kBundle, kPart };

// What the directory at `path` is by its place in the store.
Kind KindOf(const Store& store, const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string parent = path.parent_path().filename().string();
  const std::string grandparent = path.parent_path().parent_path().string();
  const std::string here = path.string();
  if (here == store.root()) return Kind::kStore;
  if (name.size() == kShownCodeDigits) {
    if (here == store.RunDir(parent, name)) return Kind::kRun;
    if (here == store.WeightsDir(parent, name)) return Kind::kInput;
  }
  // Of trained weights the directories of codes lie in between.
  if (name.size() >= kShownCodeDigits && here == store.InputDir(name) &&
      IsJobDirectory(here)) {
    return Kind::kInput;
  }
  if (name.size() >= kShownCodeDigits && here == store.BundleDir(name)) {
    return Kind::kBundle;
  }
  if (path.parent_path().string() == EvaluationsDir(grandparent)) {
    return Kind::kEvaluation;
  }
  const int number = AttemptNumber(here);
  if (number > 0 && here == AttemptDir(grandparent, number)) {
    return Kind::kAttempt;
  }
  return Kind::kPart;
}

// Of a run: whole ids are long.
std::string NameOf(const ListedRun& run) {
  std::string name = absl::StrCat(
      "run ", ShownId(run.id()), run.name().empty() ? "" : ", ", run.name(),
      run.experiment().empty() ? "" : " of experiment ", run.experiment());
  return name;
}

// The run whose directory is `path` or the last one above it.
std::optional<ListedRun> RunAround(const Store& store, const fs::path& path) {
  fs::path at = path;
  while (at.string().size() > store.root().size() &&
         KindOf(store, at) != Kind::kRun) {
    at = at.parent_path();
  }
  if (at.string().size() <= store.root().size()) return std::nullopt;
  StoreListing all = ListRuns(store, "");
  for (ListedRun& run : *all.mutable_runs()) {
    if (run.directory() == at.string()) return std::move(run);
  }
  return std::nullopt;
}

// How far the last attempt of a job came, where there is no result.
std::string LastAttemptText(const std::string& dir) {
  if (IsLeaseHeld(dir)) return absl::StrCat("in progress: ", LeaseHolder(dir));
  const std::vector<int> attempts = Attempts(dir);
  if (attempts.empty()) return "nothing was started";
  const absl::StatusOr<Outcome> outcome =
      ReadTextproto<Outcome>(OutcomePath(AttemptDir(dir, attempts.back())));
  if (!outcome.ok() || outcome->interrupted()) return "interrupted";
  return outcome->cause().empty() ? "ended without a result"
                                  : absl::StrCat("failed: ", outcome->cause());
}

// The first names in a folder.
std::string NamesIn(const std::string& path) {
  constexpr size_t kMostNames = 8;
  std::vector<std::string> names =
      ListDirectory(path).value_or(std::vector<std::string>());
  if (names.empty()) return "nothing";
  std::ranges::sort(names);
  const size_t all = names.size();
  names.resize(std::min(all, kMostNames));
  return absl::StrCat(
      absl::StrJoin(names, ", "),
      all > kMostNames ? absl::StrCat(" and ", all - kMostNames, " more") : "");
}

void AddFiles(const Result& result, const std::string& dir, Sheet* sheet) {
  for (const ResultFile& file : result.file()) {
    sheet->Add(
        "holds",
        absl::StrCat(file.path(), "  ",
                     QuantityText(static_cast<double>(file.bytes()), "B")));
  }
  sheet->Add("holds",
             CountText(static_cast<int64_t>(Attempts(dir).size()), "attempt"));
}

void AddSpec(const std::string& dir, const std::string& program, Sheet* sheet) {
  if (FileExists(SpecPath(dir))) {
    sheet->Add("spec", absl::StrCat(program, " describe ", SpecPath(dir)));
  }
}

std::string ScoreText(const ListedEvaluation& evaluation) {
  return absl::StrCat(
      evaluation.split(),
      evaluation.data().empty() ? "" : absl::StrCat(" of ", evaluation.data()),
      evaluation.resolution() == 0
          ? ""
          : absl::StrCat(" at ", ResolutionName(evaluation.resolution())),
      ": ", CountText(evaluation.items(), "item"),
      evaluation.has_giou()
          ? absl::StrFormat(", gIoU %.2f %%", 100 * evaluation.giou())
          : "");
}

std::string DescribeRunDirectory(const Store& store, const std::string& path,
                                 const std::string& shown,
                                 const std::string& program) {
  const std::optional<ListedRun> run = RunAround(store, path);
  if (!run.has_value()) {
    return Sheet(shown, "a run of which nothing can be read").Text();
  }
  Sheet sheet(shown, absl::StrCat("the directory of ", NameOf(*run)));
  sheet.Add("state",
            absl::StrCat(ListedStateName(run->state()),
                         run->note().empty() ? "" : ": ", run->note()));
  sheet.Add("code", run->code());
  if (run->start_unix_us() > 0) {
    sheet.Add("started",
              absl::StrCat(DateText(run->start_unix_us()),
                           run->host().empty() ? "" : " on ", run->host()));
  }
  const ResultCheck result = CheckResult(path, run->id(), "");
  if (result.state == ResultCheck::kValid) {
    const Result& made = result.result;
    sheet.Add("trained",
              absl::StrCat(CountText(made.steps(), "step"), " in ",
                           DurationText(made.seconds()), ", ",
                           made.trainable_parameters(), " of ",
                           made.parameters(), " parameters",
                           made.stopped_early() ? "; ended early" : ""));
    if (made.has_weights_step()) {
      sheet.Add("weights", absl::StrCat("of step ", made.weights_step(),
                                        ", the best validation"));
    }
  }
  AddTraining(path,
              result.state == ResultCheck::kValid ? result.result.attempt() : 0,
              &sheet);
  for (const ListedEvaluation& evaluation : run->evaluations()) {
    sheet.Add("scores", ScoreText(evaluation));
  }
  if (result.state == ResultCheck::kValid) {
    AddFiles(result.result, path, &sheet);
  }
  sheet.Add("size", SizeText(SizeOfTree(path)));
  AddSpec(path, program, &sheet);
  if (run->state() == ListedState::DONE) {
    for (const char* verb :
         {"predict --run %s --image FILE --text SENTENCE --out DIR --store %s",
          "evaluate --run %s --split val --store %s",
          "export --run %s --peft DIR --store %s",
          "export --run %s --tensorboard DIR --store %s"}) {
      // The verbs have an id and a store, in this order.
      const std::vector<std::string> parts = {ShownId(run->id()), store.root()};
      std::string command(verb);
      for (const std::string& part : parts) {
        command.replace(command.find("%s"), 2, part);
      }
      sheet.Add("use", absl::StrCat(program, " ", command));
    }
  }
  return sheet.Text();
}

// The directory of a run above those of the codes under which it was made.
std::string DescribeCodes(const Store& store, const std::string& id,
                          const std::vector<std::string>& codes,
                          const std::string& path, const std::string& shown,
                          const std::string& program) {
  const std::optional<ListedRun> run =
      codes.empty() ? std::nullopt
                    : RunAround(store, store.RunDir(id, codes.back()));
  Sheet sheet(shown,
              absl::StrCat("the folder of ",
                           run.has_value() ? NameOf(*run)
                                           : absl::StrCat("run ", ShownId(id)),
                           ", with one for each code that made it"));
  for (const std::string& code : codes) {
    sheet.Add("use", absl::StrCat(program, " describe ", path, "/", code));
  }
  sheet.Add("size", SizeText(SizeOfTree(path)));
  return sheet.Text();
}

std::string DescribeEvaluation(const Store& store, const fs::path& path,
                               const std::string& shown,
                               const std::string& program) {
  const std::string run_dir = path.parent_path().parent_path().string();
  const std::optional<ListedRun> run = RunAround(store, path);
  const std::string whose =
      run.has_value() ? NameOf(*run) : std::string("a run");
  for (const FoundEvaluation& each : FinishedEvaluations(run_dir)) {
    if (each.dir != path.string()) continue;
    Sheet sheet(shown, absl::StrCat("an evaluation of ", whose));
    sheet.Add("on", absl::StrCat(
                        "split ", each.split, " of ",
                        each.data.empty() ? "the run's own data" : each.data));
    const Result& result = each.result;
    sheet.Add("masks", absl::StrCat("compared at ",
                                    ResolutionName(result.resolution())));
    sheet.Add("scores", absl::StrCat(CountText(result.eval_items(), "item"),
                                     result.has_giou()
                                         ? absl::StrFormat(", gIoU %.2f %%",
                                                           100 * result.giou())
                                         : ""));
    sheet.Add("made by",
              result.made_alone() ? "`transect evaluate`" : "the run itself");
    AddFiles(result, path.string(), &sheet);
    sheet.Add("size", SizeText(SizeOfTree(path.string())));
    const std::string attempt = AttemptDir(path.string(), result.attempt());
    sheet.Add("use",
              absl::StrCat(program, " describe ", RankMetricsPath(attempt, 0)));
    const std::string resolution =
        result.has_resolution()
            ? absl::StrCat(" --resolution ", result.resolution())
            : "";
    if (run.has_value() && each.data.empty()) {
      sheet.Add("use",
                absl::StrCat(program, " evaluate --run ", ShownId(run->id()),
                             " --split ", each.split, resolution,
                             " --items FILE.csv --store ", store.root()));
    }
    return sheet.Text();
  }
  Sheet sheet(
      shown, absl::StrCat("an evaluation of ", whose, " that is not finished"));
  sheet.Add("state", LastAttemptText(path.string()));
  return sheet.Text();
}

std::string DescribeAttempt(const Store& store, const fs::path& path,
                            const std::string& shown,
                            const std::string& program) {
  const std::string here = path.string();
  Sheet sheet(
      shown,
      absl::StrCat(
          "attempt ", AttemptNumber(here), " of ",
          PartOfStore(store, path.parent_path().parent_path().string())));
  if (const auto outcome = ReadTextproto<Outcome>(OutcomePath(here));
      outcome.ok()) {
    sheet.Add("ended", outcome->interrupted()     ? "interrupted"
                       : outcome->cause().empty() ? "well"
                                                  : outcome->cause());
  } else {
    sheet.Add("ended", "not recorded: it runs, or died with its launcher");
  }
  if (const auto from = ReadTextproto<Provenance>(ProvenancePath(here));
      from.ok()) {
    sheet.Add("started", absl::StrCat(DateText(from->start_unix_us()),
                                      from->user().empty() ? "" : " by ",
                                      from->user(), " on ", from->host()));
    sheet.Add("command", absl::StrJoin(from->argv(), " "));
  }
  int ranks = 0;
  while (FileExists(RankLogPath(here, ranks))) ++ranks;
  if (ranks > 0) {
    sheet.Add("log",
              absl::StrCat(
                  RankLogPath(here, 0),
                  ranks > 1 ? absl::StrCat(" and of ", ranks - 1, " more ranks")
                            : ""));
  }
  if (FileExists(RankMetricsPath(here, 0))) {
    sheet.Add("use",
              absl::StrCat(program, " describe ", RankMetricsPath(here, 0)));
  }
  return sheet.Text();
}

std::string DescribeStore(const Store& store, const std::string& shown,
                          const std::string& program) {
  Sheet sheet(shown, "a store of runs");
  std::map<std::string, int> states;
  std::map<std::string, int> experiments;
  const StoreListing all = ListRuns(store, "");
  for (const ListedRun& run : all.runs()) {
    ++states[ListedStateName(run.state())];
    if (!run.experiment().empty()) ++experiments[run.experiment()];
  }
  for (const auto& [state, runs] : states) {
    sheet.Add("runs", absl::StrCat(runs, " ", state));
  }
  if (states.empty()) sheet.Add("runs", "none");
  for (const auto& [name, runs] : experiments) {
    sheet.Add("experiments", absl::StrCat(name, ": ", CountText(runs, "run")));
  }
  sheet.Add("inputs",
            absl::StrCat(store.InputIds("").size(), " made for runs"));
  sheet.Add("codes", absl::StrJoin(store.Codes(), ", "));
  sheet.Add("use", absl::StrCat(program, " runs --store ", store.root()));
  return sheet.Text();
}

}  // namespace

std::optional<Store> StoreAround(const std::string& path) {
  for (fs::path at = path; at.has_relative_path(); at = at.parent_path()) {
    // An empty directory could become a store, and is none.
    const auto names = ListDirectory(at.string());
    if (!names.ok() || names->empty()) continue;
    absl::StatusOr<Store> store = Store::Open(at.string());
    if (store.ok()) return *std::move(store);
  }
  return std::nullopt;
}

std::string DescribeJobDirectory(const std::string& path,
                                 const std::string& shown,
                                 const std::string& program) {
  const std::vector<int> attempts = Attempts(path);
  const absl::StatusOr<LaunchPlan> launch =
      attempts.empty() ? absl::NotFoundError("")
                       : ReadTextproto<LaunchPlan>(
                             LaunchPath(AttemptDir(path, attempts.back())));
  std::string what = "an input that runs share";
  if (launch.ok()) {
    what = launch->has_synthesis()   ? "a synthetic data set"
           : launch->has_tokenizer() ? "a trained tokenizer"
           : !launch->has_train()    ? what
           : launch->train().evaluation().empty()
               ? "initial weights, trained for runs"
               : "a run, outside of its store";
  }
  Sheet sheet(shown, what);
  const ResultCheck result =
      CheckResult(path, launch.ok() ? launch->id() : "", "");
  if (result.state == ResultCheck::kValid) {
    sheet.Add("state", "done");
    if (launch.ok() && launch->has_synthesis()) {
      sheet.Add("holds", absl::StrCat(kDataDir, "/  the data set"));
    }
    AddFiles(result.result, path, &sheet);
  } else {
    sheet.Add("state",
              result.problem.empty() ? LastAttemptText(path) : result.problem);
  }
  sheet.Add("size", SizeText(SizeOfTree(path)));
  if (launch.ok() && result.state == ResultCheck::kValid) {
    const absl::string_view made = launch->has_synthesis() ? kDataDir
                                   : launch->has_train()   ? kWeightsFile
                                                           : kTokenizerFile;
    sheet.Add("use", absl::StrCat(program, " describe ", path, "/", made));
    if (launch->has_synthesis()) {
      sheet.Add("pictures", absl::StrCat(program, " data gallery ", path, "/",
                                         made, " --out page.html"));
    }
  }
  return sheet.Text();
}

bool IsJobDirectory(const std::string& path) {
  return FileExists(ResultPath(path)) || FileExists(SpecPath(path)) ||
         !Attempts(path).empty();
}

std::string PartOfStore(const Store& store, const std::string& path) {
  const std::optional<ListedRun> run = RunAround(store, path);
  const Kind kind = KindOf(store, path);
  if (!run.has_value()) {
    return kind == Kind::kInput ? "a made input" : "";
  }
  return absl::StrCat(kind == Kind::kEvaluation ? "an evaluation of " : "",
                      NameOf(*run));
}

absl::StatusOr<std::string> DescribeStoreFolder(const Store& store,
                                                const std::string& path,
                                                const std::string& shown,
                                                const std::string& program) {
  switch (KindOf(store, path)) {
    case Kind::kStore:
      return DescribeStore(store, shown, program);
    case Kind::kRun:
      return DescribeRunDirectory(store, path, shown, program);
    case Kind::kEvaluation:
      return DescribeEvaluation(store, path, shown, program);
    case Kind::kInput:
      return DescribeJobDirectory(path, shown, program);
    case Kind::kAttempt:
      return DescribeAttempt(store, path, shown, program);
    case Kind::kBundle:
      return DescribeBundle(store, path, shown);
    case Kind::kPart:
      break;
  }
  if (const std::string id = fs::path(path).filename().string();
      path == fs::path(store.RunDir(id, "-")).parent_path().string()) {
    return DescribeCodes(store, id, store.CodesOfRun(id), path, shown, program);
  }
  const std::string part = PartOfStore(store, path);
  Sheet sheet(shown, absl::StrCat("a folder ", part.empty() ? "" : "of ", part,
                                  part.empty() ? "" : " ", "in the store ",
                                  store.root()));
  sheet.Add("holds", NamesIn(path));
  sheet.Add("size", SizeText(SizeOfTree(path)));
  sheet.Add("use", absl::StrCat(program, " runs --store ", store.root()));
  return sheet.Text();
}

}  // namespace transect
