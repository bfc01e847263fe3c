#include "experiments/expanding/cells.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "experiments/expanding/axes.h"
#include "experiments/expanding/axis_values.h"
#include "experiments/expanding/designs.h"
#include "experiments/identity/canonical.h"
#include "experiments/reading/merge.h"
#include "experiments/run/resolve.h"
#include "google/protobuf/util/message_differencer.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::google::protobuf::util::MessageDifferencer;

// Most axes, and most entries of all lists of an experiment together: what
// fits into the runs that are allowed, with room to spare.
constexpr int kMaxAxes = 1000;
constexpr int64_t kMaxEntries = 200'000;

class CellMaker {
 public:
  CellMaker(const Experiment& experiment, const SourceMap* sources,
            Problems* problems)
      : experiment_(experiment), sources_(sources), problems_(problems) {}

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
    DesignReader reader(experiment_, table_.axes, *values_, sources_,
                        problems_);
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
      table_.seeds.push_back(experiment_.base().seed());
    }
  }

  void ReadAxes() {
    table_.axes = transect::ReadAxes(experiment_, problems_, sources_);
    values_.emplace(table_.axes, experiment_.base(), table_.base);
    table_.base_settings = values_->BaseSettings();
  }

  // Counts before anything is made, so that a slip costs neither time nor
  // memory.
  bool FewEnough() {
    std::map<absl::string_view, int64_t> values;
    const int64_t seeds = std::max(experiment_.seeds_size(), 1);
    int64_t entries = seeds + experiment_.axis_size();
    for (const Axis& axis : experiment_.axis()) {
      const int size = axis.values_size() + axis.option_size();
      values.emplace(axis.name(), size);
      entries += size;
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
    if (!CheckDisjoint(choices, cell.field) || !Apply(choices, &cell)) {
      return std::nullopt;
    }
    ResolveRun(&cell.run);
    for (size_t i = 0; i < choices.size(); ++i) {
      std::vector<AxisChoice> others = choices;
      others.erase(others.begin() + static_cast<ptrdiff_t>(i));
      if (values_->in_base()[choices[i].axis] != choices[i].value &&
          !HasEffect(choices[i], others, cell.run)) {
        problems_->Add(cell.field, WithoutEffect(choices[i], others));
        return std::nullopt;
      }
    }
    CellValues values = values_->InCell(choices, cell.run);
    cell.settings = std::move(values.settings);
    cell.without = std::move(values.without);
    cell.is_base = values.chosen.empty();
    cell.label = !asked.name.empty() ? asked.name
                 : cell.is_base      ? "base"
                                     : absl::StrJoin(values.chosen, " ");
    return cell;
  }

  // Whether the cell, resolved, would be another without this one of its
  // choices. What is in the resolved run counts as an effect; so does a name
  // that resolution replaced by other fields.
  bool HasEffect(const AxisChoice& choice,
                 const std::vector<AxisChoice>& others,
                 const RunSpec& resolved) {
    const CheckedAxis& axis = table_.axes[choice.axis];
    if (!axis.path.has_value() || axis.path->Get(resolved).has_value()) {
      return true;
    }
    CellSpec without;
    without.run = experiment_.base();
    if (!Apply(others, &without)) return true;
    ResolveRun(&without.run);
    return !MessageDifferencer::Equals(without.run, resolved);
  }

  // Whether no two choices write one field; the order would decide.
  bool CheckDisjoint(const std::vector<AxisChoice>& choices,
                     absl::string_view field) {
    for (size_t i = 0; i < choices.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        const CheckedAxis& a = table_.axes[choices[j].axis];
        const CheckedAxis& b = table_.axes[choices[i].axis];
        const std::string shared =
            SharedField(a, choices[j].value, b, choices[i].value);
        if (!shared.empty()) {
          problems_->Add(
              field, absl::StrCat("sets ", shared, " twice, by ", a.name, "=",
                                  choices[j].value, " and by ", b.name, "=",
                                  choices[i].value));
          return false;
        }
      }
    }
    return true;
  }

  // Options first: they may enter another member of a oneof, in which fields of
  // other axes are.
  absl::Status ApplyTo(const std::vector<AxisChoice>& choices,
                       RunSpec* run) const {
    for (const AxisChoice& choice : choices) {
      const AxisOverlay* overlay =
          table_.axes[choice.axis].Overlay(choice.value);
      if (overlay != nullptr) {
        MergeOver(overlay->set, run);
      }
    }
    for (const AxisChoice& choice : choices) {
      const CheckedAxis& axis = table_.axes[choice.axis];
      if (axis.path.has_value()) {
        TRANSECT_RETURN_IF_ERROR(axis.path->Set(choice.value, run));
      }
    }
    return absl::OkStatus();
  }

  bool Apply(const std::vector<AxisChoice>& choices, CellSpec* cell) {
    const absl::Status applied = ApplyTo(choices, &cell->run);
    if (!applied.ok()) problems_->Add(cell->field, applied.message());
    return applied.ok();
  }

  std::string WithoutEffect(const AxisChoice& choice,
                            const std::vector<AxisChoice>& others) const {
    const auto setting = [this](std::string* out, const AxisChoice& other) {
      absl::StrAppend(out, table_.axes[other.axis].name, "=", other.value);
    };
    const CheckedAxis& axis = table_.axes[choice.axis];
    return absl::StrCat(
        "sets ", axis.name, " to ", choice.value, ", but ", axis.path->text(),
        " has no effect ", others.empty() ? "in that run" : "with ",
        absl::StrJoin(others, " ", setting), WayOut(choice, others));
  }

  // How to say where the choice has an effect, by the first axis that decides
  // about it; "" where none does.
  std::string WayOut(const AxisChoice& choice,
                     const std::vector<AxisChoice>& others) const {
    const std::string& name = table_.axes[choice.axis].name;
    for (size_t i = 0; i < others.size(); ++i) {
      std::vector<AxisChoice> rest = others;
      rest.erase(rest.begin() + static_cast<ptrdiff_t>(i));
      const std::vector<std::string> values =
          ValuesWithEffect(choice, rest, others[i].axis);
      if (values.empty()) continue;
      return absl::StrCat("; say in axis \"", name,
                          "\" where it has one: when { axis: \"",
                          table_.axes[others[i].axis].name, "\" values: [\"",
                          absl::StrJoin(values, "\", \""),
                          "\"] }, and a grid leaves it out elsewhere");
    }
    for (size_t axis = 0; axis < table_.axes.size(); ++axis) {
      const auto is_axis = [axis](const AxisChoice& other) {
        return other.axis == axis;
      };
      if (axis == choice.axis || std::ranges::any_of(others, is_axis)) continue;
      const std::vector<std::string> values =
          ValuesWithEffect(choice, others, axis);
      if (values.empty()) continue;
      const std::string& other = table_.axes[axis].name;
      return absl::StrCat("; it has one with ", other, "=", values[0],
                          ": vary both, in a grid { axes: [\"", other, "\", \"",
                          name, "\"] } or a list of cells");
    }
    return "";
  }

  // The values of another axis with which the choice has an effect.
  std::vector<std::string> ValuesWithEffect(
      const AxisChoice& choice, const std::vector<AxisChoice>& others,
      size_t axis) const {
    // For a message; more tell no more.
    constexpr size_t kMost = 20;
    std::vector<std::string> found;
    const std::vector<AxisValue>& values = table_.axes[axis].values;
    for (size_t i = 0; i < std::min(values.size(), kMost); ++i) {
      std::vector<AxisChoice> choices = others;
      choices.push_back({axis, values[i].text});
      RunSpec without = experiment_.base();
      if (!ApplyTo(choices, &without).ok()) continue;
      choices.push_back(choice);
      RunSpec with = experiment_.base();
      if (!ApplyTo(choices, &with).ok()) continue;
      ResolveRun(&without);
      ResolveRun(&with);
      // A value that is the default matters too, where it is not erased.
      const std::optional<FieldPath>& path = table_.axes[choice.axis].path;
      if ((path.has_value() && path->Get(with).has_value()) ||
          !MessageDifferencer::Equals(without, with)) {
        found.push_back(values[i].text);
      }
    }
    return found;
  }

  void MakeDesign(const Design& design, const std::string& field,
                  DesignReader* reader) {
    table_.designs.push_back({design.name(), {}});
    std::vector<CellSpec>* cells = &table_.designs.back().cells;
    seen_.clear();
    for (AskedCell& asked : reader->Read(design, field)) {
      if (problems_->all().size() >= kManyProblems) {
        return;
      }
      const bool reduced = asked.reduced;
      std::optional<CellSpec> cell = MakeCell(std::move(asked));
      if (cell.has_value()) {
        AddCell(*std::move(cell), reduced, cells);
      }
    }
  }

  // Takes a cell unless another of the design is the same run. That is a slip,
  // unless one of the two is so because an axis does not apply.
  void AddCell(CellSpec cell, bool reduced, std::vector<CellSpec>* cells) {
    const absl::StatusOr<std::string> digest = SpecDigest(cell.run, "");
    // What has no digest is reported when the run is validated.
    if (digest.ok()) {
      const auto [seen, is_new] =
          seen_.emplace(*digest, Seen{cell.label, reduced});
      const Seen& first = seen->second;
      if (!is_new && (reduced || first.reduced)) {
        return;
      }
      if (!is_new) {
        problems_->Add(cell.field,
                       absl::StrCat("cell ", cell.label,
                                    " is the same run as cell ", first.label));
        return;
      }
    }
    cells->push_back(std::move(cell));
  }

  const Experiment& experiment_;
  const SourceMap* sources_;
  Problems* problems_;
  CellTable table_;
  std::optional<AxisValues> values_;
  struct Seen {
    std::string label;
    bool reduced;
  };
  // The cells of the current design by their digests.
  std::map<std::string, Seen> seen_;
};

}  // namespace

CellTable MakeCells(const Experiment& experiment, Problems* problems,
                    const SourceMap* sources) {
  return CellMaker(experiment, sources, problems).Make();
}

}  // namespace transect
