/// \file
/// Recording of what a network computes on its way: the stages of a forward
/// pass, by name.
///
/// Writers are the modules, which call `RecordStage` where a stage is ready;
/// readers make a `StageRecorder` around the forward pass:
/// `transect predict --dump` and the golden tests. Without a recorder nothing
/// is kept. Names and shapes: docs/dump.md.
#ifndef TRANSECT_MODEL_BASE_STAGES_H_
#define TRANSECT_MODEL_BASE_STAGES_H_

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace transect {

/// While it lives, stages that its thread computes are copied into `stages`,
/// without gradient; a name that comes again overwrites. Recorders nest: the
/// innermost records.
class StageRecorder {
 public:
  /// \param stages not null; outlives the recorder.
  explicit StageRecorder(std::map<std::string, at::Tensor>* stages);
  ~StageRecorder();
  StageRecorder(const StageRecorder&) = delete;
  StageRecorder& operator=(const StageRecorder&) = delete;

 private:
  friend class StagePrefix;
  friend void RecordStage(absl::string_view name, const at::Tensor& value);

  static thread_local StageRecorder* current_;

  std::map<std::string, at::Tensor>* const stages_;
  std::string prefix_;
  StageRecorder* const outer_;
};

/// While it lives, the names of stages of its thread begin with `prefix` (after
/// those of the prefixes around it): how the towers that share a module tell
/// theirs apart.
class StagePrefix {
 public:
  explicit StagePrefix(absl::string_view prefix);
  ~StagePrefix();
  StagePrefix(const StagePrefix&) = delete;
  StagePrefix& operator=(const StagePrefix&) = delete;

 private:
  StageRecorder* const recorder_;
  size_t outer_size_ = 0;
};

/// Records `value` as the stage `name` if its thread has a recorder.
void RecordStage(absl::string_view name, const at::Tensor& value);

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_STAGES_H_
