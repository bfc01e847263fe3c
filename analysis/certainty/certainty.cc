#include "analysis/certainty/certainty.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analysis/answers/row_runs.h"
#include "analysis/certainty/table_certainty.h"
#include "analysis/measure_name.h"
#include "analysis/statistics/effect.h"
#include "analysis/statistics/holm.h"
#include "analysis/statistics/seed_test.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr double kPower = 0.8;

// The first 48 bits of the digest of the name: exact in JSON's numbers too.
uint64_t KeyOf(absl::string_view experiment) {
  uint64_t key = 0;
  for (const char digit : Sha256(experiment).substr(0, 12)) {
    key = key * 16 +
          static_cast<uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  return key;
}

std::vector<ReportCell::Kind> PrimaryOf(const StatisticsSpec& spec) {
  std::vector<ReportCell::Kind> kinds;
  for (int i = ReportCell::PR_50; i <= ReportCell::GIOU; ++i) {
    const auto kind = static_cast<ReportCell::Kind>(i);
    if (std::ranges::find(spec.primary(), MeasureName(kind)) !=
        spec.primary().end()) {
      kinds.push_back(kind);
    }
  }
  if (kinds.empty()) kinds.push_back(ReportCell::GIOU);
  return kinds;
}

bool SeedsVary(const ReportTable& table) {
  return std::ranges::any_of(table.rows(), [](const ReportRow& row) {
    return row.n() >= 2 &&
           std::ranges::any_of(row.runs(), &ReportRun::has_seed);
  });
}

// Comparisons of a table: each row that is declared against the base, also
// where it has no result.
int ComparisonsOf(const ReportTable& table) {
  const bool has_base = std::ranges::any_of(table.rows(), &ReportRow::is_base);
  return has_base ? std::max(0, table.rows_size() - 1) : 0;
}

// The two largest numbers of runs of rows that seeds enter.
std::vector<int> MostSeeds(const ReportTable& table) {
  std::vector<int> seeds;
  for (const ReportRow& row : table.rows()) {
    if (row.n() > 0 && std::ranges::any_of(row.runs(), &ReportRun::has_seed)) {
      seeds.push_back(row.n());
    }
  }
  std::ranges::sort(seeds, std::greater());
  return seeds;
}

void Declare(const StatisticsSpec& spec, absl::string_view experiment,
             ReportTable* table) {
  ReportStatistics& statistics = *table->mutable_statistics();
  statistics.set_spread(
      spec.spread() == StatisticsSpec::SE   ? ReportStatistics::SE
      : spec.spread() == StatisticsSpec::CI ? ReportStatistics::CI
                                            : ReportStatistics::SD);
  statistics.set_confidence(spec.confidence());
  const bool seeds = spec.has_test() ? spec.test() == StatisticsSpec::SEEDS
                                     : SeedsVary(*table);
  statistics.set_test(seeds ? ReportInterval::SEEDS : ReportInterval::ITEMS);
  statistics.set_paired_seeds(spec.pair_seeds());
  for (const ReportCell::Kind kind : PrimaryOf(spec)) {
    statistics.add_primary(kind);
  }
  statistics.set_resamples(spec.resamples());
  statistics.set_seed(spec.has_seed() ? spec.seed() : KeyOf(experiment));
  statistics.set_smallest_p_unpaired(1);
  statistics.set_smallest_p_paired(1);
  const std::vector<int> most = MostSeeds(*table);
  if (most.size() >= 2) {
    statistics.set_smallest_p_unpaired(SmallestPermutationP(most[0], most[1]));
    statistics.set_smallest_p_paired(SmallestSignFlipP(most[1]));
  }
}

// A p value and where its corrected one goes.
struct Tested {
  ReportDifference* difference = nullptr;
  const ReportStatistics* statistics = nullptr;
};

std::vector<Tested> TestedIn(ReportTable* table) {
  std::vector<Tested> tested;
  for (ReportRow& row : *table->mutable_rows()) {
    for (ReportCell& cell : *row.mutable_metrics()) {
      if (cell.has_difference()) {
        tested.push_back({cell.mutable_difference(), &table->statistics()});
      }
    }
  }
  return tested;
}

// Corrects the p values of one family.
void Correct(const std::vector<Tested>& tested, int family) {
  std::vector<double> items, seeds;
  for (const Tested& each : tested) {
    const ReportDifference& difference = *each.difference;
    if (difference.has_p_items()) items.push_back(difference.p_items());
    if (difference.has_p_seeds()) seeds.push_back(difference.p_seeds());
  }
  items = HolmAdjusted(items, family);
  seeds = HolmAdjusted(seeds, family);
  size_t next_items = 0;
  size_t next_seeds = 0;
  for (const Tested& each : tested) {
    ReportDifference& difference = *each.difference;
    const double level = 1 - each.statistics->confidence();
    const bool over_seeds = each.statistics->test() == ReportInterval::SEEDS;
    if (difference.has_p_items()) {
      difference.set_p_items_holm(items[next_items++]);
      difference.set_certain_of_runs(difference.p_items_holm() <= level);
    }
    if (difference.has_p_seeds()) {
      difference.set_p_seeds_holm(seeds[next_seeds++]);
    }
    difference.set_certain(over_seeds ? difference.has_p_seeds() &&
                                            difference.p_seeds_holm() <= level
                                      : difference.certain_of_runs());
    if (!difference.has_standardized()) continue;
    const bool paired = each.statistics->paired_seeds();
    if (const auto n =
            SeedsNeeded(difference.standardized(), paired, level, kPower,
                        SeedsForHolm(family, level, paired))) {
      difference.set_seeds_needed(*n);
    }
  }
}

}  // namespace

absl::Status AddCertainty(const StatisticsSpec& spec,
                          absl::string_view experiment,
                          const ReportInput& input, ComparisonReport* report) {
  int of_report = 0;
  for (ReportTable& table : *report->mutable_tables()) {
    if (table.items() == 0) continue;
    Declare(spec, experiment, &table);
    TRANSECT_RETURN_IF_ERROR(
        AddTableCertainty(InputOf(input, table), input.rules, &table));
    const int family = ComparisonsOf(table) *
                       static_cast<int>(table.statistics().primary_size());
    table.mutable_statistics()->set_family(family);
    of_report += family;
  }
  const bool together = spec.family() == StatisticsSpec::REPORT;
  std::vector<Tested> all;
  for (ReportTable& table : *report->mutable_tables()) {
    if (!table.has_statistics()) continue;
    ReportStatistics& statistics = *table.mutable_statistics();
    if (together) {
      statistics.set_family(of_report);
      statistics.set_family_of_report(true);
    }
    if (statistics.test() == ReportInterval::SEEDS && statistics.family() > 0) {
      statistics.set_seeds_for_holm(SeedsForHolm(statistics.family(),
                                                 1 - statistics.confidence(),
                                                 statistics.paired_seeds()));
    }
    const std::vector<Tested> tested = TestedIn(&table);
    if (together) {
      all.insert(all.end(), tested.begin(), tested.end());
    } else {
      Correct(tested, statistics.family());
    }
  }
  if (together) Correct(all, of_report);
  return absl::OkStatus();
}

}  // namespace transect
