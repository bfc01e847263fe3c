/// \file
/// gIoU of parts of the items for every cell, as tables whose fields are as
/// dark as their number is high.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_HEAT_MAP_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_HEAT_MAP_H_

#include <string>

#include "analysis/report.pb.h"

namespace transect {

/// Colors of a field: "#rrggbb".
struct HeatColors {
  std::string field;
  /// Black or white: has a contrast of 4.5 or more to the field.
  std::string text;
};

/// `share` of 0 to 1, light to dark; others count as the nearer bound. One hue,
/// so that lightness alone says it.
HeatColors HeatColorsOf(double share);

/// Contrast of two colors "#rrggbb", 1 to 21, as WCAG 2.2 defines it.
double ContrastOf(const std::string& a, const std::string& b);

/// By category, by size, by what the sentence says; of what is not known, why.
/// Empty without a result.
std::string HeatMapsHtml(const ReportTable& table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_HEAT_MAP_H_
