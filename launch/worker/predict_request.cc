#include "launch/worker/predict_request.h"

#include <torch/torch.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/image/read_image.h"
#include "data/io/file.h"
#include "data/io/proto_json.h"
#include "data/text/tokenizer.h"
#include "launch/rank/batches.h"
#include "launch/requests/predictions.pb.h"
#include "launch/store/job.pb.h"
#include "launch/worker/load_model.h"
#include "launch/worker/open_run.h"
#include "launch/worker/prediction_input.h"
#include "launch/worker/predictor.h"
#include "model/base/segmentation_model.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// Stems of output files, one for each image: its file name without extension;
// where several images share one, with ~2, ~3 and so on.
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

// Whether nothing that is about to be written is there; `stems` are the starts
// of the names of pictures, `dump_stems` of files of tensors.
absl::Status CheckNothingIsReplaced(
    const PredictRequest& request, const std::vector<std::string>& stems,
    const std::vector<std::string>& dump_stems) {
  if (request.overwrite()) return absl::OkStatus();
  std::vector<std::string> there;
  const auto look = [&there](const std::string& path) {
    if (FileExists(path)) there.push_back(path);
  };
  for (const std::string& stem : stems) {
    if (!request.has_out()) break;
    for (const PictureKind kind : kPictureKinds) {
      look(PicturePath(request.out(), stem, kind));
    }
  }
  for (const std::string& stem : dump_stems) {
    if (request.has_dump()) look(DumpPath(request.dump(), stem));
  }
  if (there.empty()) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(
      there[0],
      there.size() == 1
          ? " exists"
          : absl::StrCat(" and ", there.size() - 1, " more files exist"),
      "; name a new directory, or replace with --overwrite"));
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
  std::string text;
  if (request.format() == PredictRequest::JSON) {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(list));
  } else {
    text = ListText(list);
  }
  std::cout << text << std::flush;
  return absl::OkStatus();
}

// The run's device, or the CPU with a note: for looking at a mask, either will
// do.
at::Device DeviceHere(const TrainingSpec& training) {
  const absl::StatusOr<at::Device> device = OpenDevice(training, /*rank=*/0);
  if (device.ok()) return *device;
  std::cerr << "note: computing on the CPU; " << device.status().message()
            << std::endl;
  return at::Device(at::kCPU);
}

absl::StatusOr<Predictor> OpenPredictor(const PredictRequest& request) {
  const TrainJob& job = request.files().job();
  const at::Device device = DeviceHere(job.run().training());
  TRANSECT_ASSIGN_OR_RETURN(
      std::shared_ptr<SegmentationModel> model,
      BuildTrainedModel(job, request.files().trained_weights_path(),
                        BuildOptionsOf(job.run().training(), device)));
  return Predictor(request, std::move(model), device);
}

absl::StatusOr<PredictionList> PredictFromTensors(
    const PredictRequest& request) {
  const RunSpec& run = request.files().job().run();
  TRANSECT_ASSIGN_OR_RETURN(
      const PredictionInput in,
      ReadPredictionInput(request.inputs(), run.model(), InputFormatOf(run)));
  const std::string stem = fs::path(request.inputs()).stem().string();
  std::vector<std::string> stems;
  for (int64_t row = 0; row < in.input.image.size(0); ++row) {
    stems.push_back(absl::StrCat(stem, "_", row));
  }
  TRANSECT_RETURN_IF_ERROR(CheckNothingIsReplaced(request, stems, {stem}));
  TRANSECT_ASSIGN_OR_RETURN(Predictor predictor, OpenPredictor(request));
  TRANSECT_RETURN_IF_ERROR(predictor.PredictTensors(in, stem));
  return predictor.list();
}

absl::StatusOr<PredictionList> PredictFromFiles(const PredictRequest& request) {
  const TrainJob& job = request.files().job();
  if (job.run().model().has_sam_oracle_box()) {
    return absl::InvalidArgumentError(
        "model.sam_oracle_box is prompted with true boxes, which files do not "
        "have; give --inputs with input.boxes (docs/dump.md)");
  }
  const std::vector<std::string> stems = Stems(request.image());
  std::vector<std::string> all_stems;
  for (const std::string& stem : stems) {
    for (int t = 0; t < request.text_size(); ++t) {
      all_stems.push_back(absl::StrCat(stem, "_", t));
    }
  }
  TRANSECT_RETURN_IF_ERROR(
      CheckNothingIsReplaced(request, all_stems, all_stems));
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
  TRANSECT_ASSIGN_OR_RETURN(Predictor predictor, OpenPredictor(request));
  for (int i = 0; i < request.image_size(); ++i) {
    TRANSECT_ASSIGN_OR_RETURN(const ConvertedImage image,
                              ReadImage(request.image(i)));
    for (int t = 0; t < request.text_size(); ++t) {
      TRANSECT_RETURN_IF_ERROR(
          predictor.PredictFile(request.image(i), request.text(t), tokens[t],
                                image, absl::StrCat(stems[i], "_", t)));
    }
  }
  return predictor.list();
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
  TRANSECT_ASSIGN_OR_RETURN(const PredictionList list,
                            request.has_inputs() ? PredictFromTensors(request)
                                                 : PredictFromFiles(request));
  TRANSECT_RETURN_IF_ERROR(Print(request, list));
  return ExitCode::OK;
}

}  // namespace transect
