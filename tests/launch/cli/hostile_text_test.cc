// Whatever strangers write into names, sentences and files, nothing of it acts
// on a terminal or a page: every verb and every format says it in characters
// that are seen.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "analysis/published.pb.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/worker_request.pb.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "model/checkpoint/safetensors.h"
#include "nlohmann/json.hpp"
#include "tests/launch/cli/call.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// CSI, OSC, a carriage return and a bell; C1 as UTF-8; bidi controls; a line
// separator; a tag character; markup of HTML and Markdown.
constexpr char kHostile[] =
    "\x1b[2J\x1b[31m\x1b]0;title\x07\r\u009b2J\u202egnp\u2066\u2028\U000e0041"
    "<script>alert(1)<!----->|*_`[x](javascript:y)";

constexpr size_t kHuge = 1'000'000;

// No line for people is longer.
constexpr size_t kLongestLine = 16'200;

bool IsDocument(const std::vector<std::string>& words) {
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "--format" && words[i + 1] != "text") return true;
  }
  return words[0] == "spec" ||
         (words[0] == "describe" && absl::EndsWith(words[1], ".metrics"));
}

// Everything that the command says is safe; returns it.
Said SafeCall(const std::vector<std::string>& words) {
  const Said said = Call(words);
  const bool colored = absl::StrContains(absl::StrJoin(words, " "), "always");
  const std::string shown =
      absl::CHexEscape(absl::StrJoin(words, " ").substr(0, 300));
  EXPECT_EQ(TerminalSafe(said.out, {.styles = colored}), said.out) << shown;
  EXPECT_EQ(TerminalSafe(said.err), said.err) << shown;
  for (const absl::string_view line : absl::StrSplit(said.err, '\n')) {
    EXPECT_LE(line.size(), kLongestLine) << shown;
  }
  if (!IsDocument(words)) {
    for (const absl::string_view line : absl::StrSplit(said.out, '\n')) {
      EXPECT_LE(line.size(), kLongestLine) << shown;
    }
  }
  return said;
}

// An experiment with `text` in its title, in an axis value and in the name of
// its data.
std::string SpecWith(const std::string& dir, const std::string& text) {
  const std::string path = dir + "/hostile.textproto";
  const std::string escaped = absl::CEscape(text);
  Put(path,
      absl::StrCat(
          "name: 'hostile' title: \"", escaped, "\" include: '",
          std::filesystem::absolute("tests/e2e/tiny.textproto").string(),
          "' base { data { found { role: \"", escaped,
          "\" } } }\naxis { name: 'role' field: 'data.found.role' values: [\"",
          escaped, "\", 'b'] }\ndesign { name: 'd' grid { axes: 'role' } }\n"));
  return path;
}

// A published set with `text` wherever there can be one.
std::string PublishedWith(const std::string& dir, const std::string& text) {
  PublishedSet set;
  set.set_name(text);
  set.set_source(text);
  set.set_place(text);
  set.set_year(2024);
  set.set_dataset("RRSIS-D");
  set.add_note(text);
  PublishedRow* const row = set.add_row();
  row->set_label(text);
  row->set_giou("50.0");
  row->add_note(text);
  const std::string path = dir + "/published.textproto";
  Put(path, PrintTextproto(set));
  return path;
}

class HostileTextTest : public testing::Test {
 protected:
  HostileTextTest() : dir_(NewDir()), store_(dir_ + "/store") {}

  // The verb on the experiment, with these words behind.
  Said OnSpec(const std::string& verb, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {verb, spec_, "--store", store_};
    words.insert(words.end(), more.begin(), more.end());
    return SafeCall(words);
  }

  std::string dir_;
  std::string store_;
  std::string spec_;
};

TEST_F(HostileTextTest, VerbsAboutAnExperimentInEveryFormat) {
  const std::string published = PublishedWith(dir_, kHostile);
  for (const std::string& text :
       {std::string(kHostile), kHostile + std::string(kHuge, 'x')}) {
    spec_ = SpecWith(dir_, text);
    EXPECT_THAT(OnSpec("plan").out, testing::HasSubstr("alert(1)"));
    OnSpec("plan", {"--color", "always", "--all"});
    const std::string json = OnSpec("plan", {"--format", "json"}).out;
    EXPECT_THAT(nlohmann::json::parse(json, nullptr, false).dump(),
                testing::HasSubstr("alert(1)"));
    OnSpec("run", {"-n"});
    EXPECT_EQ(OnSpec("run").code, 1);
    OnSpec("status");
    OnSpec("status", {"--format", "json"});
    EXPECT_THAT(OnSpec("report", {"--published", published}).out,
                testing::HasSubstr("alert(1)"));
    OnSpec("report", {"--color", "always"});
    EXPECT_TRUE(
        nlohmann::json::accept(OnSpec("report", {"--format", "json"}).out));
    OnSpec("spec");
    OnSpec("spec", {"--resolved"});
    OnSpec("spec", {"--check"});
    OnSpec("plan", {kHostile});
    OnSpec("plan", {"--set", absl::StrCat(kHostile, "=", text)});
    OnSpec("plan", {"--set", absl::StrCat("data.found.role=", text)});
    OnSpec("plan", {"--accept-code", kHostile});
    OnSpec("plan", {"--budget", kHostile});
    OnSpec("report", {"--published", kHostile});
    SafeCall({"describe", spec_});
    SafeCall({"why", "--stale", spec_, "--store", store_});
    SafeCall({"why", kHostile, "b", "--spec", spec_, "--store", store_});
  }
}

