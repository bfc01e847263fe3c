#include "launch/worker/predict_request.h"

#include <torch/torch.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "data/batch/batch.h"
#include "data/image/decode.h"
#include "data/image/prediction_picture.h"
#include "data/image/read_image.h"
#include "data/io/file.h"
#include "data/loader/read_sample.h"
#include "data/text/tokenizer.h"
#include "google/protobuf/util/json_util.h"
#include "launch/requests/predictions.pb.h"
#include "launch/training/train_plan.h"
#include "launch/worker/open_run.h"
#include "model/base/segmentation_model.h"
#include "model/base/stages.h"
#include "model/base/torch_status.h"
#include "model/checkpoint/tensor_file.h"
#include "model/layers/interpolate.h"
#include "model/parts.h"
#include "model/postprocess.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// Names of what goes in, in files of tensors; of stages, the start.
constexpr char kImage[] = "input.image";
constexpr char kSiglipImage[] = "input.siglip_image";
constexpr char kTokenIds[] = "input.token_ids";
constexpr char kTokenCounts[] = "input.token_counts";
constexpr char kBoxes[] = "input.boxes";
constexpr char kStagePrefix[] = "stage.";
// Id of <unk> in SigLIP's tokenizer and in those we train.
constexpr int64_t kUnknownToken = 2;

// What goes into a network. `truth` is for an oracle only.
struct PredictorInput {
  ModelInput input;
  GroundTruth truth;
};

struct PredictorOutput {
  ModelOutput output;
  // Stages by name, where they are wanted.
  std::map<std::string, at::Tensor> stages;
};

class Predictor {
 public:
  Predictor(const PredictRequest& request,
            std::shared_ptr<SegmentationModel> model, at::Device device)
      : request_(request),
        model_(std::move(model)),
        device_(device),
        format_(InputFormatOf(request.files().job().run())) {
    list_.set_version(1);
    list_.set_run(request.files().id());
    list_.set_code(request.files().code());
  }

  // One image with one sentence. `stem` begins the names of its files.
  absl::Status PredictFile(const std::string& path, const std::string& text,
                           const std::vector<int64_t>& tokens,
                           const ConvertedImage& image,
                           const std::string& stem);

  absl::Status PredictTensors(const PredictorInput& in,
                              const std::string& stem);

  const PredictionList& list() const { return list_; }

 private:
  absl::StatusOr<PredictorOutput> Run(const PredictorInput& in, bool stages,
                                      const std::string& what) const;
  // Writes the pictures of `row` of the output; fills `prediction`.
  absl::Status Draw(const PredictorOutput& result, int64_t row,
                    const Image& image, const std::string& stem,
                    Prediction* prediction) const;
  absl::StatusOr<std::string> Dump(const PredictorInput& in,
                                   const PredictorOutput& result,
                                   const std::string& stem) const;

  const PredictRequest& request_;
  const std::shared_ptr<SegmentationModel> model_;
  const at::Device device_;
  const InputFormat format_;
  PredictionList list_;
};

// [1, 3, side, side] float32 of an image of that size.
at::Tensor PixelsOf(const Image& image) {
  const at::Tensor planes = at::empty({1, 3, image.height, image.width},
                                      at::TensorOptions().dtype(at::kByte));
  ToRgbPlanes(image, planes.data_ptr<uint8_t>());
  return PixelsToFloat(planes);
}

absl::StatusOr<PredictorOutput> Predictor::Run(const PredictorInput& in,
                                               bool stages,
                                               const std::string& what) const {
  return TorchToStatus(what, [&] {
    const torch::NoGradGuard no_grad;
    PredictorOutput result;
    std::optional<StageRecorder> recorder;
    if (stages) recorder.emplace(&result.stages);
    ModelInput input = in.input;
    input.image = input.image.to(device_);
    if (input.siglip_image.defined()) {
      input.siglip_image = input.siglip_image.to(device_);
    }
    auto* const oracle = dynamic_cast<OracleModel*>(model_.get());
    result.output = oracle == nullptr
                        ? model_->Forward(input)
                        : oracle->ForwardWithTruth(input, in.truth);
    return result;
  });
}

