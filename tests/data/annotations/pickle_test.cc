#include "data/annotations/pickle.h"

#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// "name" or "name[2]" steps from the root.
PickleValue At(const PickleDocument& document, const std::string& key) {
  absl::StatusOr<PickleValue> value = document.root().Get(key);
  EXPECT_THAT(value, IsOk()) << key;
  return *value;
}

std::vector<PickleValue> ListOf(const PickleValue& value) {
  absl::StatusOr<std::vector<PickleValue>> list = value.AsList();
  EXPECT_THAT(list, IsOk());
  return *list;
}

std::string ErrorOf(const std::string& bytes) {
  const absl::StatusOr<PickleDocument> document = PickleDocument::Parse(bytes);
  EXPECT_THAT(document, StatusIs(absl::StatusCode::kInvalidArgument))
      << absl::CHexEscape(bytes.substr(0, 40));
  return std::string(document.status().message());
}

// Protocol 4 header, `body`, STOP.
std::string Pickled(const std::string& body) {
  return absl::StrCat("\x80\x04", body, ".");
}

class PickleProtocolTest : public ::testing::TestWithParam<int> {};

TEST_P(PickleProtocolTest, ReadsWhatPythonWrote) {
  ASSERT_OK_AND_ASSIGN(
      std::string bytes,
      ReadFile(absl::StrCat("tests/data/annotations/testdata/refs_protocol",
                            GetParam(), ".p")));
  ASSERT_OK_AND_ASSIGN(const PickleDocument document,
                       PickleDocument::Parse(std::move(bytes)));
  const std::vector<PickleValue> refs = ListOf(At(document, "refs"));
  ASSERT_EQ(refs.size(), 2u);
  EXPECT_THAT(refs[1].Get("ref_id")->AsInt(), IsOkAndHolds(70000));
  const std::vector<PickleValue> sentences = ListOf(*refs[0].Get("sentences"));
  ASSERT_EQ(sentences.size(), 1u);
  ASSERT_OK_AND_ASSIGN(const absl::string_view sentence,
                       sentences[0].Get("sent")->AsString());
  EXPECT_EQ(sentence, "A red vehicle on the lower left");
  EXPECT_EQ(ListOf(*sentences[0].Get("tokens")).size(), 7u);

  const std::vector<int64_t> expected = {0,
                                         255,
                                         256,
                                         65535,
                                         65536,
                                         -1,
                                         std::numeric_limits<int32_t>::min(),
                                         int64_t{1} << 31,
                                         int64_t{1} << 62,
                                         std::numeric_limits<int64_t>::min(),
                                         std::numeric_limits<int64_t>::max()};
  const std::vector<PickleValue> integers = ListOf(At(document, "integers"));
  ASSERT_EQ(integers.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_THAT(integers[i].AsInt(), IsOkAndHolds(expected[i]));
  }
  const std::vector<PickleValue> tuples = ListOf(At(document, "tuples"));
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(tuples[i].TypeName(), "tuple");
    EXPECT_EQ(ListOf(tuples[i]).size(), i);
  }
  const std::vector<PickleValue> others = ListOf(At(document, "others"));
  EXPECT_EQ(others[0].TypeName(), "None");
  EXPECT_EQ(others[1].TypeName(), "bool");
  EXPECT_EQ(*others[3].AsString(), "é▁😀");
  EXPECT_EQ(others[4].AsString()->size(), 300u);
  EXPECT_EQ(*ListOf(ListOf(At(document, "shared"))[1])[0].AsString(), "shared");
}

INSTANTIATE_TEST_SUITE_P(AllProtocols, PickleProtocolTest,
                         ::testing::Values(2, 3, 4, 5));

