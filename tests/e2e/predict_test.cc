// What a researcher does with a finished run: predict masks, look into the
// network, evaluate it on another split.
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "launch/requests/predictions.pb.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "model/checkpoint/safetensors.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Directory of the first run of `store`.
std::string RunDir(const std::string& store) {
  for (const std::string& job : JobDirs(store)) {
    if (absl::StrContains(job, "/runs/")) return job;
  }
  ADD_FAILURE() << "no run in " << store;
  return "";
}

// Whole spec part of the run in `dir`.
std::string IdOf(const std::string& dir) {
  return fs::path(dir).parent_path().filename().string();
}

// Images of the made data set, sorted.
std::vector<std::string> Images(const std::string& store) {
  std::vector<std::string> images;
  for (const auto& file : fs::recursive_directory_iterator(store + "/inputs")) {
    if (file.path().extension() == ".jpg") images.push_back(file.path());
  }
  std::sort(images.begin(), images.end());
  return images;
}

template <typename Message>
Message FromJson(const std::string& json) {
  Message message;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &message).ok())
      << json;
  return message;
}

std::string NewDir(const std::string& name) {
  const std::string dir = absl::StrCat(testing::TempDir(), "/", name);
  fs::remove_all(dir);
  return dir;
}

class PredictTest : public testing::Test {
 protected:
  // `transect predict` with the first run of the filled store.
  Ended Predict(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"predict", "--store", FilledStore(),
                                          "--run", IdOf(RunDir(FilledStore()))};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Transect(arguments);
  }
};

TEST_F(PredictTest, DrawsEveryImageWithEverySentence) {
  const std::vector<std::string> images = Images(FilledStore());
  const std::string out = NewDir("drawn");
  const Ended ended = Predict(
      {"--image", images[0], "--image", images[1], "--text", "the ship",
       "--text", "the red car on the left", "--out", out, "--format", "json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const auto list = FromJson<PredictionList>(ended.out);
  EXPECT_EQ(list.version(), 1);
  EXPECT_EQ(list.run(), IdOf(RunDir(FilledStore())));
  ASSERT_EQ(list.prediction_size(), 4);
  for (int i = 0; i < 4; ++i) {
    const Prediction& prediction = list.prediction(i);
    EXPECT_EQ(prediction.image(), images[i / 2]);
    EXPECT_EQ(prediction.index(), i);
    EXPECT_EQ(prediction.width(), 64);
    EXPECT_EQ(prediction.height(), 64);
    EXPECT_GE(prediction.tokens(), 3);
    for (const std::string& file :
         {prediction.mask_file(), prediction.overlay_file(),
          prediction.activation_file()}) {
      ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(file));
      EXPECT_THAT(bytes, StartsWith("\x89PNG"));
    }
    EXPECT_THAT(prediction.dump_file(), IsEmpty());
  }
  EXPECT_EQ(list.prediction(1).text(), "the red car on the left");

  // The same again would replace them.
  const std::vector<std::string> again = {"--image",  images[0], "--text",
                                          "the ship", "--out",   out};
  const Ended refused = Predict(again);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("_0_mask.png and 2 more files"),
                                 HasSubstr("--overwrite")));
  std::vector<std::string> overwrite = again;
  overwrite.push_back("--overwrite");
  EXPECT_EQ(Predict(overwrite).code, 0);
}

// A run by its number, by selectors, by the file of its spec.
TEST_F(PredictTest, TakesEveryReferenceToARun) {
  const std::string image = Images(FilledStore())[0];
  const std::string spec_file = SpecPath(RunDir(FilledStore()));
  const std::vector<std::vector<std::string>> references = {
      {"--run", "#1", "--spec", TinyExperiment()},
      {"--run", "rank=2 seed=1", "--spec", TinyExperiment()},
      {"--run", spec_file}};
  for (const std::vector<std::string>& reference : references) {
    std::vector<std::string> words = {
        "predict",  "--store", FilledStore(),      "--image",  image, "--text",
        "the ship", "--out",   NewDir("referred"), "--format", "json"};
    words.insert(words.end(), reference.begin(), reference.end());
    const Ended ended = Transect(words);
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(FromJson<PredictionList>(ended.out).run(), SizeIs(32));
  }
  const Ended unfinished =
      Transect({"predict", "--store", FilledStore(), "--image", image, "--text",
                "x", "--out", NewDir("referred"), "--run", "#2", "--spec",
                TinyExperiment({{"seeds: [1, 2]", "seeds: [1, 7]"}})});
  EXPECT_EQ(unfinished.code, 1);
  EXPECT_THAT(unfinished.err, AllOf(HasSubstr("is not done; this makes it: "),
                                    HasSubstr("run "), HasSubstr("'#2'")));
}

