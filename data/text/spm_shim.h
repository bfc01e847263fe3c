/// \file
/// The sentencepiece library behind standard types.
///
/// Debian's libsentencepiece.so carries a protobuf of its own (3.14) and
/// exports all of its symbols. In a process that also links libprotobuf.so.32,
/// one of the two gets the other's functions and crashes before main or at the
/// first message. So the library is a dependency only of
/// libtransect_sentencepiece.so, which this target opens when it is first
/// needed: RTLD_LOCAL hides its symbols from all others, RTLD_DEEPBIND makes it
/// prefer its own, and it exports only sentencepiece_c.h. The file must lie
/// where Bazel puts it relative to the program; launch/store/bundle.h copies it
/// with the worker. Without it, all functions here return an error.
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
  /// normalization.
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
