#include "analysis/formats/page/run_tables.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/formats/page/plain_table.h"
#include "analysis/formats/render_html.h"
#include "analysis/table_grid.h"
#include "analysis/table_layout.h"
#include "data/io/terminal_text.h"
#include "launch/store/store.h"

namespace transect {
namespace {

constexpr double kHour = 3600;
constexpr double kMebibyte = 1024.0 * 1024.0;

// A run of the report, at its first place in it.
struct ListedRun {
  std::string name;
  const ReportRun* run = nullptr;
  // Null where the store was not asked.
  const PageRun* stored = nullptr;
};

std::vector<ListedRun> RunsOf(const PageInput& input) {
  std::vector<ListedRun> listed;
  std::set<std::string> seen;
  for (const ReportTable& table : input.report.tables()) {
    // Its runs may lack a later evaluation, which is no failure of theirs.
    if (!table.evaluated_later().empty()) continue;
    for (const ReportRow& row : table.rows()) {
      for (const ReportRun& run : row.runs()) {
        if (!seen.insert(run.spec_id()).second) continue;
        const auto stored = input.runs.find(run.spec_id());
        ListedRun& added = listed.emplace_back();
        added.run = &run;
        added.stored = stored == input.runs.end() ? nullptr : &stored->second;
        added.name = added.stored != nullptr && !added.stored->name.empty()
                         ? added.stored->name
                     : run.has_seed()
                         ? absl::StrCat(row.label(), " seed ", run.seed())
                         : row.label();
      }
    }
  }
  return listed;
}

double GpusOf(const Result& result) {
  return result.machine().gpu().empty()
             ? 0
             : static_cast<double>(std::max(result.ranks(), 1));
}

std::string MebibytesText(int64_t bytes) {
  return bytes <= 0
             ? kNoNumber
             : absl::StrFormat("%.0f", static_cast<double>(bytes) / kMebibyte);
}

std::string SecondsText(double seconds) {
  return seconds <= 0 ? kNoNumber : DurationText(seconds);
}

std::string CountOrNone(int64_t count) {
  return count <= 0 ? kNoNumber : absl::StrCat(count);
}

}  // namespace

RunCost CostOf(const PageRun& run) {
  RunCost cost;
  cost.training_seconds = run.training.seconds();
  cost.gpu_hours = run.training.seconds() * GpusOf(run.training) / kHour;
  cost.memory_bytes = run.training.peak_memory_bytes();
  cost.gpu_memory_bytes = run.training.peak_device_memory_bytes();
  for (const Result& evaluation : run.evaluations) {
    cost.evaluation_seconds += evaluation.eval_seconds();
    cost.gpu_hours += evaluation.eval_seconds() * GpusOf(evaluation) / kHour;
    cost.memory_bytes =
        std::max(cost.memory_bytes, evaluation.peak_memory_bytes());
    cost.gpu_memory_bytes =
        std::max(cost.gpu_memory_bytes, evaluation.peak_device_memory_bytes());
  }
  return cost;
}

std::string CostHtml(const PageInput& input) {
  std::vector<std::vector<std::string>> lines = {
      {"run", "state", "training", "steps", "s/step", "evaluation", "GPU hours",
       "memory, MiB", "GPU memory, MiB", "trained parameters"}};
  RunCost sum;
  int known = 0;
  for (const ListedRun& listed : RunsOf(input)) {
    if (listed.stored == nullptr) continue;
    const RunCost cost = CostOf(*listed.stored);
    const Result& training = listed.stored->training;
    known += cost.training_seconds + cost.evaluation_seconds > 0;
    sum.training_seconds += cost.training_seconds;
    sum.evaluation_seconds += cost.evaluation_seconds;
    sum.gpu_hours += cost.gpu_hours;
    lines.push_back(
        {listed.name, listed.stored->state, SecondsText(cost.training_seconds),
         CountOrNone(training.steps()),
         training.step_seconds() > 0
             ? absl::StrFormat("%.3f", training.step_seconds())
             : kNoNumber,
         SecondsText(cost.evaluation_seconds),
         cost.gpu_hours > 0 ? absl::StrFormat("%.2f", cost.gpu_hours)
                            : kNoNumber,
         MebibytesText(cost.memory_bytes), MebibytesText(cost.gpu_memory_bytes),
         CountOrNone(training.trainable_parameters())});
  }
  if (lines.size() == 1) {
    return "<p class=\"about\">The store was not asked what runs took.</p>\n";
  }
  return absl::StrCat(
      "<p class=\"about\">", known, " of ", lines.size() - 1,
      " runs have a cost. Together: training ",
      EscapeHtml(SecondsText(sum.training_seconds)), ", evaluation ",
      EscapeHtml(SecondsText(sum.evaluation_seconds)),
      sum.gpu_hours > 0 ? absl::StrFormat(", %.2f GPU hours", sum.gpu_hours)
                        : ", no GPU",
      ". Wall time of the attempts that finished; memory is the most that ",
      "rank 0 held. Inputs that were made are not counted.</p>\n",
      PlainTableHtml("Cost of the runs", lines, 2));
}

std::string FailuresHtml(const PageInput& input) {
  std::string html;
  for (const ListedRun& listed : RunsOf(input)) {
    if (listed.run->missing().empty()) continue;
    absl::StrAppend(
        &html, "<li><b>", EscapeHtml(ShownText(listed.name)), "</b> <code>",
        EscapeHtml(ShownId(listed.run->spec_id())), "</code>",
        listed.stored == nullptr
            ? ""
            : absl::StrCat(" (", EscapeHtml(listed.stored->state), ")"),
        ": ", EscapeHtml(ShownText(listed.run->missing())), ".</li>\n");
  }
  if (html.empty()) {
    return "<p class=\"about\">Every run has a result.</p>\n";
  }
  return absl::StrCat("<ul class=\"failures\">\n", html, "</ul>\n");
}

std::string ProvenanceHtml(const PageInput& input) {
  std::vector<std::vector<std::string>> lines = {
      {"run", "id", "code", "commit", "host", "machine"}};
  for (const ListedRun& listed : RunsOf(input)) {
    std::string commit;
    std::string host;
    std::string machine = listed.run->machine();
    if (listed.stored != nullptr) {
      const Provenance& provenance = listed.stored->provenance;
      commit = absl::StrCat(provenance.commit().substr(0, 12),
                            provenance.dirty() ? " with changes" : "");
      host = provenance.host();
      if (machine.empty()) {
        machine = listed.stored->training.machine().processor();
      }
    }
    const auto shown = [](const std::string& text) {
      return text.empty() ? kNoNumber : text;
    };
    lines.push_back({listed.name, listed.run->spec_id(),
                     shown(ShownCode(listed.run->code())), shown(commit),
                     shown(host), shown(machine)});
  }
  return PlainTableHtml("Where the numbers come from", lines, lines[0].size());
}

}  // namespace transect
