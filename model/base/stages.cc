#include "model/base/stages.h"

#include "absl/strings/str_cat.h"

namespace transect {

thread_local StageRecorder* StageRecorder::current_ = nullptr;

StageRecorder::StageRecorder(std::map<std::string, at::Tensor>* stages)
    : stages_(stages), outer_(current_) {
  current_ = this;
}

StageRecorder::~StageRecorder() { current_ = outer_; }

StagePrefix::StagePrefix(absl::string_view prefix)
    : recorder_(StageRecorder::current_) {
  if (recorder_ == nullptr) return;
  outer_size_ = recorder_->prefix_.size();
  absl::StrAppend(&recorder_->prefix_, prefix);
}

StagePrefix::~StagePrefix() {
  if (recorder_ != nullptr) recorder_->prefix_.resize(outer_size_);
}

void RecordStage(absl::string_view name, const at::Tensor& value) {
  StageRecorder* const recorder = StageRecorder::current_;
  if (recorder == nullptr) return;
  (*recorder->stages_)[absl::StrCat(recorder->prefix_, name)] =
      value.detach().clone();
}

}  // namespace transect
