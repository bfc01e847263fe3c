#include "analysis/formats/page/gallery_html.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "analysis/answers/breakdown.h"
#include "analysis/formats/render_html.h"
#include "analysis/table_layout.h"
#include "metrics/metric_log.pb.h"

namespace transect {
namespace {

std::string Shown(absl::string_view text) {
  return EscapeHtml(ShownText(text));
}

const char* WhyName(GalleryItem::Why why) {
  switch (why) {
    case GalleryItem::Why::kBest:
      return "best";
    case GalleryItem::Why::kWorst:
      return "worst";
    case GalleryItem::Why::kChanged:
      return "changed";
  }
  return "";
}

// The item as a run of the row evaluated it; null if it did not.
const EvalItem* Find(const TableRuns& runs, int row, const std::string& spec_id,
                     int64_t item_id) {
  for (const ScoredRun& run : runs[static_cast<size_t>(row)]) {
    if (run.spec_id != spec_id) continue;
    const auto found =
        std::ranges::lower_bound(run.items, item_id, {}, &EvalItem::item_id);
    if (found != run.items.end() && found->item_id() == item_id) {
      return &*found;
    }
  }
  return nullptr;
}

std::string IouText(const EvalItem* item) {
  if (item == nullptr || item->prediction().union_() == 0) return "–";
  return absl::StrFormat(
      "%.1f %%", 100 * static_cast<double>(item->prediction().intersection()) /
                     static_cast<double>(item->prediction().union_()));
}

std::string PictureHtml(const PagePicture& picture, const std::string& caption,
                        const std::string& alt) {
  if (picture.bytes.empty()) return "";
  // Only what pictures are made as can stand in the address.
  const char* type =
      picture.media_type == "image/png" ? "image/png" : "image/jpeg";
  return absl::StrCat("<figure><img decoding=\"async\" alt=\"", alt,
                      "\" src=\"data:", type, ";base64,",
                      absl::Base64Escape(picture.bytes), "\"><figcaption>",
                      caption, "</figcaption></figure>");
}

class Cards {
 public:
  Cards(const ComparisonReport& report, const std::vector<TableRuns>& runs)
      : report_(report), runs_(runs) {}

  void Add(const GalleryItem& item) {
    if (item.table < 0 || item.table >= report_.tables_size()) return;
    const ReportTable& table = report_.tables(item.table);
    const TableRuns& runs = runs_[static_cast<size_t>(item.table)];
    const std::string sentence = Shown(item.sentence);
    std::string pictures =
        PictureHtml(item.image, "image",
                    absl::StrCat("Image of item ", item.item_id)) +
        PictureHtml(item.truth, "truth",
                    absl::StrCat("True mask for: ", sentence));
    std::string ious;
    std::string missing = item.missing;
    const EvalItem* logged = nullptr;
    for (const GalleryView& view : item.views) {
      if (view.row < 0 || view.row >= table.rows_size()) return;
      const ReportRow& row = table.rows(view.row);
      const std::string label = Shown(row.label());
      const EvalItem* seen = Find(runs, view.row, view.spec_id, item.item_id);
      if (logged == nullptr) logged = seen;
      const std::string iou = IouText(seen);
      absl::StrAppend(&ious, ious.empty() ? "" : " → ", label,
                      SeedOf(row, view), " ", iou);
      pictures +=
          PictureHtml(view.prediction, absl::StrCat(label, ", ", iou),
                      absl::StrCat("Prediction of ", label, ", IoU ", iou));
      pictures +=
          PictureHtml(view.activation, absl::StrCat(label, ", activation"),
                      absl::StrCat("Activation map of ", label));
      if (missing.empty()) missing = view.missing;
    }
    const std::string category =
        logged == nullptr ? ""
                          : Shown(CategoryName(table, logged->category_id()));
    const char* why = WhyName(item.why);
    categories_.insert(category);
    absl::StrAppend(
        &html_, "<article class=\"card\" data-why=\"", why, "\" data-table=\"",
        item.table, "\" data-category=\"", category, "\" data-words=\"",
        Shown(absl::AsciiStrToLower(absl::StrCat(
            item.sentence, " ", item.item_id, " ",
            logged == nullptr ? ""
                              : CategoryName(table, logged->category_id())))),
        "\"><div class=\"pictures\">", pictures, "</div>\n<p class=\"words\">",
        sentence.empty() ? "(no sentence)" : sentence,
        "</p><p class=\"facts\">", why, " · item ", item.item_id,
        category.empty() ? "" : " · ", category, " · IoU ", ious, "</p>",
        missing.empty()
            ? ""
            : absl::StrCat("<p class=\"facts\">No picture: ", Shown(missing),
                           ".</p>"),
        "</article>\n");
    ++count_;
  }

