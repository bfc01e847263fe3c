// Errors of the command line name the thing and the way out.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/cli/call.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSpec[] = "tests/e2e/tiny.textproto";
constexpr char kPointer[] =
    "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";

size_t CountOf(const std::string& text, const std::string& part) {
  return std::vector<std::string>(absl::StrSplit(text, part)).size() - 1;
}

// The tiny experiment with `base` over its base.
std::string TinyWith(const std::string& base) {
  const std::string path = NewDir() + "/spec.textproto";
  Put(path, absl::StrCat("name: 'mine' include: '",
                         std::filesystem::absolute(kSpec).string(), "' base { ",
                         base, " }\n"));
  return path;
}

TEST(WayOutTest, WordsThatAreNoneComeWithTheNearest) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> typos = {
      {{"plna", kSpec}, "did you mean \"plan\"?"},
      {{"reprot"}, "did you mean \"report\"?"},
      {{"data", "chekc", "dir"}, "did you mean \"check\"?"},
      {{"zzzzzzzz"}, "it can be plan, run, "},
      {{"plan", kSpec, "--formt", "json"}, "did you mean \"--format\"?"},
      {{"plan", kSpec, "--bugdet=3cpuh"}, "did you mean \"--budget\"?"},
      {{"report", kSpec, "--format", "jsn"}, "did you mean \"json\"?"},
      {{"data", "check", "d", "--format-of-data", "RISBENC"},
       "did you mean \"RISBENCH\"?"},
      {{"completion", "bsh"}, "did you mean \"bash\" or \"zsh\"?"}};
  for (const auto& [words, hint] : typos) {
    const Said said = Call(words);
    EXPECT_EQ(said.code, 1);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, HasSubstr(hint));
  }
  // Where nothing is near, nothing is guessed.
  EXPECT_THAT(Call({"plan", kSpec, "--zzzzzz"}).err,
              Not(HasSubstr("did you mean")));
}

TEST(WayOutTest, FieldsAreFoundByWhatPeopleCallThem) {
  EXPECT_THAT(Call({"plan", kSpec, "--set", "learning_rate=3"}).err,
              HasSubstr("did you mean \"base.training.optimizer.lr\""));
  EXPECT_EQ(
      Call({"spec", "--check", kSpec, "--set", "base.training.steps=7"}).code,
      0);
  EXPECT_THAT(Call({"help", "rank"}).out,
              HasSubstr("\n  model.rsrefseg.sam.lora.rank: "));
}

TEST(WayOutTest, WhatIsNoFileOrTooManyIsSaidInASentence) {
  const std::string dir = NewDir();
  EXPECT_EQ(Call({"plan", dir}).err,
            dir +
                ": is a folder, not an experiment file, and holds none "
                "(*.textproto)\n");
  Put(dir + "/one.textproto", "");
  EXPECT_EQ(Call({"plan", dir}).err,
            dir +
                ": is a folder, not an experiment file; name one that it "
                "holds: " +
                dir + "/one.textproto\n");
  EXPECT_THAT(Call({"plan", kSpec, kSpec, "--store", dir + "/store"}).err,
              HasSubstr("a second experiment file; give one"));
  EXPECT_EQ(Call({"plan", kSpec, "--store", dir + "/one.textproto"}).err,
            "store " + dir +
                "/one.textproto: is a file; name a directory with --store, "
                "which `transect run` makes where there is none\n");
  EXPECT_THAT(Call({"predict", "--run", "3fa2", "--run=b"}).err,
              StartsWith("--run is given more than once, but `predict` takes "
                         "one: say only --run 3fa2\n"));
  EXPECT_THAT(
      Call({"plan", kSpec, "--site", dir + "/none"}).err,
      AllOf(StartsWith("site file " + dir + "/none: there is none; "),
            HasSubstr("data { role: "), HasSubstr("`transect help site`")));
}

TEST(WayOutTest, AConsequenceOfAWrongValueIsNotToldBesidesIt) {
  EXPECT_EQ(
      Call({"spec", "--check", kSpec, "--set", "base.training.steps=-5"}).err,
      "--set: base.training.steps: is -5, must be 0 to 10000000\n");
}

TEST(WayOutTest, TheSiteFileIsDescribedAndItsFieldsAreExplained) {
  const std::string dir = NewDir();
  const std::string path = dir + "/site.textproto";
  Put(path, "# Mine.\nstore: 'there'\ndata { role: 'rrsisd' path: '.' }\n");
  EXPECT_EQ(Call({"describe", path}).out,
            path +
                ": a site file: where this machine keeps what experiments name "
                "by role (docs/site_file.md)\n"
                "  store  " +
                dir + "/there (does not exist)\n  data   rrsisd  " + dir +
                "/\n");
  // One that does not parse is still no experiment.
  Put(path, "stor: 'x'\ndata { role: 'rrsisd' path: '.' }\n");
  EXPECT_THAT(Call({"describe", path}).err,
              AllOf(HasSubstr("did you mean \"store\"?\n"),
                    Not(HasSubstr("transect.Experiment"))));
  EXPECT_THAT(Call({"help", "site"}).out,
              AllOf(HasSubstr("\n  data: list of Place\n"),
                    HasSubstr("\n  lease_seconds: int32, default 60\n")));
  EXPECT_THAT(Call({"help", "site.data"}).out,
              StartsWith("site.data: list of Place\nData sets.\n"));
  EXPECT_THAT(Call({"help", "site.rol"}).err,
              HasSubstr("did you mean \"site.data.role\""));
}