TEST_F(PredictTest, ADumpPredictsTheSameAgain) {
  const std::string image = Images(FilledStore())[0];
  const std::string out = NewDir("dumped");
  const Ended first =
      Predict({"--image", image, "--text", "the large white airplane", "--out",
               out, "--dump", out, "--format", "json"});
  ASSERT_EQ(first.code, 0) << first.err;
  const auto one = FromJson<PredictionList>(first.out);
  ASSERT_EQ(one.prediction_size(), 1);
  const std::string dump = one.prediction(0).dump_file();
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file, SafetensorsFile::Open(dump));
  std::vector<std::string> names;
  for (const SafetensorsInfo& tensor : file.tensors()) {
    names.push_back(tensor.name);
  }
  EXPECT_THAT(
      names,
      AllOf(Contains("input.image"), Contains("input.token_ids"),
            Contains("stage.vision_layer.2"), Contains("stage.activation"),
            Contains("stage.image_embedding"), Contains("stage.mask_logits")));

  const std::string again_dir = NewDir("again");
  const Ended second =
      Predict({"--inputs", dump, "--dump", again_dir, "--format", "json"});
  ASSERT_EQ(second.code, 0) << second.err;
  const auto two = FromJson<PredictionList>(second.out);
  ASSERT_EQ(two.prediction_size(), 1);
  EXPECT_EQ(two.prediction(0).pixels(), one.prediction(0).pixels());
  EXPECT_EQ(two.prediction(0).score(), one.prediction(0).score());
  EXPECT_THAT(two.prediction(0).mask_file(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(dump));
  EXPECT_THAT(ReadFile(two.prediction(0).dump_file()), IsOkAndHolds(bytes));
}

TEST_F(PredictTest, SaysWhatIsWrongInOneLine) {
  const std::string image = Images(FilledStore())[0];
  const std::string out = NewDir("wrong");
  const std::string empty = absl::StrCat(testing::TempDir(), "/empty.jpg");
  const std::string text = absl::StrCat(testing::TempDir(), "/text.png");
  ASSERT_THAT(WriteFile(empty, ""), IsOk());
  ASSERT_THAT(WriteFile(text, "not a picture"), IsOk());
  const auto error = [&](const std::vector<std::string>& arguments) {
    const Ended ended = Predict(arguments);
    EXPECT_EQ(ended.code, 1) << ended.err;
    EXPECT_THAT(ended.out, IsEmpty());
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1)
        << ended.err;
    return ended.err;
  };
  EXPECT_THAT(error({"--image", image, "--out", out}), HasSubstr("--text"));
  EXPECT_THAT(error({"--image", image, "--text", "a ship"}),
              HasSubstr("--out"));
  EXPECT_THAT(error({"--image", image, "--text", " ", "--out", out}),
              HasSubstr("--text is empty"));
  EXPECT_THAT(error({"--image", image, "--text", "?!", "--out", out}),
              HasSubstr("has no word"));
  EXPECT_THAT(
      error({"--image", "/no/such.jpg", "--text", "a ship", "--out", out}),
      HasSubstr("no image /no/such.jpg"));
  EXPECT_THAT(
      error({"--image", testing::TempDir(), "--text", "a ship", "--out", out}),
      HasSubstr("is a directory"));
  EXPECT_THAT(error({"--image", empty, "--text", "a ship", "--out", out}),
              AllOf(HasSubstr(empty), HasSubstr("empty")));
  EXPECT_THAT(error({"--image", text, "--text", "a ship", "--out", out}),
              HasSubstr("not JPEG, PNG or TIFF"));
  EXPECT_THAT(
      error({"--image", image, "--text", "a ship", "--out", "/proc/masks"}),
      HasSubstr("/proc/masks"));
  EXPECT_THAT(error({"--inputs", text, "--out", out}), HasSubstr(text));
  const Ended unknown =
      Transect({"predict", "--store", FilledStore(), "--run", "ffffffffffff",
                "--image", image, "--text", "a ship", "--out", out});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("ffffffffffff"));
}

