#include "experiments/expanding/designs.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/suggestion.h"

namespace transect {
namespace {

AskedCell Base(const std::string& field) { return {{}, "", field, false}; }

}  // namespace

DesignReader::DesignReader(const Experiment& experiment,
                           const std::vector<CheckedAxis>& axes,
                           const AxisValues& values, const SourceMap* sources,
                           Problems* problems)
    : axes_(axes),
      values_(values),
      problems_(problems),
      settings_(experiment, axes, values.in_base(), sources, problems) {}

std::vector<AskedCell> DesignReader::Read(const Design& design,
                                          const std::string& field) {
  const size_t problems = problems_->all().size();
  Cells cells = ReadKind(design, field);
  const bool any = !cells.empty();
  cells = Exclude(design, field, std::move(cells));
  if (any && cells.empty() && problems_->all().size() == problems) {
    problems_->Add(field, "excludes all of its cells");
  }
  return cells;
}

std::vector<AskedCell> DesignReader::ReadKind(const Design& design,
                                              const std::string& field) {
  switch (design.kind_case()) {
    case Design::kOneFactor:
      return ReadOneFactor(design.one_factor(), field);
    case Design::kList:
      return ReadList(design.list(), absl::StrCat(field, ".list"));
    case Design::kGrid:
      return Reduce(field,
                    ReadGrid(design.grid(), absl::StrCat(field, ".grid")));
    case Design::kZip:
      return Reduce(field, ReadZip(design.zip(), absl::StrCat(field, ".zip")));
    case Design::kLeaveOneOut:
      return ReadLeaveOneOut(design.leave_one_out(), field);
    case Design::kAddOne:
      return Reduce(field, ReadAddOne(design.add_one(), field));
    case Design::KIND_NOT_SET:
      break;
  }
  problems_->Add(field,
                 "has no kind; say one_factor, leave_one_out, add_one, grid, "
                 "zip or list");
  return {};
}

std::vector<AskedCell> DesignReader::ReadOneFactor(const OneFactor& design,
                                                   const std::string& field) {
  bool good = true;
  Cells cells = {Base(field)};
  const std::string axes_field = absl::StrCat(field, ".one_factor.axes");
  for (size_t axis :
       settings_.ReadAxisNames(design.axes(), axes_field, &good)) {
    const auto name =
        std::find(design.axes().begin(), design.axes().end(), axes_[axis].name);
    if (!CheckAppliesInBase(
            axis,
            absl::StrCat(axes_field, "[", name - design.axes().begin(), "]"))) {
      continue;
    }
    for (const AxisValue& value : axes_[axis].values) {
      if (value.text != values_.in_base()[axis]) {
        cells.push_back({{{axis, value.text}}, "", value.field, false});
      }
    }
  }
  return cells;
}

std::vector<AskedCell> DesignReader::ReadList(const CellList& design,
                                              const std::string& field) {
  if (design.cell().empty()) {
    problems_->Add(absl::StrCat(field, ".cell"), "is empty");
  }
  Cells cells;
  for (int i = 0; i < design.cell_size() && !settings_.Enough(); ++i) {
    const std::string cell_field = absl::StrCat(field, ".cell[", i, "]");
    std::optional<std::vector<AxisChoice>> choices = settings_.ReadSettings(
        design.cell(i).set(), absl::StrCat(cell_field, ".set"));
    bool applies = choices.has_value();
    if (applies && values_.conditional()) {
      const std::vector<bool> axes = values_.AppliesWith(*choices);
      for (const AxisChoice& choice : *choices) {
        if (!axes[choice.axis]) {
          problems_->Add(
              cell_field,
              absl::StrCat("sets ", axes_[choice.axis].name, " to ",
                           choice.value, ", but ", axes_[choice.axis].name, " ",
                           axes_[choice.axis].WhereItApplies(axes_),
                           WayToApply(choice.axis, *choices)));
          applies = false;
        }
      }
    }
    if (applies) {
      cells.push_back(
          {*std::move(choices), design.cell(i).name(), cell_field, false});
    }
  }
  return cells;
}

std::vector<AskedCell> DesignReader::ReadGrid(const Grid& design,
                                              const std::string& field) {
  bool good = true;
  const std::vector<size_t> axes = settings_.ReadAxisNames(
      design.axes(), absl::StrCat(field, ".axes"), &good);
  if (!good) {
    return {};
  }
  Cells cells = {Base(field)};
  for (size_t axis : axes) {
    Cells longer;
    for (const AskedCell& cell : cells) {
      for (const AxisValue& value : axes_[axis].values) {
        longer.push_back(cell);
        longer.back().choices.push_back({axis, value.text});
      }
    }
    cells = std::move(longer);
  }
  return cells;
}

std::vector<AskedCell> DesignReader::ReadZip(const Zip& design,
                                             const std::string& field) {
  bool good = true;
  const std::vector<size_t> axes = settings_.ReadAxisNames(
      design.axes(), absl::StrCat(field, ".axes"), &good);
  if (!good) {
    return {};
  }
  const auto asked = [this](size_t axis) {
    return settings_.ValuesInFile(axis);
  };
  const int rows = asked(axes[0]);
  for (size_t i = 1; i < axes.size(); ++i) {
    if (asked(axes[i]) != rows) {
      problems_->Add(absl::StrCat(field, ".axes[", i, "]"),
                     absl::StrCat("is \"", axes_[axes[i]].name, "\" with ",
                                  asked(axes[i]), " values, must have ", rows,
                                  " as \"", axes_[axes[0]].name, "\""));
      good = false;
    }
  }
  if (!design.names().empty() && design.names_size() != rows) {
    problems_->Add(absl::StrCat(field, ".names"),
                   absl::StrCat("has ", design.names_size(),
                                " entries, must have ", rows, " or none"));
    good = false;
  }
  // Fewer values than asked for: some were wrong, and are reported.
  for (size_t axis : axes) {
    good = good && axes_[axis].values.size() == static_cast<size_t>(rows);
  }
  Cells cells;
  for (int row = 0; good && row < rows; ++row) {
    cells.push_back(Base(field));
    if (!design.names().empty()) {
      cells.back().name = design.names(row);
    }
    for (size_t axis : axes) {
      cells.back().choices.push_back({axis, axes_[axis].values[row].text});
    }
  }
  return cells;
}

std::vector<AskedCell> DesignReader::ReadLeaveOneOut(const LeaveOneOut& design,
                                                     const std::string& field) {
  const std::string without_field =
      absl::StrCat(field, ".leave_one_out.without");
  const auto without = settings_.ReadWithout(design.without(), without_field);
  Cells cells = {Base(field)};
  for (size_t i = 0; without.has_value() && i < without->size(); ++i) {
    if (!CheckAppliesInBase((*without)[i].axis,
                            absl::StrCat(without_field, "[", i, "].axis"))) {
      continue;
    }
    cells.push_back(
        {{(*without)[i]}, "", absl::StrCat(without_field, "[", i, "]"), false});
  }
  return cells;
}

std::vector<AskedCell> DesignReader::ReadAddOne(const AddOne& design,
                                                const std::string& field) {
  const std::string without_field = absl::StrCat(field, ".add_one.without");
  const auto without = settings_.ReadWithout(design.without(), without_field);
  if (!without.has_value()) {
    return {};
  }
  Cells cells = {{*without, "", absl::StrCat(field, ".add_one"), false}};
  // What one component adds to nothing is the base.
  for (size_t i = 0; without->size() > 1 && i < without->size(); ++i) {
    cells.push_back(
        {*without, "", absl::StrCat(without_field, "[", i, "]"), false});
    std::vector<AxisChoice>& choices = cells.back().choices;
    choices.erase(choices.begin() + static_cast<ptrdiff_t>(i));
  }
  cells.push_back(Base(field));
  return cells;
}

std::vector<AskedCell> DesignReader::Reduce(const std::string& field,
                                            Cells cells) {
  if (!values_.conditional()) {
    return cells;
  }
  std::vector<bool> asked(axes_.size());
  std::vector<bool> ever(axes_.size());
  for (AskedCell& cell : cells) {
    const std::vector<bool> applies = values_.AppliesWith(cell.choices);
    std::vector<AxisChoice> kept;
    for (AxisChoice& choice : cell.choices) {
      asked[choice.axis] = true;
      if (applies[choice.axis]) {
        ever[choice.axis] = true;
        kept.push_back(std::move(choice));
      } else {
        cell.reduced = true;
      }
    }
    cell.choices = std::move(kept);
  }
  for (size_t axis = 0; axis < axes_.size(); ++axis) {
    if (asked[axis] && !ever[axis]) {
      problems_->Add(field,
                     absl::StrCat("varies ", axes_[axis].name, ", which ",
                                  axes_[axis].WhereItApplies(axes_),
                                  ": in none of its cells; vary them together, "
                                  "as in axes: [",
                                  axes_[axis].GridOfConditions(axes_), "]"));
    }
  }
  return cells;
}

std::string DesignReader::WayToApply(
    size_t axis, const std::vector<AxisChoice>& choices) const {
  const std::vector<bool> applies = values_.AppliesWith(choices);
  for (const CheckedCondition& condition : axes_[axis].when) {
    const std::string* const value =
        ValueIn({choices, "", "", false}, condition.axis);
    const bool holds =
        value != nullptr &&
        std::ranges::find(condition.values, *value) != condition.values.end();
    if (holds && !applies[condition.axis]) {
      return WayToApply(condition.axis, choices);
    }
    if (!holds) {
      return absl::StrCat("; say set { axis: \"", axes_[condition.axis].name,
                          "\" value: \"", condition.values[0],
                          "\" } in this cell");
    }
  }
  return "";
}

bool DesignReader::CheckAppliesInBase(size_t axis, absl::string_view field) {
  if (!values_.applies_in_base()[axis]) {
    problems_->Add(field, absl::StrCat("is \"", axes_[axis].name, "\", which ",
                                       axes_[axis].WhereItApplies(axes_),
                                       ", and so not in the base; use grid { "
                                       "axes: [",
                                       axes_[axis].GridOfConditions(axes_),
                                       "] } or a list of cells, which set "
                                       "both"));
  }
  return values_.applies_in_base()[axis];
}

std::vector<AskedCell> DesignReader::Exclude(const Design& design,
                                             const std::string& field,
                                             Cells cells) {
  int settings = 0;
  for (const Exclusion& exclusion : design.exclude()) {
    settings += exclusion.where_size();
  }
  if (settings > kMaxExclusionSettings) {
    problems_->Add(absl::StrCat(field, ".exclude"),
                   absl::StrCat("has ", settings, " settings, must be at most ",
                                kMaxExclusionSettings));
    return {};
  }
  std::vector<bool> excluded(cells.size());
  for (int i = 0; i < design.exclude_size() && !settings_.Enough(); ++i) {
    const std::string exclusion_field =
        absl::StrCat(field, ".exclude[", i, "]");
    const std::string where_field = absl::StrCat(exclusion_field, ".where");
    if (design.exclude(i).where().empty()) {
      problems_->Add(where_field, "is empty; that would exclude every cell");
      continue;
    }
    const auto where =
        settings_.ReadSettings(design.exclude(i).where(), where_field);
    if (!where.has_value()) {
      continue;
    }
    bool any = false;
    for (size_t c = 0; c < cells.size(); ++c) {
      if (Holds(*where, cells[c])) {
        excluded[c] = true;
        any = true;
      }
    }
    if (!any && !cells.empty() &&
        !ReportValueOfNoCell(*where, where_field, cells)) {
      problems_->Add(exclusion_field, "excludes no cell of this design");
    }
  }
  Cells kept;
  for (size_t c = 0; c < cells.size(); ++c) {
    if (!excluded[c]) {
      kept.push_back(std::move(cells[c]));
    }
  }
  return kept;
}

bool DesignReader::ReportValueOfNoCell(const std::vector<AxisChoice>& where,
                                       const std::string& field,
                                       const Cells& cells) {
  bool any = false;
  for (size_t i = 0; i < where.size(); ++i) {
    const size_t axis = where[i].axis;
    // In the order of the cells.
    std::vector<std::string> there;
    for (const AskedCell& cell : cells) {
      const std::string* const value = ValueIn(cell, axis);
      const bool applies =
          !values_.conditional() || values_.AppliesWith(cell.choices)[axis];
      if (value != nullptr && applies &&
          std::find(there.begin(), there.end(), *value) == there.end()) {
        there.push_back(*value);
      }
    }
    if (std::find(there.begin(), there.end(), where[i].value) != there.end()) {
      continue;
    }
    any = true;
    const std::string& name = axes_[axis].name;
    problems_->Add(
        absl::StrCat(field, "[", i, "].value"),
        absl::StrCat(
            "is ", Quoted(where[i].value), ", but no cell of this design has ",
            there.empty()
                ? absl::StrCat("axis \"", name, "\"",
                               axes_[axis].when.empty() ? "" : ", which ",
                               axes_[axis].when.empty()
                                   ? ""
                                   : axes_[axis].WhereItApplies(axes_))
                : absl::StrCat("that value of axis \"", name, "\"; it is ",
                               ListedValues(there)),
            there.size() == 1
                ? " in all of them, since the design does not vary it"
            : NearNames(where[i].value, there).empty()
                ? ""
                : DidYouMean(where[i].value, there)));
  }
  return any;
}

const std::string* DesignReader::ValueIn(const AskedCell& cell,
                                         size_t axis) const {
  for (const AxisChoice& choice : cell.choices) {
    if (choice.axis == axis) return &choice.value;
  }
  const std::optional<std::string>& in_base = values_.in_base()[axis];
  return in_base.has_value() ? &*in_base : nullptr;
}

bool DesignReader::Holds(const std::vector<AxisChoice>& where,
                         const AskedCell& cell) const {
  const auto holds = [&](const AxisChoice& condition) {
    const std::string* const value = ValueIn(cell, condition.axis);
    return value != nullptr && *value == condition.value;
  };
  if (!std::all_of(where.begin(), where.end(), holds)) {
    return false;
  }
  if (!values_.conditional()) {
    return true;
  }
  const std::vector<bool> applies = values_.AppliesWith(cell.choices);
  return std::all_of(where.begin(), where.end(),
                     [&applies](const AxisChoice& condition) {
                       return applies[condition.axis];
                     });
}

}  // namespace transect
