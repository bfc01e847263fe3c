/// \file
/// The numbers of all items of all runs, for the page's script: compact JSON.
///
/// Runs of several designs stand once. All numbers are integers as in the
/// metric logs:
///
///   names   {category: name}
///   sets    items that runs share: name, ids, category, area (pixels of the
///           true mask, -1 for unknown), pixels (of the image), kind (position
///           in `kinds`)
///   kinds   what sentences say
///   runs    spec part of the id, set, i (intersections), u (unions)
///   tables  name, set, rows: label, runs (positions in `runs`)
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_ITEM_DATA_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_ITEM_DATA_H_

#include <map>
#include <string>
#include <vector>

#include "analysis/formats/page/summary.h"
#include "analysis/report.pb.h"

namespace transect {

/// JSON that may stand inside of a <script>: it has no "<", and nothing that
/// acts on text. `runs` are those of the report's tables, `names` what they
/// are called.
std::string ItemDataJson(const ComparisonReport& report,
                         const std::vector<TableRuns>& runs,
                         const std::vector<std::string>& names);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_ITEM_DATA_H_
