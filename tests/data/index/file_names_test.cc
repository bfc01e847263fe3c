#include "data/index/file_names.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"

namespace transect {
namespace {

// Composed, and taken apart: "é" and the syllable "han".
constexpr char kComposed[] = "\xC3\xA9\xED\x95\x9C";
constexpr char kTakenApart[] = "e\xCC\x81\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB";

TEST(FileNamesTest, ComposedFormOfEitherForm) {
  EXPECT_EQ(ComposedForm(kComposed), kComposed);
  EXPECT_EQ(ComposedForm(kTakenApart), kComposed);
  EXPECT_EQ(ComposedForm("plain.jpg"), "plain.jpg");
  EXPECT_EQ(ComposedForm("\xFF\xFE"), "\xFF\xFE");
  EXPECT_EQ(ComposedForm(""), "");
  // A character that no composed form has, which takes more room: U+FB2C.
  EXPECT_EQ(ComposedForm("\xEF\xAC\xAC"), "\xD7\xA9\xD6\xBC\xD7\x81");
  EXPECT_EQ(ComposedForm("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
}

TEST(FileNamesTest, FindsTheNameThatTheDirectoryHas) {
  const std::string root = NewDatasetDir();
  PutFile(root, absl::StrCat(kTakenApart, "/", kComposed, ".jpg"), "x");
  PutFile(root, "a/plain.jpg", "x");
  FileNames names(root);
  const std::string there = absl::StrCat(kTakenApart, "/", kComposed, ".jpg");
  EXPECT_EQ(names.Find(there), there);
  EXPECT_EQ(names.Find(absl::StrCat(kComposed, "/", kTakenApart, ".jpg")),
            there);
  EXPECT_EQ(names.Find("a/plain.jpg"), "a/plain.jpg");
  EXPECT_EQ(names.Find("a/missing.jpg"), "a/missing.jpg");
  const std::string missing = absl::StrCat("a/", kComposed, ".jpg");
  EXPECT_EQ(names.Find(missing), missing);
  EXPECT_EQ(names.Find(""), "");
  // A name in Latin-1 is no UTF-8.
  EXPECT_EQ(names.Find("a/\xE9.jpg"), "a/\xE9.jpg");
}

}  // namespace
}  // namespace transect
