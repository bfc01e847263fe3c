/// \file
/// Builds the comparison that is printed from the evaluated items.
///
/// Input: the cells of an experiment's designs, each with its runs and what
/// they measured (load_runs.h) or why they measured nothing; output: a
/// ComparisonReport (report.proto), which the renderers print. Knows neither
/// experiment files nor the store: the caller lays out the cells.
///
/// All scores come from per-item pixel counts by metrics/segmentation.h, which
/// states the rules for thresholds and empty unions. Means over seeds are sums
/// in the order of the runs; nothing depends on time or machine.
#ifndef TRANSECT_ANALYSIS_AGGREGATE_H_
#define TRANSECT_ANALYSIS_AGGREGATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/published.pb.h"
#include "analysis/published_rows.h"
#include "analysis/report.pb.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"

namespace transect {

/// One run of a cell.
struct RunInput {
  /// Absent where nothing random enters the run, so that no seed is part of it.
  std::optional<uint64_t> seed;
  /// Spec part of the run id.
  std::string spec_id;
  /// Code part of the run id; used only if there are items.
  std::string code;
  /// By split, the kind of the machine that computed its numbers, such as the
  /// model of its processor; a split is absent where it is not known. Used only
  /// if there are items.
  std::map<std::string, std::string> machines = {};
  /// By split, the digest of what was scored (LogHeader.content_digest); a
  /// split is absent where it is not known. Used only if there are items.
  std::map<std::string, std::string> content_digests = {};
  /// By split, the gIoU of one constant mask on what was scored
  /// (Result.frequent_place_giou); a split is absent where it is not known.
  /// Used only if there are items.
  std::map<std::string, double> frequent_place_gious = {};
  /// By split, the side in pixels of the square at which masks were compared
  /// (Result.resolution); a split is absent where it was each image's own size.
  /// Used only if there are items.
  std::map<std::string, int> resolutions = {};
  /// Splits of the data set it is evaluated on that training read, its own or
  /// that of its initial weights.
  std::set<std::string> trained_splits = {};
  /// Splits whose items, as they are, came out the same when the run was
  /// trained twice more (`transect certify`). Used only if there are items.
  std::set<std::string> certified_splits = {};
  /// What was evaluated, in any order; shared because designs share runs. Null
  /// if the run has no result.
  std::shared_ptr<const std::vector<EvalItem>> items;
  /// Why there are no items, one sentence without a full stop, such as "failed:
  /// the loss became infinite". Used only if there are none.
  std::string missing;
};

/// One cell.
struct RowInput {
  std::string label;
  /// Axes that differ from the base, with their values.
  std::vector<std::pair<std::string, std::string>> settings;
  bool is_base = false;
  /// One per declared seed. Those with one spec id are one run, which counts
  /// once.
  std::vector<RunInput> runs;
};

/// One design.
struct TableInput {
  std::string name;
  /// Axes with their values in the base.
  std::vector<std::pair<std::string, std::string>> base_settings;
  /// By axis the path of the field that it varies; axes of options have none.
  std::map<std::string, std::string> axis_fields = {};
  std::vector<RowInput> rows;
  /// Splits on which every run will be evaluated. A table of each is shown
  /// while no run has a result; empty if runs differ in them.
  std::vector<std::string> planned_splits = {};
  /// Resolution at which every run will be evaluated, shown while none is.
  int planned_resolution = 0;
  /// Data set of the runs for people, by its identity; "" if they read several.
  std::string dataset = {};
  /// The published data set that this may be, as PublishedSet::dataset names
  /// it: files of its layout. A layout is no identity, so published rows are
  /// shown only beside splits of as many items (PublishedItems). "" for none.
  std::string published_dataset = {};
  /// As ReportTable::shared_by_seeds.
  std::vector<std::string> shared_by_seeds = {};
  /// As ReportTable::training_notes.
  std::vector<std::string> training_notes = {};
  /// Published results to show beside the rows.
  std::vector<PublishedSet> published = {};
  /// Which of them are shown and compared although something differs.
  ComparedAnyway anyway = {};
  /// As ReportTable::evaluated_later.
  std::string evaluated_later = {};
};

/// One experiment.
struct ReportInput {
  std::string title;
  std::vector<TableInput> tables;
  /// Of all metrics of all tables.
  ScoreRules rules = {};
  /// Whether these are some rows or runs of the experiment only.
  bool selected = false;
};

/// Scores every run and compares the cells of each table. If runs evaluated
/// several splits, each split gets a table; splits are never pooled. Published
/// rows go to the tables of their data set and split, and a table says which
/// were left out.
///
/// Rows of the same item ids but other contents (`content_digests`) stay in the
/// table: they are marked, have no differences to the base, and only among rows
/// of the same contents must controls be of the same items.
///
/// Runs without items stay in the report with their reason; the row says how
/// many seeds its mean is of. Bytes of labels and reasons that are not UTF-8
/// become U+FFFD. Errors name table, row and seed: kInvalidArgument for two
/// base rows or a seed twice in a row; kFailedPrecondition if runs of one table
/// were not evaluated on the same splits and the same items of each; kDataLoss
/// for an item with impossible counts, without a prediction, or twice in a run.
absl::StatusOr<ComparisonReport> BuildReport(const ReportInput& input);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_AGGREGATE_H_
