#include "experiments/selecting/selector_word.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;

using Kind = SelectorWord::Kind;
using Compare = SelectorWord::Compare;

struct Case {
  std::string word;
  Kind kind;
  bool negated;
  std::string name;
  Compare compare;
  std::vector<std::string> values;
  // Where the last value starts.
  size_t position;
};

TEST(SelectorWordTest, SaysWhatIsWritten) {
  for (const Case& word : std::vector<Case>{
           {"rank=8,16",
            Kind::kName,
            false,
            "rank",
            Compare::kEqual,
            {"8", "16"},
            7},
           {"!a<3", Kind::kName, true, "a", Compare::kLess, {"3"}, 3},
           {"a<=3", Kind::kName, false, "a", Compare::kLessEqual, {"3"}, 3},
           {"a>3", Kind::kName, false, "a", Compare::kGreater, {"3"}, 2},
           {"a>=1", Kind::kName, false, "a", Compare::kGreaterEqual, {"1"}, 3},
           {R"(a!="x,\"y")",
            Kind::kName,
            true,
            "a",
            Compare::kEqual,
            {R"(x,"y)"},
            3},
           {R"(a="b\\",c)",
            Kind::kName,
            false,
            "a",
            Compare::kEqual,
            {R"(b\)", "c"},
            8},
           {"!a!=1", Kind::kName, false, "a", Compare::kEqual, {"1"}, 4},
           {"ab,12", Kind::kId, false, "", Compare::kEqual, {"ab", "12"}, 3},
           {"!!ab", Kind::kId, false, "", Compare::kEqual, {"ab"}, 2},
           {"#1,2", Kind::kIndex, false, "", Compare::kEqual, {"1", "2"}, 3},
           {"!#3", Kind::kIndex, true, "", Compare::kEqual, {"3"}, 2},
           {"cell=a b",
            Kind::kName,
            false,
            "cell",
            Compare::kEqual,
            {"a b"},
            5},
       }) {
    const absl::StatusOr<SelectorWord> parsed = ParseSelector(word.word);
    ASSERT_THAT(parsed, IsOk()) << word.word;
    EXPECT_EQ(parsed->kind, word.kind) << word.word;
    EXPECT_EQ(parsed->negated, word.negated) << word.word;
    EXPECT_EQ(parsed->name, word.name) << word.word;
    EXPECT_EQ(parsed->compare, word.compare) << word.word;
    std::vector<std::string> values;
    for (const SelectorWord::Value& value : parsed->values) {
      values.push_back(value.text);
    }
    EXPECT_EQ(values, word.values) << word.word;
    EXPECT_EQ(parsed->values.back().position, word.position) << word.word;
  }
}

TEST(SelectorWordTest, ErrorsSayWhere) {
  EXPECT_THAT(ParseSelector("ra nk"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "selector \"ra nk\", position 3: expected =, !=, <, "
                       "<=, > or >="));
  EXPECT_EQ(SelectorError("word", 1, "is wrong").message(),
            "selector \"word\", position 2: is wrong");
}

}  // namespace
}  // namespace transect
