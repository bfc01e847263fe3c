// Tokenizer models of any bytes: an error that names the file, or a model that
// gives sentences ids of its own. The address sanitizer forbids how
// data/text/spm_shim.h opens the library, so with it only our own checks run.

#include <stddef.h>
#include <stdint.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "data/text/model_file.h"
#include "data/text/sentencepiece_model.pb.h"
#include "data/text/tokenizer.h"
#include "third_party/absl_polyfill/check.h"

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMayLoad = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kMayLoad = false;
#else
constexpr bool kMayLoad = true;
#endif
#else
constexpr bool kMayLoad = true;
#endif

void CheckError(const absl::Status& status) {
  TRANSECT_CHECK(absl::IsInvalidArgument(status)) << status;
  TRANSECT_CHECK(absl::StartsWith(status.message(), "tokenizer model fuzz: "))
      << status;
}

void EncodeSentences(const transect::Tokenizer& tokenizer) {
  for (const absl::string_view sentence :
       {"", "The large ship </s> at the harbor",
        "\xE2\x96\x81<unk>x \xC3\xA9"}) {
    const absl::StatusOr<std::vector<int64_t>> ids =
        tokenizer.Encode(sentence, 1 << 20);
    TRANSECT_CHECK(ids.ok()) << ids.status();
    TRANSECT_CHECK(ids->back() == transect::kEndToken);
    for (const int64_t id : *ids) {
      TRANSECT_CHECK(id >= 0 && id < tokenizer.vocab_size()) << id;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<transect::SentencepieceModel> file =
      transect::ParseModelFile(bytes, "fuzz");
  if (!file.ok()) {
    CheckError(file.status());
    return 0;
  }
  TRANSECT_CHECK(transect::UnknownId(*file) >= 0);
  if (kMayLoad) {
    const auto tokenizer = transect::Tokenizer::Parse(bytes, "fuzz");
    if (tokenizer.ok()) {
      EncodeSentences(**tokenizer);
    } else {
      CheckError(tokenizer.status());
    }
  }
  return 0;
}
