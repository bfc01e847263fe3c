#include "launch/inputs/manifest.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"

namespace transect {
namespace {

constexpr size_t kDigits = 64;
constexpr absl::string_view kBetween = "  ";

// More threads than this wait for the disk.
constexpr unsigned kMostThreads = 4;

absl::Status CheckFile(const std::string& root, const ManifestLine& file) {
  const std::string path = absl::StrCat(root, "/", file.path);
  const absl::StatusOr<std::string> sha256 = Sha256OfFile(path);
  if (!sha256.ok()) {
    return absl::DataLossError(sha256.status().message());
  }
  if (*sha256 != file.sha256) {
    return absl::DataLossError(
        absl::StrCat(path, ": its SHA-256 is ", *sha256,
                     ", that of the file as it was made ", "is ", file.sha256));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ManifestLine>> ParseManifest(
    absl::string_view text, absl::string_view name) {
  std::vector<ManifestLine> lines;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const absl::string_view digest = line.substr(0, kDigits);
    if (line.size() <= kDigits + kBetween.size() ||
        line.substr(kDigits, kBetween.size()) != kBetween ||
        !std::all_of(digest.begin(), digest.end(), absl::ascii_isxdigit)) {
      return absl::DataLossError(
          absl::StrCat(name, ": file ", lines.size() + 1, " of the list is \"",
                       line.substr(0, 2 * kDigits),
                       "\", must be a SHA-256, two spaces and a path"));
    }
    lines.push_back({std::string(digest),
                     std::string(line.substr(kDigits + kBetween.size()))});
  }
  return lines;
}

void AppendManifestLine(absl::string_view sha256, absl::string_view path,
                        std::string* text) {
  absl::StrAppend(text, sha256, kBetween, path, "\n");
}

absl::Status CheckFiles(const std::string& root,
                        const std::vector<ManifestLine>& files) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  // Files are taken in order, so when one fails all before it are checked too.
  size_t first_bad = files.size();
  absl::Status problem;
  const auto work = [&] {
    for (size_t i = next++; i < files.size(); i = next++) {
      absl::Status status = CheckFile(root, files[i]);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex);
      if (i < first_bad) {
        first_bad = i;
        problem = std::move(status);
      }
      next = files.size();
      return;
    }
  };
  const unsigned count =
      std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads);
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return problem;
}

std::string DescribeChange(const std::vector<ManifestLine>& then,
                           const std::vector<ManifestLine>& now) {
  std::map<absl::string_view, absl::string_view> old;
  for (const ManifestLine& file : then) old[file.path] = file.sha256;
  // By path.
  std::map<absl::string_view, absl::string_view> changes;
  for (const ManifestLine& file : now) {
    const auto known = old.find(file.path);
    if (known == old.end()) {
      changes[file.path] = "is new";
      continue;
    }
    if (known->second != file.sha256) changes[file.path] = "has other bytes";
    old.erase(known);
  }
  for (const auto& [path, sha256] : old) changes[path] = "is gone";
  if (changes.empty()) return "";
  const auto& [path, what] = *changes.begin();
  return absl::StrCat(
      path, " ", what,
      changes.size() == 1
          ? ""
          : absl::StrCat(", and ", changes.size() - 1, " more differ"));
}

}  // namespace transect
