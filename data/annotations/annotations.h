/// \file
/// Records from the annotation files of a data set, in each layout of
/// `FoundDataset`. No image is opened here, no record is repaired or left out.
///
/// **RRSISD**, as RRSIS-D is distributed (Liu et al., CVPR 2024; the files that
/// `refer/refer.py` of github.com/Lsan2401/RMSIN reads):
///
///     rrsisd/refs(unc).p              references, a Python pickle
///     rrsisd/instances.json           masks, like COCO's
///     rrsisd/scenes.jsonl             optional, see below
///     images/rrsisd/JPEGImages/00001.jpg ...
///     images/rrsisd/ann_split/00001.xml ...   see rrsisd_boxes.h
///
/// Known oddities: `instances.json` writes `categories_id`, `bbox` has corners,
/// and `area` is wrong. REFER's general form is read, too: several sentences
/// for a reference, ids of any kind, COCO's `category_id`, with which `bbox` is
/// x, y, width, height, and polygons (data/masks/polygon.h). A record is one
/// sentence; its id is the reference's where each has one sentence, else the
/// sentence's. The image file is the reference's where that is named after its
/// image_id, else that of `images` in instances.json, else the reference's.
///
/// `scenes.jsonl` is an extension that synthetic data sets have: every object
/// of every image, so that the mask of all objects is known. One JSON object
/// per line: {"image_id": 1, "target": 0, "objects": [{"category_id": 2,
/// "color": "white", "bbox": [x1, y1, x2, y2], "segmentation": {"size":
/// [height, width], "counts": "..."}}, ...]}; `target` is the index of the
/// named object.
///
/// **REFSEGRS** and **RISBENCH**: one line "ID PHRASE" for each triplet, with
/// any white space between and around them,
///
///     output_phrase_train.txt, output_phrase_val.txt, output_phrase_test.txt
///     images/ID.tif and masks/ID.tif, or img_rgb/ID.png and mask/ID.png
///
/// data/image/mask_image.h says which pixels of a mask image are object. There
/// are no categories.
///
/// **JSONL**, the format in which RSRefSeg's and RSRefSeg2's code reads all
/// three:
///
///     datainfo/NAME_train.jsonl ...   or the same files in the root
///     images/rrsisd/JPEGImages/, JPEGImages/, img_rgb/ or images/
///     masks/                          for rows that name a mask file
///
/// One JSON object per line: `sent`, `file_name` (below the first of those
/// directories that exists, else below the root), `segmentation` (run lengths,
/// or a list of polygons beside `height` and `width` of the image) or, which
/// only Transect reads, `mask_file` (below masks/), and where the data set has
/// them `split`, `image_id`, `ann_id`, `category_id`, `bbox`,
/// `area`, `raw`, `tokens`; other fields are ignored.
///
/// The sentence of RRSISD and JSONL is `sent`, as RSRefSeg reads it, or `raw`,
/// as LAVT reads it. A byte-order mark at the beginning of a text file is
/// skipped.
///
/// In the last three an id is the record's own (`ann_id`, else `image_id`, else
/// ID) if all of them are different whole numbers; otherwise records are
/// numbered from 0 over train, val and test.
///
/// Structure is strict: a file that cannot be parsed, a record without a
/// sentence or image, ids that disagree, an id twice or a name that leaves the
/// data set's directory are kInvalidArgument, with file and record; places in
/// text are FILE:LINE:COLUMN. Anything a run can do without is a `Defect` of
/// the record (data/defects.h): mask_missing, mask_unreadable,
/// unknown_category, category_mismatch, box_invalid, and the other kinds whose
/// names end in _mismatch, for fields that say one thing twice.
#ifndef TRANSECT_DATA_ANNOTATIONS_ANNOTATIONS_H_
#define TRANSECT_DATA_ANNOTATIONS_ANNOTATIONS_H_

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/annotations/record.pb.h"
#include "data/data.pb.h"
#include "data/spec.h"

namespace transect {

/// Records of all splits (kSplitNames of data/spec.h), in the order of the
/// files.
struct Annotations {
  std::array<std::vector<IndexedRecord>, kSplitNames.size()> split;

  int64_t records() const;
};

/// Reads the annotations of the data set in directory `root`; `sentence_field`
/// is that of FoundDataset. kNotFound if the directory or a file that the
/// layout needs is missing; the message names it.
absl::StatusOr<Annotations> ReadAnnotations(
    FoundDataset::Format format, const std::string& root,
    FoundDataset::SentenceField sentence_field = FoundDataset::SENT);

/// Files and directories, relative to `root`, that determine what
/// ReadAnnotations returns and which images there are; they may be missing.
std::vector<std::string> AnnotationPaths(FoundDataset::Format format,
                                         const std::string& root);

/// Puts a defect on a record; `kind` is a constant of data/defects.h.
void AddDefect(const char* kind, absl::string_view detail,
               IndexedRecord* record);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_ANNOTATIONS_H_
