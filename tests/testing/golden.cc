#include "tests/testing/golden.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "gtest/gtest.h"

namespace transect {
namespace {

// Where `bazel run -- --update` writes; empty while the files are compared.
std::string& SourceTree() {
  static auto* const root = new std::string;
  return *root;
}

}  // namespace

void ExpectGolden(const std::string& path, absl::string_view text) {
  if (!SourceTree().empty()) {
    std::ofstream file(SourceTree() + "/" + path, std::ios::binary);
    file << text << std::flush;
    EXPECT_TRUE(file.good()) << "cannot write " << path;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file.good()) << "cannot read " << path;
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str())
      << path << " differs; if the new text is right, run the test with "
      << "`bazel run TARGET -- --update`";
}

}  // namespace transect

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 2 && absl::string_view(argv[1]) == "--update") {
    const char* const root = std::getenv("BUILD_WORKSPACE_DIRECTORY");
    if (root == nullptr) {
      std::cerr << "--update works under `bazel run` only\n";
      return 1;
    }
    transect::SourceTree() = root;
  } else if (argc > 1) {
    std::cerr << "unknown argument " << argv[1] << "; --update is known\n";
    return 1;
  }
  return RUN_ALL_TESTS();
}
