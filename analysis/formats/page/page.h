/// \file
/// The report page: everything that an experiment's runs say, as one HTML file
/// that needs no network.
///
/// It begins with the answers to what a stranger asks: which setting wins, by
/// how much, whether that is certain, where it fails. Then, for each table: the
/// table as `--format html` prints it, claims, paper and ours, charts, heat
/// maps. Then the gallery, the numbers of all items, cost, failures and
/// provenance. Filters and search need its script; everything else does not.
/// `report --verify` reads its tables.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_PAGE_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_PAGE_H_

#include <string>

#include "analysis/formats/page/page_input.h"

namespace transect {

/// Renders the page. Text that came from files is escaped. A pure function: the
/// same input gives the same bytes.
std::string RenderPage(const PageInput& input);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_PAGE_H_
