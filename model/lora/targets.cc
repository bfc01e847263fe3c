#include "model/lora/targets.h"

#include <re2/re2.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace transect {

TargetMatcher::TargetMatcher(const LoraSpec& lora) : lora_(lora) {
  if (!lora.has_target_regex()) return;
  RE2::Options options;
  options.set_log_errors(false);
  regex_ = std::make_unique<RE2>(lora.target_regex(), options);
}

TargetMatcher::~TargetMatcher() = default;

std::string TargetMatcher::error() const {
  return regex_ == nullptr || regex_->ok() ? "" : regex_->error();
}

bool TargetMatcher::Matches(absl::string_view module) const {
  if (regex_ != nullptr) {
    return regex_->ok() &&
           RE2::FullMatch(re2::StringPiece(module.data(), module.size()),
                          *regex_);
  }
  for (const std::string& target : lora_.targets()) {
    if (module == target || absl::EndsWith(module, absl::StrCat(".", target))) {
      return true;
    }
  }
  return false;
}

}  // namespace transect
