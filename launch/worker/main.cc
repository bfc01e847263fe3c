// transect_worker: the program of one rank of an attempt. The launcher starts
// it; start it by hand to repeat a failed attempt in a debugger.
//
//   transect_worker --launch=ATTEMPT_DIR/launch.textproto --rank=R
//
// Where ranks are on several nodes, --address is that of the interface by which
// this rank talks to the others.
//
// It also serves other verbs of `transect`: a WorkerRequest
// (launch/requests/worker_request.proto) on standard input.
//
//   transect_worker --request
//
// Exit codes are `ExitCode` (launch/store/result.proto); the last line of
// stderr says why. While it trains, SIGTERM and SIGUSR2 make all ranks write a
// checkpoint after the step and end with CHECKPOINTED. At other times they keep
// their default action: the rank ends at once and leaves the attempt without a
// result.

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <iterator>
#include <new>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "launch/rank/exit_codes.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/check_job.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/make_inputs.h"
#include "launch/worker/mapped_libraries.h"
#include "launch/worker/request.h"
#include "launch/worker/train_job.h"
#include "launch/worker/train_plan.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status RunRank(const std::string& launch_path, int rank,
                     const std::string& address) {
  TRANSECT_ASSIGN_OR_RETURN(LaunchPlan plan,
                            ReadTextproto<LaunchPlan>(launch_path));
  if (!address.empty()) {
    // A rank looks at its own only.
    plan.clear_address();
    for (int i = 0; i < plan.ranks(); ++i) plan.add_address(address);
  }
  TRANSECT_RETURN_IF_ERROR(CheckLaunchPlan(plan, rank));
  TRANSECT_RETURN_IF_ERROR(CheckOwnLibraries());
  if (CheckJob(plan).state == ResultCheck::kValid) {
    return absl::OkStatus();
  }
  switch (plan.job_case()) {
    case LaunchPlan::kTrain:
      TRANSECT_RETURN_IF_ERROR(RunTrainJob(plan, rank));
      // Rank 0 looked before it wrote the result; the others loaded libraries
      // of their own.
      return CheckOwnLibraries();
    case LaunchPlan::kSynthesis:
      return RunSynthesisJob(plan);
    case LaunchPlan::kTokenizer:
      return RunTokenizerJob(plan);
    case LaunchPlan::JOB_NOT_SET:
      break;
  }
  return absl::InternalError("a checked launch plan has no job");
}

// Runs `job` and returns as an error what LibTorch or the standard library
// throws outside of the places that expect it.
template <typename Job>
auto WithoutExceptions(Job job) -> decltype(job()) {
  try {
    return job();
  } catch (const std::bad_alloc&) {
    return MarkExitCode(absl::ResourceExhaustedError("memory ran out"),
                        ExitCode::MEMORY);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("exception: ", error.what()));
  }
}

// Serves the request on standard input; returns the exit code. Errors go to the
// user's terminal, so only the message is printed.
int AnswerRequest() {
  const absl::StatusOr<ExitCode::Code> code =
      WithoutExceptions([]() -> absl::StatusOr<ExitCode::Code> {
        const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
        WorkerRequest request;
        if (absl::Status parsed = ParseTextproto(text, "request", &request);
            !parsed.ok()) {
          // The store keeps workers of older builds, which newer programs ask.
          return absl::InvalidArgumentError(absl::StrCat(
              "this worker and the program that asks it are of different "
              "builds, and it does not understand the request: ",
              parsed.message()));
        }
        TRANSECT_RETURN_IF_ERROR(CheckOwnLibraries());
        return RunRequest(request);
      });
  std::fflush(stdout);
  if (code.ok()) {
    return *code;
  }
  std::cerr << code.status().message() << std::endl;
  return ExitCodeOf(code.status());
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  // A file that grows beyond `ulimit -f` is an error of its write.
  signal(SIGXFSZ, SIG_IGN);
  std::string launch_path;
  std::string address;
  int rank = 0;
  bool request = false;
  CLI::App app(
      "Runs one rank of an attempt, or serves a request of `transect`, which "
      "starts it. Run by hand, it repeats an attempt that has no result yet.");
  CLI::Option* launch = app.add_option(
      "--launch", launch_path,
      "launch.textproto of the attempt (launch/store/job.proto)");
  app.add_option("--rank", rank, "this rank, from 0")->needs(launch);
  app.add_option("--address", address,
                 "numeric address by which it talks to the other ranks, in "
                 "place of the launch plan's")
      ->needs(launch);
  app.add_flag("--request", request,
               "read a request from standard input "
               "(launch/requests/worker_request.proto)")
      ->excludes(launch);
  try {
    app.parse(argc, argv);
    if (!request && launch_path.empty()) {
      throw CLI::RequiredError("--launch");
    }
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::cerr << transect::RootCauseLine(
                     absl::InvalidArgumentError(error.what()))
              << std::endl;
    return transect::ExitCode::SPEC;
  }
  if (request) {
    return transect::AnswerRequest();
  }
  const absl::Status status = transect::WithoutExceptions(
      [&] { return transect::RunRank(launch_path, rank, address); });
  if (status.ok()) {
    return transect::ExitCode::OK;
  }
  std::cerr << transect::RootCauseLine(status) << std::endl;
  // Without destructors: threads of a collective that lost its peers must not
  // delay the end.
  std::fflush(nullptr);
  _exit(transect::ExitCodeOf(status));
}
