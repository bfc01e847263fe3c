#include "launch/cli/completion.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/cli/cli.h"
#include "launch/store/store.h"
#include "tests/launch/cli/call.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr char kSpec[] = "tests/e2e/tiny.textproto";

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

// A shell at a terminal, with `transect` on its path and this directory as its
// own. Ends with the object.
class Shell {
 public:
  explicit Shell(const std::vector<std::string>& command) {
    winsize size = {24, 200, 0, 0};
    const std::string program =
        std::filesystem::absolute("tests/launch/cli/transect_alone");
    child_ = forkpty(&terminal_, nullptr, nullptr, &size);
    if (child_ == 0) {
      setenv("PATH", (dir_ + ":/usr/bin:/bin").c_str(), 1);
      setenv("TERM", "dumb", 1);
      setenv("INPUTRC", "/dev/null", 1);
      setenv("TRANSECT_STORE", (dir_ + "/store").c_str(), 1);
      setenv("TRANSECT_SITE", "/dev/null", 1);
      std::filesystem::create_symlink(program, dir_ + "/transect");
      if (chdir(dir_.c_str()) != 0) _exit(1);
      std::vector<char*> argv;
      for (const std::string& word : command) {
        argv.push_back(const_cast<char*>(word.c_str()));
      }
      argv.push_back(nullptr);
      execvp(argv[0], argv.data());
      _exit(1);
    }
  }
  ~Shell() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    close(terminal_);
  }
  Shell(const Shell&) = delete;

  const std::string& dir() const { return dir_; }

  // Types `keys` and reads until `expected` is on the screen behind them.
  // What is on the screen, then.
  std::string Type(const std::string& keys, const std::string& expected) {
    EXPECT_EQ(write(terminal_, keys.data(), keys.size()), std::ssize(keys));
    std::string screen;
    while (!absl::StrContains(screen, expected)) {
      pollfd ready = {terminal_, POLLIN, 0};
      char buffer[4096];
      ssize_t size = 0;
      if (poll(&ready, 1, 20'000) == 1) {
        size = read(terminal_, buffer, sizeof(buffer));
      }
      if (size <= 0) break;
      // Without bells, which stand within words.
      std::copy_if(buffer, buffer + size, std::back_inserter(screen),
                   [](char c) { return c != '\a'; });
    }
    return screen;
  }

 private:
  const std::string dir_ = NewDir();
  int terminal_ = -1;
  pid_t child_ = -1;
};

// What a new shell shows that reads the script, then `keys`, up to `expected`.
// A new one each time: what the last keys still print could be taken for its
// readiness, and keys that come before it are lost.
std::string ScreenOf(const std::string& name, const std::string& keys,
                     const std::string& expected) {
  const bool zsh = name == "zsh";
  Shell shell(
      zsh ? std::vector<std::string>{"zsh", "-f", "-i"}
          : std::vector<std::string>{"bash", "--norc", "--noprofile", "-i"});
  Put(shell.dir() + "/script", Script(name));
  std::filesystem::copy_file(kSpec, shell.dir() + "/tiny.textproto");
  shell.Type(absl::StrCat(zsh ? "autoload -U compinit; compinit -u -D; " : "",
                          "source ./script; PS1='rea''dy> '\n"),
             "ready> ");
  return shell.Type(keys, expected);
}

TEST(CompletionTest, ABashAtATerminalCompletesFieldsRunsAndPublishedSets) {
  const std::vector<std::pair<std::string, std::string>> typed = {
      {"transect help training.opti\t", "training.optimizer"},
      {"transect help weight_decay\t", "training.optimizer.weight_decay"},
      {"transect plan tiny.textproto --set training.optimizer.l\t",
       "training.optimizer.lr="},
      {"transect plan tiny.textproto --set training.prec\tBF\t",
       "training.precision=BF16"},
      {"transect plan tiny.textproto --set axis.ra\t", "axis.rank.values="},
      {"transect report tiny.textproto --published rsrefseg_table\t\t",
       "rsrefseg_table1"},
      {"transect plan tiny.textproto ran\t", "rank="},
      {"transect plan tiny.textproto '#\t\t", "#2"},
      {"transect predict --spec tiny.textproto --run rank=2\\ se\t",
       "rank=2\\ seed="},
      {"transect pla\tti\t", "plan tiny.textproto"},
  };
  for (const auto& [keys, expected] : typed) {
    EXPECT_THAT(ScreenOf("bash", keys, expected), HasSubstr(expected)) << keys;
  }
}

