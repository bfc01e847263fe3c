/// \file Masks as run lengths, in COCO's format: the pixels in column-major
/// order (down the first column, then the second), in runs that alternate
/// background and object and begin with background. In the compressed form each
/// run is a signed number, from the fourth on the difference from the run two
/// before, in groups of five bits, lowest first, one character 48 + group each;
/// bit 5 means that more groups follow, bit 4 of the last is the sign.
///
/// Foreign strings are checked completely: characters, overlong numbers,
/// negative runs, sums. No allocation exceeds the length of the input or
/// kMaxMaskPixels.
#ifndef TRANSECT_DATA_MASKS_RLE_H_
#define TRANSECT_DATA_MASKS_RLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace transect {

/// Most pixels of a mask: 8192 x 8192.
inline constexpr int64_t kMaxMaskPixels = int64_t{8192} * 8192;

/// Run lengths: an owned list, or a view of shared memory such as a mapped
/// file, so that the masks of a data set take no memory before they are read.
/// Copies of a view are views.
class RunList {
 public:
  using value_type = uint32_t;
  using const_iterator = const uint32_t*;
  using iterator = const_iterator;

  RunList() = default;
  RunList(std::initializer_list<uint32_t> runs) : own_(runs) {}
  RunList(std::vector<uint32_t> runs) : own_(std::move(runs)) {}
  template <typename Iterator>
  RunList(Iterator begin, Iterator end) : own_(begin, end) {}

  /// A view of `runs`, which live as long as `owner`.
  static RunList View(absl::Span<const uint32_t> runs,
                      std::shared_ptr<const void> owner) {
    RunList list;
    list.view_ = runs;
    list.owner_ = std::move(owner);
    return list;
  }

  const uint32_t* begin() const { return Runs().data(); }
  const uint32_t* end() const { return Runs().data() + Runs().size(); }
  size_t size() const { return Runs().size(); }
  bool empty() const { return Runs().empty(); }
  uint32_t operator[](size_t i) const { return Runs()[i]; }

  /// For owned lists only.
  void reserve(size_t size) { own_.reserve(size); }
  void push_back(uint32_t run) { own_.push_back(run); }

  friend bool operator==(const RunList& a, const RunList& b) {
    return a.Runs() == b.Runs();
  }

 private:
  absl::Span<const uint32_t> Runs() const {
    return owner_ == nullptr ? absl::Span<const uint32_t>(own_) : view_;
  }

  std::vector<uint32_t> own_;
  absl::Span<const uint32_t> view_;
  // Null for an owned list.
  std::shared_ptr<const void> owner_;
};

/// A mask. Runs are background, object, background, ... and add up to height *
/// width; only the first may be 0 in canonical form, but foreign files may
/// have zeros anywhere.
struct Rle {
  int height = 0;
  int width = 0;
  RunList runs;
};

/// kInvalidArgument unless height and width are at least 1 and their product at
/// most kMaxMaskPixels.
absl::Status CheckMaskSize(int64_t height, int64_t width);

/// Checks foreign runs: a size as above, runs that add up to height * width.
/// kInvalidArgument otherwise.
absl::StatusOr<Rle> MakeRle(int64_t height, int64_t width,
                            absl::Span<const int64_t> runs);

/// Decodes the compressed form. kInvalidArgument names the offset of the first
/// character that is wrong, or both sums.
absl::StatusOr<Rle> DecodeRleString(absl::string_view text, int64_t height,
                                    int64_t width);

/// The compressed form of `rle`, equal to what pycocotools writes.
std::string EncodeRleString(const Rle& rle);

/// The mask as bytes 0 and 1, row-major: pixel (x, y) is at y * width + x.
std::vector<uint8_t> MaskFromRle(const Rle& rle);

/// Canonical run lengths of a row-major mask; any byte but 0 is object.
/// `mask` has height * width bytes.
Rle RleFromMask(absl::Span<const uint8_t> mask, int height, int width);

/// The mask resized to height x width, both at least 1, by nearest neighbor:
/// the pixels of OpenCV's INTER_NEAREST on the decoded mask.
Rle ResizeRleNearest(const Rle& rle, int height, int width);

/// Sets to 0 what lies in `region` of a row-major mask of its size; a region of
/// 0 x 0 holds nothing.
void ClearRegion(const Rle& region, absl::Span<uint8_t> mask);

/// The pixels that any of the masks has, all of one size, at least one; in
/// canonical form.
Rle RleUnion(absl::Span<const Rle> masks);

/// Number of object pixels.
int64_t RleArea(const Rle& rle);

/// Extent of the object as corners {x1, y1, x2, y2}, x2 and y2 exclusive; all 0
/// for an empty mask.
std::array<int, 4> RleBox(const Rle& rle);

}  // namespace transect

#endif  // TRANSECT_DATA_MASKS_RLE_H_
