#include "data/io/stand_in.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/utf8.h"

namespace transect {
namespace {

struct KnownStart {
  absl::string_view start;
  absl::string_view what;
};

constexpr absl::string_view kPage =
    "is a web page and not the file: its address needs a login or a licence "
    "that is accepted, or was that of the page about it; download it again";
constexpr absl::string_view kAnswer =
    "is what a server answered and not the file: check its address and the "
    "right to read it, and download it again";
constexpr absl::string_view kArchive =
    "is a compressed file or an archive, which is not read; unpack it (what "
    "PyTorch's own format holds must be saved as safetensors)";

// Compared without regard to case.
constexpr KnownStart kStarts[] = {
    {"version https://git-lfs.github.com/",
     "is a Git LFS pointer, not the file that it stands for, which was not "
     "downloaded: run `git lfs pull` in the clone, or download the file again"},
    {"/annex/objects/",
     "is a git-annex pointer, not the file that it stands for, which was not "
     "downloaded: run `git annex get` in the clone"},
    {"<!doctype html", kPage},
    {"<html", kPage},
    {"<head", kPage},
    {"<?xml", kAnswer},
    {"<error", kAnswer},
    {"{\"error\"", kAnswer},
    {"access to model", kAnswer},
    {"entry not found", kAnswer},
    {"invalid username or password", kAnswer},
    {"repository not found", kAnswer},
    {"not found", kAnswer},
    {"PK\x03\x04", kArchive},
    {"\x1f\x8b", kArchive},
};

}  // namespace

std::string StandInText(absl::string_view head) {
  if (head.empty()) {
    return "is empty: it was not written or downloaded to its end; get it "
           "again";
  }
  const absl::string_view text =
      absl::StripLeadingAsciiWhitespace(WithoutByteOrderMark(head));
  for (const KnownStart& known : kStarts) {
    if (absl::StartsWithIgnoreCase(text, known.start)) {
      return std::string(known.what);
    }
  }
  return "";
}

}  // namespace transect
