#include "data/io/file_fault.h"

#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr char kVariable[] = "TRANSECT_FILE_FAULT";
constexpr absl::string_view kAny = "any";
constexpr absl::string_view kOperations[] = {
    "open", "write", "fsync", "rename", "link", "fsyncdir", "mkdir", kAny};

struct Faults {
  std::mutex mutex;
  std::vector<FileFault> faults;
};

Faults* ReadFaults() {
  const char* const text = getenv(kVariable);
  if (text == nullptr || *text == '\0') return nullptr;
  absl::StatusOr<std::vector<FileFault>> faults = ParseFileFaults(text);
  TRANSECT_CHECK(faults.ok()) << faults.status().message();
  // Never freed: threads may still write while the process ends.
  Faults* const read = new Faults;
  read->faults = *std::move(faults);
  return read;
}

}  // namespace

absl::StatusOr<std::vector<FileFault>> ParseFileFaults(absl::string_view text) {
  std::vector<FileFault> faults;
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    const std::vector<std::string> words =
        absl::StrSplit(part, ' ', absl::SkipEmpty());
    FileFault fault;
    bool ok = words.size() == 4 &&
              std::ranges::find(kOperations, words[0]) != std::end(kOperations);
    if (ok) {
      fault.operation = words[0];
      fault.text = words[1];
      ok = words[2] == "*" ||
           (absl::SimpleAtoi(words[2], &fault.nth) && fault.nth > 0);
      if (words[3] == "kill") {
        fault.signal = SIGKILL;
      } else if (words[3] == "stop") {
        fault.signal = SIGSTOP;
      } else {
        ok = ok && absl::SimpleAtoi(words[3], &fault.error) && fault.error > 0;
      }
    }
    if (!ok) {
      return absl::InvalidArgumentError(
          absl::StrCat(kVariable, " has '", part,
                       "', must be OPERATION TEXT N WHAT (file_fault.h)"));
    }
    faults.push_back(std::move(fault));
  }
  return faults;
}

int InjectedFault(absl::string_view operation, absl::string_view path) {
  static Faults* const faults = ReadFaults();
  if (faults == nullptr) return 0;
  int signal_number = 0;
  int error = 0;
  {
    const std::lock_guard<std::mutex> lock(faults->mutex);
    for (FileFault& fault : faults->faults) {
      if ((fault.operation != operation && fault.operation != kAny) ||
          path.find(fault.text) == absl::string_view::npos) {
        continue;
      }
      ++fault.calls;
      if (fault.nth == 0 || fault.nth == fault.calls) {
        signal_number = fault.signal;
        error = fault.error;
      }
    }
  }
  if (signal_number != 0) raise(signal_number);
  return error;
}

}  // namespace transect
