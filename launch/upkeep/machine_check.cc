#include "launch/upkeep/machine_check.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "launch/store/digest_cache.h"
#include "launch/store/lease.h"
#include "launch/store/machine.h"
#include "launch/store/program/needed_libraries.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

std::string Bytes(int64_t bytes) {
  return QuantityText(static_cast<double>(bytes), "B");
}

// Whether a file in `directory` can be written, synced and renamed.
absl::Status WriteAndRename(const std::string& directory) {
  const absl::Status written =
      WriteFileAtomic(absl::StrCat(directory, "/file"), "transect");
  if (!written.ok()) return written;
  const absl::StatusOr<std::string> text =
      ReadFile(absl::StrCat(directory, "/file"));
  if (!text.ok()) return text.status();
  return *text == "transect" ? absl::OkStatus()
                             : absl::DataLossError(absl::StrCat(
                                   directory,
                                   "/file has other bytes than were "
                                   "written to it"));
}

void ProbeLocks(const std::string& directory, MachineCheck* check) {
  if (HasLocks(directory)) {
    AddProbe("locks", ProbeState::OK,
             "locks exclude the other processes of this machine", check);
  } else {
    AddProbe("locks", ProbeState::WARNING,
             "locks exclude nobody; two launchers are kept apart by heartbeats "
             "(ARCHITECTURE.md, Never twice), which takes a minute to notice a "
             "dead one. Mount it with locks, or name another folder with "
             "--store",
             check);
  }
}

void ProbeLinks(const std::string& directory, MachineCheck* check) {
  const std::string link = absl::StrCat(directory, "/link");
  if (::link(absl::StrCat(directory, "/file").c_str(), link.c_str()) == 0) {
    AddProbe("hard links", ProbeState::OK, "bundles share their libraries",
             check);
  } else {
    AddProbe("hard links", ProbeState::WARNING,
             absl::StrCat("there are none (", strerror(errno),
                          "): every bundle takes the space of all libraries"),
             check);
  }
}

void ProbeExecution(const std::string& directory, MachineCheck* check) {
  struct statvfs info;
  if (statvfs(directory.c_str(), &info) == 0 &&
      (info.f_flag & ST_NOEXEC) != 0) {
    AddProbe("execution", ProbeState::PROBLEM,
             "the file system forbids to execute files (noexec), and the "
             "worker runs from the store; name another folder with --store",
             check);
  } else {
    AddProbe("execution", ProbeState::OK, "programs can be executed", check);
  }
}

void ProbeSpace(const std::string& directory, MachineCheck* check) {
  // A bundle of LibTorch for CPUs, and some runs of a small model.
  constexpr int64_t kLittle = 2'000'000'000;
  std::error_code error;
  const fs::space_info space = fs::space(directory, error);
  if (error) {
    AddProbe("space", ProbeState::NOT_PROBED, error.message(), check);
    return;
  }
  const auto free = static_cast<int64_t>(space.available);
  if (free < kLittle) {
    AddProbe("space", ProbeState::PROBLEM,
             absl::StrCat(Bytes(free),
                          " are free, less than a bundle and some runs take; "
                          "`transect gc` lists what can go, or name another "
                          "folder with --store"),
             check);
  } else {
    AddProbe("space", ProbeState::OK,
             absl::StrCat(Bytes(free),
                          " are free; `transect plan SPEC` says "
                          "what an experiment takes"),
             check);
  }
}

}  // namespace

MachineCheck NewMachineCheck() {
  MachineCheck check;
  check.set_format_version(1);
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) == 0) check.set_host(host);
  return check;
}

void AddProbe(absl::string_view what, ProbeState::Value state,
              absl::string_view text, MachineCheck* check) {
  MachineProbe* const probe = check->add_probe();
  probe->set_what(std::string(what));
  probe->set_state(state);
  probe->set_text(std::string(text));
}

absl::StatusOr<std::string> MakeProbeDirectory(const Store& store) {
  fs::path there = store.root();
  std::string name = "probe.";
  while (!FileExists(there.string()) && there.has_relative_path()) {
    there = there.parent_path();
    name = "transect_probe.";
  }
  const std::string directory =
      (there / absl::StrCat(name, RandomName())).string();
  if (mkdir(directory.c_str(), 0777) != 0) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("cannot make ", directory,
                            "; name a folder that you can write to with "
                            "--store, TRANSECT_STORE or the site file"));
  }
  return directory;
}