absl::Status Predictor::Draw(const PredictorOutput& result, int64_t row,
                             const Image& image, const std::string& stem,
                             Prediction* prediction) const {
  const at::Tensor logits =
      ResizeLogits(result.output.mask_logits[row].cpu(), format_.image_size,
                   image.height, image.width)
          .contiguous();
  const at::Tensor inside = logits.gt(0).to(at::kByte).contiguous();
  const int64_t pixels = inside.sum().item<int64_t>();
  prediction->set_width(image.width);
  prediction->set_height(image.height);
  prediction->set_pixels(pixels);
  prediction->set_area(static_cast<double>(pixels) /
                       static_cast<double>(inside.numel()));
  prediction->set_score(pixels == 0 ? 0
                                    : logits.sigmoid()
                                          .masked_select(inside.to(at::kBool))
                                          .to(at::kDouble)
                                          .mean()
                                          .item<double>());
  if (!request_.has_out()) return absl::OkStatus();

  const absl::Span<const uint8_t> mask(inside.data_ptr<uint8_t>(),
                                       inside.numel());
  const auto write = [&](const char* kind,
                         const absl::StatusOr<std::string>& png,
                         std::string* name) {
    if (!png.ok()) return png.status();
    *name = absl::StrCat(request_.out(), "/", stem, "_", kind, ".png");
    return WriteFileAtomic(*name, *png);
  };
  TRANSECT_RETURN_IF_ERROR(write("mask",
                                 MaskPng(mask, image.height, image.width),
                                 prediction->mutable_mask_file()));
  const std::string legend =
      pixels == 0
          ? "empty mask"
          : absl::StrFormat("score %.2f, %.1f %% of the image",
                            prediction->score(), 100 * prediction->area());
  TRANSECT_RETURN_IF_ERROR(
      write("overlay", OverlayPng(image, mask, prediction->text(), legend),
            prediction->mutable_overlay_file()));
  if (!result.output.activation_logits.defined()) return absl::OkStatus();
  const at::Tensor map = ResizeBilinear(result.output.activation_logits[row].to(
                                            at::kCPU, at::kFloat),
                                        image.height, image.width)
                             .contiguous();
  return write("activation",
               ActivationPng(image, absl::Span<const float>(
                                        map.data_ptr<float>(), map.numel())),
               prediction->mutable_activation_file());
}

absl::StatusOr<std::string> Predictor::Dump(const PredictorInput& in,
                                            const PredictorOutput& result,
                                            const std::string& stem) const {
  TensorMap tensors = {{kImage, in.input.image},
                       {kTokenIds, in.input.token_ids},
                       {kTokenCounts, in.input.token_counts}};
  if (in.input.siglip_image.defined()) {
    tensors[kSiglipImage] = in.input.siglip_image;
  }
  if (in.truth.boxes.defined()) tensors[kBoxes] = in.truth.boxes;
  for (const auto& [name, tensor] : result.stages) {
    tensors[absl::StrCat(kStagePrefix, name)] = tensor;
  }
  const std::string path =
      absl::StrCat(request_.dump(), "/", stem, ".safetensors");
  TRANSECT_RETURN_IF_ERROR(SaveTensors(path, tensors));
  return path;
}

absl::Status Predictor::PredictFile(const std::string& path,
                                    const std::string& text,
                                    const std::vector<int64_t>& tokens,
                                    const ConvertedImage& image,
                                    const std::string& stem) {
  Prediction* const prediction = list_.add_prediction();
  prediction->set_image(path);
  prediction->set_text(text);
  prediction->set_index(list_.prediction_size() - 1);
  prediction->set_tokens(static_cast<int32_t>(tokens.size()));
  for (const std::string& note : image.notes) prediction->add_note(note);
  int64_t unknown = 0;
  for (const int64_t id : tokens) unknown += id == kUnknownToken;
  if (unknown > 0) {
    prediction->add_note(
        absl::StrCat(unknown, " of ", tokens.size() - 1,
                     " pieces of the sentence are unknown to the tokenizer"));
  }

  PredictorInput in;
  in.input.image = PixelsOf(
      ResizeBilinear(image.image, format_.image_size, format_.image_size));
  if (format_.siglip_image_size > 0) {
    in.input.siglip_image = PixelsOf(ResizeBicubic(
        image.image, format_.siglip_image_size, format_.siglip_image_size));
  }
  in.input.token_ids = at::tensor(tokens, at::kLong).unsqueeze(0);
  in.input.token_counts =
      at::tensor({static_cast<int64_t>(tokens.size())}, at::kLong);
  TRANSECT_ASSIGN_OR_RETURN(
      const PredictorOutput result,
      Run(in, request_.has_dump(),
          absl::StrCat("prediction of \"", text, "\" in ", path)));
  TRANSECT_RETURN_IF_ERROR(Draw(result, 0, image.image, stem, prediction));
  if (request_.has_dump()) {
    TRANSECT_ASSIGN_OR_RETURN(*prediction->mutable_dump_file(),
                              Dump(in, result, stem));
  }
  return absl::OkStatus();
}

