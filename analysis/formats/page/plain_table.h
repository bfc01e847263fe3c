/// \file
/// Tables of the page that are none of the report's.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_PLAIN_TABLE_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_PLAIN_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

namespace transect {

/// A table that `report --verify` leaves out (class "beside"): heads, then
/// lines, of which the first `left` columns are names. `name` is what it has,
/// for people who do not see it. Text is escaped and shown on one line.
std::string PlainTableHtml(const std::string& name,
                           const std::vector<std::vector<std::string>>& lines,
                           size_t left);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_PLAIN_TABLE_H_