TEST(WayOutTest, AMarkOfWindowsIsReadAndATypographicQuoteIsCalledThat) {
  const std::string dir = NewDir();
  const std::string rest = absl::StrCat(
      "name: 'a' include: '", std::filesystem::absolute(kSpec).string(), "'\n");
  Put(dir + "/bom.textproto", absl::StrCat("\xEF\xBB\xBF", rest));
  EXPECT_EQ(Call({"spec", "--check", dir + "/bom.textproto"}).err, "");
  Put(dir + "/curly.textproto", "name: “a”\n");
  EXPECT_EQ(Call({"plan", dir + "/curly.textproto"}).err,
            dir +
                "/curly.textproto:1:7: “ (U+201C) is a typographic quote, not "
                "\", as pages and word processors make it: type \"\n");
  const std::string published = dir + "/published.textproto";
  Put(published, "\xEF\xBB\xBFname: 'x'\nrow { label: 'l' giou: '1000' }\n");
  EXPECT_THAT(Call({"report", kSpec, "--published", published, "--store",
                    dir + "/store"})
                  .err,
              HasSubstr(published + ":2:18: row[0].giou: is \"1000\""));
}

// In a set, in an adapter, as described, as planned and as run.
TEST(WayOutTest, APointerInPlaceOfWeightsIsCalledThatByEveryVerb) {
  const std::string dir = NewDir();
  Put(dir + "/sam/config.json", "{\"model_type\": \"sam\"}");
  Put(dir + "/sam/model.safetensors", kPointer);
  Put(dir + "/adapters/sam_vision/adapter_config.json", kPointer);
  Put(dir + "/adapters/sam_vision/adapter_model.safetensors", kPointer);
  Put(dir + "/site.textproto", "weights { role: 'mine' path: 'adapters' }\n");
  EXPECT_THAT(Call({"describe", dir + "/sam"}).err,
              AllOf(StartsWith(dir + "/sam/model.safetensors: is a Git LFS"),
                    HasSubstr("`git lfs pull`")));
  EXPECT_THAT(Call({"describe", dir + "/sam/model.safetensors"}).err,
              HasSubstr("is a Git LFS pointer"));
  EXPECT_THAT(Call({"describe", dir + "/adapters/sam_vision"}).err,
              HasSubstr("is a Git LFS pointer"));
  const std::string spec = TinyWith(
      "weights { random {} adapters { role: 'mine' parts: SAM_VISION } }");
  const std::vector<std::string> places = {"--site", dir + "/site.textproto",
                                           "--store", dir + "/store"};
  for (const char* verb : {"plan", "run"}) {
    std::vector<std::string> words = {verb, spec};
    words.insert(words.end(), places.begin(), places.end());
    const Said said = Call(words);
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.out + said.err, HasSubstr("is a Git LFS pointer")) << verb;
  }
}

TEST(WayOutTest, WithNothingDoneAReportSaysSoAndWhyOnce) {
  const std::string store = NewDir() + "/store";
  const Said said = Call({"report", kSpec, "--store", store});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out,
              AllOf(HasSubstr("\nNo run has a result. "),
                    HasSubstr("\n† All 4 runs are missing: not run yet.\n"),
                    HasSubstr(" Axes: rank is model.rsrefseg."),
                    Not(HasSubstr("n = 0"))));
  const Said found =
      Call({"report", TinyWith("data { found { role: 'nowhere' } }"), "--store",
            store});
  EXPECT_EQ(CountOf(found.out, "missing: "), 1);
  EXPECT_THAT(found.out,
              AllOf(HasSubstr("runs are missing: "), HasSubstr("nowhere")));
}

TEST(WayOutTest, MinusZeroIsNoOtherRunAndNoOtherValue) {
  const std::string store = NewDir() + "/store";
  const auto plan = [&](const std::string& decay) {
    return Call({"plan", kSpec, "--store", store, "--format", "json", "--set",
                 "training.optimizer.weight_decay=" + decay})
        .out;
  };
  const auto ids = [](const std::string& json) {
    std::string all;
    for (size_t at = json.find("\"id\": "); at != json.npos;
         at = json.find("\"id\": ", at + 1)) {
      all += json.substr(at, 42);
    }
    return all;
  };
  EXPECT_EQ(ids(plan("-0.0")), ids(plan("0")));
  EXPECT_NE(ids(plan("0.5")), ids(plan("0")));
  const std::string spec = NewDir() + "/zeros.textproto";
  Put(spec, absl::StrCat("name: 'a' include: '",
                         std::filesystem::absolute(kSpec).string(),
                         "' axis { name: 'wd' field: "
                         "'training.optimizer.weight_decay' values: ['0', "
                         "'-0'] } design { name: 'd' grid { axes: 'wd' } }\n"));
  EXPECT_THAT(Call({"spec", "--check", spec}).err,
              HasSubstr("is \"-0\", which is the value \"0\" that is given "
                        "before it"));
}

}  // namespace
}  // namespace transect
