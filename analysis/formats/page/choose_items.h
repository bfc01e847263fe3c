/// \file
/// Which items the gallery of the report page shows, from what the runs scored
/// on each.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_CHOOSE_ITEMS_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_CHOOSE_ITEMS_H_

#include <cstddef>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/formats/page/gallery.h"
#include "analysis/report.pb.h"

namespace transect {

/// Chooses at most `most` items for the tables of `report`, which was built
/// from `input`. A row is shown by its first run that counts. Each row has a
/// list of its best items and one of its worst, by IoU; each row beside the
/// base also one of those on which it differs most from the base, in runs of
/// equal seed and on the same images. The lists give their next item in turn
/// until there are `most` or no more, so that each row has as many as another.
/// Items of equal IoU come by ascending id; an item is among the best or among
/// the worst of a run, not both, and is shown in the first table only of those
/// that have the run. Items that the report's rules leave out are not chosen.
///
/// The result is in the order of tables, then rows, then best, worst, changed,
/// the most extreme first. Its pictures and sentences are empty.
std::vector<GalleryItem> ChooseItems(const ReportInput& input,
                                     const ComparisonReport& report,
                                     size_t most = kMostGalleryItems);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_CHOOSE_ITEMS_H_
