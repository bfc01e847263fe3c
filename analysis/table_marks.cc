#include "analysis/table_marks.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "launch/store/store.h"

namespace transect {
namespace {

bool Counts(const ReportRun& run) { return run.missing().empty(); }

// Something that is the same for all runs of a table unless the table is mixed.
struct Source {
  // "code", "machine".
  absl::string_view name;
  const char* mark;
  // As shown; "" if it is not known.
  std::function<std::string(const ReportRun&)> of;
  // What a reader must think of, after "a difference may come from that".
  absl::string_view mixed;
};

const Source& Code() {
  static const auto* const code =
      new Source{"code", kOtherCodeMark,
                 [](const ReportRun& run) { return ShownCode(run.code()); },
                 "the rows were not all computed by the same program"};
  return *code;
}

const Source& Machine() {
  static const auto* const machine = new Source{
      "machine", kOtherMachineMark,
      [](const ReportRun& run) { return run.machine(); },
      "the rows were not all computed by the same kind of machine, which may "
      "round otherwise"};
  return *machine;
}

// The value that the rows are held against: the base's, else that of the first
// row that has one; "" where no run counts.
std::string Reference(const ReportTable& table, const Source& source) {
  std::vector<const ReportRow*> rows;
  if (const ReportRow* base = BaseOf(table)) rows.push_back(base);
  for (const ReportRow& row : table.rows()) rows.push_back(&row);
  for (const ReportRow* row : rows) {
    for (const ReportRun& run : row->runs()) {
      if (Counts(run) && !source.of(run).empty()) return source.of(run);
    }
  }
  return "";
}

bool IsOther(const ReportTable& table, const ReportRow& row,
             const Source& source) {
  const std::string reference = Reference(table, source);
  return !reference.empty() &&
         std::ranges::any_of(row.runs(), [&](const ReportRun& run) {
           return Counts(run) && !source.of(run).empty() &&
                  source.of(run) != reference;
         });
}

// "Code abc." or "MIXED CODES abc, def: ..."; "" if none is known.
std::string SourceSentence(const std::vector<std::string>& values,
                           const Source& source) {
  std::string name(source.name);
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  if (values.size() < 2) {
    return values.empty() ? "" : absl::StrCat(name, " ", values[0], ".");
  }
  for (char& letter : name) {
    if (letter >= 'a') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return absl::StrCat("MIXED ", name, "S ", absl::StrJoin(values, ", "), ": ",
                      source.mixed, ".");
}

void AppendSourceNotes(const ReportTable& table, const Source& source,
                       std::vector<std::string>* notes) {
  for (const ReportRow& row : table.rows()) {
    if (IsOther(table, row, source)) {
      notes->push_back(absl::StrCat(source.mark, " ", row.label(),
                                    " has runs of other ", source.name,
                                    " than ", Reference(table, source),
                                    "; a difference may come from that."));
    }
  }
  std::map<std::string, std::vector<std::string>> runs;
  for (const ReportRow& row : table.rows()) {
    for (const ReportRun& run : row.runs()) {
      if (Counts(run) && !source.of(run).empty()) {
        runs[source.of(run)].push_back(RunTitle(row, run));
      }
    }
  }
  if (runs.size() < 2) {
    return;
  }
  for (const auto& [value, names] : runs) {
    notes->push_back(absl::StrCat(source.name == "code" ? "Code " : "Machine ",
                                  value, ": ", absl::StrJoin(names, "; "),
                                  "."));
  }
}

bool IsCertified(const ReportRow& row) {
  return row.runs_size() > 0 &&
         std::ranges::all_of(row.runs(), &ReportRun::certified);
}

// Labels of the rows for which `holds`.
template <typename Holds>
std::vector<std::string> LabelsWhere(const ReportTable& table, Holds holds) {
  std::vector<std::string> labels;
  for (const ReportRow& row : table.rows()) {
    if (std::invoke(holds, row)) labels.push_back(row.label());
  }
  return labels;
}

}  // namespace

const ReportRow* BaseOf(const ReportTable& table) {
  const auto base = std::ranges::find_if(table.rows(), &ReportRow::is_base);
  return base == table.rows().end() ? nullptr : &*base;
}

std::string RunTitle(const ReportRow& row, const ReportRun& run) {
  return run.has_seed() ? absl::StrCat(row.label(), ", seed ", run.seed())
                        : row.label();
}

std::string MarksOf(const ReportTable& table, const ReportRow& row) {
  return absl::StrCat(IsOther(table, row, Code()) ? kOtherCodeMark : "",
                      IsOther(table, row, Machine()) ? kOtherMachineMark : "",
                      row.other_images() ? kOtherImagesMark : "",
                      IsCertified(row) ? kCertifiedMark : "");
}

std::vector<std::string> SourceSentences(const ReportTable& table) {
  if (table.codes().empty()) {
    return {};
  }
  std::vector<std::string> sentences;
  const auto trained = LabelsWhere(table, &ReportRow::trained_on_split);
  const auto with_runs =
      LabelsWhere(table, [](const ReportRow& row) { return row.n() > 0; });
  if (!trained.empty()) {
    sentences.push_back(absl::StrCat(
        "TRAINING SPLIT: training read split ", table.split(),
        trained.size() < with_runs.size()
            ? absl::StrCat(" in ", absl::StrJoin(trained, ", "))
            : "",
        ", so the numbers say how well it was fitted and not how well the "
        "model does on new images."));
  }
  std::vector<std::string> codes;
  for (const std::string& code : table.codes()) {
    codes.push_back(ShownCode(code));
  }
  std::vector<std::string> machines;
  for (const std::string& machine : table.machines()) {
    machines.push_back(machine);
  }
  for (std::string sentence :
       {SourceSentence(codes, Code()), SourceSentence(machines, Machine())}) {
    if (!sentence.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

std::vector<std::string> MarkNotes(const ReportTable& table) {
  std::vector<std::string> notes;
  const auto other_images = LabelsWhere(table, &ReportRow::other_images);
  if (!other_images.empty()) {
    notes.push_back(absl::StrCat(
        kOtherImagesMark, " ", absl::StrJoin(other_images, "; "),
        other_images.size() == 1 ? " was" : " were",
        " evaluated on other images or masks, although the item ids are the "
        "same: no differences are taken, and controls may be of other numbers "
        "of items than the caption says."));
  }
  AppendSourceNotes(table, Code(), &notes);
  AppendSourceNotes(table, Machine(), &notes);
  const auto seedless = LabelsWhere(table, [](const ReportRow& row) {
    return std::ranges::any_of(
        row.runs(), [](const ReportRun& run) { return !run.has_seed(); });
  });
  if (!seedless.empty()) {
    notes.push_back(absl::StrCat(
        absl::StrJoin(seedless, "; "), seedless.size() == 1 ? " has" : " have",
        " one run for all seeds: nothing random enters, so that seeds cannot "
        "differ."));
  }
  const auto certified = LabelsWhere(table, &IsCertified);
  if (!certified.empty()) {
    notes.push_back(absl::StrCat(
        kCertifiedMark, " ", absl::StrJoin(certified, "; "),
        certified.size() == 1 ? " is" : " are",
        " certified: each run was trained twice more, once over a kill, and "
        "gave the same bits."));
  }
  return notes;
}

}  // namespace transect
