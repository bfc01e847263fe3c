#include "analysis/aggregate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "analysis/published_rows.h"
#include "analysis/score_run.h"
#include "data/io/file.h"
#include "data/io/utf8.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

ReportSetting MakeSetting(const std::pair<std::string, std::string>& pair) {
  ReportSetting setting;
  setting.set_axis(ReplaceInvalidUtf8(pair.first));
  setting.set_value(ReplaceInvalidUtf8(pair.second));
  return setting;
}

// Adds the value of one more run to the row's cell of that kind.
void AddValue(const Measure& measure, const RunInput& run,
              std::map<ReportCell::Kind, ReportCell>* cells) {
  ReportCell& cell = (*cells)[measure.kind];
  cell.set_kind(measure.kind);
  cell.set_items(measure.items);
  if (measure.chance.has_value()) {
    cell.set_chance(*measure.chance);
  }
  SeedValue* value = cell.add_values();
  if (run.seed.has_value()) {
    value->set_seed(*run.seed);
  }
  value->set_value(measure.value);
}

// Fills n, mean and sample_sd from the values.
void Summarize(ReportCell* cell) {
  const int n = cell->values_size();
  double sum = 0;
  for (const SeedValue& value : cell->values()) {
    sum += value.value();
  }
  const double mean = sum / n;
  cell->set_n(n);
  cell->set_mean(mean);
  if (n >= 2) {
    double squares = 0;
    for (const SeedValue& value : cell->values()) {
      squares += (value.value() - mean) * (value.value() - mean);
    }
    cell->set_sample_sd(std::sqrt(squares / (n - 1)));
  }
}

std::string RunName(const RowInput& row, const RunInput& run) {
  return absl::StrCat("row '", row.label, "', ",
                      run.seed.has_value() ? absl::StrCat("seed ", *run.seed)
                                           : "which no seed enters");
}

// Of what the run scored in the split; "" if it is not known.
std::string DigestOf(const RunInput& run, const std::string& split) {
  const auto found = run.content_digests.find(split);
  return found == run.content_digests.end() ? "" : found->second;
}

// What the runs of one table must agree on, taken from its first run with
// items.
class CommonItems {
 public:
  // FailedPrecondition if the run was evaluated on other items, or a control on
  // other items, than the runs before it. Where the contents of the items
  // differ, as `digest` says, controls of other items are expected.
  absl::Status Check(const RunScores& scores, const std::string& digest,
                     const std::string& run_name);

  const std::optional<RunScores>& first() const { return first_; }

 private:
  std::optional<RunScores> first_;
  std::string first_name_;
  // Of the contents and a measure the items it was computed from, and the first
  // run with them.
  std::map<std::pair<std::string, ReportCell::Kind>,
           std::pair<int64_t, std::string>>
      items_of_kind_;
};

