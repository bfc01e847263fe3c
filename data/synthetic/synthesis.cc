#include "data/synthetic/synthesis.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/random/philox.h"
#include "data/synthetic/paint.h"
#include "data/synthetic/plan.h"
#include "data/synthetic/rrsisd_writer.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr const char* kSplits[] = {"train", "val", "test"};

}  // namespace

absl::Status WriteSyntheticDataset(
    const SynthesisSpec& spec, const std::string& dir,
    const std::function<void(int64_t done, int64_t total)>& progress) {
  RrsisdWriter writer(dir);
  TRANSECT_RETURN_IF_ERROR(writer.Start());
  int64_t total = 0;
  for (const char* split : kSplits) {
    total += ImagesOf(spec, split);
  }
  int64_t id = 0;
  for (const char* split : kSplits) {
    for (int64_t number = 0; number < ImagesOf(spec, split); ++number) {
      TRANSECT_ASSIGN_OR_RETURN(const Scene scene,
                                PlanScene(spec, split, number));
      Philox random = SceneRandom(spec, "pixels", split, number);
      const Image image = PaintScene(scene, spec.style(), &random);
      TRANSECT_ASSIGN_OR_RETURN(const std::string jpeg,
                                EncodeJpeg(image, spec.jpeg_quality()));
      TRANSECT_RETURN_IF_ERROR(writer.Add(++id, split, scene, jpeg));
      if (progress) {
        progress(id, total);
      }
    }
  }
  return std::move(writer).Finish();
}

absl::StatusOr<std::vector<std::string>> SyntheticSentences(
    const SynthesisSpec& spec, absl::string_view split) {
  std::vector<std::string> sentences;
  for (int64_t number = 0; number < ImagesOf(spec, split); ++number) {
    TRANSECT_ASSIGN_OR_RETURN(Scene scene, PlanScene(spec, split, number));
    sentences.push_back(std::move(scene.sentence));
  }
  return sentences;
}

}  // namespace transect
