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
#include "data/io/suggestion.h"
#include "experiments/axes.h"
#include "experiments/canonical.h"
#include "experiments/resolve.h"

namespace transect {
namespace {

// Most axes, and most entries of all lists of an experiment together: what
// fits into the runs that are allowed, with room to spare.
constexpr int kMaxAxes = 1000;
constexpr int64_t kMaxEntries = 200'000;

// A setting of an axis, by its index.
struct AxisChoice {
  size_t axis;
  std::string value;
};

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
    NameChecker names("a design", problems_);
    for (int i = 0; i < experiment_.design_size(); ++i) {
      const std::string field = absl::StrCat("design[", i, "]");
      names.Check(experiment_.design(i).name(), absl::StrCat(field, ".name"));
      MakeDesign(experiment_.design(i), field);
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

  // The index of an axis; reports one that does not exist.
  std::optional<size_t> FindAxis(const std::string& name,
                                 absl::string_view field) {
    for (size_t i = 0; i < axes_.size(); ++i) {
      if (axes_[i].name == name) {
        return i;
      }
    }
    problems_->Add(field,
                   absl::StrCat("is ", Quoted(name), ", which is no axis",
                                DidYouMean(name, table_.axes)));
    return std::nullopt;
  }

  // Counts before anything is made, so that a slip costs neither time nor
  // memory.
  bool FewEnough() {
    std::map<absl::string_view, int64_t> values;
    const int64_t seeds = std::max(experiment_.seeds_size(), 1);
    int64_t entries = seeds + experiment_.axis_size();
    for (const Axis& axis : experiment_.axis()) {
      values[axis.name()] = axis.values_size();
      entries += axis.values_size();
    }
    int64_t cells = experiment_.design().empty() ? 1 : 0;
    for (const Design& design : experiment_.design()) {
      cells += design.list().cell_size();
      for (const CellSettings& cell : design.list().cell()) {
        entries += 1 + cell.set_size();
      }
      if (design.has_one_factor()) {
        ++cells;
        for (const std::string& axis : design.one_factor().axes()) {
          const auto found = values.find(axis);
          cells += found == values.end() ? 0 : found->second;
        }
      }
      entries += 1 + design.one_factor().axes_size();
    }
    if (cells > kMaxRuns || cells * seeds > kMaxRuns) {
      problems_->Add(
          "", absl::StrCat("asks for ", cells, " cells of ", seeds,
                           " seeds, must be at most ", kMaxRuns, " runs"));
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

  // The cell with these settings; nothing, after a report, if one of them
  // cannot be made. `field` is where the file asks for it.
  std::optional<CellSpec> MakeCell(std::vector<AxisChoice> settings,
                                   absl::string_view field) {
    std::sort(settings.begin(), settings.end(),
              [](const AxisChoice& a, const AxisChoice& b) {
                return a.axis < b.axis;
              });
    CellSpec cell;
    cell.run = experiment_.base();
    for (const AxisChoice& setting : settings) {
      const absl::Status set =
          axes_[setting.axis].path->Set(setting.value, &cell.run);
      if (!set.ok()) {
        problems_->Add(field, set.message());
        return std::nullopt;
      }
    }
    ResolveRun(&cell.run);
    for (const AxisChoice& setting : settings) {
      const CheckedAxis& axis = axes_[setting.axis];
      const std::optional<std::string> value = axis.path->Get(cell.run);
      if (!value.has_value()) {
        problems_->Add(
            field,
            absl::StrCat("sets ", axis.name, " to ", setting.value, ", but ",
                         axis.path->text(), " has no effect in that run"));
        return std::nullopt;
      }
      if (value != axis.path->Get(table_.base)) {
        cell.settings.emplace_back(axis.name, *value);
      }
    }
    cell.is_base = cell.settings.empty();
    cell.label = cell.is_base ? "base"
                              : absl::StrJoin(cell.settings, " ",
                                              absl::PairFormatter("="));
    cell.field = std::string(field);
    return cell;
  }

  void MakeDesign(const Design& design, const std::string& field) {
    table_.designs.push_back({design.name(), {}});
    std::vector<CellSpec>* cells = &table_.designs.back().cells;
    seen_.clear();
    switch (design.kind_case()) {
      case Design::kOneFactor:
        MakeOneFactor(design, field, cells);
        return;
      case Design::kList:
        MakeList(design, field, cells);
        return;
      case Design::KIND_NOT_SET:
        problems_->Add(field, "has no kind; say one_factor or list");
        return;
    }
  }

  void MakeOneFactor(const Design& design, const std::string& field,
                     std::vector<CellSpec>* cells) {
    AddCell(BaseCell(field), cells);
    if (design.one_factor().axes().empty()) {
      problems_->Add(absl::StrCat(field, ".one_factor.axes"), "is empty");
    }
    std::set<size_t> seen;
    for (int i = 0; i < design.one_factor().axes_size() && !Enough(); ++i) {
      const std::string axis_field =
          absl::StrCat(field, ".one_factor.axes[", i, "]");
      const std::string& name = design.one_factor().axes(i);
      const std::optional<size_t> axis = FindAxis(name, axis_field);
      if (!axis.has_value()) {
        continue;
      }
      if (!seen.insert(*axis).second) {
        problems_->Add(axis_field,
                       absl::StrCat("is \"", name, "\", given before it"));
        continue;
      }
      if (!axes_[*axis].path.has_value()) {
        continue;
      }
      if (experiment_.axis(static_cast<int>(*axis)).values().empty()) {
        problems_->Add(axis_field,
                       absl::StrCat("is \"", name, "\", which has no values"));
      }
      for (const AxisValue& value : axes_[*axis].values) {
        std::optional<CellSpec> cell =
            MakeCell({{*axis, value.text}}, value.field);
        if (cell.has_value() && !cell->is_base) {
          AddCell(*std::move(cell), cells);
        }
      }
    }
  }

  void MakeList(const Design& design, const std::string& field,
                std::vector<CellSpec>* cells) {
    if (design.list().cell().empty()) {
      problems_->Add(absl::StrCat(field, ".list.cell"), "is empty");
    }
    for (int i = 0; i < design.list().cell_size() && !Enough(); ++i) {
      const CellSettings& asked = design.list().cell(i);
      const std::string cell_field = absl::StrCat(field, ".list.cell[", i, "]");
      std::optional<std::vector<AxisChoice>> settings =
          ReadSettings(asked, cell_field);
      if (!settings.has_value()) {
        continue;
      }
      std::optional<CellSpec> cell = MakeCell(*std::move(settings), cell_field);
      if (!cell.has_value()) {
        continue;
      }
      if (asked.has_name()) {
        cell->label = asked.name();
      }
      AddCell(*std::move(cell), cells);
    }
  }

  std::optional<std::vector<AxisChoice>> ReadSettings(
      const CellSettings& asked, const std::string& cell_field) {
    std::vector<AxisChoice> settings;
    std::set<size_t> seen;
    bool good = true;
    for (int i = 0; i < asked.set_size(); ++i) {
      const std::string field = absl::StrCat(cell_field, ".set[", i, "]");
      const std::optional<size_t> axis =
          FindAxis(asked.set(i).axis(), absl::StrCat(field, ".axis"));
      if (!axis.has_value() || !axes_[*axis].path.has_value()) {
        good = false;
        continue;
      }
      if (!seen.insert(*axis).second) {
        problems_->Add(absl::StrCat(field, ".axis"),
                       absl::StrCat("is \"", asked.set(i).axis(),
                                    "\", set before in this cell"));
        good = false;
        continue;
      }
      absl::StatusOr<std::string> value =
          axes_[*axis].path->Canonical(asked.set(i).value());
      if (!value.ok()) {
        problems_->Add(absl::StrCat(field, ".value"), value.status().message());
        good = false;
        continue;
      }
      settings.push_back({*axis, *std::move(value)});
    }
    if (!good) {
      return std::nullopt;
    }
    return settings;
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
