// Small files that describe much.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/annotations.h"
#include "data/annotations/rrsisd.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Opcodes of a pickle; values that are put into the memo are shared.
std::string LittleEndian(int64_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    bytes.push_back(static_cast<char>(value >> (8 * i)));
  }
  return bytes;
}
std::string Int(int64_t value) {
  return absl::StrCat("J", LittleEndian(value));
}
std::string Text(absl::string_view text) {
  return absl::StrCat("X", LittleEndian(static_cast<int64_t>(text.size())),
                      text);
}
std::string Put(char slot) { return std::string({'q', slot}); }
std::string Get(char slot) { return std::string({'h', slot}); }
std::string List(absl::string_view items) {
  return absl::StrCat("](", items, "e");
}
std::string Pickle(absl::string_view value) {
  return absl::StrCat("\x80\x04", value, ".");
}

std::string Reference(int64_t id, absl::string_view sentences) {
  return absl::StrCat("}(", Text("ref_id"), Int(id), Text("image_id"), Int(4),
                      Text("ann_id"), Int(4), Text("category_id"), Int(2),
                      Text("split"), Text("val"), Text("file_name"),
                      Text("00004.jpg"), Text("sentences"), sentences, "u");
}

std::string Sentence(int64_t id, absl::string_view sent) {
  return absl::StrCat("}(", Text("sent_id"), Int(id), Text("sent"), sent, "u");
}

std::string NewRoot(absl::string_view name, const std::string& references,
                    absl::string_view segmentation) {
  const std::string root = absl::StrCat(::testing::TempDir(), "/", name);
  EXPECT_THAT(MakeDirs(root + "/rrsisd"), IsOk());
  EXPECT_THAT(WriteFile(absl::StrCat(root, "/", kRrsisdRefs), references),
              IsOk());
  EXPECT_THAT(
      WriteFile(absl::StrCat(root, "/", kRrsisdInstances),
                absl::StrCat(R"({"annotations": [{"id": 4, "image_id": 4,)",
                             R"("category_id": 2, "segmentation": )",
                             segmentation, "}]}")),
      IsOk());
  return root;
}

constexpr char kMask[] = R"([{"size": [3, 4], "counts": "525"}])";

TEST(HeldBytesTest, CountsUpToTheLimitAndNamesTheFile) {
  HeldBytes held("some/file", int64_t{3} << 20);
  EXPECT_THAT(held.Add(int64_t{3} << 20), IsOk());
  EXPECT_THAT(held.Add(0), IsOk());
  EXPECT_THAT(held.Add(1), StatusIs(absl::StatusCode::kResourceExhausted,
                                    AllOf(HasSubstr("some/file: "),
                                          HasSubstr("more than 3 MiB"))));
}

TEST(HeldBytesTest, AListThatReferencesShareCountsForEach) {
  std::string sentences = Sentence(0, Text(std::string(1 << 20, 'a')) + Put(2));
  for (int i = 1; i < 100; ++i) sentences += Sentence(i, Get(2));
  std::string references = Reference(0, List(sentences) + Put(1));
  for (int i = 1; i < 30; ++i) references += Reference(i, Get(1));
  const std::string pickle = Pickle(List(references));
  EXPECT_LT(pickle.size(), 2u << 20);
  const std::string root = NewRoot("shared_list", pickle, kMask);
  EXPECT_THAT(ReadAnnotations(FoundDataset::RRSISD, root),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr(kRrsisdRefs), HasSubstr("2048 MiB"))));
}

TEST(HeldBytesTest, AMaskThatSentencesShareCountsForEach) {
  std::string sentences;
  for (int i = 0; i < 10'000; ++i) sentences += Sentence(i, Text("a"));
  std::string counts = "1";
  for (int i = 1; i < 300 * 400; ++i) counts += ",1";
  const std::string root = NewRoot(
      "shared_mask", Pickle(List(Reference(1, List(sentences)))),
      absl::StrCat(R"([{"size": [300, 400], "counts": [)", counts, "]}]"));
  EXPECT_THAT(ReadAnnotations(FoundDataset::RRSISD, root),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr(kRrsisdRefs), HasSubstr("2048 MiB"))));
}

TEST(HeldBytesTest, MasksOfRowsCountTogether) {
  const std::string row =
      R"({"file_name": "a.png", "sent": "The ship", "height": 4, "width": 4,)"
      R"("segmentation": [[0, 0, 4, 0, 4, 4]]})";
  const auto parse = [&](int64_t limit) {
    HeldBytes held("root/x_val.jsonl", limit);
    std::vector<IndexedRecord> records;
    std::vector<std::string> ids;
    return ParseJsonl(absl::StrCat(row, "\n", row, "\n"), "root", "x_val.jsonl",
                      "val", "", FoundDataset::SENT, &held, &records, &ids);
  };
  EXPECT_THAT(parse(1000), IsOk());
  EXPECT_THAT(parse(40), StatusIs(absl::StatusCode::kResourceExhausted,
                                  HasSubstr("x_val.jsonl:2:")));
}

}  // namespace
}  // namespace transect
