#include "experiments/cells.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "experiments/axes.h"
#include "experiments/canonical.h"
#include "experiments/designs.h"
#include "experiments/resolve.h"

namespace transect {
namespace {

// Most axes, and most entries of all lists of an experiment together: what
// fits into the runs that are allowed, with room to spare.
constexpr int kMaxAxes = 1000;
constexpr int64_t kMaxEntries = 200'000;

class CellMaker {
 public:
  CellMaker(const Experiment& experiment, Problems* problems)
      : experiment_(experiment), problems_(problems) {}

  CellTable Make() {
    if (!experiment_.has_base()) {
      problems_->Add("base", "is absent; every cell departs from it");
      return std::move(table_);
    }
    if (!FewEnough()) {
      return std::move(table_);
    }
    NameChecker("an experiment", problems_).Check(experiment_.name(), "name");
    ReadBase();
    ReadSeeds();
    ReadAxes();
    if (experiment_.design().empty()) {
      table_.designs.push_back({experiment_.name(), {BaseCell("base")}});
    }
    DesignReader reader(experiment_, axes_, table_.base, problems_);
    NameChecker names("a design", problems_);
    for (int i = 0; i < experiment_.design_size(); ++i) {
      const std::string field = absl::StrCat("design[", i, "]");
      names.Check(experiment_.design(i).name(), absl::StrCat(field, ".name"));
      MakeDesign(experiment_.design(i), field, &reader);
    }
    return std::move(table_);
  }

 private:
  void ReadBase() {
    if (experiment_.base().has_seed() && !experiment_.seeds().empty()) {
      problems_->Add("base.seed",
                     "is set, but `seeds` sets it for every run; say one");
    }
    table_.base = experiment_.base();
    ResolveRun(&table_.base);
  }

  void ReadSeeds() {
    std::set<uint64_t> seen;
    for (int i = 0; i < experiment_.seeds_size(); ++i) {
      if (!seen.insert(experiment_.seeds(i)).second) {
        problems_->Add(absl::StrCat("seeds[", i, "]"),
                       absl::StrCat("is ", experiment_.seeds(i),
                                    ", a seed given before it"));
      }
    }
    table_.seeds.assign(experiment_.seeds().begin(), experiment_.seeds().end());
    if (table_.seeds.empty()) {
      table_.seeds.push_back(table_.base.seed());
    }
  }

  void ReadAxes() {
    axes_ = transect::ReadAxes(experiment_, problems_);
    for (const CheckedAxis& axis : axes_) {
      table_.axes.push_back(axis.name);
      std::optional<std::string> in_base;
      if (axis.path.has_value()) {
        in_base = axis.path->Get(table_.base);
      }
      if (in_base.has_value()) {
        table_.base_settings.emplace_back(axis.name, *std::move(in_base));
      }
    }
  }

  bool Enough() const { return problems_->all().size() >= kManyProblems; }

  // Counts before anything is made, so that a slip costs neither time nor
  // memory.
  bool FewEnough() {
    std::map<absl::string_view, int64_t> values;
    const int64_t seeds = std::max(experiment_.seeds_size(), 1);
    int64_t entries = seeds + experiment_.axis_size();
    for (const Axis& axis : experiment_.axis()) {
      values.emplace(axis.name(), axis.values_size());
      entries += axis.values_size();
    }
    int64_t cells = experiment_.design().empty() ? 1 : 0;
    for (const Design& design : experiment_.design()) {
      const DesignSize size = CountDesign(design, values);
      cells = std::min(cells + size.cells, kCountedUpTo);
      entries = std::min(entries + 1 + size.settings, kCountedUpTo);
    }
    if (cells > kMaxRuns || cells * seeds > kMaxRuns) {
      problems_->Add(
          "",
          absl::StrCat("asks for ", cells == kCountedUpTo ? "at least " : "",
                       cells, " cells of ", seeds, " seeds, must be at most ",
                       kMaxRuns, " runs"));
    } else if (experiment_.axis_size() > kMaxAxes) {
      problems_->Add("axis",
                     absl::StrCat("has ", experiment_.axis_size(),
                                  " entries, must be at most ", kMaxAxes));
    } else if (entries > kMaxEntries) {
      problems_->Add("", absl::StrCat("has ", entries,
                                      " axes, values, cells, settings and "
                                      "seeds, must be at most ",
                                      kMaxEntries));
    } else {
      return true;
    }
    return false;
  }