  const std::string& html() const { return html_; }
  const std::set<std::string>& categories() const { return categories_; }
  int count() const { return count_; }

 private:
  static std::string SeedOf(const ReportRow& row, const GalleryView& view) {
    for (const ReportRun& run : row.runs()) {
      if (run.spec_id() == view.spec_id && run.has_seed()) {
        return absl::StrCat(" seed ", run.seed());
      }
    }
    return "";
  }

  const ComparisonReport& report_;
  const std::vector<TableRuns>& runs_;
  std::string html_;
  std::set<std::string> categories_;
  int count_ = 0;
};

std::string FiltersHtml(const Cards& cards,
                        const std::vector<std::string>& names) {
  std::string html =
      "<form class=\"filters\" id=\"gallery-filters\" role=\"search\" "
      "aria-label=\"Filter the gallery\" hidden>\n<label>Why <select "
      "name=\"why\"><option value=\"\">all</option><option "
      "value=\"worst\">worst</option><option value=\"changed\">most "
      "changed</option><option value=\"best\">best</option></select></label>\n";
  if (names.size() > 1) {
    html +=
        "<label>Table <select name=\"table\"><option value=\"\">all"
        "</option>";
    for (size_t i = 0; i < names.size(); ++i) {
      absl::StrAppend(&html, "<option value=\"", i, "\">", EscapeHtml(names[i]),
                      "</option>");
    }
    html += "</select></label>\n";
  }
  html +=
      "<label>Category <select name=\"category\"><option value=\"\">all"
      "</option>";
  for (const std::string& category : cards.categories()) {
    if (category.empty()) continue;
    absl::StrAppend(&html, "<option value=\"", category, "\">", category,
                    "</option>");
  }
  return absl::StrCat(
      html,
      "</select></label>\n<label>Search <input type=\"search\" name=\"words\" "
      "placeholder=\"sentence, item\" autocomplete=\"off\"></label>\n<button "
      "type=\"reset\">Reset</button> <output aria-live=\"polite\">",
      cards.count(), " of ", cards.count(), "</output></form>\n");
}

}  // namespace

std::string GalleryHtml(const ComparisonReport& report,
                        const std::vector<TableRuns>& runs,
                        const std::vector<std::string>& names,
                        const PageGallery& gallery) {
  Cards cards(report, runs);
  for (size_t i = 0; i < std::min(gallery.items.size(), kMostGalleryItems);
       ++i) {
    cards.Add(gallery.items[i]);
  }
  std::string html;
  if (cards.count() == 0) {
    html = "<p class=\"about\">There are no pictures.</p>\n";
  } else {
    html = absl::StrCat(
        "<p class=\"about\">", cards.count(),
        " items: the worst and the best of cells, and those whose IoU changed "
        "most from the base to another cell. Numbers of all items are "
        "below.</p>\n",
        FiltersHtml(cards, names));
  }
  for (const std::string& missing : gallery.missing) {
    absl::StrAppend(&html, "<p class=\"about\">Missing: ", Shown(missing),
                    ".</p>\n");
  }
  return absl::StrCat(html, "<div class=\"cards\" id=\"cards\">\n",
                      cards.html(),
                      "</div>\n<p><button type=\"button\" class=\"more\" "
                      "id=\"more-cards\" hidden>Show more</button></p>\n");
}

}  // namespace transect
