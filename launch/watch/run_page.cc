#include "launch/watch/run_page.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "launch/listing/run_list.h"
#include "launch/store/bundle.h"
#include "launch/store/cancel.h"
#include "launch/store/cancel.pb.h"
#include "launch/store/find_run.h"
#include "launch/store/machine.h"
#include "launch/watch/run_table.h"
#include "launch/watch/watched_run.h"
#include "metrics/log_end.h"

namespace transect {
namespace {

constexpr int kFormatVersion = 1;
constexpr int kLabel = 13;

// When the file was written last, microseconds since 1970; 0 without one.
int64_t WrittenAt(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return 0;
  return int64_t{1'000'000} * info.st_mtim.tv_sec + info.st_mtim.tv_nsec / 1000;
}

std::vector<int64_t> CheckpointSteps(const std::string& attempt_dir) {
  std::vector<int64_t> steps;
  const absl::StatusOr<std::vector<std::string>> names =
      ListDirectory(CheckpointsDir(attempt_dir));
  if (!names.ok()) return steps;
  for (absl::string_view name : *names) {
    int64_t step = 0;
    if (absl::ConsumePrefix(&name, "step-") &&
        absl::ConsumeSuffix(&name, ".safetensors") &&
        absl::SimpleAtoi(name, &step)) {
      steps.push_back(step);
    }
  }
  std::ranges::sort(steps);
  return steps;
}

std::string EndText(const PageAttempt& attempt) {
  if (!attempt.has_outcome()) return "";
  const Outcome& outcome = attempt.outcome();
  if (outcome.interrupted()) {
    return absl::StrCat("stopped: ", outcome.cause());
  }
  return outcome.cause().empty() ? "ended well"
                                 : absl::StrCat("failed: ", outcome.cause());
}

void AddEvent(int64_t unix_us, std::string text, RunPage* page) {
  if (unix_us == 0) return;
  PageEvent* const event = page->add_event();
  event->set_unix_us(unix_us);
  event->set_text(std::move(text));
}

void AddAttempts(RunPage* page) {
  const std::string& dir = page->run().directory();
  for (const int number : Attempts(dir)) {
    const std::string path = AttemptDir(dir, number);
    PageAttempt* const attempt = page->add_attempt();
    attempt->set_number(number);
    if (absl::StatusOr<Provenance> provenance =
            ReadTextproto<Provenance>(ProvenancePath(path));
        provenance.ok()) {
      *attempt->mutable_provenance() = *std::move(provenance);
      AddEvent(attempt->provenance().start_unix_us(),
               absl::StrCat("attempt ", number, " began on ",
                            attempt->provenance().host()),
               page);
    }
    if (const absl::StatusOr<LogEnd> end = ReadLogEnd(RankMetricsPath(path, 0));
        end.ok() && end->train_step.has_value()) {
      attempt->set_last_step(end->train_step->step());
    }
    for (const int64_t step : CheckpointSteps(path)) {
      attempt->add_checkpoint_step(step);
    }
    if (absl::StatusOr<Outcome> outcome =
            ReadTextproto<Outcome>(OutcomePath(path));
        outcome.ok()) {
      *attempt->mutable_outcome() = *std::move(outcome);
      attempt->set_end_unix_us(WrittenAt(OutcomePath(path)));
      AddEvent(attempt->end_unix_us(),
               absl::StrCat("attempt ", number, " ", EndText(*attempt)), page);
    }
  }
}

void AddFiles(const Result& result, const std::string& prefix, RunPage* page) {
  for (const ResultFile& file : result.file()) {
    PageFile* const added = page->add_file();
    added->set_path(absl::StrCat(prefix, file.path()));
    added->set_bytes(file.bytes());
    added->set_sha256(file.sha256());
  }
}

void AddResults(RunPage* page) {
  const WatchedRun& run = page->run();
  const ResultCheck check = CheckResult(run.directory(), run.id(), "");
  if (check.state != ResultCheck::kValid) return;
  *page->mutable_result() = check.result;
  AddEvent(WrittenAt(ResultPath(run.directory())),
           absl::StrCat("trained, ", CountText(check.result.steps(), "step")),
           page);
  AddFiles(check.result, "", page);
  for (const FoundEvaluation& found : FinishedEvaluations(run.directory())) {
    PageEvaluation* const evaluation = page->add_evaluation();
    evaluation->set_split(found.split);
    evaluation->set_data(found.data);
    *evaluation->mutable_result() = found.result;
    AddEvent(WrittenAt(ResultPath(found.dir)),
             absl::StrCat("evaluated on ", found.split,
                          found.data.empty() ? "" : " of ", found.data),
             page);
    std::string prefix(
        absl::StripPrefix(found.dir, absl::StrCat(run.directory(), "/")));
    AddFiles(found.result, absl::StrCat(prefix, "/"), page);
  }
}

// Lines of "label  text", the label once.
class Lines {
 public:
  explicit Lines(const RunPageStyle& style) : style_(style) {}

