// Compiles what RenderLatex writes with pdflatex: alone, and as an \input of
// documents of one and two columns. Skipped where pdflatex or its packages are
// not installed.
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "analysis/formats/render_latex.h"
#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/certainty/made_tables.h"

namespace transect {
namespace {

bool Runs(const std::string& command) {
  return std::system(absl::StrCat(command, " >/dev/null 2>&1").c_str()) == 0;
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

TEST(RenderLatex, CompilesAloneAndInPapersOfOneAndTwoColumns) {
  if (!Runs("pdflatex --version") || !Runs("kpsewhich siunitx.sty")) {
    GTEST_SKIP() << "no pdflatex with siunitx: apt-get install "
                    "texlive-latex-extra texlive-science";
  }
  const std::string dir = testing::TempDir();
  ComparisonReport report = MadeTables(5);
  for (ReportRun& run :
       *report.mutable_tables(0)->mutable_rows(0)->mutable_runs()) {
    run.set_certified(true);
  }
  Write(dir + "/table.tex", RenderLatex(report));
  for (const std::string options : {"", "[twocolumn]"}) {
    Write(absl::StrCat(dir, "/paper", options.size(), ".tex"),
          absl::StrCat("\\documentclass", options,
                       "{article}\n\\usepackage{booktabs,siunitx,graphicx}\n"
                       "\\begin{document}\nText.\n\\input{table}\nMore.\n"
                       "\\end{document}\n"));
  }
  for (const std::string file : {"table", "paper0", "paper11"}) {
    EXPECT_TRUE(Runs(absl::StrCat("cd ", dir,
                                  " && pdflatex -halt-on-error "
                                  "-interaction=nonstopmode ",
                                  file, ".tex")))
        << file;
    std::ifstream log(absl::StrCat(dir, "/", file, ".log"));
    const std::string text((std::istreambuf_iterator<char>(log)), {});
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("Overfull \\hbox")))
        << file;
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("Warning: Missing")));
  }
}

}  // namespace
}  // namespace transect
