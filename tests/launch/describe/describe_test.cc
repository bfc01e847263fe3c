#include "launch/describe/describe.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/index/export_jsonl.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/describe/data_folder.h"
#include "launch/describe/export_folder.h"
#include "launch/describe/folder_of_id.h"
#include "launch/describe/output_file.h"
#include "launch/describe/sheet.h"
#include "launch/describe/store_folder.h"
#include "launch/requests/export_origin_file.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kEvaluation[] = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";
constexpr char kProgram[] = "transect";
// make_hugging_face.py.
constexpr char kPublished[] = "tests/golden/testdata/published";

std::string Described(const std::string& path) {
  const absl::StatusOr<std::string> text = DescribeFolder(path, kProgram);
  EXPECT_THAT(text, IsOk());
  return text.value_or("");
}

TEST(SheetTest, FactsOfOneKindStandBelowEachOther) {
  Sheet sheet("a/b", "a thing");
  sheet.Add("holds", "one");
  sheet.Add("holds", "two");
  sheet.Add("nothing", "");
  sheet.Add("size", "3 B");
  EXPECT_EQ(sheet.Text(),
            "a/b: a thing\n  holds  one\n         two\n  size   3 B\n");
}

TEST(SheetTest, SizesOfATree) {
  const std::string dir = NewDir();
  Put(dir + "/a", "123");
  Put(dir + "/b/c", "4567");
  EXPECT_EQ(SizeText(SizeOfTree(dir)), "2 files, 7 B");
  EXPECT_EQ(FileSizeText(dir + "/b/c"), "4 B");
  EXPECT_EQ(FileSizeText(dir + "/absent"), "");
}

// Folders of a store.
class StoreFolderTest : public testing::Test {
 protected:
  StoreFolderTest()
      // As describe finds it: without links.
      : store_(Store::OpenOrCreate(fs::canonical(NewDir()).string() + "/store")
                   .value()),
        run_(store_.RunDir(std::string(32, 'a'), kCode)),
        evaluation_(EvaluationDir(run_, "val", kEvaluation)) {
    Put(ProvenancePath(AttemptDir(run_, 1)),
        "experiment: 'tables' job: 'rank=2 seed 1' host: 'node7' user: 'ann' "
        "argv: 'transect' argv: 'run' start_unix_us: 7000000\n");
    Put(LaunchPath(AttemptDir(run_, 1)),
        absl::StrCat("train { evaluation { id: '", kEvaluation,
                     "' split: 'val' } }\n"));
    Put(OutcomePath(AttemptDir(run_, 1)), "exit_code: 0\n");
  }

  void Finish() {
    PutResult(run_, std::string(32, 'a'), kCode);
    PutResult(evaluation_, kEvaluation, kCode);
    Put(ResultPath(evaluation_),
        absl::StrCat("id: '", kEvaluation, "' code: '", kCode,
                     "' file { path: 'out' bytes: 3 } attempt: 1 ranks: 1 "
                     "eval_items: 2 giou: 0.25"));
  }

  Store store_;
  std::string run_;
  std::string evaluation_;
};

TEST_F(StoreFolderTest, ARunIsWhatItScoredAndHowItIsUsed) {
  Finish();
  EXPECT_THAT(
      Described(run_),
      AllOf(StartsWith(run_ + ": the directory of run aaaaaaaaaaaa, rank=2 "
                              "seed 1 of experiment tables\n"),
            HasSubstr("state    done\n"), HasSubstr(" on node7\n"),
            HasSubstr("scores   val: 2 items, gIoU 25.00 %\n"),
            HasSubstr("out  3 B\n"),
            HasSubstr("transect predict --run aaaaaaaaaaaa "),
            HasSubstr("transect export --run aaaaaaaaaaaa --peft DIR --store " +
                      store_.root())));
}

