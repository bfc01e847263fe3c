#include "data/text/spm_shim.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "data/text/sentencepiece_c.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

constexpr char kLibrary[] = "data/text/libtransect_sentencepiece.so";

// Bundles and Bazel's output trees both keep the library's place relative to
// the program's, so it is below one of the directories that the program is in.
// The program's own tree comes first: a bundle started by a test uses its own.
std::string FindLibrary() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  for (fs::path directory = program.parent_path();
       directory.has_relative_path(); directory = directory.parent_path()) {
    if (fs::exists(directory / kLibrary, error)) {
      return directory / kLibrary;
    }
  }
  const char* const runfiles = getenv("TEST_SRCDIR");
  const char* const workspace = getenv("TEST_WORKSPACE");
  if (runfiles != nullptr && workspace != nullptr) {
    const fs::path library = fs::path(runfiles) / workspace / kLibrary;
    if (fs::exists(library, error)) {
      return library;
    }
  }
  return "";
}

// The functions of the library, or null ones and a `problem`.
struct Library {
  Library() {
    const std::string path = FindLibrary();
    if (path.empty()) {
      problem = std::string("no ") + kLibrary +
                " in any directory that this program is in; was the program "
                "copied without it?";
      return;
    }
    void* const handle =
        dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (handle == nullptr) {
      problem = dlerror();
      return;
    }
    Find(handle, path, "TransectSpmLoad", &load);
    Find(handle, path, "TransectSpmFree", &free);
    Find(handle, path, "TransectSpmEncode", &encode);
    Find(handle, path, "TransectSpmTrain", &train);
  }

  template <typename Function>
  void Find(void* handle, const std::string& path, const char* name,
            Function** function) {
    *function = reinterpret_cast<Function*>(dlsym(handle, name));
    if (*function == nullptr) {
      problem = path + ": no function " + name;
    }
  }

  std::string problem;
  decltype(TransectSpmLoad)* load = nullptr;
  decltype(TransectSpmFree)* free = nullptr;
  decltype(TransectSpmEncode)* encode = nullptr;
  decltype(TransectSpmTrain)* train = nullptr;
};

const Library& GetLibrary() {
  static const Library* const library = new Library();
  return *library;
}

TransectSpmBytes Bytes(std::string_view text) {
  return {text.data(), text.size()};
}

void TakeString(void* to, TransectSpmBytes bytes) {
  static_cast<std::string*>(to)->assign(bytes.data, bytes.size);
}

void TakeId(void* to, int id) {
  static_cast<std::vector<int>*>(to)->push_back(id);
}

}  // namespace

struct SpmModel::Impl {
  Impl() = default;
  Impl(const Impl&) = delete;
  ~Impl() { Set(nullptr); }

  void Set(TransectSpmModel* other) {
    if (model != nullptr) {
      GetLibrary().free(model);
    }
    model = other;
  }

  TransectSpmModel* model = nullptr;
};

SpmModel::SpmModel() : impl_(std::make_unique<Impl>()) {}
SpmModel::~SpmModel() = default;

std::string SpmModel::Load(std::string_view serialized) {
  const Library& library = GetLibrary();
  std::string problem = library.problem;
  if (problem.empty()) {
    impl_->Set(library.load(Bytes(serialized), TakeString, &problem));
  }
  return problem;
}

std::vector<int> SpmModel::Encode(const std::string& text) const {
  std::vector<int> ids;
  if (impl_->model != nullptr) {
    GetLibrary().encode(impl_->model, Bytes(text), TakeId, &ids);
  }
  return ids;
}

std::string TrainSpm(
    const std::unordered_map<std::string, std::string>& options,
    const std::vector<std::string>& sentences, std::string* serialized) {
  const Library& library = GetLibrary();
  std::string problem = library.problem;
  if (problem.empty()) {
    std::vector<TransectSpmBytes> named;
    for (const auto& [name, value] : options) {
      named.push_back(Bytes(name));
      named.push_back(Bytes(value));
    }
    std::vector<TransectSpmBytes> corpus;
    for (const std::string& sentence : sentences) {
      corpus.push_back(Bytes(sentence));
    }
    library.train(named.data(), options.size(), corpus.data(), corpus.size(),
                  TakeString, serialized, TakeString, &problem);
  }
  return problem;
}

}  // namespace transect
