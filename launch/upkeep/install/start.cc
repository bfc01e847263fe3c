// PREFIX/bin/transect of an installation (install.h): starts the program in
// PREFIX/lib/transect where this machine's glibc is new enough for it, and says
// so in one line where it is not. The program itself cannot: the loader would
// refuse it, with a line for each of its libraries.
//
// Linked statically, so it runs everywhere and uses nothing but the C library.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace {

// Fixed by the x86-64 ABI: every program names it.
constexpr char kLoader[] = "/lib64/ld-linux-x86-64.so.2";
// As launch/store/program/built_worker.h has them.
constexpr char kRoot[] = "/lib/transect";
constexpr char kProgram[] = "/lib/transect/bin/transect";
constexpr char kGlibc[] = "/lib/transect/glibc.txt";

std::string Read(int descriptor) {
  std::string text;
  char buffer[4096];
  ssize_t got;
  while ((got = read(descriptor, buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

// What the loader says about itself; "" if there is none.
std::string AskLoader() {
  int ends[2];
  if (pipe(ends) != 0) return "";
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    execl(kLoader, kLoader, "--version", nullptr);
    _exit(127);
  }
  close(ends[1]);
  const std::string text = child > 0 ? Read(ends[0]) : "";
  close(ends[0]);
  int how = 0;
  while (child > 0 && waitpid(child, &how, 0) < 0 && errno == EINTR) {
  }
  return text;
}

struct Version {
  int major = 0;
  int minor = 0;
};

// The last "N.N" of the first line: "ld.so (Debian GLIBC 2.36-9) stable release
// version 2.36."
Version ParseLast(std::string text) {
  Version version;
  text = text.substr(0, text.find('\n'));
  const size_t word = text.rfind(' ');
  if (sscanf(text.c_str() + (word == std::string::npos ? 0 : word + 1), "%d.%d",
             &version.major, &version.minor) != 2) {
    return Version();
  }
  return version;
}

int Complain(const std::string& what) {
  fprintf(stderr, "%s\n", what.c_str());
  return 1;
}

}  // namespace

int main(int, char** argv) {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
  if (length <= 0) {
    return Complain("transect: cannot read /proc/self/exe; mount /proc");
  }
  std::string prefix(path, static_cast<size_t>(length));
  for (int up = 0; up < 2; ++up) prefix.resize(prefix.rfind('/'));
  FILE* const file = fopen((prefix + kGlibc).c_str(), "r");
  if (file == nullptr) {
    return Complain("transect: the installation in " + prefix + kRoot +
                    " is not complete (no glibc.txt); install again: bazel run "
                    "//:install -- " +
                    prefix);
  }
  const std::string needed_text = Read(fileno(file));
  fclose(file);
  const Version needed = ParseLast(needed_text);
  const Version present = ParseLast(AskLoader());
  const bool known = present.major > 0;
  if (!known || present.major < needed.major ||
      (present.major == needed.major && present.minor < needed.minor)) {
    const std::string has = known ? std::to_string(present.major) + "." +
                                        std::to_string(present.minor)
                                  // Its loader does not tell before 2.33.
                                  : std::string("an older one or none");
    return Complain("transect: the installation in " + prefix + kRoot +
                    " needs glibc " +
                    needed_text.substr(0, needed_text.find('\n')) +
                    " and this machine has " + has +
                    "; use a newer machine, install Transect where glibc is as "
                    "old as here, or run it in a container "
                    "(tools/container/README.md)");
  }
  execv((prefix + kProgram).c_str(), argv);
  return Complain("transect: cannot start " + prefix + kProgram + ": " +
                  strerror(errno));
}