// A log of rank 0: where it goes on from, then records of ten steps each.
void PutLog(const std::string& run, int attempt, const Resumed& resumed,
            int64_t begin, int64_t end) {
  MetricRecord record;
  record.mutable_header()->set_attempt(attempt);
  ASSERT_THAT(MakeDirs(AttemptDir(run, attempt)), IsOk());
  ASSERT_OK_AND_ASSIGN(auto log, MetricLogWriter::Create(RankMetricsPath(
                                     AttemptDir(run, attempt), 0)));
  ASSERT_THAT(log->Append(record), IsOk());
  if (resumed.attempt() > 0) {
    *record.mutable_resumed() = resumed;
    ASSERT_THAT(log->Append(record), IsOk());
  }
  for (int64_t step = begin + 10; step <= end; step += 10) {
    TrainStep* const logged = record.mutable_train_step();
    logged->set_step(step);
    logged->set_steps(100);
    logged->set_mean_of_steps(10);
    logged->set_loss(1.0 / static_cast<double>(step));
    ASSERT_THAT(log->Append(record), IsOk());
    Validation* const validation = record.mutable_validation();
    validation->set_split("val");
    validation->set_step(step);
    validation->set_giou(step == 20 ? 0.5 : 0.25);
    if (step % 20 == 0) {
      ASSERT_THAT(log->Append(record), IsOk());
    }
  }
  ASSERT_THAT(log->Close(), IsOk());
}

TEST_F(StoreFolderTest, ARunSaysHowItsTrainingWent) {
  PutLog(run_, 1, Resumed(), 0, 30);
  EXPECT_THAT(
      Described(run_),
      AllOf(HasSubstr("loss       0.1 at step 10, 0.03333 at step 30 of 100, "
                      "the mean of 10 steps\n"),
            HasSubstr("validated  val: gIoU 50.00 % at step 20\n"),
            Not(HasSubstr("attempt 1:"))));
  Resumed resumed;
  resumed.set_attempt(1);
  resumed.set_step(20);
  PutLog(run_, 2, resumed, 20, 60);
  EXPECT_THAT(
      Described(run_),
      AllOf(HasSubstr("0.01667 at step 60 of 100"),
            HasSubstr("steps      attempt 1: 1 to 20, attempt 2: 21 to 60\n"),
            HasSubstr("val: gIoU 50.00 % at step 20, last gIoU 25.00 % at "
                      "step 60\n")));
  // What is wrong is said, with what can be read all the same.
  fs::resize_file(RankMetricsPath(AttemptDir(run_, 1), 0),
                  fs::file_size(RankMetricsPath(AttemptDir(run_, 1), 0)) - 80);
  EXPECT_THAT(Described(run_),
              AllOf(HasSubstr("note       "), HasSubstr("ends within a record"),
                    HasSubstr("no record covers the steps")));
  fs::remove(RankMetricsPath(AttemptDir(run_, 1), 0));
  EXPECT_THAT(Described(run_),
              HasSubstr("cannot be read: attempt 2 goes on from step "
                        "20 of attempt 1, whose metric log"));
}

TEST(DescribeTest, CurvesAndTracesSayWhatOpensThem) {
  const std::string dir = NewDir();
  Put(dir + "/curves/events.out.tfevents.0000000001.transect", "abc");
  EXPECT_THAT(Described(dir + "/curves"),
              AllOf(HasSubstr(": curves of a training for TensorBoard"),
                    HasSubstr("tensorboard --logdir " + dir + "/curves\n")));
  Put(dir + "/trace.json", R"({"traceEvents": [{}, {}]})");
  ASSERT_OK_AND_ASSIGN(const std::optional<std::string> trace,
                       DescribeOutputFile(dir + "/trace.json", kProgram));
  EXPECT_THAT(*trace,
              AllOf(HasSubstr(": a trace of training steps"),
                    HasSubstr("2 events"), HasSubstr("ui.perfetto.dev")));
}

// The folder above those of the codes.
TEST_F(StoreFolderTest, TheFolderOfAnIdSaysWhichRunItIs) {
  Finish();
  const std::string above = fs::path(run_).parent_path().string();
  EXPECT_THAT(Described(above),
              AllOf(StartsWith(above + ": the folder of run aaaaaaaaaaaa, "
                                       "rank=2 seed 1 of experiment tables, "),
                    HasSubstr("transect describe " + run_ + "\n")));
}

