/// \file
/// Text from files in Markdown.
#ifndef TRANSECT_ANALYSIS_WRITTEN_MARKDOWN_H_
#define TRANSECT_ANALYSIS_WRITTEN_MARKDOWN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace transect {

/// `text`, one line, such that Markdown shows it as it is, also in a cell of a
/// table and at the start of a line.
std::string EscapeMarkdown(absl::string_view text);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_WRITTEN_MARKDOWN_H_
