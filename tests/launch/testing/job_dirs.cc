#include "tests/launch/testing/job_dirs.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "gtest/gtest.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

std::string NewDir() {
  std::string path = absl::StrCat(testing::TempDir(), "launch.XXXXXX");
  TRANSECT_CHECK(mkdtemp(path.data()) != nullptr);
  return path;
}

void Put(const std::string& path, absl::string_view text) {
  const std::string directory =
      std::filesystem::path(path).parent_path().string();
  TRANSECT_CHECK(MakeDirs(directory).ok());
  TRANSECT_CHECK(WriteFileAtomic(path, text).ok());
}

std::string ScriptWorker(absl::string_view body) {
  const std::string path = absl::StrCat(NewDir(), "/worker.sh");
  Put(path, absl::StrCat(R"sh(#!/bin/sh
for argument in "$@"; do
  case $argument in
    --launch=*) launch=${argument#--launch=} ;;
    --rank=*) rank=${argument#--rank=} ;;
  esac
done
attempt=${launch%/launch.textproto}
id=$(sed -n 's/^id: "\(.*\)"/\1/p' "$launch")
code=$(sed -n 's/^code: "\(.*\)"/\1/p' "$launch")
result() {
  printf abc > out
  printf 'id: "%s" code: "%s" file { path: "out" bytes: 3 }' \
    "$id" "$code" > result.tmp
  mv result.tmp result.textproto
}
)sh",
                         body, "\n"));
  TRANSECT_CHECK(chmod(path.c_str(), 0755) == 0);
  return path;
}

void PutResult(const std::string& job_dir, absl::string_view id,
               absl::string_view code) {
  Put(job_dir + "/out", "abc");
  Put(job_dir + "/result.textproto",
      absl::StrCat("id: \"", id, "\" code: \"", code,
                   "\" file { path: \"out\" bytes: 3 }\n"));
}

void PutDone(const std::string& job_dir, const LaunchPlan& launch,
             absl::string_view code) {
  PutResult(job_dir, launch.id(), code);
  for (const EvaluateJob& evaluation : launch.train().evaluation()) {
    PutResult(EvaluationDir(job_dir, evaluation.split(), evaluation.id()),
              evaluation.id(), code);
  }
}

bool KeepWaiting(int* rounds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return ++*rounds < 1000;
}

}  // namespace transect