TEST_F(StoreFolderTest, AnIdLeadsToItsFolder) {
  Finish();
  EXPECT_THAT(FolderOfId(store_, kCode, "aaaa"), IsOkAndHolds(run_));
  EXPECT_THAT(FolderOfId(store_, "", "AAAA/fedc"), IsOkAndHolds(run_));
  const std::string data = store_.InputDir(std::string(32, 'b'));
  PutResult(data, std::string(32, 'b'), "");
  EXPECT_THAT(FolderOfId(store_, kCode, "bb"), IsOkAndHolds(data));
  EXPECT_THAT(FolderOfId(store_, kCode, "cc"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(store_.root()),
                             HasSubstr("whose id starts so"))));
  // Of two codes the present one, else one must be named.
  const std::string other =
      store_.RunDir(std::string(32, 'a'), "0123456789ab0123456789ab01234567");
  PutResult(other, std::string(32, 'a'), "0123456789ab0123456789ab01234567");
  EXPECT_THAT(FolderOfId(store_, kCode, "aa"), IsOkAndHolds(run_));
  EXPECT_THAT(FolderOfId(store_, "", "aa/01"), IsOkAndHolds(other));
  EXPECT_THAT(FolderOfId(store_, "", "aa"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("aaaaaaaaaaaa/fedcba987654  run"),
                             HasSubstr("aaaaaaaaaaaa/0123456789ab  run"))));
  EXPECT_TRUE(IsIdStart("8845/01f"));
  for (const char* name : {"", "a/", "tiny.textproto", "data", "/abc"}) {
    EXPECT_FALSE(IsIdStart(name)) << name;
  }
}

TEST_F(StoreFolderTest, ARunThatIsNotDoneHasNoUseYet) {
  Put(OutcomePath(AttemptDir(run_, 1)), "exit_code: 65 cause: 'no data'\n");
  EXPECT_THAT(Described(run_), AllOf(HasSubstr("state    failed: no data"),
                                     Not(HasSubstr("predict"))));
}

TEST_F(StoreFolderTest, AnEvaluationSaysOfWhichRunAndOnWhat) {
  Finish();
  EXPECT_THAT(
      Described(evaluation_),
      AllOf(StartsWith(evaluation_ + ": an evaluation of run aaaaaaaaaaaa, "),
            HasSubstr("split val of the run's own data"),
            HasSubstr("compared at each image's own size\n"),
            HasSubstr("2 items, gIoU 25.00 %"),
            HasSubstr("evaluate --run aaaaaaaaaaaa --split val --items")));
  Put(ResultPath(evaluation_),
      absl::StrCat("id: '", kEvaluation, "' code: '", kCode,
                   "' file { path: 'out' bytes: 3 } attempt: 1 ranks: 1 "
                   "eval_items: 2 giou: 0.25 resolution: 480"));
  EXPECT_THAT(Described(run_),
              HasSubstr("val at 480 x 480 pixels: 2 items, gIoU 25.00 %\n"));
  EXPECT_THAT(Described(evaluation_),
              AllOf(HasSubstr("compared at 480 x 480 pixels\n"),
                    HasSubstr(" --split val --resolution 480 --items")));
  fs::remove(ResultPath(evaluation_));
  EXPECT_THAT(Described(evaluation_), HasSubstr("that is not finished\n"));
}

TEST_F(StoreFolderTest, AnAttemptSaysHowItEnded) {
  EXPECT_THAT(Described(AttemptDir(run_, 1)),
              AllOf(HasSubstr("attempt 1 of run aaaaaaaaaaaa"),
                    HasSubstr("ended    well\n"), HasSubstr(" by ann on node7"),
                    HasSubstr("command  transect run\n")));
  Put(OutcomePath(AttemptDir(run_, 1)), "exit_code: 65 cause: 'no data'\n");
  EXPECT_THAT(Described(AttemptDir(run_, 1)), HasSubstr("ended    no data\n"));
}

TEST_F(StoreFolderTest, MadeInputsAndBundles) {
  const std::string id(32, 'b');
  const std::string input = store_.InputDir(id);
  Put(LaunchPath(AttemptDir(input, 1)),
      absl::StrCat("id: '", id, "' tokenizer {}\n"));
  EXPECT_THAT(Described(input), AllOf(HasSubstr(": a trained tokenizer\n"),
                                      HasSubstr("state  interrupted")));
  Put(OutcomePath(AttemptDir(input, 1)), "exit_code: 0\n");
  EXPECT_THAT(Described(input), HasSubstr("state  ended without a result"));
  PutResult(input, id, kCode);
  EXPECT_THAT(Described(input),
              AllOf(HasSubstr("state  done"), HasSubstr("spiece.model")));
  const std::string bundle = store_.BundleDir(kCode);
  Put(CodePartsPath(bundle), "commit: 'c0ffee' dirty: true\n");
  EXPECT_THAT(Described(bundle),
              AllOf(HasSubstr("libraries that code fedcba987654 stands for"),
                    HasSubstr("c0ffee with changes"),
                    HasSubstr("1 run; attempts of this code")));
}

