/// \file
/// The items that the report page shows with pictures.
///
/// Who chooses the items and makes the pictures fills a PageGallery; the page
/// shows what is there and says why what is not there is missing. The page has
/// the numbers of all items anyway.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_GALLERY_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_GALLERY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace transect {

/// Most items of a gallery.
inline constexpr size_t kMostGalleryItems = 200;

/// A small picture: about 160 to 200 pixels on its longer side.
struct PagePicture {
  /// "image/jpeg" or "image/png".
  std::string media_type;
  /// The file; empty if there is none.
  std::string bytes;
};

/// What one run made of an item.
struct GalleryView {
  /// Position of the cell in the rows of the report's table.
  int row = 0;
  /// Spec part of the run's id, one of ReportRow.runs.
  std::string spec_id;
  /// The predicted mask over the image, and the activation map of the
  /// prompter over it, where the network has one.
  PagePicture prediction = {};
  PagePicture activation = {};
  /// Why there is no prediction or no activation, a sentence without a full
  /// stop; else empty.
  std::string missing = {};
};

/// One item.
struct GalleryItem {
  enum class Why {
    /// Highest IoU of the run.
    kBest,
    /// Lowest IoU of the run.
    kWorst,
    /// IoU differs most between two runs of equal seed, of the base and of
    /// another cell.
    kChanged,
  };
  /// Position in ComparisonReport.tables.
  int table = 0;
  /// As in the metric logs; numbers are looked up there.
  int64_t item_id = 0;
  Why why = Why::kBest;
  /// As the data set has it; not escaped.
  std::string sentence;
  PagePicture image;
  /// The true mask over the image.
  PagePicture truth;
  /// One run; of kChanged two, the base first.
  std::vector<GalleryView> views;
  /// Why there is no image or no truth, a sentence without a full stop; else
  /// empty.
  std::string missing = {};
};

struct PageGallery {
  /// In the order in which they are shown, at most kMostGalleryItems.
  std::vector<GalleryItem> items;
  /// Why there are fewer pictures than could be, sentences without a full
  /// stop: "the weights of run 0123456789ab were deleted".
  std::vector<std::string> missing;
};

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_GALLERY_H_
