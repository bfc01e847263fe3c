/// \file
/// The gallery of the page: chosen items with their pictures.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_GALLERY_HTML_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_GALLERY_HTML_H_

#include <string>
#include <vector>

#include "analysis/formats/page/gallery.h"
#include "analysis/formats/page/summary.h"
#include "analysis/report.pb.h"

namespace transect {

/// A card for each item, in the order of the gallery, with its pictures as data
/// URIs, its sentence, and the IoU that the logs give it; before them the
/// filters, which need the script, and why pictures are missing. Items of
/// tables or rows that the report does not have are left out. `runs` and
/// `names` are those of the report's tables. Text is escaped.
std::string GalleryHtml(const ComparisonReport& report,
                        const std::vector<TableRuns>& runs,
                        const std::vector<std::string>& names,
                        const PageGallery& gallery);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_GALLERY_HTML_H_
