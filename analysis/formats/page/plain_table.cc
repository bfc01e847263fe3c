#include "analysis/formats/page/plain_table.h"

#include "absl/strings/str_cat.h"
#include "analysis/formats/render_html.h"
#include "analysis/table_layout.h"

namespace transect {

std::string PlainTableHtml(const std::string& name,
                           const std::vector<std::vector<std::string>>& lines,
                           size_t left) {
  std::string html = absl::StrCat(
      "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"",
      EscapeHtml(name), "\"><table class=\"beside\">\n");
  for (size_t i = 0; i < lines.size(); ++i) {
    html += i == 0 ? "<thead><tr>" : "<tr>";
    for (size_t c = 0; c < lines[i].size(); ++c) {
      const std::string text = EscapeHtml(ShownText(lines[i][c]));
      const char* name_class = c < left ? " class=\"name\"" : "";
      if (i == 0) {
        absl::StrAppend(&html, "<th scope=\"col\"", name_class, ">", text,
                        "</th>");
      } else if (c == 0) {
        absl::StrAppend(&html, "<th scope=\"row\">", text, "</th>");
      } else {
        absl::StrAppend(&html, "<td", name_class, ">", text, "</td>");
      }
    }
    html += i == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n";
  }
  return absl::StrCat(html, "</tbody></table></div>\n");
}

}  // namespace transect
