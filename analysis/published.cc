#include "analysis/published.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "analysis/written/printed_number.h"
#include "data/io/file.h"
#include "data/io/suggestion.h"
#include "data/io/textproto.h"
#include "experiments/reading/source_map.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct BuiltInFile {
  const char* path;
  const char* text;
};

constexpr BuiltInFile kBuiltIn[] = {
#include "analysis/published_files.inc"
};

void ValidateText(absl::string_view field, const std::string& value,
                  Problems* problems) {
  if (value.empty()) {
    problems->Add(field, "is empty");
  }
}

// The mean of IoU lies between the sums that Pr@0.5 ... Pr@0.9 leave open, up
// to the last digit.
void CheckMeanIou(const std::string& path,
                  const std::vector<double>& precisions, double giou,
                  Problems* problems) {
  constexpr double kSlack = 0.02;
  double low = 0.5 * precisions[0];
  double high = 50 + 0.1 * precisions[0];
  for (size_t i = 1; i < precisions.size(); ++i) {
    low += 0.1 * precisions[i];
    high += 0.1 * precisions[i];
  }
  if (giou < low - kSlack || giou > high + kSlack) {
    problems->Add(
        absl::StrCat(path, ".giou"),
        absl::StrCat("is ", giou, ", but a mean of IoU with these Pr@X is ",
                     low, " to ", high));
  }
}

void ValidateValues(const PublishedRow& row, const std::string& path,
                    Problems* problems) {
  std::vector<double> precisions;
  double giou = -1;
  const auto values = PrintedValues(row);
  if (values.empty()) {
    problems->Add(path, "has no value");
  }
  for (const auto& [field, text] : values) {
    const std::string where = absl::StrCat(path, ".", field);
    const std::optional<PrintedNumber> printed = ParsePrintedNumber(text);
    if (!printed.has_value() || printed->value() > 100) {
      problems->Add(where, absl::StrCat("is ", Quoted(text),
                                        ", must be a percentage, 0 to 100, "
                                        "with up to ",
                                        kMostDigits, " digits"));
      continue;
    }
    const double value = printed->value();
    if (field == "giou") {
      giou = value;
    }
    if (!absl::StartsWith(field, "pr_")) {
      continue;
    }
    if (!precisions.empty() && value > precisions.back()) {
      problems->Add(where, absl::StrCat("is ", text, ", above the one before: ",
                                        precisions.back()));
    }
    precisions.push_back(value);
    const bool misfit =
        std::ranges::find(row.misfit(), field) != row.misfit().end();
    if (row.items() > 0 &&
        FitsItems(text, row.items(), row.rounding()) == misfit) {
      problems->Add(
          where,
          absl::StrCat("is ", text, ", which ",
                       misfit ? "fits " : "no whole number of ", row.items(),
                       misfit ? " items, but is listed under misfit"
                              : " items gives under this rounding"));
    }
  }
  if (precisions.size() == 5 && giou >= 0) {
    CheckMeanIou(path, precisions, giou, problems);
  }
}

}  // namespace

int64_t PublishedItems(absl::string_view dataset, absl::string_view split) {
  struct Sizes {
    const char* dataset;
    int64_t train, val, test;
  };
  constexpr Sizes kSizes[] = {{"RRSIS-D", 12181, 1740, 3481},
                              {"RefSegRS", 2172, 431, 1817},
                              {"RISBench", 26300, 10013, 16159}};
  for (const Sizes& sizes : kSizes) {
    if (sizes.dataset == dataset) {
      return split == "train"  ? sizes.train
             : split == "val"  ? sizes.val
             : split == "test" ? sizes.test
                               : 0;
    }
  }
  return 0;
}

std::string SplitName(PublishedRow::Split split) {
  return split == PublishedRow::VAL    ? "val"
         : split == PublishedRow::TEST ? "test"
                                       : "";
}

std::vector<std::pair<std::string, std::string>> PrintedValues(
    const PublishedRow& row) {
  std::vector<std::pair<std::string, std::string>> all = {
      {"pr_50", row.pr_50()}, {"pr_60", row.pr_60()}, {"pr_70", row.pr_70()},
      {"pr_80", row.pr_80()}, {"pr_90", row.pr_90()}, {"ciou", row.ciou()},
      {"giou", row.giou()}};
  std::erase_if(all, [](const auto& pair) { return pair.second.empty(); });
  return all;
}

