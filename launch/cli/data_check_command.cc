// `transect data check`.

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/data.pb.h"
#include "launch/cli/commands.h"
#include "launch/cli/data_commands.h"
#include "launch/cli/session.h"
#include "launch/cli/worker_command.h"
#include "launch/inputs/found_input.h"
#include "launch/inputs/site.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Hashes all files once for the runs that follow, where there is a store that
// remembers it; otherwise "".
absl::StatusOr<std::string> IdentityInStore(const CommandContext& context,
                                            const std::string& root,
                                            FoundDataset::Format format) {
  TRANSECT_ASSIGN_OR_RETURN(const SiteFile site, LoadSite(context.site));
  const std::string store_root = StoreRoot(context.store, site);
  if (!std::filesystem::exists(store_root)) {
    return std::string();
  }
  TRANSECT_ASSIGN_OR_RETURN(const Store store, Store::Open(store_root));
  std::string last;
  return ComputeIdentity(
      store, Input::Kind::kData, root,
      [&last](int64_t done, int64_t total) {
        const std::string text = absl::StrFormat(
            "hashing: %d %%\n", total > 0 ? 100 * done / total : 100);
        if (text != last) Tell(text);
        last = text;
      },
      format);
}

}  // namespace

absl::StatusOr<FoundDataset::Format> LayoutByName(const std::string& name) {
  FoundDataset::Format format = FoundDataset::UNSPECIFIED;
  if (!FoundDataset::Format_Parse(name, &format) ||
      format == FoundDataset::UNSPECIFIED) {
    return absl::InvalidArgumentError(
        absl::StrCat("--format_of_data is '", name,
                     "', must be RRSISD, REFSEGRS, RISBENCH or JSONL"));
  }
  return format;
}

absl::StatusOr<int> DataCheckCommand(const CommandContext& context,
                                     const DataCheckOptions& options) {
  WorkerRequest request;
  CheckDataRequest& check = *request.mutable_check_data();
  TRANSECT_ASSIGN_OR_RETURN(const FoundDataset::Format format,
                            LayoutByName(options.format_of_data));
  // As the site file has it, so that a run finds what is remembered here.
  const std::string root =
      std::filesystem::absolute(options.root).lexically_normal().string();
  const absl::StatusOr<std::string> identity =
      IdentityInStore(context, root, format);
  if (!identity.ok() && !absl::IsNotFound(identity.status())) {
    return identity.status();
  }
  check.set_root(options.root);
  check.set_format(format);
  if (!options.tokenizer.empty()) {
    check.set_tokenizer(options.tokenizer);
  }
  check.set_max_tokens(options.max_tokens);
  check.set_examples(options.examples);
  check.set_output(options.format == "json" ? CheckDataRequest::JSON
                                            : CheckDataRequest::TEXT);
  check.set_identity(identity.value_or(""));
  return RunWorkerRequest(context, request);
}

}  // namespace transect
