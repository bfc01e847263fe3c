#include "launch/inputs/site_help.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/field_search.h"
#include "data/io/suggestion.h"
#include "experiments/reading/schema_help.h"
#include "google/protobuf/descriptor.h"

namespace transect {
namespace {

constexpr unsigned char kSchema[] = {
#include "launch/inputs/site_descriptor_set.inc"
};

}  // namespace

absl::StatusOr<std::string> SiteHelp(absl::string_view path) {
  static const DocumentedSchema* const schema = new DocumentedSchema(kSchema);
  const google::protobuf::Descriptor& site = schema->Find("transect.Site");
  if (path.empty()) {
    return absl::StrCat(
        "The site file says where this machine keeps things. It is what --site "
        "names,\nelse TRANSECT_SITE, else ~/.config/transect/site.textproto; "
        "docs/site_file.md\nhas an example. It has:\n",
        HelpOfFields(site));
  }
  if (const auto* const field = FindField(path, site); field != nullptr) {
    return HelpOfField(absl::StrCat("site.", path), *field);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the site file has no field ", Quoted(path),
                   DidYouMeanField(path, {{{&site, "site"}}})));
}

}  // namespace transect
