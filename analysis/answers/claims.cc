#include "analysis/answers/claims.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/answers/claim_cells.h"
#include "analysis/answers/row_runs.h"
#include "analysis/score_run.h"
#include "analysis/statistics/compare.h"
#include "analysis/statistics/coverage/coverage.h"
#include "analysis/statistics/holm.h"
#include "analysis/statistics/item_bootstrap.h"
#include "analysis/statistics/seed_test.h"
#include "data/io/suggestion.h"
#include "data/io/terminal_text.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// What the runs say before the correction for several claims.
struct Evidence {
  double effect = 0;
  std::optional<Interval> interval = {};
  // Of the claim being true or false by chance; absent where the test cannot be
  // made.
  std::optional<double> p = {};
  std::string basis = {};
  // What is to be known where it stays undecided.
  std::string hint = {};
  std::vector<std::string> spec_ids = {};
};

// A table with the runs of its rows.
struct TableOfRuns {
  const TableInput& input;
  const ReportTable& table;
  CompareSettings settings;
  bool tests_seeds = false;
  ScoreRules rules;

  std::vector<ScoredRun> RunsOf(int row) const {
    return ScoredRuns(input.rows[row], table.split());
  }
};

bool IsOfferedFor(IntervalLevel level, int seeds, const TableOfRuns& of) {
  return IsOffered({.level = level,
                    .seeds = seeds,
                    .items = static_cast<int>(of.table.items()),
                    .paired = of.settings.paired_seeds});
}

// The interval that tables show: over seeds and items where that is offered,
// else over items.
std::optional<Interval> ShownInterval(const RowComparison& comparison,
                                      int seeds, const TableOfRuns& of) {
  if (comparison.seeds_and_items.has_value() &&
      IsOfferedFor(IntervalLevel::kSeedsAndItems, seeds, of)) {
    return comparison.seeds_and_items;
  }
  if (IsOfferedFor(IntervalLevel::kItems, 1, of)) return comparison.items;
  return std::nullopt;
}

// Why the rows cannot be compared; "" if they can.
std::string WhyNot(const TableOfRuns& of, absl::Span<const int> rows) {
  for (const int row : rows) {
    const ReportRow& shown = of.table.rows(row);
    if (shown.n() == 0) {
      return absl::StrCat("row ", Quoted(shown.label()), " has no result");
    }
    if (shown.other_images()) {
      return absl::StrCat("row ", Quoted(shown.label()),
                          " was evaluated on other images");
    }
  }
  return "";
}

absl::StatusOr<Evidence> CompareTwo(int better, int worse,
                                    ReportCell::Kind metric,
                                    const TableOfRuns& of) {
  const std::vector<ScoredRun> runs_better = of.RunsOf(better);
  const std::vector<ScoredRun> runs_worse = of.RunsOf(worse);
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<RowComparison> comparisons,
      CompareRows(ToRowRuns(runs_worse, metric, of.rules),
                  {ToRowRuns(runs_better, metric, of.rules)}, of.settings));
  const RowComparison& comparison = comparisons.front();
  const int seeds =
      static_cast<int>(std::min(runs_better.size(), runs_worse.size()));
  Evidence evidence;
  evidence.effect = comparison.difference;
  evidence.interval = ShownInterval(comparison, seeds, of);
  const bool over_seeds =
      comparison.seeds_and_items.has_value() &&
      IsOfferedFor(IntervalLevel::kSeedsAndItems, seeds, of);
  const std::string interval = !evidence.interval.has_value() ? ""
                               : over_seeds ? "; interval over seeds and items"
                                            : "; interval over items";
  for (const auto* runs : {&runs_better, &runs_worse}) {
    for (const ScoredRun& run : *runs) {
      evidence.spec_ids.push_back(run.spec_id);
    }
  }
  const std::string items = CountText(of.table.items(), "item");
  if (!of.tests_seeds) {
    evidence.p = comparison.p_items;
    evidence.basis =
        absl::StrCat("permutation of ", items,
                     "; about these runs, not the method", interval);
    return evidence;
  }
  evidence.p = comparison.p_seeds;
  const bool paired = of.settings.paired_seeds;
  const bool exact =
      (paired ? comparison.pairs
              : static_cast<int>(std::max(
                    runs_better.size(), runs_worse.size()))) <= kMostEnumerated;
  evidence.basis = absl::StrCat(
      exact ? "exact " : "",
      paired ? "sign-flip test of pairs of " : "permutation of ",
      runs_better.size() == runs_worse.size()
          ? CountText(seeds, "seed")
          : absl::StrCat(runs_better.size(), " and ", runs_worse.size(),
                         " seeds"),
      exact ? "" : absl::StrCat(" by ", of.settings.draws.count, " draws"),
      " a row; about any seed, on these items", interval);
  if (comparison.smallest_p.has_value() &&
      *comparison.smallest_p > 1 - of.settings.confidence) {
    evidence.hint = absl::StrFormat("so few seeds can give p = %.2g at best",
                                    *comparison.smallest_p);
    if (comparison.p_items.has_value()) {
      absl::StrAppendFormat(&evidence.hint,
                            "; over items, about these runs only, p = %.2g",
                            *comparison.p_items);
    }
  }
  return evidence;
}

