#include "analysis/formats/page/item_data.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analysis/answers/breakdown.h"
#include "analysis/table_layout.h"
#include "metrics/metric_log.pb.h"
#include "nlohmann/json.hpp"

namespace transect {
namespace {

using ::nlohmann::ordered_json;

class Builder {
 public:
  void AddTable(const ReportTable& table, const TableRuns& runs,
                const std::string& name) {
    ordered_json rows = ordered_json::array();
    int set = -1;
    for (int i = 0; i < table.rows_size(); ++i) {
      ordered_json of_row = ordered_json::array();
      for (const ScoredRun& run : runs[static_cast<size_t>(i)]) {
        if (run.items.empty()) continue;
        if (set < 0) set = SetOf(table, run);
        of_row.push_back(AddRun(table, run, set));
      }
      rows.push_back({{"label", ShownText(table.rows(i).label())},
                      {"runs", std::move(of_row)}});
    }
    if (set < 0) return;
    tables_.push_back(
        {{"name", name}, {"set", set}, {"rows", std::move(rows)}});
  }

  std::string Text() const {
    const ordered_json all = {{"names", names_},
                              {"kinds", kinds_},
                              {"sets", sets_},
                              {"runs", runs_},
                              {"tables", tables_}};
    return absl::StrReplaceAll(
        all.dump(-1, ' ', false, ordered_json::error_handler_t::replace),
        {{"<", "\\u003c"}});
  }

 private:
  // Tables of the same items share a set.
  int SetOf(const ReportTable& table, const ScoredRun& run) {
    const std::string key =
        absl::StrCat(table.split(), " ", table.evaluated_later(), " ",
                     table.item_list_sha256(), " ", table.dataset());
    const auto [found, is_new] =
        known_sets_.emplace(key, static_cast<int>(sets_.size()));
    if (!is_new) return found->second;
    ordered_json ids = ordered_json::array();
    ordered_json category = ordered_json::array();
    ordered_json area = ordered_json::array();
    ordered_json pixels = ordered_json::array();
    ordered_json kind = ordered_json::array();
    for (const EvalItem& item : run.items) {
      ids.push_back(item.item_id());
      category.push_back(item.category_id());
      names_[absl::StrCat(item.category_id())] =
          ShownText(CategoryName(table, item.category_id()));
      area.push_back(item.has_target_area() ? item.target_area() : -1);
      pixels.push_back(item.image_pixels());
      kind.push_back(KindOf(SentenceName(item)));
    }
    sets_.push_back({{"name", ShownText(table.split())},
                     {"ids", std::move(ids)},
                     {"category", std::move(category)},
                     {"area", std::move(area)},
                     {"pixels", std::move(pixels)},
                     {"kind", std::move(kind)}});
    return found->second;
  }

  int KindOf(const std::string& name) {
    for (size_t i = 0; i < kinds_.size(); ++i) {
      if (kinds_[i] == name) return static_cast<int>(i);
    }
    kinds_.push_back(name);
    return static_cast<int>(kinds_.size()) - 1;
  }

  int AddRun(const ReportTable& table, const ScoredRun& run, int set) {
    const auto [found, is_new] = known_runs_.emplace(
        absl::StrCat(run.spec_id, " ", set, " ", table.evaluated_later()),
        static_cast<int>(runs_.size()));
    if (!is_new) return found->second;
    ordered_json intersections = ordered_json::array();
    ordered_json unions = ordered_json::array();
    for (const EvalItem& item : run.items) {
      intersections.push_back(item.prediction().intersection());
      unions.push_back(item.prediction().union_());
    }
    ordered_json added = {{"id", ShownText(run.spec_id)}, {"set", set}};
    if (run.seed.has_value()) added["seed"] = *run.seed;
    added["i"] = std::move(intersections);
    added["u"] = std::move(unions);
    runs_.push_back(std::move(added));
    return found->second;
  }

  std::map<std::string, int> known_sets_;
  std::map<std::string, int> known_runs_;
  ordered_json names_ = ordered_json::object();
  std::vector<std::string> kinds_;
  ordered_json sets_ = ordered_json::array();
  ordered_json runs_ = ordered_json::array();
  ordered_json tables_ = ordered_json::array();
};

}  // namespace

std::string ItemDataJson(const ComparisonReport& report,
                         const std::vector<TableRuns>& runs,
                         const std::vector<std::string>& names) {
  Builder builder;
  for (int i = 0; i < report.tables_size(); ++i) {
    builder.AddTable(report.tables(i), runs[static_cast<size_t>(i)],
                     names[static_cast<size_t>(i)]);
  }
  return builder.Text();
}

}  // namespace transect