TEST(PickleTest, OpcodesThatRunOrLookUpAreRefusedWithNameAndOffset) {
  EXPECT_EQ(ErrorOf(Pickled("cos\nsystem\n")),
            "pickle, offset 2: opcode GLOBAL (0x63) is refused: it looks up "
            "os.system; only plain data is read");
  // os.system('true') as protocol 4 spells it.
  EXPECT_THAT(ErrorOf(Pickled("\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R")),
              HasSubstr("offset 14: opcode STACK_GLOBAL (0x93) is refused: it "
                        "looks up os.system"));
  struct Refused {
    char opcode;
    const char* name;
  };
  for (const Refused& refused : std::vector<Refused>{{'R', "REDUCE"},
                                                     {'b', "BUILD"},
                                                     {'i', "INST"},
                                                     {'o', "OBJ"},
                                                     {'\x81', "NEWOBJ"},
                                                     {'\x92', "NEWOBJ_EX"},
                                                     {'P', "PERSID"},
                                                     {'Q', "BINPERSID"},
                                                     {'\x82', "EXT1"},
                                                     {'\x83', "EXT2"},
                                                     {'\x84', "EXT4"},
                                                     {'G', "BINFLOAT"},
                                                     {'\x97', "NEXT_BUFFER"},
                                                     {'0', "POP"},
                                                     {'\xFE', "unknown"}}) {
    EXPECT_THAT(ErrorOf(Pickled(std::string("]") + refused.opcode)),
                HasSubstr(absl::StrCat("offset 3: opcode ", refused.name)));
  }
}

TEST(PickleTest, BrokenStreamsAreRefused) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("empty"));
  EXPECT_THAT(ErrorOf("[1, 2]\n"),
              HasSubstr("not a pickle: it begins with byte 0x5b, must be 0x80 "
                        "(protocol 2 to 5) or one of"));
  EXPECT_THAT(ErrorOf("version https://git-lfs.github.com/spec/v1\n"
                      "oid sha256:0\nsize 5\n"),
              HasSubstr("LFS"));
  EXPECT_THAT(ErrorOf("(lp0"), HasSubstr("the file ends inside of an opcode"));
  EXPECT_THAT(ErrorOf("(lpx\n."), HasSubstr("\"x\" where an integer"));
  EXPECT_THAT(ErrorOf("(lp-1\n."), HasSubstr("beyond the size"));
  EXPECT_THAT(ErrorOf("(lI9x\na."), HasSubstr("\"9x\" where an integer"));
  EXPECT_THAT(ErrorOf("(lL99999999999999999999L\na."),
              HasSubstr("an integer of 64 bits"));
  EXPECT_THAT(ErrorOf("(lS'a\na."), HasSubstr("without quotes"));
  EXPECT_THAT(ErrorOf("(lS'a\\x1'\na."), HasSubstr("escape \"\\\\x1\""));
  EXPECT_THAT(ErrorOf("(lVa\\u12\na."), HasSubstr("escape"));
  EXPECT_THAT(ErrorOf("(lV\\ud83d\na."), HasSubstr("half a surrogate"));
  EXPECT_THAT(ErrorOf("(S'a'\nd."), HasSubstr("a key without a value"));
  EXPECT_THAT(ErrorOf("\x80\x06]."), HasSubstr("protocol 6"));
  EXPECT_THAT(ErrorOf("\x80\x04]"), HasSubstr("the file ends"));
  EXPECT_THAT(ErrorOf(Pickled("M\x01")), HasSubstr("the file ends"));
  EXPECT_THAT(ErrorOf(Pickled("]") + "x"), HasSubstr("1 bytes follow"));
  EXPECT_THAT(ErrorOf(Pickled("")), HasSubstr("STOP with 0 values"));
  EXPECT_THAT(ErrorOf(Pickled("]]")), HasSubstr("STOP with 2 values"));
  EXPECT_THAT(ErrorOf(Pickled("](")), HasSubstr("1 open marks"));
  EXPECT_THAT(ErrorOf(Pickled("e")), HasSubstr("no MARK"));
  EXPECT_THAT(ErrorOf(Pickled("a")), HasSubstr("more values"));
  EXPECT_THAT(ErrorOf(Pickled("K\x01K\x01"
                              "a")),
              HasSubstr("not a list"));
  EXPECT_THAT(ErrorOf(Pickled("](K\x01"
                              "a")),
              HasSubstr("not a list"));
  EXPECT_THAT(ErrorOf(Pickled("}(K\x01u")), HasSubstr("without a value"));
  EXPECT_THAT(ErrorOf(Pickled("}]Ns")), HasSubstr("neither a string"));
  EXPECT_THAT(ErrorOf(Pickled("h\x05")), HasSubstr("memo index 5"));
  EXPECT_THAT(ErrorOf(Pickled("]q\xF0")), HasSubstr("beyond the size"));
  EXPECT_THAT(ErrorOf(Pickled("\x94")), HasSubstr("not on the stack"));
  EXPECT_THAT(ErrorOf(Pickled("\x8c\x01\xFF")), HasSubstr("UTF-8"));
  EXPECT_THAT(ErrorOf(Pickled("\x8a\x09")), HasSubstr("integer of 9 bytes"));
}