TEST_F(HostileTextTest, APageHasNeitherMarkupNorAnEndOfItsComment) {
  spec_ = SpecWith(dir_, kHostile);
  const std::string page = OnSpec("report", {"--format", "md", "--published",
                                             PublishedWith(dir_, kHostile)})
                               .out;
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("<script")));
  // What would be a link is escaped.
  EXPECT_THAT(page, testing::HasSubstr("\\[x\\](javascript:y)"));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("x](")));
  // Each comment ends where its last line is.
  for (size_t at = page.find("<!--"); at != page.npos;
       at = page.find("<!--", at + 1)) {
    const size_t end = page.find("-->", at);
    ASSERT_NE(end, page.npos);
    EXPECT_EQ(page.substr(end - 1, 5), "\n-->\n");
  }
  EXPECT_THAT(page, testing::HasSubstr("<!-- runs\n"));
}

TEST_F(HostileTextTest, WhatASpecSaysReadsBackAsItWas) {
  spec_ = SpecWith(dir_, kHostile);
  const std::string again = dir_ + "/again.textproto";
  Put(again, OnSpec("spec").out);
  EXPECT_EQ(SafeCall({"spec", again, "--store", store_}).out,
            OnSpec("spec").out);
}

TEST_F(HostileTextTest, WordsOfTheCommandLineAndNamesOfFiles) {
  const std::string huge(kHuge, 'x');
  for (const std::string& word :
       {std::string(kHostile), absl::StrCat("--", kHostile), huge,
        absl::StrCat(dir_, "/", kHostile, ".textproto")}) {
    SafeCall({word});
    SafeCall({"data", word});
    SafeCall({"completion", word});
    SafeCall({"help", word});
    for (const char* verb : {"plan", "run", "status", "report", "spec"}) {
      SafeCall({verb, word, "--store", store_});
      SafeCall({verb, "tests/e2e/tiny.textproto", "--store", store_, word});
    }
    for (const char* verb : {"evaluate", "export", "predict"}) {
      SafeCall({verb, "--run", word, "--store", store_, "--split", "val"});
    }
    SafeCall({"predict", "--run", "x", "--image", word, "--text", word, "--out",
              word, "--store", store_});
    SafeCall({"export", "--run", word, "--peft", word, "--store", store_});
    SafeCall({"evaluate", "--run", word, "--split", word});
    SafeCall({"why", word, word, "--store", store_});
    SafeCall({"diff", word, word, "--store", store_});
    SafeCall({"describe", word});
    SafeCall({"data", "check", word, "--store", store_});
    SafeCall({"data", "gallery", word, "--out", word});
    SafeCall({"data", "export", word, "--jsonl", word});
    SafeCall({"data", "export", "--run", word, "--store", store_});
    SafeCall({"data", "synth", "--out", word, "--set", word});
    SafeCall({"data", "synth", "--out", word, "--set", "seed=" + word});
    SafeCall({"plan", "tests/e2e/tiny.textproto", "--site", word});
    SafeCall({"plan", "tests/e2e/tiny.textproto", "--color", word});
  }
}