absl::Status CommonItems::Check(const RunScores& scores,
                                const std::string& digest,
                                const std::string& run_name) {
  if (!first_.has_value()) {
    first_ = scores;
    first_name_ = run_name;
  }
  const auto differ = [&](absl::string_view what) {
    return absl::FailedPreconditionError(absl::StrCat(
        run_name, " and ", first_name_,
        " cannot be compared: they were evaluated on different ", what));
  };
  if (scores.item_ids != first_->item_ids) {
    const auto [mine, other] =
        std::mismatch(scores.item_ids.begin(), scores.item_ids.end(),
                      first_->item_ids.begin(), first_->item_ids.end());
    const bool only_mine = other == first_->item_ids.end() ||
                           (mine != scores.item_ids.end() && *mine < *other);
    return differ(absl::StrCat(
        "items, ", scores.item_ids.size(), " and ", first_->item_ids.size(),
        "; the first difference is item ", only_mine ? *mine : *other,
        ", which only the ", only_mine ? "former" : "latter", " has"));
  }
  for (const Measure& measure : scores.measures) {
    const auto [found, added] =
        items_of_kind_.emplace(std::make_pair(digest, measure.kind),
                               std::make_pair(measure.items, run_name));
    if (found->second.first != measure.items) {
      return absl::FailedPreconditionError(absl::StrCat(
          run_name, " and ", found->second.second,
          " cannot be compared: control ", ReportCell::Kind_Name(measure.kind),
          " is of ", measure.items, " and ", found->second.first, " items"));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> InTableOrder(std::vector<std::string> splits) {
  constexpr absl::string_view kOrder[] = {"train", "val", "test"};
  std::ranges::stable_sort(splits, {}, [&](const std::string& split) {
    return std::ranges::find(kOrder, split) - std::begin(kOrder);
  });
  return splits;
}

// Splits that a run evaluated, in the order of tables.
std::vector<std::string> SplitsOf(const RunInput& run) {
  std::set<std::string> names;
  for (const EvalItem& item : *run.items) {
    names.insert(item.split());
  }
  return InTableOrder({names.begin(), names.end()});
}

// The splits that all runs of the table evaluated; if none did, those that all
// will evaluate, or one without a name.
absl::StatusOr<std::vector<std::string>> CommonSplits(const TableInput& input) {
  std::optional<std::vector<std::string>> common;
  std::string first_name;
  const auto text = [](const std::vector<std::string>& splits) {
    return absl::StrCat("'", absl::StrJoin(splits, "', '"), "'");
  };
  for (const RowInput& row : input.rows) {
    for (const RunInput& run : row.runs) {
      if (run.items == nullptr) continue;
      const std::vector<std::string> splits = SplitsOf(run);
      if (!common.has_value()) {
        common = splits;
        first_name = RunName(row, run);
      } else if (splits != *common) {
        return absl::FailedPreconditionError(absl::StrCat(
            RunName(row, run), " and ", first_name,
            " cannot be compared: they were evaluated on different splits, ",
            text(splits), " and ", text(*common)));
      }
    }
  }
  if (common.has_value() && !common->empty()) return *std::move(common);
  return input.planned_splits.empty() ? std::vector<std::string>{""}
                                      : InTableOrder(input.planned_splits);
}

// The run's items of `split`.
std::vector<EvalItem> ItemsOf(const RunInput& run, absl::string_view split) {
  std::vector<EvalItem> items;
  for (const EvalItem& item : *run.items) {
    if (item.split() == split) {
      items.push_back(item);
    }
  }
  return items;
}

// What the runs of a table have.
struct TableParts {
  ScoreRules rules;
  CommonItems common = {};
  // Items whose masks are both empty in some run.
  std::set<int64_t> empty_unions = {};
  std::set<std::string> codes = {};
  std::set<std::string> machines = {};
  // By the digest of what was scored.
  std::map<std::string, int> resolutions = {};
};

// The machine that computed the run's numbers on `split`; "" if not known.
std::string MachineOn(const RunInput& input, const std::string& split) {
  const auto found = input.machines.find(split);
  return found == input.machines.end() ? "" : ReplaceInvalidUtf8(found->second);
}

ReportRun MakeRun(const RunInput& input, const std::string& split) {
  ReportRun run;
  if (input.seed.has_value()) {
    run.set_seed(*input.seed);
  }
  run.set_spec_id(input.spec_id);
  if (input.items == nullptr) {
    run.set_missing(input.missing.empty() ? "no result"
                                          : ReplaceInvalidUtf8(input.missing));
    return run;
  }
  run.set_code(input.code);
  run.set_machine(MachineOn(input, split));
  run.set_content_digest(DigestOf(input, split));
  if (const auto bound = input.frequent_place_gious.find(split);
      bound != input.frequent_place_gious.end()) {
    run.set_frequent_place_giou(bound->second);
  }
  run.set_certified(input.certified_splits.count(split) > 0);
  return run;
}

absl::StatusOr<ReportRow> BuildRow(const RowInput& input,
                                   const std::string& split,
                                   TableParts* parts) {
  ReportRow row;
  row.set_label(ReplaceInvalidUtf8(input.label));
  row.set_is_base(input.is_base);
  for (const auto& setting : input.settings) {
    *row.add_settings() = MakeSetting(setting);
  }

  std::set<std::optional<uint64_t>> seeds;
  std::set<std::string> spec_ids;
  std::map<ReportCell::Kind, ReportCell> cells;
  for (const RunInput& run_input : input.runs) {
    const std::string name = RunName(input, run_input);
    // Runs that differ in nothing are one run and one value.
    if (!run_input.spec_id.empty() &&
        !spec_ids.insert(run_input.spec_id).second) {
      continue;
    }
    if (!seeds.insert(run_input.seed).second) {
      return absl::InvalidArgumentError(absl::StrCat(name, " occurs twice"));
    }
    ReportRun& run = *row.add_runs();
    run = MakeRun(run_input, split);
    if (run_input.items == nullptr) {
      row.add_missing_seeds(run_input.seed.value_or(0));
      continue;
    }
    parts->codes.insert(run_input.code);
    if (std::string machine = MachineOn(run_input, split); !machine.empty()) {
      parts->machines.insert(std::move(machine));
    }
    const auto resolution = run_input.resolutions.find(split);
    parts->resolutions.emplace(
        DigestOf(run_input, split),
        resolution == run_input.resolutions.end() ? 0 : resolution->second);
    if (run_input.trained_splits.count(split) > 0) {
      row.set_trained_on_split(true);
    }
    const std::vector<EvalItem> items = ItemsOf(run_input, split);
    const absl::StatusOr<RunScores> scores = ScoreRun(items, parts->rules);
    if (!scores.ok()) {
      return absl::Status(scores.status().code(),
                          absl::StrCat(name, ": ", scores.status().message()));
    }
    for (const EvalItem& item : items) {
      if (item.prediction().union_() == 0) {
        parts->empty_unions.insert(item.item_id());
      }
    }
    if (scores->empty_masks.has_value()) {
      run.set_empty_masks(*scores->empty_masks);
    }
    TRANSECT_RETURN_IF_ERROR(
        parts->common.Check(*scores, DigestOf(run_input, split), name));
    for (const Measure& measure : scores->measures) {
      AddValue(measure, run_input, &cells);
    }
    row.set_n(row.n() + 1);
  }

  for (auto& [kind, cell] : cells) {
    Summarize(&cell);
    *(IsControl(kind) ? row.add_controls() : row.add_metrics()) =
        std::move(cell);
  }
  return row;
}

// Differences of means, cell by cell of the same kind.
void AddDeltas(const google::protobuf::RepeatedPtrField<ReportCell>& base,
               google::protobuf::RepeatedPtrField<ReportCell>* cells) {
  for (ReportCell& cell : *cells) {
    for (const ReportCell& other : base) {
      if (other.kind() == cell.kind()) {
        cell.set_delta_to_base(cell.mean() - other.mean());
      }
    }
  }
}

absl::Status AddDeltasToBase(ReportTable* table) {
  const ReportRow* base = nullptr;
  for (const ReportRow& row : table->rows()) {
    if (!row.is_base()) {
      continue;
    }
    if (base != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("rows '", base->label(),
                                                     "' and '", row.label(),
                                                     "' are both the base"));
    }
    base = &row;
  }
  if (base == nullptr || base->other_images()) {
    return absl::OkStatus();
  }
  for (ReportRow& row : *table->mutable_rows()) {
    if (&row != base && !row.other_images()) {
      AddDeltas(base->metrics(), row.mutable_metrics());
      AddDeltas(base->controls(), row.mutable_controls());
    }
  }
  return absl::OkStatus();
}

// The digest that rows are held against, and which rows have another.
void CompareContents(ReportTable* table) {
  const auto base = std::ranges::find_if(table->rows(), &ReportRow::is_base);
  // Of results that do not say what they are of nothing can be said.
  const auto counts = [](const ReportRun& run) {
    return run.missing().empty() && !run.content_digest().empty();
  };
  // Without a base, or where it has no result, the first row that has one.
  const ReportRun* first = nullptr;
  const auto look_at = [&](const ReportRow& row) {
    const auto run = std::ranges::find_if(row.runs(), counts);
    if (first == nullptr && run != row.runs().end()) first = &*run;
  };
  if (base != table->rows().end()) look_at(*base);
  for (const ReportRow& row : table->rows()) look_at(row);
  if (first == nullptr) return;
  table->set_content_digest(first->content_digest());
  for (ReportRow& row : *table->mutable_rows()) {
    row.set_other_images(
        std::ranges::any_of(row.runs(), [&](const ReportRun& run) {
          return counts(run) && run.content_digest() != table->content_digest();
        }));
  }
}

std::string DigestOfItems(const std::vector<int64_t>& ids) {
  std::string lines;
  for (const int64_t id : ids) {
    absl::StrAppend(&lines, id, "\n");
  }
  return Sha256(lines);
}

absl::StatusOr<ReportTable> BuildTable(const TableInput& input,
                                       const std::string& split,
                                       const ScoreRules& rules) {
  ReportTable table;
  table.set_name(ReplaceInvalidUtf8(input.name));
  table.set_dataset(ReplaceInvalidUtf8(input.dataset));
  table.set_split(ReplaceInvalidUtf8(split));
  for (const auto& setting : input.base_settings) {
    ReportSetting* const added = table.add_base_settings();
    *added = MakeSetting(setting);
    if (const auto field = input.axis_fields.find(setting.first);
        field != input.axis_fields.end()) {
      added->set_field(field->second);
    }
  }
  for (const std::string& shared : input.shared_by_seeds) {
    table.add_shared_by_seeds(ReplaceInvalidUtf8(shared));
  }
  for (const std::string& note : input.training_notes) {
    table.add_training_notes(ReplaceInvalidUtf8(note));
  }
  TableParts parts{.rules = rules};
  for (const RowInput& row : input.rows) {
    TRANSECT_ASSIGN_OR_RETURN(*table.add_rows(), BuildRow(row, split, &parts));
  }
  if (const std::optional<RunScores>& first = parts.common.first()) {
    table.set_split(first->split);
    table.set_items(static_cast<int64_t>(first->item_ids.size()));
    table.set_item_list_sha256(DigestOfItems(first->item_ids));
  }
  *table.mutable_rules() = ToReportRules(rules);
  table.mutable_rules()->set_empty_unions(
      static_cast<int64_t>(parts.empty_unions.size()));
  table.mutable_codes()->Assign(parts.codes.begin(), parts.codes.end());
  table.mutable_machines()->Assign(parts.machines.begin(),
                                   parts.machines.end());
  CompareContents(&table);
  table.mutable_rules()->set_resolution(
      parts.resolutions.empty() ? input.planned_resolution
                                : parts.resolutions[table.content_digest()]);
  TRANSECT_RETURN_IF_ERROR(AddDeltasToBase(&table));
  table.set_evaluated_later(ReplaceInvalidUtf8(input.evaluated_later));
  AddPublishedRows(input.published, input.published_dataset, &table,
                   input.anyway);
  return table;
}

absl::Status AddTables(const TableInput& input, const ScoreRules& rules,
                       ComparisonReport* report) {
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> splits,
                            CommonSplits(input));
  for (const std::string& split : splits) {
    TRANSECT_ASSIGN_OR_RETURN(*report->add_tables(),
                              BuildTable(input, split, rules));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ComparisonReport> BuildReport(const ReportInput& input) {
  ComparisonReport report;
  report.set_title(ReplaceInvalidUtf8(input.title));
  for (const TableInput& table_input : input.tables) {
    const absl::Status added = AddTables(table_input, input.rules, &report);
    if (!added.ok()) {
      return absl::Status(
          added.code(),
          absl::StrCat("table '", table_input.name, "': ", added.message()));
    }
  }
  return report;
}

}  // namespace transect