TEST_F(StoreFolderTest, TheStoreAndWhatIsNoKindOfItsOwn) {
  Finish();
  EXPECT_THAT(Described(store_.root()),
              AllOf(HasSubstr(": a store of runs\n"), HasSubstr("1 done\n"),
                    HasSubstr("tables: 1 run\n"),
                    HasSubstr("transect runs --store " + store_.root())));
  EXPECT_THAT(Described(EvaluationsDir(run_)),
              AllOf(HasSubstr(": a folder of run aaaaaaaaaaaa, "),
                    HasSubstr("in the store " + store_.root() + "\n"),
                    HasSubstr("holds  val-0f0f0f0f0f0f\n")));
  EXPECT_THAT(Described(fs::path(run_).parent_path().string()),
              HasSubstr("use   transect describe " + run_ + "\n"));
  EXPECT_EQ(PartOfStore(store_, run_ + "/attempts"),
            "run aaaaaaaaaaaa, rank=2 seed 1 of experiment tables");
}

TEST_F(StoreFolderTest, AJobDirectoryOutsideOfAStoreIsOne) {
  Finish();
  const std::string copy = NewDir() + "/copy";
  fs::copy(run_, copy, fs::copy_options::recursive);
  EXPECT_THAT(Described(copy), HasSubstr(": a run, outside of its store\n"));
}

TEST_F(StoreFolderTest, RecordsSpeakOfTheirFolders) {
  EXPECT_EQ(FolderOfRecord(ResultPath(run_)), run_);
  EXPECT_EQ(FolderOfRecord(OutcomePath("attempts/0001")), "attempts/0001");
  EXPECT_EQ(FolderOfRecord("result.textproto"), ".");
  EXPECT_EQ(FolderOfRecord(std::string(kExportOriginFile)), ".");
  EXPECT_EQ(FolderOfRecord(run_ + "/other.textproto"), std::nullopt);
}

// A directory like those of `transect export --peft`.
class ExportFolderTest : public testing::Test {
 protected:
  ExportFolderTest() : dir_(NewDir() + "/mine") {
    fs::copy(std::string(kPublished) + "/adapters", dir_,
             fs::copy_options::recursive);
  }

  void PutOrigin() {
    Put(absl::StrCat(dir_, "/", kExportOriginFile),
        absl::StrCat("kind: PEFT id: '", std::string(32, 'a'), "' code: '",
                     kCode,
                     "' experiment: 'tables' job: 'rank=2 seed 1' steps: 500 "
                     "run { weights { found { siglip_role: 'siglip-b' } } }"));
  }

  std::string dir_;
};

TEST_F(ExportFolderTest, SaysWhatItHoldsWhereItComesFromAndHowItIsUsed) {
  PutOrigin();
  EXPECT_TRUE(IsExport(dir_));
  EXPECT_THAT(
      Described(dir_),
      AllOf(HasSubstr("`transect export --peft`"),
            HasSubstr("from       run aaaaaaaaaaaa, rank=2 seed 1 of "
                      "experiment tables, 500 steps, code fedcba987654\n"),
            HasSubstr("base       the published weights of role 'siglip-b'\n"),
            HasSubstr("sam_vision/  adapter of rank 2, alpha 7, "),
            HasSubstr("weights { role: \"mine\" path: \"" + dir_ + "\" }"),
            HasSubstr("adapters { role: \"mine\" parts: SIGLIP_VISION parts: "
                      "SIGLIP_TEXT parts: SAM_VISION }"),
            HasSubstr("peft.PeftModel.from_pretrained(SamModel of its base")));
  EXPECT_THAT(Described(dir_ + "/sam_vision"),
              AllOf(StartsWith("exported from run aaaaaaaaaaaa, rank=2 seed 1 "
                               "of experiment tables, 500 steps"),
                    HasSubstr(": an adapter\n")));
}

