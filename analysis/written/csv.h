/// \file
/// Tables as comma-separated values, as RFC 4180 defines them and pandas,
/// spreadsheets and R's read.csv read them.
///
/// A cell with a comma, a quote or a line break stands in quotes, with its own
/// quotes doubled. Lines end with a line feed; a carriage return before it is
/// read too, and so is a byte order mark.
#ifndef TRANSECT_ANALYSIS_WRITTEN_CSV_H_
#define TRANSECT_ANALYSIS_WRITTEN_CSV_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace transect {

/// Appends the cells as one line.
void AppendCsvLine(absl::Span<const std::string> cells, std::string* csv);

/// The lines of `csv`, of which empty ones are left out, by their cells.
/// kInvalidArgument, with `name` and the line, if a quote is not closed, text
/// follows a closing quote, or a line has another number of cells than the
/// first.
absl::StatusOr<std::vector<std::vector<std::string>>> ParseCsv(
    absl::string_view csv, absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_WRITTEN_CSV_H_