absl::Status Predictor::PredictTensors(const PredictorInput& in,
                                       const std::string& stem) {
  TRANSECT_ASSIGN_OR_RETURN(
      const PredictorOutput result,
      Run(in, request_.has_dump(),
          absl::StrCat("prediction of ", request_.inputs())));
  std::string dump;
  if (request_.has_dump()) {
    TRANSECT_ASSIGN_OR_RETURN(dump, Dump(in, result, stem));
  }
  const at::Tensor bytes = in.input.image.clamp(0, 1)
                               .mul(255)
                               .round()
                               .to(at::kByte)
                               .flip({1})
                               .permute({0, 2, 3, 1})
                               .contiguous();
  for (int64_t row = 0; row < bytes.size(0); ++row) {
    Image image;
    image.height = format_.image_size;
    image.width = format_.image_size;
    const at::Tensor one = bytes[row];
    image.bgr.assign(one.data_ptr<uint8_t>(),
                     one.data_ptr<uint8_t>() + one.numel());
    Prediction* const prediction = list_.add_prediction();
    prediction->set_index(static_cast<int32_t>(row));
    if (in.input.token_counts.defined()) {
      prediction->set_tokens(in.input.token_counts[row].item<int32_t>());
    }
    prediction->set_dump_file(dump);
    TRANSECT_RETURN_IF_ERROR(
        Draw(result, row, image, absl::StrCat(stem, "_", row), prediction));
  }
  return absl::OkStatus();
}

absl::Status InputError(const std::string& path, const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", what, " (docs/dump.md)"));
}

// Takes `name` out of `tensors` as a tensor of `type`; undefined where it is
// not there.
at::Tensor Take(const std::string& name, at::ScalarType type,
                TensorMap* tensors) {
  const auto found = tensors->find(name);
  if (found == tensors->end()) return {};
  at::Tensor tensor = found->second.to(type);
  tensors->erase(found);
  return tensor;
}

// Whether `image` is [B, 3, side, side].
bool IsBatchOf(const at::Tensor& image, int64_t batch, int64_t side) {
  return image.dim() == 4 && image.size(0) == batch && image.size(1) == 3 &&
         image.size(2) == side && image.size(3) == side;
}

std::string ShapeOf(const at::Tensor& tensor) {
  return absl::StrCat("[", absl::StrJoin(tensor.sizes(), ", "), "]");
}