TEST_F(ExportFolderTest, AnotherToolsAdaptersDoNotSayWhereTheyComeFrom) {
  EXPECT_THAT(Described(dir_), HasSubstr("from       not recorded: there is no "
                                         "transect_export.textproto\n"));
  EXPECT_THAT(Described(dir_ + "/sam_vision"),
              StartsWith(dir_ + "/sam_vision: an adapter\n"));
  EXPECT_EQ(ReadExportOrigin(dir_), std::nullopt);
  // One broken file is one error.
  Put(dir_ + "/sam_vision/adapter_model.safetensors", "no");
  EXPECT_THAT(DescribeFolder(dir_, kProgram),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("sam_vision/adapter_model.safetensors")));
}

TEST_F(ExportFolderTest, MergedModels) {
  const std::string merged = NewDir() + "/merged";
  fs::create_directory(merged);
  for (const char* model : {"/sam", "/siglip"}) {
    fs::copy(std::string(kPublished) + model, merged + model,
             fs::copy_options::recursive);
  }
  EXPECT_THAT(
      Described(merged),
      AllOf(HasSubstr("`transect export --merged`"), HasSubstr("siglip/  "),
            HasSubstr("found { siglip_role: \"my-siglip\" sam_role: "
                      "\"my-sam\" } }"),
            HasSubstr("transformers.SamModel.from_pretrained(\"" + merged +
                      "/sam\")")));
}

TEST(DataFolderTest, CountsWhatEachSplitHas) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2}, {.id = 3, .split = "val"}});
  EXPECT_EQ(LayoutOf(root), FoundDataset::RRSISD);
  EXPECT_THAT(
      Described(root),
      AllOf(StartsWith(root + ": a data set in the layout RRSISD\n"),
            HasSubstr("train: 2 records of 2 images, 1 different sentence\n"),
            HasSubstr("val: 1 record of 1 image"), Not(HasSubstr("test:")),
            HasSubstr("1 category\n"),
            HasSubstr("data { found { role: \"mine\" } }"),
            HasSubstr("transect data check " + root + "\n")));
  // What is exported is one too.
  const std::string lines = NewDir() + "/lines";
  ASSERT_THAT(ExportJsonl(FoundDataset(), root, lines), IsOk());
  EXPECT_THAT(
      Described(lines),
      AllOf(HasSubstr("layout JSONL, as `transect data export --jsonl`"),
            HasSubstr("train: 2 records"), HasSubstr("images     a link to "),
            HasSubstr("format: JSONL"),
            HasSubstr("data check " + lines + " --format-of-data JSONL\n")));
}

TEST(DataFolderTest, AFolderWithLinesOfJsonIsNoDataSet) {
  const std::string dir = NewDir();
  Put(dir + "/items.jsonl", "{}\n");
  EXPECT_EQ(LayoutOf(dir), std::nullopt);
  Put(dir + "/output_phrase_train.txt", "1 a ship\n");
  EXPECT_EQ(LayoutOf(dir), FoundDataset::REFSEGRS);
  Put(dir + "/img_rgb/1.png", "");
  EXPECT_EQ(LayoutOf(dir), FoundDataset::RISBENCH);
}

TEST(DescribeFolderTest, PicturesAndFoldersOfOtherThings) {
  const std::string dir = NewDir();
  EXPECT_THAT(DescribeFolder(dir, kProgram),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(dir + ": a folder with 0 entries"),
                             HasSubstr("a data set, a store"))));
  Put(dir + "/a_mask.png", "");
  Put(dir + "/a_overlay.png", "");
  Put(dir + "/b_mask.png", "");
  EXPECT_THAT(Described(dir),
              AllOf(HasSubstr("`transect predict --out`"),
                    HasSubstr("2 *_mask.png"), HasSubstr("1 *_overlay.png")));
}

TEST(DescribeFolderTest, FilesOfTensors) {
  const std::string dir = NewDir();
  Put(dir + "/a_0.safetensors", "");
  EXPECT_THAT(Described(dir),
              AllOf(HasSubstr("`transect predict --dump`"),
                    HasSubstr("1 *.safetensors"),
                    HasSubstr("describe " + dir + "/a_0.safetensors\n")));
  // What was saved otherwise is named.
  Put(dir + "/pytorch_model.bin", "");
  EXPECT_THAT(
      DescribeFolder(dir, kProgram),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("pickles")));
}

}  // namespace
}  // namespace transect
