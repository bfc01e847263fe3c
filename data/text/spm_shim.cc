#include "data/text/spm_shim.h"

#include <dlfcn.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace transect {
namespace {

// Debian's libsentencepiece.so carries a protobuf of its own (3.14) and exports
// all of its symbols. Linked into a process together with libprotobuf.so.32,
// one of the two gets the other's functions and dies before main or at the
// first message. So the library is loaded apart: RTLD_LOCAL keeps its symbols
// from everybody else, RTLD_DEEPBIND makes it prefer its own. Functions are
// then found by their mangled names, and objects are passed as storage: the
// headers are here for sizes only.

constexpr char kProcessorLibrary[] = "libsentencepiece.so.0";
constexpr char kTrainerLibrary[] = "libsentencepiece_train.so.0";

constexpr char kStatusDestructor[] = "_ZN13sentencepiece4util6StatusD1Ev";
constexpr char kStatusMessage[] =
    "_ZNK13sentencepiece4util6Status13error_messageEv";
constexpr char kProcessorConstructor[] =
    "_ZN13sentencepiece22SentencePieceProcessorC1Ev";
constexpr char kProcessorDestructor[] =
    "_ZN13sentencepiece22SentencePieceProcessorD1Ev";
constexpr char kProcessorLoad[] =
    "_ZN13sentencepiece22SentencePieceProcessor23LoadFromSerializedProtoE"
    "St17basic_string_viewIcSt11char_traitsIcEE";
constexpr char kProcessorEncode[] =
    "_ZNK13sentencepiece22SentencePieceProcessor6EncodeE"
    "St17basic_string_viewIcSt11char_traitsIcEEPSt6vectorIiSaIiEE";
constexpr char kTrain[] =
    "_ZN13sentencepiece20SentencePieceTrainer5TrainERKSt13unordered_map"
    "INSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEES7_St4hashIS7_E"
    "St8equal_toIS7_ESaISt4pairIKS7_S7_EEEPNS_16SentenceIteratorEPS7_";

// A function of a library, or null with the reason in `problem`.
template <typename Function>
Function* Find(const char* library, const char* name, std::string* problem) {
  void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  void* const symbol = handle == nullptr ? nullptr : dlsym(handle, name);
  if (symbol == nullptr && problem->empty()) {
    const char* const error = dlerror();
    *problem = error == nullptr ? name : error;
  }
  return reinterpret_cast<Function*>(symbol);
}

// sentencepiece::util::Status: a pointer that is null for OK.
class Status;
using DestroyStatus = void(Status*);
using StatusMessage = const char*(const Status*);
using ConstructProcessor = void(void*);
using DestroyProcessor = void(void*);
using LoadModel = Status(void*, std::string_view);
using EncodeText = Status(const void*, std::string_view, std::vector<int>*);
class Corpus;
using Train = Status(const std::unordered_map<std::string, std::string>&,
                     Corpus*, std::string*);

struct Library {
  std::string problem;
  DestroyStatus* destroy_status =
      Find<DestroyStatus>(kProcessorLibrary, kStatusDestructor, &problem);
  StatusMessage* status_message =
      Find<StatusMessage>(kProcessorLibrary, kStatusMessage, &problem);
  ConstructProcessor* construct_processor = Find<ConstructProcessor>(
      kProcessorLibrary, kProcessorConstructor, &problem);
  DestroyProcessor* destroy_processor =
      Find<DestroyProcessor>(kProcessorLibrary, kProcessorDestructor, &problem);
  LoadModel* load =
      Find<LoadModel>(kProcessorLibrary, kProcessorLoad, &problem);
  EncodeText* encode =
      Find<EncodeText>(kProcessorLibrary, kProcessorEncode, &problem);
  Train* train = Find<Train>(kTrainerLibrary, kTrain, &problem);
};

const Library& GetLibrary() {
  static const Library* const library = new Library();
  return *library;
}

// Not trivially destructible, so that it is returned as the library's is.
class Status {
 public:
  Status() = default;
  Status(const Status&) = delete;
  ~Status() {
    if (rep_ != nullptr) {
      GetLibrary().destroy_status(this);
    }
  }
  std::string Problem() const {
    return rep_ == nullptr ? "" : GetLibrary().status_message(this);
  }

 private:
  void* rep_ = nullptr;
};
static_assert(sizeof(Status) == sizeof(sentencepiece::util::Status));

// The same virtual functions in the same order as
// sentencepiece::SentenceIterator.
class Corpus {
 public:
  explicit Corpus(const std::vector<std::string>& sentences)
      : at_(sentences.begin()), end_(sentences.end()) {}

  virtual ~Corpus() = default;
  virtual bool done() const { return at_ == end_; }
  virtual void Next() { ++at_; }
  virtual const std::string& value() const { return *at_; }
  virtual Status status() const { return Status(); }

 private:
  std::vector<std::string>::const_iterator at_;
  std::vector<std::string>::const_iterator end_;
};

}  // namespace

struct SpmModel::Impl {
  Impl() {
    if (GetLibrary().problem.empty()) {
      GetLibrary().construct_processor(processor);
    }
  }
  ~Impl() {
    if (GetLibrary().problem.empty()) {
      GetLibrary().destroy_processor(processor);
    }
  }

  alignas(sentencepiece::SentencePieceProcessor)
      std::byte processor[sizeof(sentencepiece::SentencePieceProcessor)];
};

SpmModel::SpmModel() : impl_(std::make_unique<Impl>()) {}
SpmModel::~SpmModel() = default;

std::string SpmModel::Load(std::string_view serialized) {
  const Library& library = GetLibrary();
  return library.problem.empty()
             ? library.load(impl_->processor, serialized).Problem()
             : library.problem;
}

std::vector<int> SpmModel::Encode(const std::string& text) const {
  std::vector<int> ids;
  if (GetLibrary().problem.empty()) {
    // Fails only without a loaded model, and then there are no ids.
    (void)GetLibrary().encode(impl_->processor, text, &ids);
  }
  return ids;
}

std::string TrainSpm(
    const std::unordered_map<std::string, std::string>& options,
    const std::vector<std::string>& sentences, std::string* serialized) {
  const Library& library = GetLibrary();
  if (!library.problem.empty()) {
    return library.problem;
  }
  Corpus corpus(sentences);
  return library.train(options, &corpus, serialized).Problem();
}

}  // namespace transect
