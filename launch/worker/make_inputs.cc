#include "launch/worker/make_inputs.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/annotations/annotations.h"
#include "data/annotations/record.pb.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "data/synthetic/synthesis.h"
#include "data/text/tokenizer.h"
#include "launch/inputs/manifest.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/rank_log.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/result_file.h"
#include "launch/worker/verify_inputs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

absl::Status FileSystemError(absl::string_view what, absl::string_view path,
                             const std::error_code& error) {
  return MarkExitCode(absl::InternalError(absl::StrCat(
                          "cannot ", what, " ", path, ": ", error.message())),
                      ExitCode::INPUT_OUTPUT);
}

// The list of the files under `directory`, paths relative to `root`, in order
// of the path.
absl::StatusOr<std::string> Manifest(const std::string& root,
                                     const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end;
       !error && it != end; it.increment(error)) {
    if (it->is_regular_file()) {
      paths.push_back(it->path().lexically_relative(root).string());
    }
  }
  if (error) {
    return FileSystemError("list", directory, error);
  }
  std::sort(paths.begin(), paths.end());
  std::string manifest;
  for (const std::string& path : paths) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string digest,
                              Sha256OfFile(absl::StrCat(root, "/", path)));
    AppendManifestLine(digest, path, &manifest);
  }
  return manifest;
}

// Closes the log and writes the result: the end of both jobs.
absl::Status Finish(const LaunchPlan& plan, absl::Time start,
                    absl::string_view output, RankLog* log, Result result) {
  TRANSECT_RETURN_IF_ERROR(log->Close());
  TRANSECT_RETURN_IF_ERROR(AddResultFile(plan, output, &result));
  TRANSECT_RETURN_IF_ERROR(AddMetricLogs(plan, &result));
  return WriteResult(plan, start, &result);
}

// Those of split train, ascending by id: of a found data set without a look at
// images and masks, which a tokenizer does not need.
absl::StatusOr<std::vector<std::string>> CorpusSentences(
    const TokenizerJob& job) {
  const FoundCorpus& found = job.spec().found_corpus();
  TRANSECT_ASSIGN_OR_RETURN(Annotations all,
                            ReadAnnotations(found.format(), job.corpus_root(),
                                            found.sentence_field()));
  std::vector<IndexedRecord>& records = all.split[0];
  if (records.empty()) {
    return absl::NotFoundError(
        absl::StrCat("the data set in ", job.corpus_root(),
                     " has no record of split \"train\", whose sentences are "
                     "the tokenizer's corpus"));
  }
  std::sort(records.begin(), records.end(),
            [](const IndexedRecord& a, const IndexedRecord& b) {
              return a.id() < b.id();
            });
  std::vector<std::string> sentences;
  for (const IndexedRecord& record : records) {
    sentences.push_back(record.sentence());
  }
  return sentences;
}

}  // namespace

absl::Status RunSynthesisJob(const LaunchPlan& plan) {
  const absl::Time start = absl::Now();
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankLog> log,
                            RankLog::Open(plan, 0));
  TRANSECT_RETURN_IF_ERROR(RemoveOutput(plan, kDataDir));
  TRANSECT_RETURN_IF_ERROR(RemoveOutput(plan, kDataManifest));
  // Of attempts without a staging directory.
  TRANSECT_RETURN_IF_ERROR(MarkExitCode(
      RemoveUnfinished(absl::StrCat(plan.job_dir(), "/", kDataDir)),
      ExitCode::INPUT_OUTPUT));
  absl::Status logged;
  const auto progress = [&](int64_t done, int64_t total) {
    logged.Update(log->Progress("images", done, total));
  };
  TRANSECT_RETURN_IF_ERROR(WriteSyntheticDataset(plan.synthesis(),
                                                 OutputPath(plan, kDataDir),
                                                 progress, plan.threads())
                               .status());
  TRANSECT_RETURN_IF_ERROR(logged);
  TRANSECT_RETURN_IF_ERROR(Publish(plan, kDataDir));
  TRANSECT_ASSIGN_OR_RETURN(
      const std::string manifest,
      Manifest(plan.job_dir(), absl::StrCat(plan.job_dir(), "/", kDataDir)));
  TRANSECT_RETURN_IF_ERROR(
      MarkExitCode(WriteFileAtomic(OutputPath(plan, kDataManifest), manifest),
                   ExitCode::INPUT_OUTPUT));
  TRANSECT_RETURN_IF_ERROR(Publish(plan, kDataManifest));
  return Finish(plan, start, kDataManifest, log.get(), StartResult(plan));
}

absl::Status RunTokenizerJob(const LaunchPlan& plan) {
  const absl::Time start = absl::Now();
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankLog> log,
                            RankLog::Open(plan, 0));
  Result result = StartResult(plan);
  TRANSECT_RETURN_IF_ERROR(VerifyInputs(plan, /*rank=*/0, &result));
  absl::StatusOr<std::vector<std::string>> sentences =
      CorpusSentences(plan.tokenizer());
  if (!sentences.ok()) {
    return MarkExitCode(sentences.status(), ExitCode::DATA);
  }
  TRANSECT_RETURN_IF_ERROR(RemoveOutput(plan, kTokenizerFile));
  TRANSECT_RETURN_IF_ERROR(TrainTokenizer(plan.tokenizer().spec(),
                                          *std::move(sentences),
                                          OutputPath(plan, kTokenizerFile)));
  TRANSECT_RETURN_IF_ERROR(Publish(plan, kTokenizerFile));
  return Finish(plan, start, kTokenizerFile, log.get(), std::move(result));
}

}  // namespace transect
