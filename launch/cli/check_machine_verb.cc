// `transect check-machine`.

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "data/io/proto_json.h"
#include "data/io/terminal_text.h"
#include "launch/cli/output.h"
#include "launch/cli/plan_screen.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/execute/process.h"
#include "launch/inputs/resources.h"
#include "launch/plan/plan.h"
#include "launch/upkeep/machine_check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// One step of a tiny model: a data set, a tokenizer and a run.
constexpr char kOneStep[] = R"(name: "check_machine"
base {
  model {
    rsrefseg {
      siglip { variant: TINY }
      sam { variant: TINY }
    }
  }
  data { synthesis { seed: 1 image_size: 64 train_images: 8 val_images: 2 } }
  tokenizer {
    sentencepiece {
      vocab_size: 64
      corpus { seed: 1 image_size: 64 train_images: 8 val_images: 2 }
    }
    max_tokens: 32
  }
  weights { random {} }
  training {
    steps: 1
    global_batch: 8
    ranks: %RANKS%
    logical_shards: %RANKS%
    device: %DEVICE%
  }
}
seeds: 1
)";

struct CheckMachineOptions {
  std::string spec;
  bool no_step = false;
  // text or json.
  std::string format;
};

// The last line that is not empty.
std::string LastLine(const std::string& text) {
  std::string last;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty()) last = std::string(line);
  }
  return last;
}

// Runs this program on an experiment of one step of so many ranks, in a store
// in `directory`. Ranks on GPUs talk to each other by NCCL.
void ProbeOneStep(const std::string& directory, bool gpu, int ranks,
                  MachineCheck* check) {
  const std::string what =
      ranks == 1 ? "one step" : absl::StrCat("NCCL on ", ranks, " GPUs");
  const std::string spec = absl::StrCat(directory, "/one_step.textproto");
  const std::string log = absl::StrCat(directory, "/log");
  const std::string device = gpu ? "CUDA" : "CPU";
  const absl::Status written = WriteFile(
      spec, absl::StrReplaceAll(kOneStep, {{"%DEVICE%", device},
                                           {"%RANKS%", absl::StrCat(ranks)}}));
  std::error_code error;
  ProcessSpec process;
  process.program =
      std::filesystem::read_symlink("/proc/self/exe", error).string();
  process.arguments = {"run", spec, "--store",
                       absl::StrCat(directory, "/store")};
  process.directory = directory;
  process.log_path = log;
  process.foreground = true;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    process.environment.push_back(*entry);
  }
  const auto begin = std::chrono::steady_clock::now();
  const absl::StatusOr<pid_t> pid =
      written.ok() ? StartProcess(process) : absl::StatusOr<pid_t>(written);
  if (!pid.ok()) {
    AddProbe(what, ProbeState::PROBLEM, pid.status().message(), check);
    return;
  }
  int how = 0;
  while (waitpid(*pid, &how, 0) < 0 && errno == EINTR) {
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  if (WIFEXITED(how) && WEXITSTATUS(how) == 0) {
    AddProbe(what, ProbeState::OK,
             ranks == 1
                 ? absl::StrCat("a tiny model on ", device,
                                ": data, tokenizer, training, evaluation in ",
                                DurationText(seconds))
                 : absl::StrCat("a tiny model trained by ", ranks, " ranks in ",
                                DurationText(seconds)),
             check);
    return;
  }
  AddProbe(what, ProbeState::PROBLEM,
           absl::StrCat("a tiny model on ", device,
                        " does not run: ", LastLine(ReadFile(log).value_or("")),
                        ranks == 1 ? ""
                                   : "; runs of one rank need no NCCL "
                                     "(training.ranks: 1)"),
           check);
}

// One step of one rank, then over NCCL on as many GPUs as there are.
void ProbeSteps(const std::string& directory, int gpus, MachineCheck* check) {
  ProbeOneStep(directory, gpus > 0, 1, check);
  if (gpus < 2) {
    AddProbe("NCCL", ProbeState::NOT_PROBED,
             gpus == 0 ? "no GPU" : "one GPU has nobody to talk to", check);
    return;
  }
  for (const int ranks : {2, 4, 8}) {
    if (ranks <= gpus && !HasProblem(*check)) {
      ProbeOneStep(directory, /*gpu=*/true, ranks, check);
    }
  }
}