TEST(CompletionTest, AZshAtATerminalDoesToo) {
  if (system("command -v zsh >/dev/null") != 0) {
    GTEST_SKIP() << "zsh is not installed";
  }
  const std::vector<std::pair<std::string, std::string>> typed = {
      {"transect plan tiny.textproto --set training.prec\tBF\t",
       "training.precision=BF16"},
      {"transect plan tiny.textproto --set=axis.ra\t", "axis.rank.values="},
      {"transect predict --spec tiny.textproto --run rank=2\\ se\t",
       "rank=2\\ seed="},
  };
  for (const auto& [keys, expected] : typed) {
    EXPECT_THAT(ScreenOf("zsh", keys, expected), HasSubstr(expected)) << keys;
  }
}

TEST(CompletionTest, RunsOfTheStoreAreCompleted) {
  const std::string root = NewDir() + "/store";
  const std::string line =
      absl::StrCat("transect export --store ", root, " --run ");
  EXPECT_EQ(Call({"complete", "bash", line}).out, "");
  const absl::StatusOr<Store> store = Store::OpenOrCreate(root);
  ASSERT_THAT(store, IsOk());
  const std::string id = "14b1ce310123456789abcdef01234567";
  const std::string code = "fedcba9876543210fedcba9876543210";
  PutResult(store->RunDir(id, code), id, code);
  const Said said = Call({"complete", "bash", line + "14"});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.out, "14b1ce310123\n");
  EXPECT_EQ(Call({"complete", "bash",
                  absl::StrCat("transect runs --store ", root, " 14")})
                .out,
            "14b1ce310123\n");
}

TEST(CompletionTest, CandidatesAreThoseOfTheExperiment) {
  const auto of = [](const std::string& line) {
    const Said said = Call({"complete", "zsh", line});
    EXPECT_EQ(said.code, 0);
    EXPECT_EQ(said.err, "");
    return std::vector<std::string>(
        absl::StrSplit(said.out, '\n', absl::SkipEmpty()));
  };
  const std::string spec = std::string("transect plan ") + kSpec;
  EXPECT_THAT(of(spec + " "),
              IsSupersetOf({"rank=", "seed=", "state=", "#1", "#2"}));
  EXPECT_THAT(of(spec + " rank="), Contains("rank=2"));
  EXPECT_THAT(of(spec + " state=fa"), ElementsAre("state=failed"));
  EXPECT_THAT(of(spec + " --set=see"),
              ElementsAre("--set=seed=", "--set=seeds="));
  EXPECT_THAT(of(spec + " --set axis."), Contains("axis.rank.values="));
  EXPECT_THAT(
      of(std::string("transect evaluate --spec ") + kSpec + " --run 'rank"),
      Contains(HasSubstr("rank=2 seed=1")));
  EXPECT_THAT(of("transect report x.textproto --published rsref"),
              ElementsAre("rsrefseg_table1", "rsrefseg_table2"));
  EXPECT_THAT(of("transect data synth --set style=A"),
              ElementsAre("style=AERIAL"));
  EXPECT_THAT(of("transect help lr"), ElementsAre("training.optimizer.lr"));
  // The script knows verbs, flags and files by itself.
  for (const char* line : {"transect pl", "transect plan ", "transect plan --s",
                           "transect plan /nowhere.textproto rank="}) {
    EXPECT_THAT(of(line), ElementsAre()) << line;
  }
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
