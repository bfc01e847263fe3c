/// \file
/// The tables of a report as a plain page of HTML, without scripts, pictures or
/// anything from a network: readable in a browser and to be pasted from.
#ifndef TRANSECT_ANALYSIS_FORMATS_RENDER_HTML_H_
#define TRANSECT_ANALYSIS_FORMATS_RENDER_HTML_H_

#include <string>

#include "absl/strings/string_view.h"
#include "analysis/report.pb.h"
#include "analysis/table_layout.h"

namespace transect {

/// Prints all tables. Each row has the ids of its runs as `data-runs`. Text
/// that came from files is escaped. A pure function.
std::string RenderHtml(const ComparisonReport& report);

/// One table as a part of a page: heading (h2), table, caption, notes,
/// controls.
std::string TableHtml(const TableLayout& layout);

/// `text` such that HTML shows it as it is, also in an attribute.
std::string EscapeHtml(absl::string_view text);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_RENDER_HTML_H_