// Data, weights and needs of the experiment.
absl::Status ProbeExperiment(const CommandContext& context,
                             const std::string& spec, MachineCheck* check) {
  ExperimentOptions options;
  options.spec = spec;
  TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                            OpenExperiment(context, options));
  int made = 0;
  bool all_found = true;
  for (const FoundInput& found : session.plan.found) {
    all_found = all_found && found.problem.ok();
    AddProbe(
        found.role, found.problem.ok() ? ProbeState::OK : ProbeState::PROBLEM,
        found.problem.ok()
            ? absl::StrCat("at ", found.path,
                           found.identity.empty() ? "; not hashed yet, the "
                                                    "first run reads all of it"
                                                  : "; hashed")
            : std::string(found.problem.message()),
        check);
  }
  for (const Job& job : session.plan.jobs) {
    made += job.kind != Job::Kind::kRun;
  }
  AddProbe("experiment", ProbeState::OK,
           absl::StrCat(CountText(session.plan.CountSelected(), "run"), ", ",
                        CountText(made, "input"), " that Transect makes"),
           check);
  // What is not found is an obstacle too, and was told.
  if (!all_found) return absl::OkStatus();
  TRANSECT_ASSIGN_OR_RETURN(const PricedPlan priced, PricePlan("", &session));
  for (const std::string& obstacle : priced.obstacles) {
    AddProbe("experiment", ProbeState::PROBLEM, obstacle, check);
  }
  return absl::OkStatus();
}

absl::StatusOr<int> CheckThisMachine(const CommandContext& context,
                                     const CheckMachineOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
  MachineCheck check = NewMachineCheck();
  const Resources resources = FindResources(session.site.site);
  AddProbe("store", ProbeState::OK,
           absl::StrCat(session.store.root(), FileExists(session.store.root())
                                                  ? ""
                                                  : " (made by the first run)"),
           &check);
  ProbeWorker(session.worker, &check);
  ProbeHardware(resources, kBuiltWithCuda, &check);
  const absl::StatusOr<std::string> directory =
      MakeProbeDirectory(session.store);
  const absl::Cleanup remove = [&directory] {
    std::error_code error;
    if (directory.ok()) std::filesystem::remove_all(*directory, error);
  };
  if (directory.ok()) {
    ProbeFileSystem(*directory, &check);
  } else {
    AddProbe("files", ProbeState::PROBLEM, directory.status().message(),
             &check);
  }
  if (!options.spec.empty()) {
    TRANSECT_RETURN_IF_ERROR(ProbeExperiment(context, options.spec, &check));
  }
  if (options.no_step || !session.worker.ok() || HasProblem(check)) {
    AddProbe("one step", ProbeState::NOT_PROBED,
             options.no_step ? "--no-step" : "the problems above come first",
             &check);
  } else {
    ProbeSteps(*directory,
               kBuiltWithCuda ? static_cast<int>(resources.gpus.size()) : 0,
               &check);
  }
  std::string text = MachineCheckText(check, UseColor(context, STDOUT_FILENO));
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(check));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  return HasProblem(check) ? 2 : 0;
}

}  // namespace

void AddCheckMachineVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "check-machine",
      "Look whether this machine or allocation has what runs need: worker and "
      "libraries, processors, memory, GPUs, the store and its file system, one "
      "training step, NCCL on 2, 4 and 8 GPUs; of an experiment its data and "
      "weights. A line for each, "
      "with what to do. Exit code 2 where a run would fail.");
  const auto options = std::make_shared<CheckMachineOptions>();
  verb->add_option("SPEC", options->spec,
                   "Experiment file (*.textproto) whose data and weights are "
                   "looked for.");
  verb->add_flag("--no-step", options->no_step,
                 "Do not train; the step takes some seconds and room for a "
                 "bundle.");
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/upkeep/upkeep.proto).");
  AddOverrides(verb, line);
  AddPlaces(verb, line);
  OnVerb(verb, line, options, CheckThisMachine);
}

}  // namespace transect
