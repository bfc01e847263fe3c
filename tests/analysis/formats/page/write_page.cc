// Writes page.html, hostile.html and large.html, the pages of made runs, for
// browsers.

#include <string>

#include "absl/strings/str_cat.h"
#include "analysis/formats/page/page.h"
#include "data/io/file.h"
#include "tests/analysis/formats/page/drawn_gallery.h"
#include "tests/analysis/formats/page/made_page.h"
#include "third_party/absl_polyfill/check.h"

int main(int argc, char** argv) {
  using namespace transect;  // NOLINT
  TRANSECT_CHECK(argc == 2) << "usage: write_page DIRECTORY";
  const std::string dir = argv[1];
  const auto write = [&dir](const std::string& name, const PageInput& input) {
    TRANSECT_CHECK_OK(
        WriteFile(absl::StrCat(dir, "/", name, ".html"), RenderPage(input)));
  };
  write("page", MadePage(3, 120));
  write("hostile", MadePage(2, 60, /*hostile=*/true));
  // As large as a page gets: the runs of Tables I and II, with pictures.
  PageInput large = MadePage(7, 3481);
  large.gallery = DrawnGallery(large);
  write("large", large);
  return 0;
}
