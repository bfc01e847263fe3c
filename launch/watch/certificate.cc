#include "launch/watch/certificate.h"

#include <algorithm>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/store/store.h"
#include "launch/watch/certificate.pb.h"

namespace transect {
namespace {

// The certificate of the result that the run has; nothing without one.
std::optional<Certificate> ValidCertificate(absl::string_view run_dir) {
  const std::string path = CertificatePath(run_dir);
  if (!FileExists(path)) return std::nullopt;
  const absl::StatusOr<Certificate> certificate =
      ReadTextproto<Certificate>(path);
  const absl::StatusOr<std::string> result = ReadFile(ResultPath(run_dir));
  if (!certificate.ok() || !result.ok() ||
      Sha256(*result) != certificate->result_sha256()) {
    return std::nullopt;
  }
  return *certificate;
}

std::string CountsOf(const PixelCounts& counts) {
  return absl::StrCat(" ", counts.intersection(), "/", counts.union_());
}

}  // namespace

bool IsCertified(absl::string_view run_dir) {
  return ValidCertificate(run_dir).has_value();
}

bool AreCertified(absl::string_view run_dir, absl::string_view split,
                  absl::Span<const EvalItem> items) {
  const std::optional<Certificate> certificate = ValidCertificate(run_dir);
  if (!certificate.has_value() || certificate->repetition().empty()) {
    return false;
  }
  const std::string what = ItemsName(split);
  const std::string digest = ItemsDigest(items);
  return std::ranges::all_of(
      certificate->repetition(), [&](const Repetition& repetition) {
        return std::ranges::any_of(
            repetition.comparison(), [&](const Comparison& each) {
              return each.what() == what && each.run_sha256() == digest &&
                     each.repetition_sha256() == digest;
            });
      });
}

std::string ItemsName(absl::string_view split) {
  return absl::StrCat("items of ", split);
}

std::string ItemsDigest(absl::Span<const EvalItem> items) {
  std::string text;
  for (const EvalItem& item : items) {
    absl::StrAppend(&text, item.split(), " ", item.item_id(),
                    CountsOf(item.prediction()), CountsOf(item.permuted()),
                    CountsOf(item.all_objects()), CountsOf(item.distractor()),
                    CountsOf(item.permuted_within_category()),
                    CountsOf(item.other_object()), "\n");
  }
  return Sha256(text);
}

}  // namespace transect
