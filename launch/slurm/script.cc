#include "launch/slurm/script.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/execute/process.h"
#include "launch/slurm/allocation.h"
#include "launch/slurm/program.h"
#include "launch/slurm/sweep.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// After the options. bash acts on a signal when its foreground command has
// ended, so the work is in the background; a signal that comes while it waits
// ends the wait, not the work.
constexpr char kWork[] = R"sh(
# At the first signal runs write their checkpoints and the slot ends with 85.
trap 'trap "" USR2 TERM; kill -USR2 "$work"' USR2 TERM
"$@" &
work=$!
wait "$work"
while kill -0 "$work" 2>/dev/null; do wait "$work"; done
wait "$work"
code=$?
)sh";

constexpr char kRequeue[] = R"sh(
# Not where somebody cancelled the job: Slurm would start it again all the same.
# 140 and 143: the signal came before the slot was ready for it.
case $code in 85 | 140 | 143) again=1 ;; *) again= ;; esac
if [ "$again" ] && [ "${SLURM_RESTART_COUNT:-0}" -lt )sh";
constexpr char kRequeueEnd[] = R"sh( ] &&
  [ "$(squeue --noheader --jobs="$SLURM_JOB_ID" --format=%T)" = RUNNING ]; then
  echo "to be continued: asks Slurm to start job $SLURM_JOB_ID again"
  scontrol requeue "$SLURM_JOB_ID" && exit 0
fi
)sh";

std::vector<std::string> Options(const Store& store, const Sweep& sweep,
                                 const SweepGroup& group) {
  const SlurmSite& site = sweep.site().slurm();
  std::vector<std::string> options = {
      absl::StrCat("--nodes=", group.nodes()),
      absl::StrCat("--ntasks-per-node=", group.ranks_per_node()),
      absl::StrCat("--cpus-per-task=", group.processors_per_rank()),
      absl::StrCat("--mem=", group.memory_mib(), "M")};
  if (group.gpus_per_node() > 0) {
    options.push_back(
        site.gres().empty()
            ? absl::StrCat("--gpus-per-node=", group.gpus_per_node())
            : absl::StrCat("--gres=", site.gres(), ":", group.gpus_per_node()));
  }
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) options.push_back(absl::StrCat(name, value));
  };
  add("--partition=", site.partition());
  add("--account=", site.account());
  add("--qos=", site.qos());
  add("--time=", site.time_limit());
  options.push_back(site.requeue() ? "--requeue" : "--no-requeue");
  options.push_back("--open-mode=append");
  options.push_back(absl::StrCat("--signal=B:USR2@", site.signal_seconds()));
  options.push_back(absl::StrCat("--chdir=", store.root()));
  options.push_back(
      absl::StrCat("--output=", SlotLogPattern(store.SweepDir(sweep.name()))));
  options.insert(options.end(), site.option().begin(), site.option().end());
  return options;
}

}  // namespace

std::string ScriptText(const Store& store, const Sweep& sweep, int index) {
  const SweepGroup& group = sweep.group(index);
  const SlurmSite& site = sweep.site().slurm();
  std::string text = absl::StrCat(
      "#!/bin/bash\n# ", group.run_size(),
      group.run_size() == 1 ? " run of " : " runs of ", sweep.experiment(),
      ", each on ", AllocationText(AllocationOf(group)), "\n");
  for (const std::string& option : Options(store, sweep, group)) {
    // Slurm reads the lines as a shell would.
    absl::StrAppend(&text, "#SBATCH ", ShellQuoted({option}), "\n");
  }
  absl::StrAppend(&text,
                  "\n# sbatch --export=NONE would leave srun without PATH.\n"
                  "unset SLURM_EXPORT_ENV\n");
  if (!sweep.site().group().empty()) absl::StrAppend(&text, "umask 0002\n");
  for (const std::string& module : site.module()) {
    absl::StrAppend(&text, "module load ", ShellQuoted({module}), "\n");
  }
  // Slurm starts a job elsewhere if its directory is gone, and says nothing.
  absl::StrAppend(&text, "cd ", ShellQuoted({store.root()}), " || exit 74\n");
  absl::StrAppend(&text, "set -- ",
                  ShellQuoted({ProgramPath(store, sweep.program()), "slot",
                               "--store", store.root(), "--sweep", sweep.name(),
                               "--group", absl::StrCat(index)}),
                  " \"$@\"\n", kWork);
  if (site.requeue()) {
    absl::StrAppend(&text, kRequeue, kMostRequeues, kRequeueEnd);
  }
  absl::StrAppend(&text, "exit \"$code\"\n");
  return text;
}

absl::Status WriteSweep(const Store& store, const MadeSweep& made) {
  const Sweep& sweep = made.sweep;
  const std::string directory = store.SweepDir(sweep.name());
  TRANSECT_RETURN_IF_ERROR(MakeDirs(directory));
  for (int group = 0; group < sweep.group_size(); ++group) {
    TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(SweepScriptPath(directory, group),
                                             ScriptText(store, sweep, group)));
  }
  TRANSECT_RETURN_IF_ERROR(
      WriteFileAtomic(SweepJobsPath(directory), made.jobs));
  return WriteTextprotoAtomic(SweepPath(directory), sweep);
}

std::vector<SubmitCommand> SubmitCommands(const Store& store,
                                          const Sweep& sweep, int index) {
  const SweepGroup& group = sweep.group(index);
  const std::string script =
      SweepScriptPath(store.SweepDir(sweep.name()), index);
  std::vector<SubmitCommand> commands;
  if (group.has_array_name()) {
    SubmitCommand command;
    command.name = group.array_name();
    command.comment = CommentText({sweep.name(), index, ""});
    for (const int run : group.run()) {
      command.runs.push_back(sweep.job(run).id());
    }
    const int most = std::max(1, sweep.site().slurm().max_array_size());
    for (int left = group.slots(); left > 0; left -= most) {
      command.words = {"sbatch",
                       "--parsable",
                       absl::StrCat("--array=0-", std::min(left, most) - 1),
                       absl::StrCat("--job-name=", command.name),
                       absl::StrCat("--comment=", command.comment),
                       script};
      commands.push_back(command);
      // The runs of one comment are told once.
      command.runs.clear();
    }
    return commands;
  }
  for (const int run : group.run()) {
    const std::string& id = sweep.job(run).id();
    SubmitCommand& command = commands.emplace_back();
    command.name = SingleName(id);
    command.comment = CommentText({sweep.name(), index, id});
    command.runs = {id};
    command.words = {"sbatch",
                     "--parsable",
                     absl::StrCat("--job-name=", command.name),
                     absl::StrCat("--comment=", command.comment),
                     "--dependency=singleton",
                     script,
                     "--run",
                     id};
  }
  return commands;
}

}  // namespace transect