  CellSpec BaseCell(absl::string_view field) {
    CellSpec cell;
    cell.label = "base";
    cell.is_base = true;
    cell.run = table_.base;
    cell.field = std::string(field);
    return cell;
  }

  // The cell; nothing, after a report, if one of its settings cannot be made.
  std::optional<CellSpec> MakeCell(AskedCell asked) {
    std::vector<AxisChoice>& choices = asked.choices;
    std::sort(choices.begin(), choices.end(),
              [](const AxisChoice& a, const AxisChoice& b) {
                return a.axis < b.axis;
              });
    CellSpec cell;
    cell.field = asked.field;
    cell.run = experiment_.base();
    for (const AxisChoice& choice : choices) {
      const absl::Status set =
          axes_[choice.axis].path->Set(choice.value, &cell.run);
      if (!set.ok()) {
        problems_->Add(cell.field, set.message());
        return std::nullopt;
      }
    }
    ResolveRun(&cell.run);
    for (const AxisChoice& choice : choices) {
      const CheckedAxis& axis = axes_[choice.axis];
      const std::optional<std::string> value = axis.path->Get(cell.run);
      const std::optional<std::string> in_base = axis.path->Get(table_.base);
      if (!value.has_value() && in_base != choice.value) {
        problems_->Add(cell.field, WithoutEffect(choice, choices));
        return std::nullopt;
      }
      if (value.has_value() && value != in_base) {
        cell.settings.emplace_back(axis.name, *value);
      }
    }
    cell.is_base = cell.settings.empty();
    cell.label = !asked.name.empty() ? asked.name
                 : cell.is_base      ? "base"
                                     : absl::StrJoin(cell.settings, " ",
                                                     absl::PairFormatter("="));
    return cell;
  }

  std::string WithoutEffect(const AxisChoice& choice,
                            const std::vector<AxisChoice>& choices) const {
    std::vector<std::string> others;
    for (const AxisChoice& other : choices) {
      if (other.axis != choice.axis) {
        others.push_back(
            absl::StrCat(axes_[other.axis].name, "=", other.value));
      }
    }
    const CheckedAxis& axis = axes_[choice.axis];
    return absl::StrCat("sets ", axis.name, " to ", choice.value, ", but ",
                        axis.path->text(), " has no effect ",
                        others.empty() ? "in that run" : "with ",
                        absl::StrJoin(others, " "));
  }

  void MakeDesign(const Design& design, const std::string& field,
                  DesignReader* reader) {
    table_.designs.push_back({design.name(), {}});
    std::vector<CellSpec>* cells = &table_.designs.back().cells;
    seen_.clear();
    for (AskedCell& asked : reader->Read(design, field)) {
      if (Enough()) {
        return;
      }
      std::optional<CellSpec> cell = MakeCell(asked);
      if (cell.has_value()) {
        AddCell(*std::move(cell), cells);
      }
    }
  }

  // Takes a cell unless another of the design is the same run.
  void AddCell(CellSpec cell, std::vector<CellSpec>* cells) {
    const absl::StatusOr<std::string> digest = SpecDigest(cell.run, "");
    // What has no digest is reported when the run is validated.
    if (digest.ok()) {
      const auto [first, is_new] = seen_.emplace(*digest, cell.label);
      if (!is_new) {
        problems_->Add(cell.field, absl::StrCat("cell ", cell.label,
                                                " is the same run as cell ",
                                                first->second));
        return;
      }
    }
    cells->push_back(std::move(cell));
  }

  const Experiment& experiment_;
  Problems* problems_;
  CellTable table_;
  std::vector<CheckedAxis> axes_;
  // Digests of the cells of the current design, with their labels.
  std::map<std::string, std::string> seen_;
};

}  // namespace

CellTable MakeCells(const Experiment& experiment, Problems* problems) {
  return CellMaker(experiment, problems).Make();
}

}  // namespace transect
