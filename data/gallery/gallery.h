/// \file
/// A data set as one self-contained HTML page with pictures, sentences and
/// masks, to browse, filter and search.
///
/// The page is page.html with the samples as JSON. Pictures are JPEG thumbnails
/// in data URIs; masks are COCO run lengths at the same size, which the page
/// draws, outlines or hides.
#ifndef TRANSECT_DATA_GALLERY_GALLERY_H_
#define TRANSECT_DATA_GALLERY_GALLERY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/index/dataset_index.h"

namespace transect {

struct GalleryOptions {
  /// Title of the page.
  std::string title;
  /// Most samples on the page; they are spread evenly over all.
  int limit = 200;
  /// Longer side of a picture in pixels; smaller images are shown as they are.
  int thumbnail = 480;
  /// The page ends before it is larger than this.
  int64_t most_bytes = int64_t{64} << 20;
};

struct GalleryPage {
  std::string html;
  /// Samples on the page, and among them those whose image cannot be read; they
  /// show the error in place of the picture.
  int64_t shown = 0;
  int64_t unreadable = 0;
};

/// Makes the page for `samples`, in their order.
GalleryPage MakeGallery(absl::Span<const Sample> samples,
                        const GalleryOptions& options);

}  // namespace transect

#endif  // TRANSECT_DATA_GALLERY_GALLERY_H_
