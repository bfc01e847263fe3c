#include "launch/slurm/program.h"

#include <unistd.h>

#include <climits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "launch/store/program/built_worker.h"
#include "launch/store/program/needed_libraries.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr size_t kDigestDigits = 16;

struct Program {
  std::string path;
  // Without those of the machine.
  std::vector<NeededLibrary> libraries;
};

absl::StatusOr<Program> ThisProgram() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  if (length <= 0 || length == sizeof(path)) {
    return absl::FailedPreconditionError("cannot read /proc/self/exe");
  }
  Program program;
  program.path.assign(path, static_cast<size_t>(length));
  TRANSECT_ASSIGN_OR_RETURN(program.libraries,
                            ListNeededLibraries(program.path));
  std::erase_if(program.libraries, [](const NeededLibrary& library) {
    return BelongsToMachine(library.name);
  });
  for (const NeededLibrary& library : program.libraries) {
    if (library.path.empty()) {
      return absl::NotFoundError(absl::StrCat(
          program.path, " needs ", library.name, ", which is not found"));
    }
  }
  return program;
}

}  // namespace

absl::StatusOr<std::string> ProgramDigest() {
  TRANSECT_ASSIGN_OR_RETURN(const Program program, ThisProgram());
  TRANSECT_ASSIGN_OR_RETURN(std::string digests, Sha256OfFile(program.path));
  for (const NeededLibrary& library : program.libraries) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string digest,
                              Sha256OfFile(library.path));
    absl::StrAppend(&digests, "\n", library.name, " ", digest);
  }
  return Sha256(digests).substr(0, kDigestDigits);
}

absl::StatusOr<std::string> InstallProgram(const Store& store) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string digest, ProgramDigest());
  const std::string directory = store.ProgramDir(digest);
  if (FileExists(directory)) return digest;
  TRANSECT_ASSIGN_OR_RETURN(const Program program, ThisProgram());
  // The program finds its libraries by this place.
  const absl::Status made = MakeNewDirectory(
      directory, [&](const std::string& unfinished) -> absl::Status {
        const std::string beside =
            absl::StrCat(unfinished, "/", kProgramLibraries);
        TRANSECT_RETURN_IF_ERROR(MakeDirs(beside));
        for (const NeededLibrary& library : program.libraries) {
          TRANSECT_RETURN_IF_ERROR(CopyFile(
              library.path, absl::StrCat(beside, "/", library.name), 0555));
        }
        const std::string target =
            absl::StrCat(unfinished, "/", kInstalledProgram);
        TRANSECT_RETURN_IF_ERROR(MakeDirs(target.substr(0, target.rfind('/'))));
        return CopyFile(program.path, target, 0555);
      });
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  return digest;
}

std::string ProgramPath(const Store& store, absl::string_view digest) {
  return absl::StrCat(store.ProgramDir(digest), "/", kInstalledProgram);
}

}  // namespace transect