double MeanOf(const TableOfRuns& of, int row, ReportCell::Kind metric) {
  for (const ReportCell& cell : of.table.rows(row).metrics()) {
    if (cell.kind() == metric) return cell.mean();
  }
  return 0;
}

// p of the larger of two p values; absent if one is.
std::optional<double> Larger(std::optional<double> a, std::optional<double> b) {
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  return std::max(*a, *b);
}

std::optional<double> Times(std::optional<double> p, size_t tried) {
  if (!p.has_value()) return std::nullopt;
  return std::min(1.0, *p * static_cast<double>(tried));
}

// The comparison with the least effect, with the p that all must pass.
absl::StatusOr<Evidence> LeastOf(absl::Span<const std::pair<int, int>> pairs,
                                 ReportCell::Kind metric,
                                 const TableOfRuns& of) {
  std::optional<Evidence> least;
  std::optional<double> p = 0;
  std::set<std::string> spec_ids;
  for (const auto& [better, worse] : pairs) {
    TRANSECT_ASSIGN_OR_RETURN(Evidence each,
                              CompareTwo(better, worse, metric, of));
    // A difference of the wrong sign is no evidence for the claim.
    p = Larger(p, each.effect > 0 ? each.p : std::optional<double>(1));
    spec_ids.insert(each.spec_ids.begin(), each.spec_ids.end());
    if (!least.has_value() || each.effect < least->effect) {
      least = std::move(each);
    }
  }
  least->p = p;
  least->spec_ids.assign(spec_ids.begin(), spec_ids.end());
  return *std::move(least);
}

absl::StatusOr<Evidence> OfOptimum(const FoundClaim& claim,
                                   const TableOfRuns& of) {
  const auto by_mean = [&](int row) { return MeanOf(of, row, claim.metric); };
  const int best = *std::ranges::max_element(claim.inner, {}, by_mean);
  const int best_end = *std::ranges::max_element(claim.ends, {}, by_mean);
  std::vector<std::pair<int, int>> pairs;
  const bool inside = by_mean(best) > by_mean(best_end);
  if (inside) {
    for (const int end : claim.ends) pairs.emplace_back(best, end);
  } else {
    for (const int inner : claim.inner) pairs.emplace_back(best_end, inner);
  }
  TRANSECT_ASSIGN_OR_RETURN(Evidence evidence,
                            LeastOf(pairs, claim.metric, of));
  evidence.p =
      Times(evidence.p, inside ? claim.inner.size() : claim.ends.size());
  if (!inside) {
    evidence.effect = -evidence.effect;
    if (evidence.interval.has_value()) {
      evidence.interval =
          Interval{-evidence.interval->high, -evidence.interval->low};
    }
  }
  return evidence;
}

// Whether each item is of the larger half of the objects; nothing where the
// logs do not say how large they are. Of equal ones those with lower ids are
// smaller.
std::optional<std::vector<bool>> LargerHalf(
    const std::vector<EvalItem>& items) {
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (const EvalItem& item : items) {
    if (!item.has_target_area()) return std::nullopt;
  }
  std::ranges::stable_sort(order, {},
                           [&](size_t i) { return items[i].target_area(); });
  std::vector<bool> large(items.size());
  for (size_t i = items.size() / 2; i < items.size(); ++i) {
    large[order[i]] = true;
  }
  return large;
}

