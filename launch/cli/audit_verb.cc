// `transect audit`.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/audit/audit.h"
#include "analysis/audit/audit_input.h"
#include "analysis/audit/audit_text.h"
#include "analysis/published.h"
#include "data/io/file.h"
#include "data/io/proto_json.h"
#include "data/io/suggestion.h"
#include "launch/cli/output.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct AuditOptions {
  std::vector<std::string> tables;
  std::vector<std::string> datasets;
  std::vector<int64_t> items;
  std::vector<std::string> shares;
  std::string scan;
  std::string format;
};

// "200-3699" as a scan; an empty text is the default one.
absl::StatusOr<AuditScan> ParseScan(const std::string& text) {
  AuditScan scan;
  if (text.empty()) return scan;
  const size_t dash = text.find('-');
  if (dash == std::string::npos ||
      !absl::SimpleAtoi(text.substr(0, dash), &scan.low) ||
      !absl::SimpleAtoi(text.substr(dash + 1), &scan.high)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--scan is ", Quoted(text), ", must be two numbers, as 200-3699"));
  }
  return scan;
}

absl::StatusOr<AuditInput> ReadTables(const AuditOptions& options) {
  AuditInput input;
  for (const std::string& table : options.tables) {
    if (absl::EndsWith(table, ".csv")) {
      TRANSECT_ASSIGN_OR_RETURN(const std::string csv, ReadFile(table));
      TRANSECT_RETURN_IF_ERROR(
          AddCsvToAudit(csv, table, options.shares, &input));
    } else {
      TRANSECT_ASSIGN_OR_RETURN(const PublishedSet set, FindPublished(table));
      AddToAudit(set, &input);
    }
  }
  for (const std::string& dataset : options.datasets) {
    TRANSECT_RETURN_IF_ERROR(AddKnownSplits(dataset, &input));
  }
  for (const int64_t items : options.items) {
    input.known.emplace_back("--items", items);
  }
  return input;
}

absl::StatusOr<int> ShowAudit(const CommandContext& context,
                              const AuditOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const AuditScan scan, ParseScan(options.scan));
  TRANSECT_ASSIGN_OR_RETURN(const AuditInput input, ReadTables(options));
  TRANSECT_ASSIGN_OR_RETURN(const AuditReport report, Audit(input, scan));
  // As wide as documents: tables of k are wider than some terminals.
  constexpr int kWidth = 100;
  std::string text;
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(report));
  } else {
    text = AuditText(report, kWidth);
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  return 0;
}

std::string SetNames() {
  return absl::StrJoin(BuiltInPublished(), ", ",
                       [](std::string* out, const PublishedSet& set) {
                         absl::StrAppend(out, set.name());
                       });
}

}  // namespace

void AddAuditVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "audit",
      "Show which number of items the printed percentages of tables fit, and "
      "where tables contradict themselves.");
  const auto options = std::make_shared<AuditOptions>();
  verb->add_option("TABLE", options->tables,
                   absl::StrCat("Tables, looked at together: a *.csv or "
                                "*.textproto file, or one of ",
                                SetNames(), "."))
      ->required();
  verb->add_option("--dataset", options->datasets,
                   "Data set of a CSV file, for the sizes of its splits: "
                   "RRSIS-D, RefSegRS or RISBench.")
      ->type_name("NAME")
      ->allow_extra_args(false);
  verb->add_option("--items", options->items,
                   "A number of items that may be behind the values, besides "
                   "those of the splits.")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}))
      ->type_name("N")
      ->allow_extra_args(false);
  verb->add_option("--shares", options->shares,
                   "A column of a CSV file that has shares of the items, "
                   "besides Pr@X.")
      ->type_name("COLUMN")
      ->allow_extra_args(false);
  verb->add_option("--scan", options->scan,
                   "Numbers of items that are tried without being known. "
                   "Default: 200-3699.")
      ->type_name("LOW-HIGH");
  AddFormat(verb, &options->format, {"text", "json"},
            "text, or json: an AuditReport (analysis/audit/audit.proto).");
  OnVerb(verb, line, options, ShowAudit);
}

}  // namespace transect