TEST_F(PredictTest, ASpecByItselfPredictsWithItsInitialWeights) {
  const std::string out = NewDir("spec");
  const Ended ended =
      Transect({"predict", "--store", FilledStore(), "--model",
                TinyExperiment(), "--image", Images(FilledStore())[0], "--text",
                "the ship", "--out", out, "--format", "json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const auto list = FromJson<PredictionList>(ended.out);
  EXPECT_THAT(list.run(), IsEmpty());
  EXPECT_EQ(list.prediction_size(), 1);
  // The same spec, where nobody has made its inputs.
  const Ended missing = Transect(
      {"predict", "--store", NewStore(), "--model", TinyExperiment(), "--image",
       Images(FilledStore())[0], "--text", "the ship", "--out", out});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.err, HasSubstr("is not in the store"));
}

// What a newer program asks of a worker that the store keeps.
TEST(RequestTest, AWorkerSaysThatItIsOfAnotherBuild) {
  std::string worker;
  for (const auto& file :
       fs::recursive_directory_iterator(FilledStore() + "/bundles")) {
    if (file.path().filename() == "transect_worker") worker = file.path();
  }
  ASSERT_FALSE(worker.empty());
  const std::string said = NewDir("said");
  const std::string command =
      absl::StrCat("echo 'evaluate { color: 1 }' | '", worker,
                   "' --request > '", said, "' 2>&1");
  EXPECT_NE(std::system(command.c_str()), 0);
  EXPECT_THAT(ReadFile(said),
              IsOkAndHolds(AllOf(HasSubstr("are of different builds"),
                                 HasSubstr("color"))));
}

// Evaluated items of the rank in `attempt_dir`.
std::vector<std::string> Items(const std::string& attempt_dir) {
  std::vector<std::string> items;
  const auto log = ReadMetricLog(RankMetricsPath(attempt_dir, 0));
  EXPECT_THAT(log, IsOk());
  for (const MetricRecord& record : log->records) {
    if (record.has_eval_item()) {
      items.push_back(record.eval_item().ShortDebugString());
    }
  }
  return items;
}

// Directory of the one evaluation of the run in `dir` on `split`.
std::string EvaluationOn(const std::string& dir, const std::string& split) {
  for (const std::string& name : EvaluationNames(dir)) {
    if (absl::StartsWith(name, split + "-")) {
      return absl::StrCat(EvaluationsDir(dir), "/", name);
    }
  }
  ADD_FAILURE() << split << " is not evaluated in " << dir;
  return "";
}

TEST(EvaluateTest, TheRunsOwnSplitIsTheRunsOwnEvaluation) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string dir = RunDir(store);
  ASSERT_OK_AND_ASSIGN(const std::string result, ReadFile(ResultPath(dir)));
  const std::vector<std::string> arguments = {"evaluate", "--store",  store,
                                              "--run",    IdOf(dir),  "--split",
                                              "val",      "--format", "json"};
  const Ended made_by_run = Transect(arguments);
  ASSERT_EQ(made_by_run.code, 0) << made_by_run.err;
  auto evaluation = FromJson<Evaluation>(made_by_run.out);
  EXPECT_EQ(evaluation.items(), 8);
  EXPECT_TRUE(evaluation.reused());
  EXPECT_EQ(evaluation.directory(), EvaluationOn(dir, "val"));
  EXPECT_GE(evaluation.measure_size(), 7);
  const std::vector<std::string> items =
      Items(AttemptDir(evaluation.directory(), 1));
  EXPECT_THAT(items, SizeIs(8));

  // Made again from the weights it has the same place and integers.
  fs::remove_all(evaluation.directory());
  const Ended again = Transect(arguments);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_FALSE(FromJson<Evaluation>(again.out).reused());
  EXPECT_EQ(FromJson<Evaluation>(again.out).directory(),
            evaluation.directory());
  EXPECT_EQ(Items(AttemptDir(evaluation.directory(), 1)), items);
  EXPECT_THAT(ReadFile(ResultPath(dir)), IsOkAndHolds(result));

  const Ended other = Transect(
      {"evaluate", "--store", store, "--run", IdOf(dir), "--split", "train"});
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_THAT(other.out,
              AllOf(HasSubstr("split train, 200 items"), HasSubstr("gIoU"),
                    HasSubstr("was trained on this split")));
}

// The images of the tiny experiment have 64 x 64 pixels.
TEST(EvaluateTest, AnotherResolutionIsAnotherEvaluationAndATableOfItsOwn) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string dir = RunDir(store);
  const std::string own_dir = EvaluationOn(dir, "val");
  const auto evaluate = [&](const std::string& resolution) {
    return Transect({"evaluate", "--store", store, "--run", IdOf(dir),
                     "--split", "val", "--format", "json", "--resolution",
                     resolution});
  };
  const Ended made = evaluate("96");
  ASSERT_EQ(made.code, 0) << made.err;
  const auto at_96 = FromJson<Evaluation>(made.out);
  EXPECT_EQ(at_96.resolution(), 96);
  EXPECT_FALSE(at_96.reused());
  EXPECT_TRUE(FromJson<Evaluation>(evaluate("96").out).reused());
  const auto own = FromJson<Evaluation>(evaluate("0").out);
  EXPECT_TRUE(own.reused());
  EXPECT_EQ(own.resolution(), 0);
  EXPECT_EQ(own.directory(), own_dir);
  EXPECT_NE(at_96.directory(), own.directory());
  EXPECT_THAT(Items(AttemptDir(at_96.directory(), 1)),
              Each(HasSubstr("image_pixels: 9216")));
  EXPECT_THAT(Items(AttemptDir(own.directory(), 1)),
              Each(HasSubstr("image_pixels: 4096")));

  const Ended report = Transect(
      {"report", TinyExperiment(), "--store", store, "--format", "md"});
  EXPECT_EQ(report.code, 0) << report.err;
  EXPECT_THAT(report.out,
              AllOf(HasSubstr("masks compared at each image's own size"),
                    HasSubstr("masks compared at 96 x 96 pixels"),
                    ContainsRegex("evaluated later on .* at 96 x 96 pixels")));
  const Ended refused = evaluate("15");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--resolution is 15, must be 0"));
}

