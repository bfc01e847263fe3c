#include "tests/e2e/found_inputs.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_inputs.h"
#include "launch/inputs/site.pb.h"
#include "launch/store/store.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr int kSide = 64;

constexpr const char* kSentences[] = {"The dam on the left", "A small dam",
                                      "The large dam at the bottom",
                                      "The dam above the other dam", "A dam"};

// Records of one split, all without a defect.
void AddRecords(const std::string& split, int count,
                std::vector<SmallRecord>* records) {
  for (int i = 0; i < count; ++i) {
    SmallRecord record;
    const int id = static_cast<int>(records->size()) + 1;
    record.id = id;
    record.split = split;
    record.sentence = kSentences[id % std::size(kSentences)];
    record.image_height = record.mask_height = kSide;
    record.image_width = record.mask_width = kSide;
    record.mask = {id, 5, id + 13, 18};
    record.box = record.mask;
    records->push_back(record);
  }
}

void MakeEmpty(SmallRecord* record) { record->mask = {0, 0, 0, 0}; }

// Like RRSIS-D's images of 784 to 813 rows with masks of 800.
void MakeOtherSize(int rows, SmallRecord* record) {
  record->image_height = kSide + rows;
}

Place PlaceAt(const std::string& role, const std::string& path) {
  Place place;
  place.set_role(role);
  place.set_path(path);
  return place;
}

// An experiment whose one run has the network of `run` with random weights and
// reads nothing that is found.
Experiment MakerOf(const RunSpec& run) {
  Experiment maker;
  maker.set_name("published");
  RunSpec* const base = maker.mutable_base();
  *base->mutable_model() = run.model();
  SynthesisSpec recipe;
  recipe.set_image_size(kSide);
  recipe.set_train_images(40);
  recipe.set_val_images(2);
  *base->mutable_data()->mutable_synthesis() = recipe;
  SentencepieceSpec* const tokenizer =
      base->mutable_tokenizer()->mutable_sentencepiece();
  tokenizer->set_vocab_size(100);
  *tokenizer->mutable_corpus() = recipe;
  base->mutable_tokenizer()->set_max_tokens(32);
  base->mutable_weights()->mutable_random();
  base->mutable_training()->set_steps(1);
  base->mutable_training()->set_global_batch(2);
  base->mutable_evaluation()->set_batch(1);
  return maker;
}

// What a run with random weights made, as published things lie on a machine.
struct Published {
  // With siglip/ and sam/.
  std::string weights;
  std::string tokenizer;
};

Published Publish(const RunSpec& run, const std::string& store) {
  const std::string dir = NewDir();
  const Experiment maker = MakerOf(run);
  const std::string spec = dir + "/published.textproto";
  Put(spec, PrintTextproto(maker));
  const Ended made = Transect({"run", spec, "--store", store});
  TRANSECT_CHECK(made.code == 0) << made.err;
  const absl::StatusOr<Expansion> expansion = Expand(maker, {});
  TRANSECT_CHECK(expansion.ok()) << expansion.status().message();
  Published published;
  published.weights = dir + "/weights";
  const Ended exported =
      Transect({"export", "--run", expansion->spec_ids[0], "--merged",
                published.weights, "--store", store});
  TRANSECT_CHECK(exported.code == 0) << exported.err;
  for (const Input& input : expansion->inputs) {
    if (input.kind == InputKind::kTokenizer) {
      published.tokenizer = absl::StrCat(
          Store::Open(store)->InputDir(input.identity), "/", kTokenizerFile);
    }
  }
  return published;
}

}  // namespace

void WriteDefectiveRrsisd(const std::string& root) {
  std::vector<SmallRecord> records;
  AddRecords("train", kRecordsOfTrain, &records);
  MakeEmpty(&records[0]);
  MakeEmpty(&records[1]);
  for (int i = 2; i < 11; ++i) {
    MakeOtherSize(i % 2 == 0 ? 2 : -3, &records[i]);
  }
  // At the lower border of its mask.
  records[3].mask = records[3].box = {20, 50, 40, kSide};
  AddRecords("val", kRecordsOfVal, &records);
  MakeOtherSize(1, &records[kRecordsOfTrain]);
  MakeOtherSize(-1, &records[kRecordsOfTrain + 1]);
  AddRecords("test", kRecordsOfTest, &records);
  SmallRecord* const test = &records[kRecordsOfTrain + kRecordsOfVal];
  MakeEmpty(&test[0]);
  for (int i = 1; i < 4; ++i) MakeOtherSize(i, &test[i]);
  for (int i = 4; i < 6; ++i) test[i].box = {1, 30, 20, 60};
  WriteSmallDataset(root, records);
}

std::string SiteFor(const Expansion& expansion, const std::string& data_root,
                    const std::string& store) {
  // One line for each role; a role that is asked for again is the same.
  std::map<std::string, Place> data, tokenizers, weights;
  for (const RunSpec& run : expansion.runs) {
    if (run.data().has_found()) {
      const std::string& role = run.data().found().role();
      data[role] = PlaceAt(role, data_root);
    }
    if (!run.weights().has_found()) continue;
    const FoundWeights& found = run.weights().found();
    if (weights.count(found.siglip_role()) > 0 &&
        weights.count(found.sam_role()) > 0) {
      continue;
    }
    const Published published = Publish(run, store);
    weights.try_emplace(
        found.siglip_role(),
        PlaceAt(found.siglip_role(), published.weights + "/siglip"));
    weights.try_emplace(found.sam_role(),
                        PlaceAt(found.sam_role(), published.weights + "/sam"));
    const std::string& role = run.tokenizer().found().role();
    tokenizers[role] = PlaceAt(role, published.tokenizer);
  }
  Site site;
  for (auto& [role, place] : data) *site.add_data() = std::move(place);
  for (auto& [role, place] : tokenizers) {
    *site.add_tokenizer() = std::move(place);
  }
  for (auto& [role, place] : weights) *site.add_weights() = std::move(place);
  const std::string path = NewDir() + "/site.textproto";
  Put(path, PrintTextproto(site));
  return path;
}

}  // namespace transect
