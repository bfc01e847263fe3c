#include "data/annotations/rrsisd_boxes.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "data/io/utf8.h"
#include "pugixml.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status Error(absl::string_view file_name, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(file_name, ": ", why));
}

// The text of a file, which errors name.
struct File {
  absl::string_view name;
  absl::string_view text;
};

absl::Status ErrorAt(const File& file, ptrdiff_t offset,
                     absl::string_view why) {
  const size_t at = std::clamp<ptrdiff_t>(offset, 0, file.text.size());
  return absl::InvalidArgumentError(
      absl::StrCat(PlaceInText(file.name, file.text, at), ": ", why));
}

// Deeper documents stop the walk.
class DepthCheck : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node&) override { return depth() < kMaxXmlDepth; }
};

absl::StatusOr<int> Integer(const pugi::xml_node& parent, const char* name,
                            const File& file) {
  const pugi::xml_node node = parent.child(name);
  if (!node) {
    return ErrorAt(file, parent.offset_debug(),
                   absl::StrCat("<", parent.name(), "> has no <", name, ">"));
  }
  const absl::string_view text = absl::StripAsciiWhitespace(node.child_value());
  int value = 0;
  double real = 0;
  if (absl::SimpleAtoi(text, &value)) {
    real = value;
  } else if (absl::SimpleAtod(text, &real) && real >= -1e6 && real <= 1e6) {
    value = static_cast<int>(real);
  } else {
    real = 1e9;
  }
  if (!(real >= -1e6 && real <= 1e6)) {
    return ErrorAt(file, node.offset_debug(),
                   absl::StrCat("<", name, "> is \"", text.substr(0, 40),
                                "\", must be a number up to 1000000"));
  }
  return value;
}

}  // namespace

absl::StatusOr<XmlAnnotation> ParseRrsisdXml(absl::string_view text,
                                             absl::string_view file_name) {
  if (static_cast<int64_t>(text.size()) > kMaxXmlBytes) {
    return Error(file_name,
                 absl::StrCat("has ", text.size(), " bytes, at most ",
                              kMaxXmlBytes, " are allowed"));
  }
  if (!IsUtf8(text)) {
    return Error(file_name, "is not valid UTF-8");
  }
  text = WithoutByteOrderMark(text);
  const File file{file_name, text};
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(
      text.data(), text.size(),
      pugi::parse_default | pugi::parse_doctype | pugi::parse_trim_pcdata,
      pugi::encoding_utf8);
  if (!result) {
    return ErrorAt(file, result.offset, result.description());
  }
  for (const pugi::xml_node& node : document.children()) {
    if (node.type() == pugi::node_doctype) {
      return Error(file_name, "has a document type declaration");
    }
  }
  DepthCheck depth;
  if (!document.traverse(depth)) {
    return Error(file_name,
                 absl::StrCat("elements nest deeper than ", kMaxXmlDepth));
  }
  const pugi::xml_node root = document.child("annotation");
  const pugi::xml_node size = root.child("size");
  if (!size) {
    return Error(file_name, "has no <annotation> with a <size>");
  }
  XmlAnnotation annotation;
  TRANSECT_ASSIGN_OR_RETURN(annotation.width, Integer(size, "width", file));
  TRANSECT_ASSIGN_OR_RETURN(annotation.height, Integer(size, "height", file));
  for (const pugi::xml_node& node : root.children("object")) {
    XmlObject& object = annotation.objects.emplace_back();
    object.name = node.child_value("name");
    object.description = node.child_value("description");
    const pugi::xml_node box = node.child("bndbox");
    if (!box) {
      return ErrorAt(file, node.offset_debug(), "<object> has no <bndbox>");
    }
    constexpr const char* kCorners[] = {"xmin", "ymin", "xmax", "ymax"};
    for (size_t i = 0; i < 4; ++i) {
      TRANSECT_ASSIGN_OR_RETURN(object.box[i], Integer(box, kCorners[i], file));
    }
  }
  return annotation;
}

}  // namespace transect