// testdata/make_python2_fixtures.py.
class Python2Test : public ::testing::TestWithParam<int> {};

TEST_P(Python2Test, ByteStringsAreLatin1) {
  ASSERT_OK_AND_ASSIGN(
      std::string bytes,
      ReadFile(
          absl::StrCat("tests/data/annotations/testdata/refs_python2_protocol",
                       GetParam(), ".p")));
  ASSERT_OK_AND_ASSIGN(PickleDocument parsed,
                       PickleDocument::Parse(std::move(bytes)));
  // Moving leaves the strings where they are.
  const PickleDocument document = std::move(parsed);
  const std::vector<PickleValue> values = ListOf(document.root());
  ASSERT_EQ(values.size(), 2u);
  EXPECT_THAT(values[0].Get("ref_id")->AsInt(), IsOkAndHolds(70000));
  EXPECT_THAT(values[0].Get("long")->AsInt(),
              IsOkAndHolds(std::numeric_limits<int64_t>::min()));
  EXPECT_EQ(*values[0].Get("sent")->AsString(), "The caf\u00e9's \"dam\"\n");
  EXPECT_EQ(*values[0].Get("unicode")->AsString(), "\u00e9\u2581\U0001F600");
  EXPECT_EQ(values[0].Get("true")->TypeName(), "bool");
  EXPECT_EQ(values[0].Get("none")->TypeName(), "None");
  EXPECT_EQ(values[0].Get("bytes")->AsString()->size(), 300u);
  EXPECT_EQ(*ListOf(*values[0].Get("tokens"))[1].AsString(), "caf\u00e9's");
  EXPECT_EQ(ListOf(*values[1].Get("tuple")).size(), 2u);
  EXPECT_EQ(*values[1].Get("sent")->AsString(), "The caf\u00e9's \"dam\"\n");
}

INSTANTIATE_TEST_SUITE_P(AllProtocols, Python2Test, ::testing::Values(0, 1, 2));

TEST(PickleTest, ObjectsOfNumpyAreNamedWithTheWayOut) {
  // As protocols 2 and 4 write {"image_id": numpy.int64(1)}, without what
  // follows the lookup.
  const std::string key = "}\x8c\x08image_id";
  EXPECT_THAT(
      ErrorOf(Pickled(key + "cnumpy.core.multiarray\nscalar\n")),
      HasSubstr("opcode GLOBAL (0x63) is refused: it holds a numpy scalar "
                "(numpy.core.multiarray.scalar): put int(...) around such "
                "integers before pickle.dump (after \"image_id\"); only plain "
                "data is read"));
  EXPECT_THAT(
      ErrorOf(Pickled(key + "\x8c\x16numpy._core.multiarray\x94\x8c\x06"
                            "scalar\x94\x93")),
      HasSubstr("it holds a numpy scalar (numpy._core.multiarray.scalar): put "
                "int(...) around such integers before pickle.dump (after "
                "\"image_id\")"));
  EXPECT_THAT(ErrorOf(Pickled("cnumpy.core.multiarray\n_reconstruct\n")),
              HasSubstr("call .tolist() of arrays before pickle.dump"));
}