void ProbeFileSystem(const std::string& directory, MachineCheck* check) {
  const absl::Status written = WriteAndRename(directory);
  if (!written.ok()) {
    AddProbe(
        "files", ProbeState::PROBLEM,
        absl::StrCat(written.message(), "; name another folder with --store"),
        check);
    return;
  }
  struct statfs system;
  const bool of_network =
      statfs(directory.c_str(), &system) == 0 && IsOfTheNetwork(system.f_type);
  AddProbe("files", ProbeState::OK,
           absl::StrCat("written, synced and renamed; a file system ",
                        of_network ? "of the network: nodes that mount it can "
                                     "share the store"
                                   : "of this machine: other nodes do not see "
                                     "the store"),
           check);
  ProbeLocks(directory, check);
  ProbeLinks(directory, check);
  ProbeExecution(directory, check);
  ProbeSpace(directory, check);
}

void ProbeWorker(const absl::StatusOr<BuiltWorker>& worker,
                 MachineCheck* check) {
  if (!worker.ok()) {
    AddProbe("worker", ProbeState::PROBLEM, worker.status().message(), check);
    return;
  }
  AddProbe("worker", ProbeState::OK,
           absl::StrCat(
               worker->root, "/", worker->worker, " with ",
               CountText(static_cast<int64_t>(worker->modules.size() +
                                              worker->libraries.size() +
                                              worker->system_libraries.size()),
                         "library", "libraries")),
           check);
  const absl::Status glibc = CheckGlibc(worker->glibc, "the worker");
  AddProbe("glibc", glibc.ok() ? ProbeState::OK : ProbeState::PROBLEM,
           glibc.ok() ? absl::StrCat(gnu_get_libc_version(), ", ",
                                     worker->glibc, " or newer is needed")
                      : std::string(glibc.message()),
           check);
}

void ProbeHardware(const Resources& resources, bool with_cuda,
                   MachineCheck* check) {
  AddProbe("processors", ProbeState::OK,
           absl::StrCat(resources.processors, " (", ProcessorModel(), ")"),
           check);
  constexpr int64_t kLittle = 1'000'000'000;
  const bool known = resources.memory_bytes > 0;
  const bool little = known && resources.free_memory_bytes < kLittle;
  AddProbe("memory",
           !known   ? ProbeState::NOT_PROBED
           : little ? ProbeState::WARNING
                    : ProbeState::OK,
           known ? absl::StrCat(Bytes(resources.free_memory_bytes), " of ",
                                Bytes(resources.memory_bytes),
                                resources.memory_group
                                    ? " of the control group are free"
                                    : " are free",
                                little ? "; small models only" : "")
                 : std::string("the kernel does not say"),
           check);
  if (resources.gpus.empty()) {
    AddProbe("GPUs", with_cuda ? ProbeState::WARNING : ProbeState::OK,
             absl::StrCat("none (", resources.gpu_origin,
                          "); runs with device CUDA do not start here"),
             check);
  } else {
    AddProbe("GPUs", with_cuda ? ProbeState::OK : ProbeState::WARNING,
             absl::StrCat(
                 CountText(static_cast<int64_t>(resources.gpus.size()), "GPU"),
                 " (", resources.gpu_origin, ")",
                 with_cuda ? ""
                           : "; this worker was built for processors only: "
                             "build it with --config=cuda to use them "
                             "(third_party/README.md)"),
             check);
  }
  if (resources.gpus.size() > 1) {
    AddProbe("NCCL", ProbeState::NOT_PROBED,
             "run an experiment with training.ranks of 2 or more on them, such "
             "as experiments/gpu_smoke.textproto with --set "
             "training.ranks=2",
             check);
  }
}

bool HasProblem(const MachineCheck& check) {
  for (const MachineProbe& probe : check.probe()) {
    if (probe.state() == ProbeState::PROBLEM) return true;
  }
  return false;
}

std::string MachineCheckText(const MachineCheck& check, bool color) {
  constexpr int kWords = 10;
  std::string text = absl::StrCat(check.host(), "\n");
  for (const MachineProbe& probe : check.probe()) {
    std::string state = "-";
    TerminalStyle style = TerminalStyle::kGray;
    switch (probe.state()) {
      case ProbeState::OK:
        state = "ok";
        style = TerminalStyle::kGreen;
        break;
      case ProbeState::WARNING:
        state = "warn";
        style = TerminalStyle::kYellow;
        break;
      case ProbeState::PROBLEM:
        state = "FAIL";
        style = TerminalStyle::kRed;
        break;
      default:
        break;
    }
    absl::StrAppend(&text, "  ", Styled(PadRight(state, 4), style, color), "  ",
                    PadRight(probe.what(), kWords), "  ", probe.text(), "\n");
  }
  return text;
}

}  // namespace transect