absl::StatusOr<PredictorInput> ReadInputs(const std::string& path,
                                          const ModelSpec& model,
                                          const InputFormat& format) {
  TRANSECT_ASSIGN_OR_RETURN(TensorMap tensors, LoadTensors(path));
  PredictorInput in;
  in.input.image = Take(kImage, at::kFloat, &tensors);
  in.input.siglip_image = Take(kSiglipImage, at::kFloat, &tensors);
  in.input.token_ids = Take(kTokenIds, at::kLong, &tensors);
  in.input.token_counts = Take(kTokenCounts, at::kLong, &tensors);
  in.truth.boxes = Take(kBoxes, at::kFloat, &tensors);
  for (const auto& [name, tensor] : tensors) {
    if (absl::StartsWith(name, "input.") && name != "input.mask") {
      return InputError(path, absl::StrCat("an input ", name, " is unknown"));
    }
  }
  const at::Tensor& image = in.input.image;
  if (!image.defined()) {
    return InputError(path, absl::StrCat("there is no ", kImage));
  }
  if (image.dim() != 4 || image.size(0) < 1 ||
      !IsBatchOf(image, image.size(0), format.image_size)) {
    return InputError(
        path, absl::StrCat(kImage, " is ", ShapeOf(image), ", must be [B, 3, ",
                           format.image_size, ", ", format.image_size, "]"));
  }
  const at::Tensor& small = in.input.siglip_image;
  if (small.defined() != (format.siglip_image_size > 0)) {
    return InputError(
        path,
        absl::StrCat(small.defined() ? "it has " : "there is no ", kSiglipImage,
                     ", and data.siglip_resize of the run ",
                     small.defined() ? "makes it of the image" : "wants one"));
  }
  if (small.defined() &&
      !IsBatchOf(small, image.size(0), format.siglip_image_size)) {
    return InputError(
        path, absl::StrCat(kSiglipImage, " is ", ShapeOf(small), ", must be [",
                           image.size(0), ", 3, ", format.siglip_image_size,
                           ", ", format.siglip_image_size, "]"));
  }
  const int64_t batch = image.size(0);
  if (SiglipOf(model) != nullptr) {
    const at::Tensor& ids = in.input.token_ids;
    const at::Tensor& counts = in.input.token_counts;
    if (!ids.defined() || !counts.defined()) {
      return InputError(path, absl::StrCat("there is no ", kTokenIds, " or no ",
                                           kTokenCounts));
    }
    if (ids.dim() != 2 || ids.size(0) != batch || counts.dim() != 1 ||
        counts.size(0) != batch) {
      return InputError(
          path,
          absl::StrCat(kTokenIds, " is [", absl::StrJoin(ids.sizes(), ", "),
                       "] and ", kTokenCounts, " [",
                       absl::StrJoin(counts.sizes(), ", "), "], must be [",
                       batch, ", T] and [", batch, "]"));
    }
  }
  if (model.has_sam_oracle_box() != in.truth.boxes.defined()) {
    return InputError(
        path, model.has_sam_oracle_box()
                  ? absl::StrCat("there is no ", kBoxes,
                                 ", which sam_oracle_box is prompted with")
                  : absl::StrCat("it has ", kBoxes,
                                 ", which this network must not see"));
  }
  return in;
}

// Beginnings of names of output files, one for each image: its own name
// without directory and ending; where several images share one, with ~2, ~3.
std::vector<std::string> Stems(
    const google::protobuf::RepeatedPtrField<std::string>& images) {
  std::vector<std::string> stems;
  std::set<std::string> used;
  for (const std::string& path : images) {
    const std::string stem = fs::path(path).stem().string();
    std::string name = stem;
    for (int n = 2; !used.insert(name).second; ++n) {
      name = absl::StrCat(stem, "~", n);
    }
    stems.push_back(name);
  }
  return stems;
}

absl::Status MakeWritable(const std::string& directory) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(directory));
  if (access(directory.c_str(), W_OK) != 0) {
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("cannot write into ", directory));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> EncodeSentence(const Tokenizer& tokenizer,
                                                    const std::string& text,
                                                    int max_tokens) {
  TRANSECT_ASSIGN_OR_RETURN(std::vector<int64_t> tokens,
                            tokenizer.Encode(text, max_tokens));
  if (tokens.size() < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("the sentence \"", text,
                     "\" has no word: nothing is left of it "
                     "without punctuation and white space"));
  }
  return tokens;
}

// For people: a line per prediction, its notes below it.
std::string ListText(const PredictionList& list) {
  std::string text;
  for (const Prediction& p : list.prediction()) {
    const std::string name =
        p.image().empty() ? absl::StrCat("row ", p.index())
                          : absl::StrCat(p.image(), "  \"", p.text(), "\"");
    if (p.pixels() == 0) {
      absl::StrAppend(&text, name, "\n  empty mask\n");
    } else {
      absl::StrAppend(&text, name, "\n",
                      absl::StrFormat("  score %.3f, %d of %d x %d pixels "
                                      "(%.1f %%)\n",
                                      p.score(), p.pixels(), p.width(),
                                      p.height(), 100 * p.area()));
    }
    for (const std::string& file : {p.mask_file(), p.overlay_file(),
                                    p.activation_file(), p.dump_file()}) {
      if (!file.empty()) absl::StrAppend(&text, "  ", file, "\n");
    }
    for (const std::string& note : p.note()) {
      absl::StrAppend(&text, "  note: ", note, "\n");
    }
  }
  return text;
}

