/// \file
/// What a run will need on this machine, looked at before it starts: for
/// `transect check-machine`, on a login node or inside an allocation.
#ifndef TRANSECT_LAUNCH_UPKEEP_MACHINE_CHECK_H_
#define TRANSECT_LAUNCH_UPKEEP_MACHINE_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/inputs/resources.h"
#include "launch/store/program/built_worker.h"
#include "launch/store/store.h"
#include "launch/upkeep/upkeep.pb.h"

namespace transect {

/// A check of this host without probes.
MachineCheck NewMachineCheck();

/// Adds a probe.
void AddProbe(absl::string_view what, ProbeState::Value state,
              absl::string_view text, MachineCheck* check);

/// A new directory on the file system of `store`, which need not exist:
/// ROOT/probe.RANDOM, or beside the root. Who asked for it removes it. The
/// system's error, with the path and what to do, where there can be none.
absl::StatusOr<std::string> MakeProbeDirectory(const Store& store);

/// Probes the file system of `directory`, from MakeProbeDirectory: files can be
/// written, synced and renamed, whether it has hard links and locks that
/// exclude, lets programs be executed, is of the network, and has room for a
/// bundle and some runs.
void ProbeFileSystem(const std::string& directory, MachineCheck* check);

/// Probes the worker: that it and its libraries are there, and that this
/// machine's glibc is new enough.
void ProbeWorker(const absl::StatusOr<BuiltWorker>& worker,
                 MachineCheck* check);

/// Probes processors, memory and GPUs. `with_cuda` says whether the worker can
/// use GPUs at all.
void ProbeHardware(const Resources& resources, bool with_cuda,
                   MachineCheck* check);

/// Whether a probe found a problem.
bool HasProblem(const MachineCheck& check);

/// The check for people: a line for each probe.
std::string MachineCheckText(const MachineCheck& check, bool color);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_UPKEEP_MACHINE_CHECK_H_