absl::StatusOr<std::optional<Evidence>> OfFavours(const FoundClaim& claim,
                                                  const TableOfRuns& of) {
  const std::vector<ScoredRun> runs = of.RunsOf(claim.better);
  const auto large = LargerHalf(runs.front().items);
  if (!large.has_value()) return std::nullopt;
  // By run the share of all unions that the larger half has.
  std::vector<RatioColumns> shares;
  std::vector<double> of_large;
  std::vector<double> of_small;
  Evidence evidence;
  for (const ScoredRun& run : runs) {
    RatioColumns& columns = shares.emplace_back();
    for (size_t i = 0; i < run.items.size(); ++i) {
      const auto pixels =
          static_cast<double>(run.items[i].prediction().union_());
      columns.numerators.push_back((*large)[i] ? pixels : 0);
      columns.denominators.push_back(pixels);
    }
    evidence.spec_ids.push_back(run.spec_id);
  }
  for (size_t i = 0; i < large->size(); ++i) {
    double mean = 0;
    for (const RatioColumns& run : shares) mean += run.denominators[i];
    ((*large)[i] ? of_large : of_small)
        .push_back(mean / static_cast<double>(runs.size()));
  }
  const double of_items =
      static_cast<double>(of_large.size()) / static_cast<double>(large->size());
  TRANSECT_ASSIGN_OR_RETURN(const WeightedRatios ratios,
                            BootstrapRatios(shares, of.settings.draws));
  std::vector<double> replicates(ratios.draws);
  double share = 0;
  for (size_t run = 0; run < shares.size(); ++run) {
    share += Ratio(shares[run]) / static_cast<double>(shares.size());
    for (int b = 0; b < ratios.draws; ++b) {
      replicates[b] += ratios.Of(run)[b] / static_cast<double>(shares.size());
    }
  }
  for (double& replicate : replicates) replicate -= of_items;
  evidence.effect = share - of_items;
  evidence.interval =
      PercentileInterval(std::move(replicates), of.settings.confidence);
  if (!of_small.empty()) {
    evidence.p = PermutationP(of_large, of_small, of.settings.draws);
  }
  evidence.basis = absl::StrFormat(
      "the larger half of the objects has %.1f %% of the weight of cIoU and "
      "%.1f %% of that of gIoU; permutation of %s; about these runs",
      100 * share, 100 * of_items, CountText(of.table.items(), "item"));
  return evidence;
}

absl::StatusOr<std::optional<Evidence>> Weigh(const FoundClaim& found,
                                              const ExperimentClaim& claim,
                                              const TableOfRuns& of,
                                              std::string* why) {
  std::vector<int> rows = {found.better, found.worse};
  if (claim.has_optimum()) {
    rows = found.ends;
    rows.insert(rows.end(), found.inner.begin(), found.inner.end());
  } else if (claim.has_favours()) {
    rows = {found.better};
  }
  *why = WhyNot(of, rows);
  if (!why->empty()) return std::nullopt;
  if (claim.has_holds()) {
    TRANSECT_ASSIGN_OR_RETURN(
        Evidence evidence,
        CompareTwo(found.better, found.worse, found.metric, of));
    return evidence;
  }
  if (claim.has_optimum()) {
    TRANSECT_ASSIGN_OR_RETURN(Evidence evidence, OfOptimum(found, of));
    return evidence;
  }
  *why = "the metric logs do not say how large objects are";
  return OfFavours(found, of);
}

