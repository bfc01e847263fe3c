// `transect help`.

#include <algorithm>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/reading/field_help.h"
#include "launch/cli/output.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/inputs/site_help.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> ShowFieldHelp(const CommandContext& context,
                                  const std::string& path) {
  constexpr absl::string_view kSite = "site";
  const bool of_site =
      path == kSite || absl::StartsWith(path, absl::StrCat(kSite, "."));
  TRANSECT_ASSIGN_OR_RETURN(
      const std::string text,
      of_site ? SiteHelp(path.substr(std::min(path.size(), kSite.size() + 1)))
              : FieldHelp(path));
  TRANSECT_RETURN_IF_ERROR(PrintOut(text));
  return 0;
}

}  // namespace

void AddHelpVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "help", "Print what a field of an experiment or the site file means.");
  const auto path = std::make_shared<std::string>();
  verb->add_option("FIELD.PATH", *path,
                   "Such as training.optimizer.lr; site, or site.data, for "
                   "fields of the site file; without it, the fields at the "
                   "top.");
  OnVerb(verb, line, path, ShowFieldHelp);
}

}  // namespace transect