Shortening ShorteningOf(PublishedRow::Rounding rounding) {
  return rounding == PublishedRow::ROUNDED     ? Shortening::kRounded
         : rounding == PublishedRow::TRUNCATED ? Shortening::kTruncated
                                               : Shortening::kEither;
}

bool FitsItems(absl::string_view printed, int64_t items,
               PublishedRow::Rounding rounding) {
  const std::optional<PrintedNumber> number = ParsePrintedNumber(printed);
  return number.has_value() &&
         WholeShare(*number, items, ShorteningOf(rounding)).has_value();
}

void ValidatePublished(const PublishedSet& set, Problems* problems) {
  ValidateText("name", set.name(), problems);
  ValidateText("source", set.source(), problems);
  ValidateText("place", set.place(), problems);
  ValidateText("dataset", set.dataset(), problems);
  if (set.year() < 1950 || set.year() > 2100) {
    problems->Add("year",
                  absl::StrCat("is ", set.year(), ", must be 1950 to 2100"));
  }
  std::set<std::string> evaluators;
  for (int i = 0; i < set.evaluator_size(); ++i) {
    const std::string& name = set.evaluator(i).name();
    if (name.empty() || !evaluators.insert(name).second) {
      problems->Add(absl::StrCat("evaluator[", i, "].name"),
                    absl::StrCat("is ", Quoted(name),
                                 ", must be a name that is given once"));
    }
  }
  if (set.row().empty()) {
    problems->Add("row", "is absent; a set has at least one");
  }
  std::set<std::pair<std::string, int>> rows;
  for (int i = 0; i < set.row_size(); ++i) {
    const PublishedRow& row = set.row(i);
    const std::string path = absl::StrCat("row[", i, "]");
    ValidateText(absl::StrCat(path, ".label"), row.label(), problems);
    if (!rows.emplace(row.label(), row.split()).second) {
      problems->Add(absl::StrCat(path, ".label"),
                    absl::StrCat("is ", Quoted(row.label()),
                                 ", given before it for the same split"));
    }
    if (!row.evaluator().empty() && evaluators.count(row.evaluator()) == 0) {
      problems->Add(
          absl::StrCat(path, ".evaluator"),
          absl::StrCat("is ", Quoted(row.evaluator()),
                       ", which is not an evaluator of the set",
                       DidYouMean(row.evaluator(),
                                  {evaluators.begin(), evaluators.end()})));
    }
    if (row.items() < 0) {
      problems->Add(absl::StrCat(path, ".items"),
                    absl::StrCat("is ", row.items(), ", must be 0 or more"));
    }
    ValidateValues(row, path, problems);
  }
  if (std::ranges::count_if(set.row(), &PublishedRow::is_base) > 1) {
    problems->Add("row", "has is_base in several rows; one is the base");
  }
}

const std::vector<PublishedSet>& BuiltInPublished() {
  static const auto* const sets = [] {
    auto* const parsed = new std::vector<PublishedSet>();
    for (const BuiltInFile& file : kBuiltIn) {
      TRANSECT_CHECK_OK(
          ParseTextproto(file.text, file.path, &parsed->emplace_back()));
    }
    std::ranges::sort(*parsed, {}, &PublishedSet::name);
    return parsed;
  }();
  return *sets;
}

absl::StatusOr<PublishedSet> FindPublished(const std::string& name) {
  if (absl::EndsWith(name, ".textproto")) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                              ReadFile(name, kMaxTextprotoBytes));
    PublishedSet set;
    TRANSECT_RETURN_IF_ERROR(ParseTextproto(text, name, &set));
    Problems problems;
    ValidatePublished(set, &problems);
    if (problems.empty()) {
      return set;
    }
    TRANSECT_ASSIGN_OR_RETURN(const SourceMap places,
                              SourceMap::Make(text, name, set));
    std::vector<std::string> lines;
    for (const Problem& problem : problems.all()) {
      lines.push_back(absl::StrCat(places.Find(problem.field), ": ",
                                   problem.field, ": ", problem.message));
    }
    return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
  }
  std::vector<std::string> names;
  for (const PublishedSet& set : BuiltInPublished()) {
    if (set.name() == name) {
      return set;
    }
    names.push_back(set.name());
  }
  return absl::NotFoundError(absl::StrCat(
      "there are no published results ", Quoted(name),
      " (a file of your own ends in .textproto)", DidYouMean(name, names)));
}

}  // namespace transect
