#include "data/text/spm_shim.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

namespace transect {
namespace {

// The sentences of a vector, as the trainer wants to walk them.
class Sentences : public sentencepiece::SentenceIterator {
 public:
  explicit Sentences(const std::vector<std::string>& sentences)
      : at_(sentences.begin()), end_(sentences.end()) {}

  bool done() const override { return at_ == end_; }
  void Next() override { ++at_; }
  const std::string& value() const override { return *at_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  std::vector<std::string>::const_iterator at_;
  std::vector<std::string>::const_iterator end_;
};

}  // namespace

struct SpmModel::Impl {
  sentencepiece::SentencePieceProcessor processor;
};

SpmModel::SpmModel() : impl_(std::make_unique<Impl>()) {}
SpmModel::~SpmModel() = default;

std::string SpmModel::Load(std::string_view serialized) {
  const auto status = impl_->processor.LoadFromSerializedProto(serialized);
  return status.ok() ? "" : status.ToString();
}

std::vector<int> SpmModel::Encode(const std::string& text) const {
  return impl_->processor.EncodeAsIds(text);
}

std::string TrainSpm(
    const std::unordered_map<std::string, std::string>& options,
    const std::vector<std::string>& sentences, std::string* serialized) {
  Sentences iterator(sentences);
  const auto status = sentencepiece::SentencePieceTrainer::Train(
      options, &iterator, serialized);
  return status.ok() ? "" : status.ToString();
}

}  // namespace transect
