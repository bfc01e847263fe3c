/// \file
/// The tables of a report as LaTeX.
///
/// The file compiles by itself, and with \input in a document that loads
/// booktabs, siunitx (version 2 or 3) and graphicx, of one column or two: each
/// table is a table*, which in one column is a table, and shrinks where it is
/// wider than the text. A comment at the end of every row has the ids of its
/// runs; `transect report --verify` reads them.
#ifndef TRANSECT_ANALYSIS_FORMATS_RENDER_LATEX_H_
#define TRANSECT_ANALYSIS_FORMATS_RENDER_LATEX_H_

#include <string>

#include "absl/strings/string_view.h"
#include "analysis/report.pb.h"

namespace transect {

/// Prints all tables. Text that came from files is escaped. A pure function.
std::string RenderLatex(const ComparisonReport& report);

/// `text` such that LaTeX shows it as it is: what TeX acts on, and the signs of
/// our tables that its standard fonts lack. Other letters stay UTF-8.
std::string EscapeLatex(absl::string_view text);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_RENDER_LATEX_H_