// A data set that the run did not see, by its directory.
TEST(EvaluateTest, OtherDataHasAnIdentityOfItsOwn) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string dir = RunDir(store);
  const std::string data =
      fs::path(NewDir("other_data")).lexically_normal().string();
  const Ended made =
      Transect({"data", "synth", "--out", data, "--set", "train_images=1",
                "--set", "val_images=1", "--set", "test_images=3", "--set",
                "image_size=64", "--set", "seed=99"});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string items = NewDir("items") + ".csv";
  const std::vector<std::string> arguments = {
      "evaluate", "--store", store, "--run",    IdOf(dir), "--data",
      data,       "--items", items, "--format", "json"};
  const Ended ended = Transect(arguments);
  ASSERT_EQ(ended.code, 0) << ended.err;
  const auto evaluation = FromJson<Evaluation>(ended.out);
  EXPECT_EQ(evaluation.split(), "test");
  EXPECT_EQ(evaluation.items(), 3);
  EXPECT_EQ(evaluation.data(), data);
  EXPECT_THAT(evaluation.data_identity(), SizeIs(32));
  EXPECT_EQ(evaluation.items_file(), items);
  EXPECT_FALSE(evaluation.trained_on());
  EXPECT_THAT(evaluation.directory(),
              StartsWith(EvaluationsDir(dir) + "/test-"));
  ASSERT_OK_AND_ASSIGN(const std::string lines, ReadFile(items));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 4);
  EXPECT_THAT(lines, HasSubstr(data));

  // It is made once, and is none of the run's own.
  EXPECT_TRUE(FromJson<Evaluation>(Transect(arguments).out).reused());
  const Ended listed = Transect({"runs", IdOf(dir), "--store", store});
  EXPECT_THAT(listed.out, AllOf(HasSubstr("val "), HasSubstr("done")));
  const Ended described = Transect({"describe", IdOf(dir), "--store", store});
  EXPECT_THAT(described.out, HasSubstr("test of " + data + ": 3 items"));
  EXPECT_EQ(Transect({"data", "export", "--run", IdOf(dir), "--store", store,
                      "--split", "test"})
                .code,
            1);
  const Ended nowhere = Transect(
      {"evaluate", "--store", store, "--run", IdOf(dir), "--data", "/no/such"});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("neither a directory nor a role"));
}

TEST(EvaluateTest, AnEmptySplitIsAnErrorAndLeavesNothing) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string dir = RunDir(store);
  const Ended ended = Transect(
      {"evaluate", "--store", store, "--run", IdOf(dir), "--split", "test"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("test"));
  for (const auto& entry : fs::directory_iterator(EvaluationsDir(dir))) {
    EXPECT_EQ(entry.path(), EvaluationOn(dir, "val"));
  }
}

// Another split in the experiment: `run` evaluates what is trained.
TEST(EvaluateTest, ARunWithAnotherSplitIsEvaluatedAndNotTrained) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string experiment = TinyExperiment(
      {{"val_images: 8\n    }\n  }\n  tokenizer",
        "val_images: 8\n    }\n    eval_splits: ['val', 'train']\n  }\n"
        "  tokenizer"}});
  const Ended plan = Transect({"plan", experiment, "--store", store});
  EXPECT_THAT(plan.out, HasSubstr("trained"));
  std::vector<std::string> results;
  for (const std::string& job : JobDirs(store)) {
    ASSERT_OK_AND_ASSIGN(results.emplace_back(), ReadFile(ResultPath(job)));
  }
  const Ended run = Transect({"run", experiment, "--store", store});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("train"));
  std::vector<std::string> after;
  for (const std::string& job : JobDirs(store)) {
    ASSERT_OK_AND_ASSIGN(after.emplace_back(), ReadFile(ResultPath(job)));
  }
  EXPECT_EQ(after, results);
  EXPECT_THAT(Transect({"run", experiment, "--store", store}).err,
              HasSubstr("0 jobs to start"));
}

}  // namespace
}  // namespace transect
