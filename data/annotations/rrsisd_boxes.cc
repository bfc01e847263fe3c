#include "data/annotations/rrsisd_boxes.h"

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

// Deeper documents stop the walk.
class DepthCheck : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node&) override { return depth() < kMaxXmlDepth; }
};

absl::StatusOr<int> Integer(const pugi::xml_node& parent, const char* name,
                            absl::string_view file_name) {
  const pugi::xml_node node = parent.child(name);
  if (!node) {
    return Error(file_name,
                 absl::StrCat("<", parent.name(), "> at offset ",
                              parent.offset_debug(), " has no <", name, ">"));
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
    return Error(
        file_name,
        absl::StrCat("<", name, "> at offset ", node.offset_debug(), " is \"",
                     text.substr(0, 40), "\", must be a number up to 1000000"));
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
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(
      text.data(), text.size(),
      pugi::parse_default | pugi::parse_doctype | pugi::parse_trim_pcdata,
      pugi::encoding_utf8);
  if (!result) {
    return Error(file_name, absl::StrCat("offset ", result.offset, ": ",
                                         result.description()));
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
  TRANSECT_ASSIGN_OR_RETURN(annotation.width,
                            Integer(size, "width", file_name));
  TRANSECT_ASSIGN_OR_RETURN(annotation.height,
                            Integer(size, "height", file_name));
  for (const pugi::xml_node& node : root.children("object")) {
    XmlObject& object = annotation.objects.emplace_back();
    object.name = node.child_value("name");
    object.description = node.child_value("description");
    const pugi::xml_node box = node.child("bndbox");
    if (!box) {
      return Error(file_name,
                   absl::StrCat("<object> at offset ", node.offset_debug(),
                                " has no <bndbox>"));
    }
    constexpr const char* kCorners[] = {"xmin", "ymin", "xmax", "ymax"};
    for (size_t i = 0; i < 4; ++i) {
      TRANSECT_ASSIGN_OR_RETURN(object.box[i],
                                Integer(box, kCorners[i], file_name));
    }
  }
  return annotation;
}

}  // namespace transect
