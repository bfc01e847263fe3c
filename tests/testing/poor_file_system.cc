// A preload for tests: a file system that lacks something.
//
// TRANSECT_TEST_LACKS holds words, TRANSECT_TEST_LACKS_AT the directory below
// which they hold:
//
//     link         no hard links (EPERM)
//     noreplace    no rename that refuses to replace (EINVAL)
//     chmod        modes cannot be changed (EPERM)
//     fsyncdir     directories cannot be synced (EINVAL)
//     syncfs       nor file systems (ENOSYS)
//     nolock       no locks (ENOLCK)
//     freelock     each lock is granted, and none is seen
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

bool IsLacking(const char* what) {
  const char* const words = getenv("TRANSECT_TEST_LACKS");
  if (words == nullptr) return false;
  const size_t size = strlen(what);
  for (const char* at = strstr(words, what); at != nullptr;
       at = strstr(at + 1, what)) {
    const bool begins = at == words || at[-1] == ' ';
    if (begins && (at[size] == '\0' || at[size] == ' ')) return true;
  }
  return false;
}

bool IsBelow(const char* path) {
  const char* const root = getenv("TRANSECT_TEST_LACKS_AT");
  return root == nullptr || strstr(path, root) != nullptr;
}

bool IsBelow(int descriptor) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof(path) - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return IsBelow(path);
}

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int Fail(int error) {
  errno = error;
  return -1;
}

bool IsLock(int command) {
  return command == F_OFD_SETLK || command == F_OFD_SETLKW ||
         command == F_OFD_GETLK || command == F_SETLK || command == F_SETLKW ||
         command == F_GETLK;
}

int Fcntl(const char* name, int descriptor, int command, void* argument) {
  if (IsLock(command) && IsBelow(descriptor)) {
    if (IsLacking("nolock")) return Fail(ENOLCK);
    if (IsLacking("freelock")) {
      if (command == F_OFD_GETLK || command == F_GETLK) {
        static_cast<struct flock*>(argument)->l_type = F_UNLCK;
      }
      return 0;
    }
  }
  return Real<int (*)(int, int, ...)>(name)(descriptor, command, argument);
}

}  // namespace

extern "C" {

int link(const char* from, const char* to) noexcept {
  if (IsLacking("link") && IsBelow(to)) return Fail(EPERM);
  return Real<int (*)(const char*, const char*)>("link")(from, to);
}

int renameat2(int from_dir, const char* from, int to_dir, const char* to,
              unsigned flags) noexcept {
  if (flags != 0 && IsLacking("noreplace") && IsBelow(to)) return Fail(EINVAL);
  return Real<int (*)(int, const char*, int, const char*, unsigned)>(
      "renameat2")(from_dir, from, to_dir, to, flags);
}

int chmod(const char* path, mode_t mode) noexcept {
  if (IsLacking("chmod") && IsBelow(path)) return Fail(EPERM);
  return Real<int (*)(const char*, mode_t)>("chmod")(path, mode);
}

int fchmod(int descriptor, mode_t mode) noexcept {
  if (IsLacking("chmod") && IsBelow(descriptor)) return Fail(EPERM);
  return Real<int (*)(int, mode_t)>("fchmod")(descriptor, mode);
}

int fsync(int descriptor) {
  struct stat info;
  if (IsLacking("fsyncdir") && fstat(descriptor, &info) == 0 &&
      S_ISDIR(info.st_mode) && IsBelow(descriptor)) {
    return Fail(EINVAL);
  }
  return Real<int (*)(int)>("fsync")(descriptor);
}

int syncfs(int descriptor) noexcept {
  if (IsLacking("syncfs") && IsBelow(descriptor)) return Fail(ENOSYS);
  return Real<int (*)(int)>("syncfs")(descriptor);
}

int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return Fcntl("fcntl", descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return Fcntl("fcntl64", descriptor, command, argument);
}

}  // extern "C"
