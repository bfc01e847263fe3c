#include "analysis/audit/audit_input.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/published.h"
#include "analysis/written/csv.h"
#include "data/io/problems.h"
#include "data/io/suggestion.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr const char* kSplits[] = {"train", "val", "test"};

// "Pr@0.5" of the field "pr_50".
std::string ColumnOf(const std::string& field) {
  if (field == "ciou") return "cIoU";
  if (field == "giou") return "gIoU";
  return absl::StrCat("Pr@0.", field.substr(3, 1));
}

enum class Column { kOther, kLabel, kSplit, kGroup, kShare, kMetric };

Column KindOf(const std::string& head, absl::Span<const std::string> shares) {
  if (std::ranges::find(shares, head) != shares.end()) return Column::kShare;
  const std::string name = absl::AsciiStrToLower(head);
  for (const char* label : {"label", "method", "model", "setting", "name"}) {
    if (name == label) return Column::kLabel;
  }
  if (name == "split") return Column::kSplit;
  if (name == "group") return Column::kGroup;
  if (absl::StartsWith(name, "pr@") || absl::StartsWith(name, "p@") ||
      absl::StartsWith(name, "pr_") || absl::StartsWith(name, "prec@") ||
      absl::StartsWith(name, "precision@")) {
    return Column::kShare;
  }
  for (const char* metric : {"ciou", "oiou", "giou", "miou"}) {
    if (name == metric) return Column::kMetric;
  }
  return Column::kOther;
}

absl::Status CheckHeads(const std::vector<std::string>& heads,
                        const std::vector<Column>& kinds,
                        absl::Span<const std::string> shares,
                        const std::string& name) {
  const auto count = [&](Column kind) {
    return std::ranges::count(kinds, kind);
  };
  const std::string has = absl::StrCat("; it has ", absl::StrJoin(heads, ", "));
  for (const std::string& share : shares) {
    if (std::ranges::find(heads, share) == heads.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ":1: has no column ", Quoted(share),
                       DidYouMean(share, heads), has));
    }
  }
  if (count(Column::kLabel) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        name,
        ":1: must have one column named label, method, model, setting or "
        "name",
        has));
  }
  if (count(Column::kShare) == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        name,
        ":1: has no column of shares, such as Pr@0.5; --shares names "
        "others",
        has));
  }
  return absl::OkStatus();
}

void AddSplits(const std::string& dataset, AuditInput* input) {
  for (const char* split : kSplits) {
    const int64_t items = PublishedItems(dataset, split);
    const std::pair<std::string, int64_t> known(split, items);
    if (items > 0 &&
        std::ranges::find(input->known, known) == input->known.end()) {
      input->known.push_back(known);
    }
  }
}

}  // namespace

void AddToAudit(const PublishedSet& set, AuditInput* input) {
  input->sources.push_back(absl::StrCat(set.name(), ": ", set.source(), " (",
                                        set.year(), "), ", set.place()));
  for (const PublishedRow& row : set.row()) {
    AuditRow added{.source = set.name(),
                   .label = row.label(),
                   .split = SplitName(row.split()),
                   .group = row.origin() == PublishedRow::COPIED
                                ? "copied from other papers"
                                : ""};
    for (const auto& [field, printed] : PrintedValues(row)) {
      const std::optional<PrintedNumber> number = ParsePrintedNumber(printed);
      if (number.has_value()) {
        added.values.push_back({ColumnOf(field), printed, *number,
                                absl::StartsWith(field, "pr_")});
      }
    }
    input->rows.push_back(std::move(added));
  }
  // Without what is to be found.
  PublishedSet plain = set;
  for (PublishedRow& row : *plain.mutable_row()) {
    row.clear_items();
    row.clear_misfit();
  }
  Problems problems;
  ValidatePublished(plain, &problems);
  for (const Problem& problem : problems.all()) {
    input->problems.push_back(
        absl::StrCat(set.name(), ": ", problem.field, " ", problem.message));
  }
  AddSplits(set.dataset(), input);
}

absl::Status AddCsvToAudit(absl::string_view csv, const std::string& name,
                           absl::Span<const std::string> shares,
                           AuditInput* input) {
  TRANSECT_ASSIGN_OR_RETURN(const auto lines, ParseCsv(csv, name));
  if (lines.size() < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": must have a line of heads and at least one row"));
  }
  const std::vector<std::string>& heads = lines[0];
  std::vector<Column> kinds;
  for (const std::string& head : heads) kinds.push_back(KindOf(head, shares));
  TRANSECT_RETURN_IF_ERROR(CheckHeads(heads, kinds, shares, name));
  input->sources.push_back(name);
  for (size_t i = 1; i < lines.size(); ++i) {
    AuditRow row{.source = name};
    for (size_t c = 0; c < heads.size(); ++c) {
      const std::string text(absl::StripAsciiWhitespace(lines[i][c]));
      if (kinds[c] == Column::kLabel) row.label = text;
      if (kinds[c] == Column::kSplit) row.split = absl::AsciiStrToLower(text);
      if (kinds[c] == Column::kGroup) row.group = text;
      const bool value =
          kinds[c] == Column::kShare || kinds[c] == Column::kMetric;
      if (!value || text.empty() || text == "-") continue;
      const std::optional<PrintedNumber> number = ParsePrintedNumber(text);
      if (!number.has_value() || number->value() > 100) {
        return absl::InvalidArgumentError(absl::StrCat(
            name, ": row ", i, ", column ", Quoted(heads[c]), ": is ",
            Quoted(text), ", must be a percentage, 0 to 100, with up to ",
            kMostDigits, " digits after the point"));
      }
      row.values.push_back(
          {heads[c], text, *number, kinds[c] == Column::kShare});
    }
    input->rows.push_back(std::move(row));
  }
  return absl::OkStatus();
}

absl::Status AddKnownSplits(const std::string& dataset, AuditInput* input) {
  const size_t before = input->known.size();
  AddSplits(dataset, input);
  if (input->known.size() > before || PublishedItems(dataset, "test") > 0) {
    return absl::OkStatus();
  }
  const std::vector<std::string> names = {"RRSIS-D", "RefSegRS", "RISBench"};
  return absl::NotFoundError(
      absl::StrCat("the sizes of the splits of ", Quoted(dataset),
                   " are not known", DidYouMean(dataset, names), "; known are ",
                   absl::StrJoin(names, ", "), "; --items gives others"));
}

}  // namespace transect
