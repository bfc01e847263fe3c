#include "launch/cli/page_pictures.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/formats/page/choose_items.h"
#include "analysis/report.pb.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/run/old_spec.h"
#include "experiments/training/training.pb.h"
#include "launch/cli/output.h"
#include "launch/cli/run_files.h"
#include "launch/cli/worker_command.h"
#include "launch/inputs/gpus.h"
#include "launch/requests/drawn_items.pb.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/find_run.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// An evaluation of a run: spec part, code part, split, digest of its contents.
using EvaluationKey =
    std::tuple<std::string, std::string, std::string, std::string>;

// An evaluation whose items are shown, and what there is of their pictures.
struct Album {
  std::set<int64_t> wanted;
  std::optional<FoundRun> run;
  FoundEvaluation evaluation;
  std::string origin;
  std::map<int64_t, DrawnItem> drawn;
  // What the worker is given; absent where it can draw nothing.
  std::optional<RunFiles> files;
  // Why there are no pictures, or no maps, one sentence without a full stop;
  // else empty.
  std::string no_pictures;
  std::string no_maps;
  // Ids that the worker is asked for, and the file that it writes.
  std::vector<int64_t> asked;
  std::string out;
};

using Albums = std::map<EvaluationKey, Album>;

// A directory that goes with this object; empty if it cannot be made.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::error_code error;
    const fs::path parent = fs::temp_directory_path(error);
    std::string name = absl::StrCat(parent.string(), "/transect-XXXXXX");
    if (!error && mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~ScratchDirectory() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

EvaluationKey KeyOf(const ComparisonReport& report, const GalleryItem& item,
                    const GalleryView& view) {
  const ReportTable& table = report.tables(item.table);
  for (const ReportRun& run : table.rows(view.row).runs()) {
    if (run.spec_id() == view.spec_id && !run.code().empty()) {
      return {run.spec_id(), run.code(), table.split(), run.content_digest()};
    }
  }
  return {};
}

// The job of the evaluation, which is not the run's where it read other data.
absl::Status ReadItsOwnJob(Album* album) {
  if (album->evaluation.data.empty()) return absl::OkStatus();
  const std::string attempt =
      AttemptDir(album->evaluation.dir, album->evaluation.result.attempt());
  TRANSECT_ASSIGN_OR_RETURN(album->run->launch,
                            ReadTextproto<LaunchPlan>(LaunchPath(attempt)));
  TRANSECT_ASSIGN_OR_RETURN(album->run->inputs,
                            ReadTextproto<JobInputs>(InputsPath(attempt)));
  return absl::OkStatus();
}

absl::Status FindEvaluation(const Store& store, const EvaluationKey& key,
                            Album* album) {
  const auto& [id, code, split, content] = key;
  TRANSECT_ASSIGN_OR_RETURN(
      album->run, FindRun(store, code, absl::StrCat(id, "/", ShownCode(code))));
  for (const FoundEvaluation& each : album->run->evaluations) {
    if (each.split == split &&
        (content.empty() || each.result.content_digest() == content)) {
      album->evaluation = each;
      return ReadItsOwnJob(album);
    }
  }
  return absl::NotFoundError(absl::StrCat("its evaluation of split ", split,
                                          " is no longer in the store"));
}

// Digest of what pictures show.
std::string OriginOf(const Album& album) {
  std::string text = absl::StrCat(album.run->id, "\n");
  for (const ResultFile& file : album.run->result.file()) {
    absl::StrAppend(&text, file.path(), " ", file.sha256(), "\n");
  }
  absl::StrAppend(&text, album.evaluation.result.id(), " ",
                  album.evaluation.result.content_digest(), "\n");
  return Sha256(text);
}

// Reads the pictures that the store has, if they are of the same things.
void ReadKept(const std::string& present_code, Album* album) {
  const absl::StatusOr<std::string> bytes =
      ReadFile(DrawnItemsPath(album->evaluation.dir));
  DrawnItems kept;
  if (!bytes.ok() || !kept.ParseFromString(*bytes) ||
      kept.version() != DrawnItems::PRESENT || kept.origin() != album->origin) {
    return;
  }
  if (kept.code() != present_code && kept.code() != album->run->result.code()) {
    return;
  }
  for (DrawnItem& item : *kept.mutable_item()) {
    album->drawn[item.item_id()] = std::move(item);
  }
}

// What the worker may read now.
void FindFiles(const Session& session, Album* album) {
  absl::StatusOr<RunFiles> files =
      FilesOfRun(session.store, *album->run, InputsUsed::kData);
  if (!files.ok()) {
    album->no_maps = std::string(files.status().message());
    files = DataOfRun(session.store, *album->run);
  } else if (files->job().run().training().device() == TrainingSpec::CUDA &&
             FindGpus(session.site.site).gpus.empty()) {
    album->no_maps = "the run computes on a GPU, and this machine shows none";
    files->clear_trained_weights_path();
  }
  if (!files.ok()) {
    album->no_pictures = std::string(files.status().message());
    return;
  }
  CompleteOldSpec(files->mutable_job()->mutable_run());
  album->files = *std::move(files);
}

// Wanted items of which there is less than a worker could draw: no picture, or
// with `maps` none of which a network was asked.
std::vector<int64_t> NotDrawn(const Album& album, bool maps) {
  std::vector<int64_t> ids;
  for (const int64_t id : album.wanted) {
    const auto kept = album.drawn.find(id);
    if (kept == album.drawn.end() || !kept->second.missing().empty() ||
        (maps && !kept->second.asked_network())) {
      ids.push_back(id);
    }
  }
  return ids;
}

// Takes over what the worker drew, and keeps it.
void TakeDrawn(const std::string& present_code, Album* album) {
  const absl::StatusOr<std::string> bytes = ReadFile(album->out);
  DrawnItems drawn;
  if (!bytes.ok() || !drawn.ParseFromString(*bytes)) {
    album->no_pictures = "the worker did not draw it";
    return;
  }
  if (!drawn.problem().empty()) {
    (drawn.item().empty() ? album->no_pictures : album->no_maps) =
        drawn.problem();
  }
  for (DrawnItem& item : *drawn.mutable_item()) {
    album->drawn[item.item_id()] = std::move(item);
  }
  DrawnItems kept;
  kept.set_version(DrawnItems::PRESENT);
  kept.set_origin(album->origin);
  kept.set_code(present_code);
  for (const auto& [id, item] : album->drawn) *kept.add_item() = item;
  WriteFileAtomic(DrawnItemsPath(album->evaluation.dir),
                  kept.SerializeAsString())
      .IgnoreError();
}

void DrawMissing(const CommandContext& context, const Session& session,
                 Albums* albums) {
  if (!session.worker.ok()) {
    for (auto& [key, album] : *albums) {
      const std::string why(session.worker.status().message());
      album.no_pictures = album.no_maps = why;
    }
    return;
  }
  WorkerRequest request;
  const ScratchDirectory scratch;
  size_t items = 0;
  std::set<std::string> runs;
  for (auto& [key, album] : *albums) {
    if (!album.files.has_value()) continue;
    album.asked = NotDrawn(album, album.files->has_trained_weights_path());
    if (album.asked.empty()) continue;
    if (scratch.path().empty()) {
      album.no_pictures = "there is no place for temporary files";
      continue;
    }
    auto& evaluation = *request.mutable_draw_items()->add_evaluation();
    album.out = absl::StrCat(scratch.path(), "/",
                             request.draw_items().evaluation_size());
    *evaluation.mutable_files() = *album.files;
    evaluation.set_split(std::get<2>(key));
    evaluation.set_evaluation_dir(album.evaluation.dir);
    evaluation.set_out(album.out);
    for (const int64_t id : album.asked) evaluation.add_item(id);
    items += album.asked.size();
    runs.insert(std::get<0>(key));
  }
  if (items == 0) return;
  Tell(absl::StrCat(
      "drawing ", items, items == 1 ? " prediction of " : " predictions of ",
      runs.size(), runs.size() == 1 ? " run" : " runs", " for the page\n"));
  const absl::Status ran = RunWorkerRequest(context, request).status();
  for (auto& [key, album] : *albums) {
    if (album.out.empty()) continue;
    TakeDrawn(session.code, &album);
    if (!ran.ok()) album.no_pictures = std::string(ran.message());
  }
}

PagePicture Jpeg(const std::string& bytes) {
  return {bytes.empty() ? "" : "image/jpeg", bytes};
}

// Puts what was drawn into an item.
void FillView(const Album& album, GalleryItem* item, GalleryView* view) {
  const auto found = album.drawn.find(item->item_id);
  if (found == album.drawn.end()) {
    view->missing =
        album.no_pictures.empty() ? "it was not drawn" : album.no_pictures;
    if (item->image.bytes.empty()) item->missing = view->missing;
    return;
  }
  const DrawnItem& drawn = found->second;
  view->prediction = Jpeg(drawn.prediction());
  view->activation = Jpeg(drawn.activation());
  if (!drawn.missing().empty()) {
    view->missing = drawn.missing();
  } else if (drawn.activation().empty()) {
    view->missing = drawn.asked_network() ? "the network has no activation map"
                    : album.no_maps.empty() ? "the map was not drawn"
                                            : album.no_maps;
  }
  if (item->image.bytes.empty()) {
    item->sentence = drawn.sentence();
    item->image = Jpeg(drawn.image());
    item->truth = Jpeg(drawn.truth());
    item->missing = drawn.image().empty() ? drawn.missing() : "";
  }
}

// Why pictures are missing, each reason with the runs that have it.
std::vector<std::string> Missing(const Albums& albums) {
  std::map<std::string, std::set<std::string>> runs;
  for (const auto& [key, album] : albums) {
    const std::string id = ShownId(std::get<0>(key));
    const bool no_pictures = !NotDrawn(album, /*maps=*/false).empty();
    if (no_pictures && !album.no_pictures.empty()) {
      runs[album.no_pictures].insert(id);
    } else if (!album.no_maps.empty() &&
               !NotDrawn(album, /*maps=*/true).empty()) {
      runs[album.no_maps].insert(id);
    }
  }
  std::vector<std::string> missing;
  for (const auto& [why, ids] : runs) {
    missing.push_back(absl::StrCat(
        "run ", *ids.begin(),
        ids.size() == 1 ? "" : absl::StrCat(" and ", ids.size() - 1, " more"),
        ": ", why));
  }
  return missing;
}

}  // namespace

PageGallery MakePageGallery(const CommandContext& context,
                            const ExperimentSession& session,
                            const MadeReport& made,
                            const PictureOptions& options) {
  PageGallery gallery;
  gallery.items = ChooseItems(made.input, made.report, options.most);
  Albums albums;
  for (const GalleryItem& item : gallery.items) {
    for (const GalleryView& view : item.views) {
      albums[KeyOf(made.report, item, view)].wanted.insert(item.item_id);
    }
  }
  for (auto& [key, album] : albums) {
    const absl::Status found = FindEvaluation(session.store, key, &album);
    if (!found.ok()) {
      album.run.reset();
      album.no_pictures = std::string(found.message());
      continue;
    }
    album.origin = OriginOf(album);
    ReadKept(session.code, &album);
    if (!NotDrawn(album, /*maps=*/true).empty()) FindFiles(session, &album);
  }
  if (options.draw) DrawMissing(context, session, &albums);
  for (GalleryItem& item : gallery.items) {
    for (GalleryView& view : item.views) {
      FillView(albums[KeyOf(made.report, item, view)], &item, &view);
    }
  }
  gallery.missing = Missing(albums);
  return gallery;
}

}  // namespace transect