  void Add(const std::string& label, const std::string& text) {
    if (text.empty()) return;
    absl::StrAppend(
        &text_,
        WrapText(absl::StrCat(PadRight(label == last_ ? "" : label, kLabel),
                              OneLine(text)),
                 style_.width, kLabel + 2));
    last_ = label;
  }
  void AddRaw(absl::string_view text) { absl::StrAppend(&text_, text); }
  const std::string& text() const { return text_; }

 private:
  const RunPageStyle& style_;
  std::string last_;
  std::string text_;
};

std::string StateText(const WatchedRun& run) {
  std::string text = absl::StrCat(WatchStateName(run.state()),
                                  run.note().empty() ? "" : ": ", run.note());
  if (!run.job().empty()) absl::StrAppend(&text, ", job ", run.job());
  if (!run.estimated_start().empty()) {
    absl::StrAppend(&text, ", starts ", run.estimated_start());
  }
  return text;
}

std::string ProgressText(const WatchedRun& run) {
  std::string text = absl::StrCat(
      run.activity() == "step" || run.activity().empty() ? "step " : "",
      ActivityText(run));
  if (run.activity().empty() && run.total() == 0) return "";
  if (run.has_loss()) absl::StrAppendFormat(&text, ", loss %.4g", run.loss());
  if (run.has_seconds_left()) {
    absl::StrAppend(&text, ", ", RoughDurationText(run.seconds_left()),
                    " left");
  }
  return text;
}

std::string AttemptText(const PageAttempt& attempt) {
  const Provenance& provenance = attempt.provenance();
  std::string text = absl::StrCat(
      attempt.number(), "  ", DateText(provenance.start_unix_us()), " on ",
      provenance.host(),
      provenance.user().empty() ? "" : absl::StrCat(" by ", provenance.user()));
  if (attempt.end_unix_us() > provenance.start_unix_us()) {
    absl::StrAppend(
        &text, ", ",
        DurationText(1e-6 * static_cast<double>(attempt.end_unix_us() -
                                                provenance.start_unix_us())));
  }
  if (attempt.last_step() > 0) {
    absl::StrAppend(&text, ", to step ", attempt.last_step());
  }
  if (attempt.checkpoint_step_size() > 0) {
    absl::StrAppend(&text, ", checkpoints of steps ",
                    absl::StrJoin(attempt.checkpoint_step(), ", "));
  }
  const std::string end = EndText(attempt);
  return absl::StrCat(text, "; ",
                      end.empty() ? "did not say how it ended" : end);
}

std::string CodeText(const RunPage& page) {
  std::string text = page.run().code();
  if (page.has_code() && page.code().has_commit()) {
    absl::StrAppend(&text, ", commit ", page.code().commit(),
                    page.code().dirty() ? " with changes" : "");
  }
  if (page.has_code() && page.code().has_glibc()) {
    absl::StrAppend(&text, ", needs glibc ", page.code().glibc());
  }
  return text;
}

std::string CertificateText(const RunPage& page) {
  if (!page.has_certificate()) return "";
  const Certificate& made = page.certificate();
  return absl::StrCat("trained again ", made.repetition_size(),
                      " times with the same bits, ", DateText(made.unix_us()),
                      made.host().empty() ? "" : " on ", made.host());
}

void AddOutputs(const RunPage& page, Lines* lines) {
  if (page.has_result()) {
    const Result& result = page.result();
    lines->Add("trained",
               absl::StrCat(CountText(result.steps(), "step"), " in ",
                            DurationText(result.seconds()), ", ",
                            result.trainable_parameters(), " of ",
                            result.parameters(), " parameters",
                            result.stopped_early() ? "; ended early" : ""));
  }
  for (const PageEvaluation& evaluation : page.evaluation()) {
    lines->Add(
        "scores",
        absl::StrCat(evaluation.split(),
                     evaluation.data().empty()
                         ? ""
                         : absl::StrCat(" of ", evaluation.data()),
                     ": ", CountText(evaluation.result().eval_items(), "item"),
                     evaluation.result().has_giou()
                         ? absl::StrFormat(", gIoU %.2f",
                                           100 * evaluation.result().giou())
                         : ""));
  }
  for (const PageFile& file : page.file()) {
    lines->Add(
        "files",
        absl::StrCat(
            file.path(), "  ",
            QuantityText(static_cast<double>(file.bytes()), "B"),
            file.sha256().empty()
                ? ""
                : absl::StrCat("  sha256 ", file.sha256().substr(0, 12))));
  }
}

}  // namespace

RunPage MakeRunPage(const Store& store, const WatchedRun& run) {
  RunPage page;
  page.set_format_version(kFormatVersion);
  *page.mutable_run() = run;
  const std::string& dir = run.directory();
  AddAttempts(&page);
  AddResults(&page);
  if (const absl::StatusOr<CancelRequest> request =
          ReadTextproto<CancelRequest>(CancelPath(dir));
      request.ok()) {
    AddEvent(request->unix_us(), CancelText(dir), &page);
  }
  if (absl::StatusOr<Certificate> certificate =
          ReadTextproto<Certificate>(CertificatePath(dir));
      certificate.ok()) {
    AddEvent(certificate->unix_us(), "certified", &page);
    *page.mutable_certificate() = *std::move(certificate);
  }
  if (!run.code().empty()) {
    if (absl::StatusOr<CodeParts> parts = ReadCodeParts(store, run.code());
        parts.ok()) {
      *page.mutable_code() = *std::move(parts);
    }
  }
  page.set_spec_text(ReadFile(SpecPath(dir)).value_or(""));
  std::stable_sort(page.mutable_event()->begin(), page.mutable_event()->end(),
                   [](const PageEvent& a, const PageEvent& b) {
                     return a.unix_us() < b.unix_us();
                   });
  return page;
}

std::string RenderRunPage(const RunPage& page, const RunPageStyle& style) {
  const WatchedRun& run = page.run();
  Lines lines(style);
  lines.Add("run",
            absl::StrCat(run.id(), run.name().empty() ? "" : "  ", run.name()));
  lines.Add("experiment", run.experiment());
  if (run.cell() != run.name()) lines.Add("cell", run.cell());
  lines.Add("state", StateText(run));
  lines.Add("progress", ProgressText(run));
  if (run.has_delta()) {
    lines.Add("Δ base", absl::StrFormat("%+.2f gIoU on %s", 100 * run.delta(),
                                        run.split()));
  }
  for (const PageEvent& event : page.event()) {
    lines.Add("happened",
              absl::StrCat(DateText(event.unix_us()), "  ", event.text()));
  }
  for (const PageAttempt& attempt : page.attempt()) {
    lines.Add("attempts", AttemptText(attempt));
  }
  AddOutputs(page, &lines);
  lines.Add("certificate", CertificateText(page));
  lines.Add("code", CodeText(page));
  if (page.attempt_size() > 0) {
    const PageAttempt& last = page.attempt(page.attempt_size() - 1);
    lines.Add("machine",
              MachineKind(page.has_result() ? page.result().machine()
                                            : last.provenance().machine()));
    lines.Add("command", absl::StrJoin(last.provenance().argv(), " "));
  }
  lines.Add("directory", run.directory());
  if (style.spec) {
    lines.AddRaw(absl::StrCat("spec\n", page.spec_text()));
  } else if (!page.spec_text().empty()) {
    lines.Add("spec", absl::StrCat(style.program, " show ", ShownId(run.id()),
                                   " --resolved prints it"));
  }
  return lines.text();
}

}  // namespace transect
