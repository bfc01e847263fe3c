#include "launch/plan/why.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "analysis/measure_name.h"
#include "data/io/terminal_text.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "launch/store/bundle.h"
#include "launch/store/check_job.h"
#include "launch/store/job_inputs.h"
#include "launch/store/machine.h"

namespace transect {
namespace {

constexpr char kAbsent[] = "–";
// Digits of a digest that people see.
constexpr size_t kDigits = 12;

using Row = std::vector<std::string>;

std::string Columns(const std::vector<Row>& rows) {
  return AlignColumns(rows, {.margin = 2});
}

std::string Digest(absl::string_view digest) {
  if (IsPending(digest)) return "pending";
  return digest.empty() ? kAbsent : std::string(digest.substr(0, kDigits));
}

std::string ShownRun(const RunIdentity& run) {
  const std::string id =
      IsPending(run.id) ? "pending" : std::string(run.id.substr(0, kDigits));
  return absl::StrCat(id, "/", run.code.empty() ? "?" : ShownCode(run.code),
                      run.name.empty() ? "" : "  ", run.name);
}

std::map<std::string, std::string> VersionsByName(const CodeParts& parts) {
  std::map<std::string, std::string> versions;
  for (const std::string& line : parts.version()) {
    const std::pair<std::string, std::string> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    versions[words.first] = words.second;
  }
  return versions;
}

template <typename CodeFiles>
std::map<std::string, std::string> DigestsByPath(const CodeFiles& files) {
  std::map<std::string, std::string> digests;
  for (const CodeFile& file : files) {
    digests[file.path()] = file.sha256();
  }
  return digests;
}

// Adds a row for each name whose value differs, `kind` before it.
void AddDifferences(absl::string_view kind,
                    const std::map<std::string, std::string>& a,
                    const std::map<std::string, std::string>& b,
                    std::vector<Row>* rows) {
  const auto shown = [](const std::string& value) {
    // Digests, and versions, which can be long too.
    return value.size() == 64 ? Digest(value) : value.empty() ? kAbsent : value;
  };
  std::map<std::string, std::array<std::string, 2>> sides;
  for (const auto& [name, value] : a) sides[name][0] = value;
  for (const auto& [name, value] : b) sides[name][1] = value;
  for (const auto& [name, values] : sides) {
    if (values[0] != values[1]) {
      rows->push_back(
          {absl::StrCat(kind, name), shown(values[0]), shown(values[1])});
    }
  }
}

std::string Commit(const CodeParts& parts) {
  return absl::StrCat(Digest(parts.commit()),
                      parts.dirty() ? " and changes" : "");
}

// What differs between two codes, with the words for it: "the worker", ...
struct CodeDifference {
  std::vector<std::string> words;
  std::vector<Row> rows;
};

CodeDifference DiffCode(const CodeParts& a, const CodeParts& b) {
  CodeDifference difference;
  AddDifferences("", DigestsByPath(a.binary()), DigestsByPath(b.binary()),
                 &difference.rows);
  const auto workers = std::ranges::count_if(
      difference.rows,
      [](const Row& row) { return absl::EndsWith(row[0], "transect_worker"); });
  if (workers > 0) {
    difference.words.push_back("worker");
  }
  if (std::ssize(difference.rows) > workers) {
    difference.words.push_back("modules");
  }
  const size_t binaries = difference.rows.size();
  AddDifferences("", DigestsByPath(a.library()), DigestsByPath(b.library()),
                 &difference.rows);
  if (difference.rows.size() > binaries) {
    difference.words.push_back("libraries");
  }
  if (a.libtorch_lock() != b.libtorch_lock()) {
    difference.words.push_back("lock of LibTorch");
    difference.rows.push_back({"lock of LibTorch", Digest(a.libtorch_lock()),
                               Digest(b.libtorch_lock())});
  }
  const size_t before = difference.rows.size();
  AddDifferences("version of ", VersionsByName(a), VersionsByName(b),
                 &difference.rows);
  if (difference.rows.size() > before) {
    difference.words.push_back("system versions");
  }
  if (a.commit() != b.commit() || a.dirty() != b.dirty()) {
    difference.rows.push_back({"built from commit", Commit(a), Commit(b)});
  }
  return difference;
}

constexpr char kUnknownParts[] =
    "  the store has no code.textproto beside one of the bundles, so which "
    "part "
    "differs is not known\n";

std::string ExplainCode(const RunIdentity& a, const RunIdentity& b) {
  if (a.code.empty() || b.code.empty()) {
    return "The code part of one of them is not known.\n";
  }
  if (ShownCode(a.code) == ShownCode(b.code)) {
    return absl::StrCat("The code is the same, ", ShownCode(a.code), ".\n");
  }
  if (!a.parts.has_value() || !b.parts.has_value()) {
    return absl::StrCat("The code differs, ", ShownCode(a.code), " and ",
                        ShownCode(b.code), ":\n", kUnknownParts);
  }
  const CodeDifference difference = DiffCode(*a.parts, *b.parts);
  return absl::StrCat("The code differs in ",
                      absl::StrJoin(difference.words, ", "), ":\n",
                      Columns(difference.rows));
}

std::string ExplainInputs(const RunIdentity& a, const RunIdentity& b,
                          const std::vector<FieldDifference>& fields) {
  const Reads a_reads = ReadsOf(a.inputs);
  const Reads b_reads = ReadsOf(b.inputs);
  std::vector<Row> rows;
  std::string silent;
  for (const InputInfo& input : kRunInputs) {
    const std::string& in_a = a_reads[input.name];
    const std::string& in_b = b_reads[input.name];
    if (in_a == in_b) {
      continue;
    }
    rows.push_back({std::string(input.text), Digest(in_a), Digest(in_b)});
    // Whether the difference of the specs names the source of the input.
    const auto names = [&input](const FieldDifference& field) {
      return field.in_id && absl::StartsWith(field.path, input.field);
    };
    if (std::ranges::none_of(fields, names)) {
      absl::StrAppend(&silent, "  ", input.text,
                      ": both specs name the same source, so its content "
                      "differs, or the version of its maker, or what it is "
                      "made from\n");
    }
  }
  if (rows.empty()) {
    return "They read the same inputs.\n";
  }
  return absl::StrCat("They read different inputs:\n", Columns(rows), silent);
}

std::vector<FieldDifference> InId(std::vector<FieldDifference> fields) {
  std::erase_if(fields,
                [](const FieldDifference& field) { return !field.in_id; });
  return fields;
}

// Whether the field says how a run is evaluated, which is no part of its id.
bool IsOfEvaluation(const FieldDifference& field) {
  return absl::StartsWith(field.path, "evaluation") ||
         absl::StartsWith(field.path, "data.eval_splits");
}

std::string Heads(const RunIdentity& a, const RunIdentity& b) {
  return absl::StrCat("A  ", ShownRun(a), "\nB  ", ShownRun(b), "\n");
}

std::string MeasureText(const RunScores& scores, ReportCell::Kind kind) {
  for (const Measure& measure : scores.measures) {
    if (measure.kind == kind) {
      return absl::StrFormat("%.2f", 100 * measure.value);
    }
  }
  return kAbsent;
}

// The scores of both on one split.
std::vector<Row> ScoreRows(const RunScores& a, const RunScores& b) {
  std::vector<Row> rows = {{"items", absl::StrCat(a.item_ids.size()),
                            absl::StrCat(b.item_ids.size())}};
  std::set<int> kinds;
  for (const RunScores* scores : {&a, &b}) {
    for (const Measure& measure : scores->measures) {
      kinds.insert(measure.kind);
    }
  }
  for (const int number : kinds) {
    const auto kind = static_cast<ReportCell::Kind>(number);
    rows.push_back(
        {MeasureName(kind), MeasureText(a, kind), MeasureText(b, kind)});
  }
  return rows;
}

std::vector<Row> TrainingRows(const Result& a, const Result& b) {
  const auto seconds = [](double value) {
    return absl::StrFormat("%.3g s", value);
  };
  return {{"steps", absl::StrCat(a.steps()), absl::StrCat(b.steps())},
          {"a step", seconds(a.step_seconds()), seconds(b.step_seconds())},
          {"the training", seconds(a.seconds()), seconds(b.seconds())},
          {"trained parameters", absl::StrCat(a.trainable_parameters()),
           absl::StrCat(b.trainable_parameters())}};
}

const MeasuredSplit* SplitOf(const RunOutcome& outcome,
                             const std::string& name) {
  const auto found =
      std::ranges::find(outcome.splits, name, &MeasuredSplit::name);
  return found == outcome.splits.end() ? nullptr : &*found;
}

// The scores of both on one split, and whether they can be compared.
std::string CompareSplit(const MeasuredSplit& a, const MeasuredSplit& b) {
  std::string text = absl::StrCat("Results on ", a.name, " (percent):\n",
                                  Columns(ScoreRows(a.scores, b.scores)));
  if (a.scores.item_ids != b.scores.item_ids) {
    absl::StrAppend(&text,
                    "  they were not evaluated on the same items: the "
                    "numbers cannot be compared\n");
  } else if (!a.content_digest.empty() && !b.content_digest.empty() &&
             a.content_digest != b.content_digest) {
    absl::StrAppend(
        &text,
        "  the items have the same ids, but their images or true masks "
        "differ: the numbers cannot be compared\n",
        Columns(
            {{"content", Digest(a.content_digest), Digest(b.content_digest)}}));
  }
  return text;
}

// A line for each side if they ran on different kinds of machines.
std::string CompareMachines(const Result& a, const Result& b) {
  const std::string kinds[] = {MachineKind(a.machine()),
                               MachineKind(b.machine())};
  if (kinds[0] == kinds[1]) return "";
  const auto shown = [](const std::string& kind) {
    return kind.empty() ? "not recorded" : kind;
  };
  return absl::StrCat(
      "  they ran on different kinds of machines, which alone can change "
      "numbers:\n    A  ",
      shown(kinds[0]), "\n    B  ", shown(kinds[1]), "\n");
}

std::string CompareOutcomes(const NamedRun& a, const NamedRun& b) {
  if (!a.outcome.has_value() || !b.outcome.has_value()) {
    return absl::StrCat("Results: ",
                        a.outcome.has_value()   ? "B is"
                        : b.outcome.has_value() ? "A is"
                                                : "both are",
                        " not done.\n");
  }
  std::string text;
  std::set<std::string> splits;
  for (const NamedRun* run : {&a, &b}) {
    for (const MeasuredSplit& split : run->outcome->splits) {
      splits.insert(split.name);
    }
  }
  for (const std::string& split : splits) {
    const MeasuredSplit* const in_a = SplitOf(*a.outcome, split);
    const MeasuredSplit* const in_b = SplitOf(*b.outcome, split);
    if (in_a == nullptr || in_b == nullptr) {
      absl::StrAppend(&text, "Results on ", split, ": only ",
                      in_b == nullptr ? "A" : "B", " was evaluated on it.\n");
      continue;
    }
    absl::StrAppend(&text, CompareSplit(*in_a, *in_b));
  }
  return absl::StrCat(
      text, "Training:\n",
      Columns(TrainingRows(a.outcome->result, b.outcome->result)),
      CompareMachines(a.outcome->result, b.outcome->result));
}

}  // namespace

std::vector<FieldDifference> DiffRuns(const RunSpec& a, const RunSpec& b) {
  std::vector<FieldDifference> fields = DiffFields(a, b);
  RemoveFollowing(&fields);
  for (FieldDifference& field : fields) {
    field.in_id = field.in_id && !IsOfEvaluation(field);
  }
  return fields;
}

std::string FieldTable(const std::vector<FieldDifference>& fields) {
  const auto shown = [](const std::optional<std::string>& value) {
    return !value.has_value() ? kAbsent
           : value->empty()   ? std::string("\"\"")
                              : *value;
  };
  std::vector<Row> rows;
  for (const FieldDifference& field : fields) {
    rows.push_back(
        {field.path, shown(field.a),
         absl::StrCat(shown(field.b), field.in_id ? "" : "  (enters no id)")});
  }
  return Columns(rows);
}

std::string ExplainRuns(const RunIdentity& a, const RunIdentity& b) {
  const std::vector<FieldDifference> all = DiffRuns(a.spec, b.spec);
  const std::vector<FieldDifference> fields = InId(all);
  std::string text = Heads(a, b);
  const bool same_spec = a.id == b.id;
  const bool same_code =
      !a.code.empty() && ShownCode(a.code) == ShownCode(b.code);
  absl::StrAppend(
      &text, "\n",
      same_spec && same_code
          ? (std::ranges::any_of(all, IsOfEvaluation)
                 ? "They are one training, evaluated differently.\n"
                 : "They are one run.\n")
      : same_spec ? "The spec parts are the same: they differ in code alone.\n"
      : fields.empty()
          ? "The spec parts differ, and no field of the spec does.\n"
          : absl::StrCat(
                "The spec parts differ in ",
                CountText(static_cast<int64_t>(fields.size()), "field"), ":\n",
                FieldTable(fields)));
  if (!same_spec) {
    absl::StrAppend(&text, ExplainInputs(a, b, fields));
  }
  absl::StrAppend(&text, ExplainCode(a, b));
  return text;
}

std::string CompareRuns(const NamedRun& a, const NamedRun& b) {
  const std::vector<FieldDifference> fields =
      DiffRuns(a.identity.spec, b.identity.spec);
  return absl::StrCat(
      Heads(a.identity, b.identity), "\n",
      fields.empty() ? "Configuration: the same.\n"
                     : absl::StrCat("Configuration:\n", FieldTable(fields)),
      ExplainInputs(a.identity, b.identity, InId(fields)),
      ExplainCode(a.identity, b.identity), CompareOutcomes(a, b));
}

std::string ExplainStale(const Plan& plan, const Store& store,
                         const std::optional<CodeParts>& present,
                         const StaleCommands& commands) {
  std::map<std::string, std::vector<std::string>> runs_by_code;
  // What makes the evaluations that runs lack, by code.
  std::map<std::string, std::vector<std::string>> unevaluated;
  for (const Job& job : plan.Runs()) {
    if (!job.selected || job.state != JobState::kStale) {
      continue;
    }
    for (const std::string& code : store.CodesOfRun(job.id)) {
      const ResultCheck check = CheckJob(store.RunDir(job.id, code), job.id, "",
                                         EvaluationsOf(job.launch));
      if (check.state == ResultCheck::kTrained) {
        for (const std::string& split : check.missing) {
          unevaluated[code].push_back(absl::StrCat(commands.evaluate, " --run ",
                                                   ShownId(job.id), "/", code,
                                                   " --split ", split));
        }
      } else if (check.state != ResultCheck::kValid) {
        continue;
      }
      runs_by_code[code].push_back(absl::StrCat(
          "  ", ShownId(job.id), "  ", job.name,
          check.problem.empty() ? "" : absl::StrCat("  (", check.problem, ")"),
          "\n"));
    }
  }
  if (runs_by_code.empty()) {
    return "No run is stale.\n";
  }
  std::string text;
  for (const auto& [code, runs] : runs_by_code) {
    absl::StrAppend(&text, runs.size(),
                    runs.size() == 1 ? " run is" : " runs are",
                    " done under code ", code,
                    "; specification and inputs are "
                    "equal, the code changed");
    const absl::StatusOr<CodeParts> parts = ReadCodeParts(store, code);
    if (!present.has_value()) {
      absl::StrAppend(&text,
                      " or is unknown: there is no worker beside this "
                      "program\n");
    } else if (!parts.ok()) {
      absl::StrAppend(&text, " to ", ShownCode(plan.code), ":\n",
                      kUnknownParts);
    } else {
      const CodeDifference difference = DiffCode(*parts, *present);
      absl::StrAppend(&text, " to ", ShownCode(plan.code), " in ",
                      absl::StrJoin(difference.words, ", "), ":\n",
                      Columns(difference.rows));
    }
    absl::StrAppend(&text, "runs\n", absl::StrJoin(runs, ""));
    if (const auto& missing = unevaluated[code]; !missing.empty()) {
      absl::StrAppend(
          &text, "evaluate first as the experiment says now: ", missing[0],
          missing.size() == 1
              ? ""
              : absl::StrCat("  (and so for ", missing.size() - 1, " more)"),
          "\n");
    }
    absl::StrAppend(&text, "reuse them: ", commands.run,
                    " --accept-code=", code, "\n\n");
  }
  absl::StrAppend(&text, "rerun them: ", commands.run, "\n");
  return text;
}

}  // namespace transect
