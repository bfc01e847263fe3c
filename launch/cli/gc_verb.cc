// `transect gc`.

#include <time.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/io/file.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/upkeep/garbage.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct GcOptions {
  bool remove = false;
  std::vector<std::string> keep;
  int cache_days = 90;
  // text or json.
  std::string format;
};

absl::StatusOr<int> CollectGarbage(const CommandContext& context,
                                   const GcOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
  TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
  GarbageOptions what;
  what.code = session.code;
  what.cache_days = options.cache_days;
  what.now = time(nullptr);
  for (const std::string& path : options.keep) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    what.kept.merge(KeptIds(text));
  }
  GarbageList list = FindGarbage(session.store, what);
  if (options.remove) list = RemoveGarbage(session.store, what, list);
  std::string text = GarbageText(list);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(list));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  if (!options.remove && list.garbage_size() > 0) {
    Tell("Nothing was removed; --delete removes what is listed.\n");
  }
  return 0;
}

}  // namespace

void AddGcVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "gc",
      "List what of a store nothing needs any more, with sizes and why: what "
      "attempts left unfinished, attempts that gave nothing to a finished run, "
      "old failures, checkpoints of finished runs, bundles that no run names, "
      "old caches. Results stay, and so does all that a report rests on. "
      "Removes nothing without --delete.");
  const auto options = std::make_shared<GcOptions>();
  verb->add_flag("--delete", options->remove, "Remove what is listed.");
  verb->add_option("--keep", options->keep,
                   "A file with ids of runs, such as a report or a list: "
                   "nothing of these runs goes. Repeatable.")
      ->type_name("FILE")
      ->allow_extra_args(false);
  verb->add_option("--cache-days", options->cache_days,
                   "Caches go that were not written for so many days; -1 keeps "
                   "all. Default: 90.")
      ->check(CLI::Range(-1, 36500));
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/upkeep/upkeep.proto).");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, CollectGarbage);
}

}  // namespace transect
