/// \file
/// The sentencepiece library behind standard types. Its header defines
/// `absl::string_view` as std::string_view, so it can share no file with
/// Abseil's headers: neither this header nor its .cc may include any.
#ifndef TRANSECT_DATA_TEXT_SPM_SHIM_H_
#define TRANSECT_DATA_TEXT_SPM_SHIM_H_

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace transect {

/// One loaded model. Encode may be called from several threads.
class SpmModel {
 public:
  SpmModel();
  ~SpmModel();

  /// Loads a serialized model; returns "" or what is wrong with it.
  std::string Load(std::string_view serialized);

  /// Ids of the best segmentation of `text`, through the model's own
  /// normalisation.
  std::vector<int> Encode(const std::string& text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Trains a model; `options` are sentencepiece's, by name. Returns "" or what
/// went wrong.
std::string TrainSpm(
    const std::unordered_map<std::string, std::string>& options,
    const std::vector<std::string>& sentences, std::string* serialized);

}  // namespace transect

#endif  // TRANSECT_DATA_TEXT_SPM_SHIM_H_