absl::Status Print(const PredictRequest& request, const PredictionList& list) {
  if (request.format() != PredictRequest::JSON) {
    std::cout << ListText(list) << std::flush;
    return absl::OkStatus();
  }
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (const auto status =
          google::protobuf::util::MessageToJsonString(list, &json, options);
      !status.ok()) {
    return absl::InternalError(absl::StrCat(
        "cannot print the predictions as JSON: ", status.ToString()));
  }
  std::cout << json << std::flush;
  return absl::OkStatus();
}

// The run's device, or the CPU with a word about it: a mask of another device
// is as good, as long as nobody counts its pixels.
at::Device DeviceHere(const TrainingSpec& training) {
  const absl::StatusOr<at::Device> device = OpenDevice(training, /*rank=*/0);
  if (device.ok()) return *device;
  std::cerr << "note: computing on the CPU; " << device.status().message()
            << std::endl;
  return at::Device(at::kCPU);
}

absl::Status PredictFromTensors(const PredictRequest& request,
                                PredictionList* list) {
  const RunSpec& run = request.files().job().run();
  TRANSECT_ASSIGN_OR_RETURN(
      const PredictorInput in,
      ReadInputs(request.inputs(), run.model(), InputFormatOf(run)));
  const at::Device device = DeviceHere(request.files().job().run().training());
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<SegmentationModel> network,
                            OpenTrainedModel(request.files(), device));
  Predictor predictor(request, std::move(network), device);
  TRANSECT_RETURN_IF_ERROR(
      predictor.PredictTensors(in, fs::path(request.inputs()).stem().string()));
  *list = predictor.list();
  return absl::OkStatus();
}

absl::Status PredictFromFiles(const PredictRequest& request,
                              PredictionList* list) {
  const TrainJob& job = request.files().job();
  if (job.run().model().has_sam_oracle_box()) {
    return absl::InvalidArgumentError(
        "model.sam_oracle_box is prompted with true boxes, which files do not "
        "have; give --inputs with input.boxes (docs/dump.md)");
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer,
                            OpenTokenizer(job));
  std::vector<std::vector<int64_t>> tokens;
  for (const std::string& text : request.text()) {
    TRANSECT_ASSIGN_OR_RETURN(
        std::vector<int64_t> encoded,
        EncodeSentence(*tokenizer, text, job.run().tokenizer().max_tokens()));
    tokens.push_back(std::move(encoded));
  }
  for (const std::string& path : request.image()) {
    TRANSECT_RETURN_IF_ERROR(ReadImage(path).status());
  }
  const at::Device device = DeviceHere(request.files().job().run().training());
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<SegmentationModel> network,
                            OpenTrainedModel(request.files(), device));
  Predictor predictor(request, std::move(network), device);
  const std::vector<std::string> stems = Stems(request.image());
  for (int i = 0; i < request.image_size(); ++i) {
    TRANSECT_ASSIGN_OR_RETURN(const ConvertedImage image,
                              ReadImage(request.image(i)));
    for (int t = 0; t < request.text_size(); ++t) {
      TRANSECT_RETURN_IF_ERROR(
          predictor.PredictFile(request.image(i), request.text(t), tokens[t],
                                image, absl::StrCat(stems[i], "_", t)));
    }
  }
  *list = predictor.list();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ExitCode::Code> Predict(const PredictRequest& request) {
  ConfigureNumerics(request.files().job().run().training());
  if (request.has_out()) {
    TRANSECT_RETURN_IF_ERROR(MakeWritable(request.out()));
  }
  if (request.has_dump()) {
    TRANSECT_RETURN_IF_ERROR(MakeWritable(request.dump()));
  }
  PredictionList list;
  TRANSECT_RETURN_IF_ERROR(request.has_inputs()
                               ? PredictFromTensors(request, &list)
                               : PredictFromFiles(request, &list));
  TRANSECT_RETURN_IF_ERROR(Print(request, list));
  return ExitCode::OK;
}

}  // namespace transect
