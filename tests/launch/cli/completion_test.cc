#include "launch/cli/completion.h"

#include <stdio.h>
#include <stdlib.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/cli/cli.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::string OutputOf(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  size_t size;
  while ((size = fread(buffer, 1, sizeof(buffer), pipe)) > 0) {
    text.append(buffer, size);
  }
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << text;
  return text;
}

// What `transect completion SHELL` prints.
std::string Script(std::string shell) {
  std::string program = "transect";
  std::string verb = "completion";
  char* argv[] = {program.data(), verb.data(), shell.data(), nullptr};
  testing::internal::CaptureStdout();
  EXPECT_EQ(TransectMain(3, argv), 0);
  return testing::internal::GetCapturedStdout();
}

// A real bash sources the script and completes the last of `words`.
std::vector<std::string> Complete(const std::vector<std::string>& words) {
  const std::string dir = NewDir();
  Put(dir + "/script", Script("bash"));
  Put(dir + "/mine.textproto", "");
  std::string list;
  for (const std::string& word : words) {
    absl::StrAppend(&list, " '", word, "'");
  }
  Put(dir + "/ask",
      absl::StrCat("set -u\ncd ", dir, "\nsource ./script\nCOMP_WORDS=(", list,
                   ")\nCOMP_CWORD=", words.size() - 1,
                   "\n_transect\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"));
  std::istringstream lines(
      OutputOf(absl::StrCat("bash --norc ", dir, "/ask 2>&1")));
  std::vector<std::string> replies;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) replies.push_back(line);
  }
  return replies;
}

TEST(CompletionTest, BashKnowsTheVerbs) {
  EXPECT_THAT(Complete({"transect", ""}),
              IsSupersetOf({"plan", "run", "status", "report", "spec", "why",
                            "diff", "help", "data", "completion"}));
  EXPECT_THAT(Complete({"transect", "pl"}), ElementsAre("plan"));
  EXPECT_THAT(Complete({"transect", "data", "sy"}), ElementsAre("synth"));
}

TEST(CompletionTest, BashKnowsTheFlagsOfEachVerb) {
  EXPECT_THAT(Complete({"transect", "run", "--"}),
              AllOf(IsSupersetOf({"--store", "--set", "--accept-code", "--jobs",
                                  "--dry-run"}),
                    Not(Contains("--format"))));
  EXPECT_THAT(Complete({"transect", "report", "x.textproto", "--fo"}),
              ElementsAre("--format"));
}

TEST(CompletionTest, BashKnowsValuesAndFiles) {
  EXPECT_THAT(Complete({"transect", "report", "--color", "a"}),
              ElementsAre("auto", "always"));
  EXPECT_THAT(Complete({"transect", "report", "--color", "=", "n"}),
              ElementsAre("never"));
  EXPECT_THAT(Complete({"transect", "completion", ""}),
              IsSupersetOf({"bash", "zsh"}));
  EXPECT_THAT(Complete({"transect", "run", "mi"}),
              ElementsAre("mine.textproto"));
  EXPECT_THAT(Complete({"transect", "run", "--site", "mi"}),
              ElementsAre("mine.textproto"));
}

TEST(CompletionTest, ZshReadsItsScript) {
  const std::string script = Script("zsh");
  EXPECT_THAT(script, AllOf(HasSubstr("#compdef transect\n"),
                            HasSubstr("_transect_data_synth() {"),
                            HasSubstr("'*--color[auto, always or never; auto "
                                      "honors NO_COLOR.]:value:(")));
  if (system("command -v zsh >/dev/null") != 0) {
    GTEST_SKIP() << "zsh is not installed";
  }
  const std::string dir = NewDir();
  Put(dir + "/_transect", script);
  EXPECT_EQ(OutputOf(absl::StrCat(
                "zsh -f -c 'autoload -U compinit && compinit -u -d ", dir,
                "/dump && source ", dir,
                "/_transect && echo $_comps[transect]' 2>&1")),
            "_transect\n");
}

}  // namespace
}  // namespace transect