TEST(PickleTest, HugeLengthsAreRefusedBeforeMemoryIsTaken) {
  const std::string huge(8, '\x7F');
  EXPECT_THAT(ErrorOf(Pickled("\x8d" + huge)), HasSubstr("are left"));
  EXPECT_THAT(ErrorOf(Pickled("X" + huge.substr(0, 4))), HasSubstr("are left"));
  EXPECT_THAT(ErrorOf(Pickled("\x95" + huge)), HasSubstr("frame of"));
  EXPECT_THAT(ErrorOf(Pickled("]r" + huge.substr(0, 4))),
              HasSubstr("beyond the size"));
}

TEST(PickleTest, NestingIsBoundedAndCyclesAreRefused) {
  const auto nested = [](int depth) {
    return Pickled(std::string(depth, ']') + std::string(depth - 1, 'a'));
  };
  EXPECT_THAT(PickleDocument::Parse(nested(kMaxPickleDepth)), IsOk());
  EXPECT_THAT(ErrorOf(nested(kMaxPickleDepth + 1)), HasSubstr("deeper"));
  EXPECT_THAT(ErrorOf(nested(200'000)), HasSubstr("deeper"));
  EXPECT_THAT(ErrorOf(Pickled("]\x94h" + std::string(1, '\0') + "a")),
              HasSubstr("contains itself"));
  // Through a dictionary's value.
  EXPECT_THAT(ErrorOf(Pickled("}\x94K\x01]h" + std::string(1, '\0') + "as")),
              HasSubstr("contains itself"));
}

TEST(PickleTest, ABombOfSharedListsIsCheapToRead) {
  // Each of 14 lists holds the one before it 200 times: 200^14 if unfolded.
  std::string body = "]\x94";
  for (int level = 0; level < 14; ++level) {
    body += "](";
    for (int i = 0; i < 200; ++i) {
      body += std::string("h") + static_cast<char>(level);
    }
    body += "e\x94";
  }
  // Only the last may be left: put all into one list instead.
  std::string all = "](" + body + "e";
  EXPECT_THAT(PickleDocument::Parse(Pickled(all)), IsOk());
}

TEST(PickleTest, TooManyValuesAreRefused) {
  const std::string many(kMaxPickleObjects + 1, 'N');
  EXPECT_THAT(ErrorOf(Pickled("](" + many + "e")),
              HasSubstr("more than 8388608 values"));
  EXPECT_THAT(ErrorOf("\x80\x04" + std::string(kMaxPickleBytes, 'N')),
              HasSubstr("at most 67108864"));
}

TEST(PickleTest, WhatTheWriterWritesIsReadBack) {
  PickleWriter writer;
  writer.BeginList();
  const std::vector<int64_t> integers = {0,
                                         255,
                                         256,
                                         65535,
                                         65536,
                                         -1,
                                         int64_t{1} << 40,
                                         std::numeric_limits<int64_t>::min()};
  for (const int64_t value : integers) {
    writer.Int(value);
  }
  writer.BeginDict();
  writer.String("key");
  writer.String(std::string(70'000, 'v'));
  writer.EndDict();
  writer.BeginList();
  writer.EndList();
  writer.EndList();
  ASSERT_OK_AND_ASSIGN(const PickleDocument document,
                       PickleDocument::Parse(std::move(writer).Finish()));
  const std::vector<PickleValue> values = ListOf(document.root());
  ASSERT_EQ(values.size(), integers.size() + 2);
  for (size_t i = 0; i < integers.size(); ++i) {
    EXPECT_THAT(values[i].AsInt(), IsOkAndHolds(integers[i]));
  }
  EXPECT_EQ(values[8].Get("key")->AsString()->size(), 70'000u);
  EXPECT_TRUE(ListOf(values[9]).empty());
}

TEST(PickleTest, PythonReadsWhatTheWriterWrites) {
  if (std::system("python3 -c pass > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "no python3 here";
  }
  PickleWriter writer;
  writer.BeginDict();
  writer.String("a");
  writer.BeginList();
  for (const int64_t value : {int64_t{7}, int64_t{70000}, int64_t{-1} << 40}) {
    writer.Int(value);
  }
  writer.EndList();
  writer.String("é");
  writer.BeginDict();
  writer.EndDict();
  writer.EndDict();
  const std::string path = absl::StrCat(::testing::TempDir(), "/written.p");
  ASSERT_THAT(WriteFileAtomic(path, std::move(writer).Finish()), IsOk());
  const std::string command = absl::StrCat(
      "python3 -c \"import pickle; assert pickle.load(open('", path,
      "', 'rb')) == {'a': [7, 70000, -2**40], '\\xe9': {}}\"");
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST(PickleTest, WrongTypesAndMissingKeysAreNamed) {
  ASSERT_OK_AND_ASSIGN(const PickleDocument document,
                       PickleDocument::Parse(Pickled("}\x8c\x01kK\x05s")));
  EXPECT_THAT(document.root().AsInt().status().message(),
              HasSubstr("is a dict, must be a int"));
  EXPECT_THAT(document.root().Get("other"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"other\"")));
  EXPECT_THAT(document.root().Get("k")->AsString().status().message(),
              HasSubstr("is a int"));
  EXPECT_THAT(document.root().Get("k")->Get("x").status().message(),
              HasSubstr("must be a dict"));
}

// What tests/fuzz/make_pickle_corpus.py wrote: one file for each rule.
TEST(PickleTest, HostileFilesAreRefusedInConstantMemory) {
  const auto peak_kilobytes = [] {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const std::map<std::string, std::string> refused = {
      {"os_system_protocol2", "GLOBAL"},
      {"os_system_protocol4", "STACK_GLOBAL"},
      {"nested_reduce_protocol2", "GLOBAL"},
      {"nested_reduce_protocol4", "STACK_GLOBAL"},
      {"inst", "INST"},
      {"obj", "GLOBAL"},
      {"newobj_ex", "NEWOBJ_EX"},
      {"persid", "PERSID"},
      {"binpersid", "BINPERSID"},
      {"ext1", "EXT1"},
      {"float", "BINFLOAT"},
      {"bytes", "SHORT_BINBYTES"},
      {"long4_huge", "LONG4"},
      {"long1_9_bytes", "integer of 9 bytes"},
      {"string_huge", "string of 9223372036854775807 bytes"},
      {"string_4_gib", "string of 4294967295 bytes"},
      {"frame_huge", "frame of 18446744073709551615 bytes"},
      {"memo_index_huge", "memo index 4294967295"},
      {"memo_unset", "memo index 7 was never set"},
      {"deep", "nest deeper than 16"},
      {"itself", "contains itself"},
      {"marks", "open marks"},
      {"protocol9", "protocol 9"},
      {"not_utf8", "UTF-8"},
      {"trailing", "bytes follow"},
  };
  const long before = peak_kilobytes();
  for (const auto& [name, why] : refused) {
    ASSERT_OK_AND_ASSIGN(
        std::string bytes,
        ReadFile(absl::StrCat("tests/fuzz/corpus/pickle/", name)));
    const std::string error = ErrorOf(bytes);
    EXPECT_THAT(error, HasSubstr(why)) << name;
    if (why.find_first_of("GSILBENP") == 0 && why != "integer of 9 bytes") {
      EXPECT_THAT(error, HasSubstr("offset ")) << name;
    }
  }
  // 10^10 values for whoever walks it as a tree; 120 values here.
  ASSERT_OK_AND_ASSIGN(std::string bomb,
                       ReadFile("tests/fuzz/corpus/pickle/memo_bomb"));
  EXPECT_THAT(PickleDocument::Parse(std::move(bomb)), IsOk());
  ASSERT_OK_AND_ASSIGN(std::string old,
                       ReadFile("tests/fuzz/corpus/pickle/protocol0"));
  EXPECT_THAT(PickleDocument::Parse(std::move(old)), IsOk());
  EXPECT_LT(peak_kilobytes() - before, 4096);
}

}  // namespace
}  // namespace transect
