#include "analysis/written/markdown.h"

#include <cstddef>

#include "absl/strings/str_replace.h"

namespace transect {

std::string EscapeMarkdown(absl::string_view text) {
  std::string escaped = absl::StrReplaceAll(text, {{"\\", "\\\\"},
                                                   {"|", "\\|"},
                                                   {"*", "\\*"},
                                                   {"_", "\\_"},
                                                   {"`", "\\`"},
                                                   {"~", "\\~"},
                                                   {"$", "\\$"},
                                                   {"[", "\\["},
                                                   {"]", "\\]"},
                                                   {"<", "&lt;"},
                                                   {"&", "&amp;"}});
  // At the start of a line these make a heading, a quotation or a list.
  const size_t digits = escaped.find_first_not_of("0123456789");
  if (digits != std::string::npos &&
      absl::string_view(digits == 0 ? "#>+-" : ".)").find(escaped[digits]) !=
          absl::string_view::npos) {
    escaped.insert(digits, "\\");
  }
  return escaped;
}

}  // namespace transect
