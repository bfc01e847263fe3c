#include "data/io/field_search.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/suggestion.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

class FieldVisitor {
 public:
  using Visit =
      std::function<void(const std::string& path, const FieldDescriptor&)>;

  explicit FieldVisitor(Visit visit) : visit_(std::move(visit)) {}

  // Visits every field below `type`, whose path begins with `prefix`.
  void Enter(const Descriptor& type, const std::string& prefix = "",
             bool in_list = false) {
    if (std::ranges::find(around_, &type) != around_.end() ||
        (in_list && seen_.count(&type) > 0)) {
      return;
    }
    seen_.insert(&type);
    around_.push_back(&type);
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const std::string path = absl::StrCat(prefix, field.name());
      visit_(path, field);
      if (field.message_type() != nullptr) {
        Enter(*field.message_type(), absl::StrCat(path, "."),
              in_list || field.is_repeated());
      }
    }
    around_.pop_back();
  }

 private:
  Visit visit_;
  // On the way, and ever.
  std::vector<const Descriptor*> around_;
  std::set<const Descriptor*> seen_;
};

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Whether a field somewhere may be meant. There are hundreds, and so names that
// are only somewhat near are no candidates, but for those that share words.
bool IsLike(absl::string_view name, const std::string& field) {
  const size_t distance = EditDistance(name, field);
  return distance <= std::max<size_t>(1, name.size() / 3) ||
         (distance > std::max<size_t>(2, name.size() / 3) + 1 &&
          !NearNames(name, {field}).empty());
}

}  // namespace

std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    names.push_back(type.field(i)->name());
  }
  return names;
}

std::vector<std::string> PathsEndingWith(absl::string_view end,
                                         const Descriptor& root) {
  std::vector<std::string> paths;
  const std::string dotted = absl::StrCat(".", end);
  FieldVisitor([&](const std::string& path, const FieldDescriptor&) {
    if (path == end || absl::EndsWith(path, dotted)) paths.push_back(path);
  }).Enter(root);
  return paths;
}

const FieldDescriptor* FindField(absl::string_view path,
                                 const Descriptor& root) {
  const Descriptor* type = &root;
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    field =
        type == nullptr ? nullptr : type->FindFieldByName(std::string(name));
    if (field == nullptr) return nullptr;
    type = field->message_type();
  }
  return field;
}

MeantFields FindMeantFields(absl::string_view name,
                            absl::Span<const FieldPlace> around,
                            const std::vector<std::string>& more_own) {
  MeantFields meant;
  if (name.empty()) return meant;
  std::vector<std::string> own = FieldNames(*around.back().type);
  own.insert(own.end(), more_own.begin(), more_own.end());
  // Own names first: of equally near ones they are meant.
  std::vector<std::string> all = own;
  std::set<std::string> elsewhere;
  for (const FieldPlace& place : around) {
    FieldVisitor([&](const std::string&, const FieldDescriptor& field) {
      if (!Has(own, field.name()) && IsLike(name, field.name())) {
        elsewhere.insert(field.name());
      }
    }).Enter(*place.type);
  }
  all.insert(all.end(), elsewhere.begin(), elsewhere.end());
  const std::vector<std::string> near = NearNames(name, all);
  std::ranges::copy_if(near, std::back_inserter(meant.own),
                       [&](const std::string& each) { return Has(own, each); });
  if (!meant.own.empty()) return meant;
  for (size_t level = around.size(); level-- > 0 && meant.paths.empty();) {
    const FieldPlace& place = around[level];
    for (const std::string& each : near) {
      for (const std::string& path : PathsEndingWith(each, *place.type)) {
        meant.paths.push_back(
            absl::StrCat(place.path, place.path.empty() ? "" : ".", path));
      }
    }
    meant.inside = level + 1 == around.size();
  }
  // One letter off is a slip, whatever else is called so.
  std::ranges::copy_if(own, std::back_inserter(meant.own),
                       [&](const std::string& each) {
                         return each.size() > 2 && EditDistance(name, each) < 2;
                       });
  return meant;
}

std::string WayToField(absl::string_view name,
                       absl::Span<const FieldPlace> around) {
  const MeantFields meant = FindMeantFields(name, around);
  if (meant.paths.size() != 1 || !meant.own.empty()) {
    return DidYouMeanField(name, around);
  }
  const std::string& path = meant.paths[0];
  const std::string& here = around.back().path;
  if (!meant.inside) {
    return absl::StrCat("; did you mean \"", path, "\", outside of \"", here,
                        "\"?");
  }
  const std::string below = path.substr(here.empty() ? 0 : here.size() + 1);
  const std::vector<std::string> names = absl::StrSplit(below, '.');
  const bool message =
      FindField(below, *around.back().type)->message_type() != nullptr;
  std::string text =
      absl::StrCat(absl::StrJoin(names, " { "), message ? " { ... }" : ": ...");
  for (size_t i = 1; i < names.size(); ++i) text += " }";
  return absl::StrCat("; did you mean \"", text, "\", which is ", path, "?");
}

std::vector<std::string> EnumeratorsOf(const std::string& name,
                                       const Descriptor& root) {
  std::vector<std::string> found;
  std::vector<const Descriptor*> types = {&root};
  std::set<const Descriptor*> seen = {&root};
  for (size_t i = 0; i < types.size(); ++i) {
    for (int f = 0; f < types[i]->field_count(); ++f) {
      const FieldDescriptor& field = *types[i]->field(f);
      const Descriptor* const inner = field.message_type();
      if (inner != nullptr && seen.insert(inner).second) {
        types.push_back(inner);
      }
      if (field.name() != name || field.enum_type() == nullptr) continue;
      for (int v = 0; v < field.enum_type()->value_count(); ++v) {
        const std::string& value = field.enum_type()->value(v)->name();
        if (!Has(found, value)) found.push_back(value);
      }
    }
  }
  return found;
}

std::string DidYouMeanField(absl::string_view name,
                            absl::Span<const FieldPlace> around,
                            const std::vector<std::string>& more_own) {
  constexpr size_t kMost = 4;
  const MeantFields meant = FindMeantFields(name, around, more_own);
  std::vector<std::string> all = meant.own;
  all.insert(all.end(), meant.paths.begin(), meant.paths.end());
  if (all.empty()) {
    std::vector<std::string> own = FieldNames(*around.back().type);
    own.insert(own.end(), more_own.begin(), more_own.end());
    return DidYouMean("", own);
  }
  const size_t shown = std::min(all.size(), kMost);
  return absl::StrCat(
      "; did you mean \"",
      absl::StrJoin(all.begin(), all.begin() + shown, "\" or \""), "\"",
      shown < all.size() ? absl::StrCat(" or ", all.size() - shown, " others")
                         : "",
      "?");
}

}  // namespace transect
