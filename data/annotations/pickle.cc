#include "data/annotations/pickle.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/annotations/pickle_opcodes.h"
#include "data/annotations/pickle_parser.h"
#include "data/annotations/pickle_text.h"
#include "data/io/stand_in.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

// Protocols 0 and 1 have no header; what a list or a dictionary of theirs may
// begin with tells them from other files.
absl::Status PickleParser::CheckStart() const {
  const std::string stand_in = StandInText(input_.substr(0, kStandInHead));
  if (!stand_in.empty()) return absl::InvalidArgumentError(stand_in);
  const uint8_t first = Byte(0);
  if (first == kProto || first == kMark || first == kEmptyList ||
      first == kEmptyDict) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "not a pickle: it begins with byte 0x%02x, must be 0x80 (protocol 2 to "
      "5) or one of \"(\", \"]\" and \"}\" (Python 2)",
      first));
}

absl::Status PickleParser::Execute(uint8_t opcode) {
  switch (opcode) {
    case kProto:
      return Protocol();
    case kFrame:
      return Frame();
    case kMemoize:
      return Put(memo_.size());
    case kBinPut:
      return PutNumbered(1);
    case kLongBinPut:
      return PutNumbered(4);
    case kBinGet:
      return GetNumbered(1);
    case kLongBinGet:
      return GetNumbered(4);
    case kShortBinUnicode:
      return PushString(1);
    case kBinUnicode:
      return PushString(4);
    case kBinUnicode8:
      return PushString(8);
    case kBinInt1:
      return PushUnsigned(1);
    case kBinInt2:
      return PushUnsigned(2);
    case kBinInt:
      return PushSigned(4);
    case kLong1:
      return PushLong();
    case kNone:
      return PushContainer(Kind::kNone);
    case kNewTrue:
      return PushInt(1, Kind::kBool);
    case kNewFalse:
      return PushInt(0, Kind::kBool);
    case kEmptyList:
      return PushContainer(Kind::kList);
    case kEmptyDict:
      return PushContainer(Kind::kDict);
    case kEmptyTuple:
      return PushContainer(Kind::kTuple);
    case kTuple1:
      return PushTuple(Pop(1));
    case kTuple2:
      return PushTuple(Pop(2));
    case kTuple3:
      return PushTuple(Pop(3));
    case kTuple:
      return PushTuple(PopToMark());
    case kMark:
      marks_.push_back(stack_.size());
      return absl::OkStatus();
    case kAppend:
      return AddToTop(Kind::kList, Pop(1));
    case kAppends:
      return AddToTop(Kind::kList, PopToMark());
    case kSetItem:
      return AddToTop(Kind::kDict, Pop(2));
    case kSetItems:
      return AddToTop(Kind::kDict, PopToMark());
    case kStop:
      return Stop();
    default:
      return ExecuteOfPython2(opcode);
  }
}

// What Python 3 does not write any more.
absl::Status PickleParser::ExecuteOfPython2(uint8_t opcode) {
  switch (opcode) {
    case kShortBinString:
      return PushBytes(1);
    case kBinString:
      return PushBytes(4);
    case kString: {
      TRANSECT_ASSIGN_OR_RETURN(const absl::string_view line, Line());
      return PushOwn(TextOfLiteral(line));
    }
    case kUnicode: {
      TRANSECT_ASSIGN_OR_RETURN(const absl::string_view line, Line());
      return PushOwn(TextOfUnicode(line));
    }
    case kInt:
    case kLong:
      return PushIntegerLine();
    case kList:
      return PushList(PopToMark());
    case kDict:
      return PushDict(PopToMark());
    case kGet: {
      TRANSECT_ASSIGN_OR_RETURN(const int64_t index, IntegerLine());
      return Get(static_cast<uint64_t>(index));
    }
    case kPut: {
      TRANSECT_ASSIGN_OR_RETURN(const int64_t index, IntegerLine());
      return Put(static_cast<uint64_t>(index));
    }
    default:
      return Refuse(opcode);
  }
}

absl::Status PickleParser::RefuseGlobal(absl::string_view opcode,
                                        absl::string_view module,
                                        absl::string_view name,
                                        absl::string_view after) {
  return Error(absl::StrCat(
      "opcode ", opcode, " is refused: ", WhatIsLookedUp(module, name),
      after.empty()
          ? ""
          : absl::StrCat(" (after \"", absl::CHexEscape(after.substr(0, 60)),
                         "\")"),
      "; only plain data is read"));
}

absl::Status PickleParser::Refuse(uint8_t opcode) {
  constexpr uint8_t kGlobal = 0x63;
  constexpr uint8_t kStackGlobal = 0x93;
  const std::string named = absl::StrFormat(
      "%s (0x%02x)", std::string(RefusedOpcodeName(opcode)), opcode);
  if (opcode == kGlobal) {
    TRANSECT_ASSIGN_OR_RETURN(const absl::string_view module, Line());
    TRANSECT_ASSIGN_OR_RETURN(const absl::string_view name, Line());
    return RefuseGlobal(named, module, name, TextBelow(0));
  }
  if (opcode == kStackGlobal) {
    return RefuseGlobal(named, TextBelow(1), TextBelow(0), TextBelow(2));
  }
  return Error(
      absl::StrCat("opcode ", named, " is refused: only plain data is read"));
}

// Depth first over everything that is reachable, each value once, so that
// sharing cannot make it slow; an open value met again is a cycle.
absl::Status PickleParser::CheckDepth() {
  enum State : uint8_t { kNew, kOpen, kDone };
  std::vector<uint8_t> state(document_.nodes_.size(), kNew);
  // Levels of containers below and including each finished value.
  std::vector<uint8_t> depth(document_.nodes_.size(), 0);
  struct Visit {
    uint32_t node;
    size_t next;
  };
  std::vector<Visit> path = {{document_.root_, 0}};
  state[document_.root_] = kOpen;
  while (!path.empty()) {
    Visit& top = path.back();
    const Node& node = document_.nodes_[top.node];
    const bool is_container = node.kind >= Kind::kList;
    if (top.next == node.items.size()) {
      depth[top.node] += is_container ? 1 : 0;
      state[top.node] = kDone;
      const uint8_t levels = depth[top.node];
      path.pop_back();
      if (levels > kMaxPickleDepth) {
        return absl::InvalidArgumentError(absl::StrCat(
            "pickle: containers nest deeper than ", kMaxPickleDepth));
      }
      if (!path.empty()) {
        uint8_t& parent = depth[path.back().node];
        parent = std::max(parent, levels);
      }
      continue;
    }
    const uint32_t child = node.items[top.next++];
    if (state[child] == kOpen) {
      return absl::InvalidArgumentError("pickle: a container contains itself");
    }
    if (state[child] == kDone) {
      depth[top.node] = std::max(depth[top.node], depth[child]);
    } else if (document_.nodes_[child].items.empty()) {
      state[child] = kDone;
      depth[child] = document_.nodes_[child].kind >= Kind::kList ? 1 : 0;
      depth[top.node] = std::max(depth[top.node], depth[child]);
    } else {
      state[child] = kOpen;
      path.push_back({child, 0});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<PickleDocument> PickleDocument::Parse(std::string bytes) {
  return PickleParser(std::move(bytes)).Run();
}

}  // namespace transect
