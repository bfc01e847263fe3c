/// \file
/// Claims with their verdicts, and published values beside ours, as HTML.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_VERDICTS_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_VERDICTS_H_

#include <string>

#include "analysis/report.pb.h"

namespace transect {

/// The claims about the table; empty where there is none.
std::string ClaimsHtml(const ReportTable& table);

/// What was published beside ours; empty where nothing is shown.
std::string PaperHtml(const ReportTable& table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_VERDICTS_H_