TEST_F(HostileTextTest, FilesOfOthersThatAreDescribed) {
  const std::string name = absl::StrCat("sam.", kHostile);
  const std::string weights = dir_ + "/w.safetensors";
  ASSERT_THAT(WriteSafetensors(
                  weights,
                  {{name, SafetensorsDtype::kU8, {1}, "a"},
                   {std::string(kHuge, 'n'), SafetensorsDtype::kU8, {1}, "b"}},
                  {{kHostile, kHostile}, {"huge", std::string(kHuge, 'm')}}),
              IsOk());
  EXPECT_EQ(SafeCall({"describe", weights}).code, 0);
  const std::string adapter = dir_ + "/adapter";
  nlohmann::json config = {{"peft_type", kHostile},
                           {"base_model_name_or_path", kHostile},
                           {"target_modules", {kHostile}}};
  Put(adapter + "/adapter_config.json", config.dump());
  Put(adapter + "/adapter_model.safetensors",
      std::string("\2\0\0\0\0\0\0\0{}", 10));
  EXPECT_EQ(SafeCall({"describe", adapter}).code, 0);
  Put(adapter + "/adapter_config.json",
      absl::StrCat("{\"", absl::CHexEscape(kHostile), "\": 1, \"a\": ]"));
  SafeCall({"describe", adapter});
  Put(adapter + "/adapter_config.json",
      absl::StrCat("{", nlohmann::json(kHostile).dump(), ": 1, ",
                   nlohmann::json(kHostile).dump(), ": 2}"));
  SafeCall({"describe", adapter});
  for (const std::string& text :
       {absl::StrCat("name: '", kHostile, "'"),
        absl::StrCat("nam", kHostile, ": 1"),
        absl::StrCat("name: 'a' ", std::string(kHuge, 'x'), ": 1"),
        absl::StrCat("include: \"", absl::CEscape(kHostile), "\""),
        absl::StrCat("name: \"", absl::CEscape(kHostile), "\" base {}")}) {
    Put(dir_ + "/broken.textproto", text);
    EXPECT_EQ(SafeCall({"plan", dir_ + "/broken.textproto"}).code, 1);
  }
}

TEST_F(HostileTextTest, RecordsOfAMetricLog) {
  const std::string log = dir_ + "/rank00000.metrics";
  auto writer = MetricLogWriter::Create(log);
  ASSERT_THAT(writer, IsOk());
  MetricRecord record;
  record.mutable_header()->set_id(kHostile);
  ASSERT_THAT((*writer)->Append(record), IsOk());
  record.mutable_event()->set_text(kHostile);
  ASSERT_THAT((*writer)->Append(record), IsOk());
  ASSERT_THAT((*writer)->Close(), IsOk());
  EXPECT_EQ(SafeCall({"describe", log}).code, 0);
}

TEST_F(HostileTextTest, ASiteFile) {
  const std::string site = dir_ + "/site.textproto";
  Put(site, absl::StrCat("data { role: 'b' path: \"", absl::CEscape(kHostile),
                         "\" }\n"));
  spec_ = SpecWith(dir_, kHostile);
  OnSpec("plan", {"--site", site});
  OnSpec("run", {"--site", site});
  Put(site, absl::StrCat("data { rol", kHostile, ": 1 }"));
  OnSpec("plan", {"--site", site});
}

// What the worker of a request writes goes the same way as what this program
// writes, whoever wrote it there.
TEST_F(HostileTextTest, WhatAWorkerWrites) {
  Put(dir_ + "/hostile", absl::StrCat(kHostile, "\n\xff\n"));
  const std::string worker = dir_ + "/worker.sh";
  Put(worker,
      absl::StrCat("#!/bin/sh\ncat ", dir_, "/hostile; printf 'out'\n", "cat ",
                   dir_, "/hostile >&2; printf '\\303' >&2\n", "exit 3\n"));
  ASSERT_EQ(chmod(worker.c_str(), 0755), 0);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const absl::StatusOr<int> code = RunWorkerProgram(worker, WorkerRequest());
  const std::string out = testing::internal::GetCapturedStdout();
  const std::string err = testing::internal::GetCapturedStderr();
  EXPECT_THAT(code, IsOkAndHolds(1));
  EXPECT_EQ(out, TerminalSafe(absl::StrCat(kHostile, "\n\xff\nout")));
  EXPECT_EQ(err, TerminalSafe(absl::StrCat(kHostile, "\n\xff\n\xc3")));
}

// As after `2>&1`: lines of both streams in the order in which the worker wrote
// them.
TEST_F(HostileTextTest, AWorkersLinesInOneFileKeepTheirOrder) {
  const std::string worker = dir_ + "/worker.sh";
  Put(worker,
      "#!/bin/sh\ni=0\nwhile [ $i -lt 200 ]; do\n"
      "  echo told $i >&2; echo out $i; i=$((i + 1))\ndone\n");
  ASSERT_EQ(chmod(worker.c_str(), 0755), 0);
  testing::internal::CaptureStdout();
  const int errors = dup(STDERR_FILENO);
  ASSERT_GE(errors, 0);
  ASSERT_EQ(dup2(STDOUT_FILENO, STDERR_FILENO), STDERR_FILENO);
  const absl::StatusOr<int> code = RunWorkerProgram(worker, WorkerRequest());
  ASSERT_EQ(dup2(errors, STDERR_FILENO), STDERR_FILENO);
  close(errors);
  const std::string lines = testing::internal::GetCapturedStdout();
  EXPECT_THAT(code, IsOkAndHolds(0));
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&expected, "told ", i, "\nout ", i, "\n");
  }
  EXPECT_EQ(lines, expected);
}

}  // namespace
}  // namespace transect
