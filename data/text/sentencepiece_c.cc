#include "data/text/sentencepiece_c.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct TransectSpmModel {
  sentencepiece::SentencePieceProcessor processor;
};

namespace {

std::string_view View(TransectSpmBytes bytes) {
  return {bytes.data, bytes.size};
}

TransectSpmBytes Bytes(std::string_view text) {
  return {text.data(), text.size()};
}

class Sentences : public sentencepiece::SentenceIterator {
 public:
  Sentences(const TransectSpmBytes* begin, size_t count)
      : at_(begin), end_(begin + count) {
    Read();
  }

  bool done() const override { return at_ == end_; }
  void Next() override {
    ++at_;
    Read();
  }
  const std::string& value() const override { return value_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void Read() {
    if (at_ != end_) {
      value_ = View(*at_);
    }
  }

  const TransectSpmBytes* at_;
  const TransectSpmBytes* end_;
  std::string value_;
};

}  // namespace

TransectSpmModel* TransectSpmLoad(TransectSpmBytes serialized,
                                  TransectSpmTakeBytes* problem, void* to) {
  try {
    auto model = std::make_unique<TransectSpmModel>();
    const sentencepiece::util::Status status =
        model->processor.LoadFromSerializedProto(View(serialized));
    if (status.ok()) {
      return model.release();
    }
    problem(to, Bytes(status.error_message()));
  } catch (const std::exception& error) {
    problem(to, Bytes(error.what()));
  }
  return nullptr;
}

void TransectSpmFree(TransectSpmModel* model) { delete model; }

void TransectSpmEncode(const TransectSpmModel* model, TransectSpmBytes text,
                       TransectSpmTakeId* take, void* to) {
  std::vector<int> ids;
  // Fails only without a loaded model, and there is no such TransectSpmModel.
  (void)model->processor.Encode(View(text), &ids);
  for (const int id : ids) {
    take(to, id);
  }
}

int TransectSpmTrain(const TransectSpmBytes* options, size_t option_count,
                     const TransectSpmBytes* sentences, size_t sentence_count,
                     TransectSpmTakeBytes* serialized, void* serialized_to,
                     TransectSpmTakeBytes* problem, void* problem_to) {
  try {
    std::unordered_map<std::string, std::string> named;
    for (size_t i = 0; i < option_count; ++i) {
      named.emplace(View(options[2 * i]), View(options[2 * i + 1]));
    }
    Sentences iterator(sentences, sentence_count);
    std::string model;
    const sentencepiece::util::Status status =
        sentencepiece::SentencePieceTrainer::Train(named, &iterator, &model);
    if (status.ok()) {
      serialized(serialized_to, Bytes(model));
      return 1;
    }
    problem(problem_to, Bytes(status.error_message()));
  } catch (const std::exception& error) {
    problem(problem_to, Bytes(error.what()));
  }
  return 0;
}
