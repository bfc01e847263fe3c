#include "launch/describe/bundle_folder.h"

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/terminal_text.h"
#include "launch/describe/sheet.h"
#include "launch/listing/run_list.h"
#include "launch/store/bundle.h"
#include "launch/store/code.pb.h"
#include "launch/store/find_run.h"

namespace transect {

std::string DescribeBundle(const Store& store,
                           const std::filesystem::path& path,
                           const std::string& shown) {
  const std::string code = path.filename().string();
  Sheet sheet(shown, absl::StrCat("the worker and its libraries that code ",
                                  code, " stands for"));
  if (const auto parts = ReadCodeParts(store, code); parts.ok()) {
    if (!parts->commit().empty()) {
      sheet.Add("commit", absl::StrCat(parts->commit(),
                                       parts->dirty() ? " with changes" : ""));
    }
    sheet.Add(
        "holds",
        absl::StrCat(CountText(parts->binary_size(), "program"), " of ours, ",
                     CountText(parts->library_size(), "library", "libraries")));
  }
  sheet.Add("size", absl::StrCat(SizeText(SizeOfTree(path.string())),
                                 ", shared with other bundles where equal"));
  int runs = 0;
  const StoreListing all = ListRuns(store, "");
  for (const ListedRun& run : all.runs()) {
    runs += run.code() == ShownCode(code) ? 1 : 0;
  }
  sheet.Add("used by", absl::StrCat(CountText(runs, "run"),
                                    "; attempts of this code execute it"));
  return sheet.Text();
}

}  // namespace transect
