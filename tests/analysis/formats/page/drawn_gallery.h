/// \file
/// Pictures of as many items as a page may have, as large as the worker's.
#ifndef TRANSECT_TESTS_ANALYSIS_FORMATS_PAGE_DRAWN_GALLERY_H_
#define TRANSECT_TESTS_ANALYSIS_FORMATS_PAGE_DRAWN_GALLERY_H_

#include "analysis/formats/page/gallery.h"
#include "analysis/formats/page/page_input.h"

namespace transect {

/// The items that ChooseItems takes, each with its four or six pictures, drawn
/// by the functions that the worker draws with, at its size, over made
/// photographs that are as rich in detail as a town from above: JPEG makes them
/// no smaller than real ones. The same every time.
PageGallery DrawnGallery(const PageInput& page);

}  // namespace transect

#endif  // TRANSECT_TESTS_ANALYSIS_FORMATS_PAGE_DRAWN_GALLERY_H_