void Decide(const Evidence& evidence, std::optional<double> p, double level,
            ReportClaim* verdict) {
  verdict->set_effect(evidence.effect);
  if (evidence.interval.has_value()) {
    verdict->set_low(evidence.interval->low);
    verdict->set_high(evidence.interval->high);
  }
  verdict->set_basis(evidence.basis);
  verdict->mutable_spec_ids()->Assign(evidence.spec_ids.begin(),
                                      evidence.spec_ids.end());
  if (p.has_value()) verdict->set_p(*p);
  if (p.has_value() && *p <= level && evidence.effect != 0) {
    verdict->set_verdict(evidence.effect > 0 ? ReportClaim::SUPPORTED
                                             : ReportClaim::CONTRADICTED);
    verdict->clear_why();
    return;
  }
  verdict->set_verdict(ReportClaim::UNDECIDED);
  verdict->set_why(!evidence.hint.empty() ? evidence.hint
                   : p.has_value()
                       ? "the effect is not larger than chance explains"
                       : "the test needs two runs a row, or equal numbers");
}

absl::Status AddToTable(absl::Span<const ExperimentClaim* const> claims,
                        const ReportInput& input, ReportTable* table) {
  const TableInput& table_input = InputOf(input, *table);
  const TableOfRuns of = {.input = table_input,
                          .table = *table,
                          .settings = SettingsOf(*table),
                          .tests_seeds = TestsSeeds(*table),
                          .rules = FromReportRules(table->rules())};
  std::vector<ReportClaim> verdicts;
  std::vector<std::optional<Evidence>> all;
  std::vector<double> p;
  for (const ExperimentClaim* claim : claims) {
    if (claim->has_split() && claim->split() != table->split()) continue;
    const absl::StatusOr<FoundClaim> found = FindClaim(*claim, input);
    // The claim may be about rows that are not asked for here.
    if (!found.ok() && input.selected) continue;
    if (found.ok() && &input.tables[found->table] != &table_input) continue;
    ReportClaim& verdict = verdicts.emplace_back();
    verdict.set_name(claim->name());
    verdict.set_source(claim->source());
    verdict.set_verdict(ReportClaim::UNDECIDED);
    all.emplace_back();
    if (!found.ok()) {
      verdict.set_text(claim->holds());
      verdict.set_why(absl::StrCat("it ", found.status().message()));
      continue;
    }
    verdict.set_text(found->text);
    std::string why;
    TRANSECT_ASSIGN_OR_RETURN(all.back(), Weigh(*found, *claim, of, &why));
    if (!all.back().has_value()) verdict.set_why(why);
    if (all.back().has_value() && all.back()->p.has_value()) {
      p.push_back(*all.back()->p);
    }
  }
  const std::vector<double> adjusted =
      HolmAdjusted(p, static_cast<int>(verdicts.size()));
  size_t at = 0;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (all[i].has_value()) {
      Decide(*all[i],
             all[i]->p.has_value() ? std::optional<double>(adjusted[at++])
                                   : std::nullopt,
             1 - of.settings.confidence, &verdicts[i]);
    }
    *table->add_claims() = std::move(verdicts[i]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckClaims(absl::Span<const ExperimentClaim* const> claims,
                         const ReportInput& input) {
  std::vector<std::string> problems;
  std::set<std::string> names;
  for (const ExperimentClaim* claim : claims) {
    const std::string where =
        absl::StrCat("report.claim ", Quoted(claim->name()), " ");
    if (claim->name().empty()) {
      problems.push_back(absl::StrCat(where, "has no name"));
    } else if (!names.insert(claim->name()).second) {
      problems.push_back(absl::StrCat(where, "is there twice"));
    }
    const absl::StatusOr<FoundClaim> found = FindClaim(*claim, input);
    if (!found.ok()) {
      problems.push_back(absl::StrCat(where, found.status().message()));
    }
  }
  return problems.empty()
             ? absl::OkStatus()
             : absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

absl::Status AddClaims(absl::Span<const ExperimentClaim* const> claims,
                       const ReportInput& input, ComparisonReport* report) {
  if (claims.empty()) return absl::OkStatus();
  for (ReportTable& table : *report->mutable_tables()) {
    if (!table.evaluated_later().empty()) continue;
    TRANSECT_RETURN_IF_ERROR(AddToTable(claims, input, &table));
  }
  return absl::OkStatus();
}

std::string VerdictText(ReportClaim::Verdict verdict) {
  return verdict == ReportClaim::SUPPORTED      ? "supported"
         : verdict == ReportClaim::CONTRADICTED ? "contradicted"
                                                : "undecided";
}

}  // namespace transect
