#include "analysis/table_differences.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/measure_name.h"
#include "analysis/statistics/seed_test.h"
#include "analysis/table_marks.h"

namespace transect {
namespace {

const ReportCell* CellOf(const ReportRow& row, ReportCell::Kind kind) {
  for (const ReportCell& cell : row.metrics()) {
    if (cell.kind() == kind) return &cell;
  }
  return nullptr;
}

// Metrics that have columns of differences.
std::vector<ReportCell::Kind> ShownKinds(const ReportTable& table) {
  std::vector<ReportCell::Kind> kinds;
  for (const int kind : table.statistics().primary()) {
    kinds.push_back(static_cast<ReportCell::Kind>(kind));
  }
  if (kinds.empty()) kinds.push_back(ReportCell::GIOU);
  return kinds;
}

bool OverSeeds(const ReportTable& table) {
  return table.statistics().test() == ReportInterval::SEEDS;
}

double Level(const ReportTable& table) {
  return 1 - table.statistics().confidence();
}

// "95 %".
std::string Confidence(const ReportTable& table) {
  return absl::StrFormat("%.4g %%", 100 * table.statistics().confidence());
}

std::string IntervalText(const ReportDifference& difference,
                         const ReportStatistics& statistics) {
  for (const ReportInterval& interval : difference.intervals()) {
    if (interval.level() == statistics.interval()) {
      return absl::StrFormat("[%.2f, %.2f]", 100 * interval.low(),
                             100 * interval.high());
    }
  }
  return "";
}

std::string CertaintyMark(const ReportTable& table,
                          const ReportDifference& difference) {
  if (difference.certain()) return kCertainMark;
  return OverSeeds(table) && difference.certain_of_runs() ? kCertainOfRunsMark
                                                          : "";
}

template <typename Holds>
bool AnyDifference(const ReportTable& table, Holds holds) {
  return std::ranges::any_of(table.rows(), [&](const ReportRow& row) {
    return std::ranges::any_of(row.metrics(), [&](const ReportCell& cell) {
      return cell.has_difference() && holds(cell.difference());
    });
  });
}

const IntervalCoverage* CoverageOf(const ReportTable& table,
                                   ReportInterval::Level level) {
  for (const IntervalCoverage& coverage : table.statistics().coverages()) {
    if (coverage.level() == level) return &coverage;
  }
  return nullptr;
}

std::string IntervalSentence(const ReportTable& table) {
  const ReportStatistics& statistics = table.statistics();
  const IntervalCoverage* coverage = CoverageOf(table, statistics.interval());
  if (coverage == nullptr || !AnyDifference(table, [](const auto& difference) {
        return difference.intervals_size() > 0;
      })) {
    return "";
  }
  const bool items = statistics.interval() == ReportInterval::ITEMS;
  return absl::StrFormat(
      " In brackets its %s interval over %s (paired bootstrap, %d draws), "
      "which "
      "speaks about %s.",
      Confidence(table), items ? "items" : "seeds and items",
      statistics.resamples(),
      items ? "these trained runs" : "any seed and any item");
}

// The two rows of the most seeds.
std::pair<int, int> MostSeeds(const ReportTable& table) {
  int first = 0;
  int second = 0;
  for (const ReportRow& row : table.rows()) {
    if (row.n() == 0 ||
        std::ranges::none_of(row.runs(), &ReportRun::has_seed)) {
      continue;
    }
    second = std::max(second, std::min(first, row.n()));
    first = std::max(first, row.n());
  }
  return {first, second};
}

// The test over seeds, by name: labellings of more seeds than are enumerated
// are drawn.
std::string SeedTestText(const ReportTable& table) {
  const ReportStatistics& statistics = table.statistics();
  const auto [most, second] = MostSeeds(table);
  const bool paired = statistics.paired_seeds();
  const std::string test = paired ? "sign-flip test over pairs of seeds"
                                  : "permutation test over seeds";
  return (paired ? second : most) <= kMostEnumerated
             ? absl::StrCat("exact ", test)
             : absl::StrCat(test, ", of more than ", kMostEnumerated,
                            paired ? " pairs" : " seeds a row", " by ",
                            statistics.resamples(), " random ",
                            paired ? "signs" : "labellings");
}

std::string TestSentence(const ReportTable& table) {
  const ReportStatistics& statistics = table.statistics();
  const bool seeds = OverSeeds(table);
  const double smallest = statistics.paired_seeds()
                              ? statistics.smallest_p_paired()
                              : statistics.smallest_p_unpaired();
  std::string text = absl::StrCat(
      "p: ",
      seeds ? SeedTestText(table)
            : "permutation test over items, about these trained runs",
      ", Holm over ", statistics.family(),
      statistics.family() == 1 ? " comparison" : " comparisons",
      statistics.family_of_report() ? " of the report" : "");
  if (seeds && smallest < 1) {
    absl::StrAppend(&text, "; before Holm ", PValue(smallest), " at best");
  }
  text += ".";
  if (AnyDifference(table, [](const auto& each) { return each.certain(); })) {
    absl::StrAppend(&text, " ", kCertainMark, " p at most ",
                    PValue(Level(table)), ".");
  }
  return text;
}

std::string LeadingSentence(const ReportTable& table) {
  const bool any = std::ranges::any_of(table.rows(), [](const ReportRow& row) {
    return std::ranges::any_of(row.metrics(), &ReportCell::leading);
  });
  return any ? " Bold: the best row and all that the test, with Holm over the "
               "other rows, does not tell from it."
             : "";
}

// Whether seeds could decide anything; "" where they could or there is nothing
// to decide.
std::string SeedsNote(const ReportTable& table) {
  constexpr double kUsualLevel = 0.05;
  const auto [most, second] = MostSeeds(table);
  if (second == 0) return "";
  const bool declared = table.has_statistics();
  if (most == 1) {
    return declared
               ? "Certainty: one seed a row says nothing of other seeds. "
                 "Intervals and p are about these trained runs; more seeds "
                 "can say more."
               : "Certainty: one seed a row says nothing of chance, so no "
                 "difference here is certain; more seeds can decide.";
  }
  const bool paired = table.statistics().paired_seeds();
  const int family = std::max(1, table.statistics().family());
  const double level = (declared ? Level(table) : kUsualLevel) / family;
  const double unpaired_p = SmallestPermutationP(most, second);
  const double paired_p = SmallestSignFlipP(second);
  const double p = paired ? paired_p : unpaired_p;
  if (p <= level) return "";
  if (paired && second == 1) {
    return "Certainty: no two rows have more than one seed in common, and one "
           "pair says nothing of other seeds, so no difference here is "
           "certain; more seeds can decide.";
  }
  const int enough = SeedsForHolm(1, level, paired);
  return absl::StrCat(
      "Certainty: with ",
      most == second ? absl::StrCat(most) : absl::StrCat(second, " and ", most),
      " seeds a row an exact test over seeds gives p = ", PValue(unpaired_p),
      " at best",
      second > 1 ? absl::StrCat(" (", PValue(paired_p), " in pairs)") : "",
      family > 1 ? absl::StrCat(", and Holm over ", family,
                                " comparisons wants ", PValue(level))
                 : "",
      ", so no difference here is certain; more seeds can decide (", enough,
      " a row give ",
      PValue(paired ? SmallestSignFlipP(enough)
                    : SmallestPermutationP(enough, enough)),
      " at best).");
}

std::string RunsNote(const ReportTable& table) {
  if (!OverSeeds(table) || !AnyDifference(table, [](const auto& each) {
        return each.certain_of_runs() && !each.certain();
      })) {
    return "";
  }
  return absl::StrCat(kCertainOfRunsMark,
                      " These trained runs differ: permutation test over "
                      "items, with Holm; runs of other seeds may not.");
}

// Seeds that the observed differences would need.
std::string NeededNote(const ReportTable& table) {
  constexpr size_t kMostNamed = 6;
  std::vector<std::string> needs;
  for (const ReportRow& row : table.rows()) {
    const ReportCell* cell = CellOf(row, ShownKinds(table)[0]);
    if (cell == nullptr || !cell->has_difference() ||
        cell->difference().certain() ||
        !cell->difference().has_seeds_needed()) {
      continue;
    }
    needs.push_back(
        absl::StrCat(row.label(), " ", cell->difference().seeds_needed()));
  }
  if (needs.empty()) return "";
  const size_t more = needs.size() - std::min(needs.size(), kMostNamed);
  needs.resize(needs.size() - more);
  return absl::StrCat(
      "Seeds a row to find a difference as large as the observed one, as "
      "uncertain as that is, with a power of 0.8: ",
      absl::StrJoin(needs, "; "),
      more > 0 ? absl::StrCat("; and ", more, " more") : "", ".");
}

std::string CoverageNote(const ReportTable& table) {
  if (!AnyDifference(table, [](const auto&) { return true; })) return "";
  std::vector<std::string> kinds;
  for (const IntervalCoverage& coverage : table.statistics().coverages()) {
    const bool items = coverage.level() == ReportInterval::ITEMS;
    const bool seeds = coverage.level() == ReportInterval::SEEDS;
    kinds.push_back(absl::StrFormat(
        "%s %.3f ± %.3f%s",
        items   ? "over items"
        : seeds ? absl::StrCat("over ", coverage.seeds(), " seeds (Student)")
                : absl::StrCat("over ", coverage.seeds(), " seeds and ",
                               coverage.items(), " items"),
        coverage.coverage(), coverage.standard_error(),
        coverage.offered() ? "" : ", too few to be offered"));
  }
  return kinds.empty() ? ""
                       : absl::StrCat(
                             "Share of 95 % intervals that held the truth in "
                             "simulations: ",
                             absl::StrJoin(kinds, "; "), ".");
}

}  // namespace

std::vector<std::string> DifferenceHeads(const ReportTable& table) {
  if (BaseOf(table) == nullptr) return {};
  const std::vector<ReportCell::Kind> kinds = ShownKinds(table);
  std::vector<std::string> heads;
  for (const ReportCell::Kind kind : kinds) {
    heads.push_back(absl::StrCat("Δ ", MeasureName(kind)));
    if (table.has_statistics()) {
      heads.push_back(
          kinds.size() == 1 ? "p" : absl::StrCat("p ", MeasureName(kind)));
    }
  }
  return heads;
}

std::vector<GridCell> DifferenceCells(const ReportTable& table,
                                      const ReportRow& row,
                                      const std::string& partial_mark) {
  std::vector<GridCell> cells;
  if (BaseOf(table) == nullptr) return cells;
  for (const ReportCell::Kind kind : ShownKinds(table)) {
    const ReportCell* cell = CellOf(row, kind);
    const bool known = cell != nullptr && cell->has_delta_to_base();
    GridCell& delta = cells.emplace_back(
        GridCell{known ? SignedPercent(cell->delta_to_base()) : kNoNumber, "",
                 partial_mark});
    if (!table.has_statistics()) continue;
    GridCell p = {kNoNumber, "", partial_mark};
    if (known && cell->has_difference()) {
      const ReportDifference& difference = cell->difference();
      delta.interval = IntervalText(difference, table.statistics());
      delta.mark = absl::StrCat(CertaintyMark(table, difference), delta.mark);
      if (OverSeeds(table) && difference.has_p_seeds_holm()) {
        p.number = PValue(difference.p_seeds_holm());
      } else if (!OverSeeds(table) && difference.has_p_items_holm()) {
        p.number = PValue(difference.p_items_holm());
      }
    }
    cells.push_back(std::move(p));
  }
  return cells;
}

std::string DifferenceSentences(const ReportTable& table) {
  if (!table.has_statistics() ||
      !AnyDifference(table, [](const auto&) { return true; })) {
    return "";
  }
  return absl::StrCat(IntervalSentence(table), " ", TestSentence(table),
                      LeadingSentence(table));
}

std::string SpreadName(const ReportTable& table) {
  switch (table.statistics().spread()) {
    case ReportStatistics::SE:
      return "standard error of the mean over seeds";
    case ReportStatistics::CI:
      return absl::StrCat("half of Student's ", Confidence(table),
                          " interval of the mean over seeds");
    default:
      return "sample standard deviation (n − 1) over seeds";
  }
}

std::vector<std::string> CertaintyNotes(const ReportTable& table) {
  std::vector<std::string> notes;
  for (std::string note : {SeedsNote(table), RunsNote(table), NeededNote(table),
                           CoverageNote(table)}) {
    if (!note.empty()) notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace transect
