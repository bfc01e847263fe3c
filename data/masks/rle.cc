#include "data/masks/rle.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int kFirstCharacter = 48;
constexpr int kMaxGroups = 13;

absl::Status AtOffset(absl::string_view what, size_t offset) {
  return absl::InvalidArgumentError(
      absl::StrCat("run-length string, offset ", offset, ": ", what));
}

// Reads one signed number at *offset.
absl::StatusOr<int64_t> DecodeNumber(absl::string_view text, size_t* offset) {
  uint64_t value = 0;
  for (int group = 0; group < kMaxGroups; ++group) {
    if (*offset == text.size()) {
      return AtOffset("ends inside of a number", *offset);
    }
    const int c = static_cast<unsigned char>(text[*offset]) - kFirstCharacter;
    if (c < 0 || c > 63) {
      return AtOffset(absl::StrCat("character code ", c + kFirstCharacter,
                                   ", must be 48 to 111"),
                      *offset);
    }
    ++*offset;
    value |= static_cast<uint64_t>(c & 0x1F) << (5 * group);
    if ((c & 0x20) == 0) {
      const int bits = 5 * (group + 1);
      if ((c & 0x10) != 0 && bits < 64) {
        value |= ~uint64_t{0} << bits;
      }
      return static_cast<int64_t>(value);
    }
  }
  return AtOffset(absl::StrCat("a number of more than ", kMaxGroups, " groups"),
                  *offset);
}

// Calls use(first, length) for each stretch of object pixels, in column-major
// positions.
template <typename Use>
void ForEachObjectRun(const Rle& rle, Use use) {
  int64_t position = 0;
  for (size_t i = 0; i < rle.runs.size(); ++i) {
    if (i % 2 == 1 && rle.runs[i] > 0) {
      use(position, int64_t{rle.runs[i]});
    }
    position += rle.runs[i];
  }
}

// Sets the object pixels in a row-major mask.
void SetObject(const Rle& rle, uint8_t value, absl::Span<uint8_t> mask) {
  ForEachObjectRun(rle, [&](int64_t first, int64_t length) {
    int64_t x = first / rle.height;
    int64_t y = first % rle.height;
    for (int64_t i = 0; i < length; ++i) {
      mask[y * rle.width + x] = value;
      if (++y == rle.height) {
        y = 0;
        ++x;
      }
    }
  });
}

}  // namespace

absl::Status CheckMaskSize(int64_t height, int64_t width) {
  if (height < 1 || width < 1 || height > kMaxMaskPixels ||
      width > kMaxMaskPixels || height * width > kMaxMaskPixels) {
    return absl::InvalidArgumentError(
        absl::StrCat("mask of ", height, " x ", width,
                     " pixels, must be at least 1 x 1 and at most ",
                     kMaxMaskPixels, " pixels"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Rle> MakeRle(int64_t height, int64_t width,
                            absl::Span<const int64_t> runs) {
  TRANSECT_RETURN_IF_ERROR(CheckMaskSize(height, width));
  Rle rle{static_cast<int>(height), static_cast<int>(width), {}};
  rle.runs.reserve(runs.size());
  int64_t left = height * width;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (runs[i] < 0 || runs[i] > left) {
      return absl::InvalidArgumentError(
          absl::StrCat("run ", i, " is ", runs[i], ", must be 0 to the ", left,
                       " pixels left of ", height, " x ", width));
    }
    left -= runs[i];
    rle.runs.push_back(static_cast<uint32_t>(runs[i]));
  }
  if (left != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("runs add up to ", height * width - left, ", must be ",
                     height, " x ", width, " = ", height * width));
  }
  return rle;
}

absl::StatusOr<Rle> DecodeRleString(absl::string_view text, int64_t height,
                                    int64_t width) {
  TRANSECT_RETURN_IF_ERROR(CheckMaskSize(height, width));
  const int64_t pixels = height * width;
  std::vector<int64_t> runs;
  for (size_t offset = 0; offset < text.size();) {
    const size_t start = offset;
    TRANSECT_ASSIGN_OR_RETURN(int64_t run, DecodeNumber(text, &offset));
    // Before the sum, so that it cannot overflow.
    if (run < -pixels || run > pixels) {
      return AtOffset(
          absl::StrCat("number ", run, ", must be ", -pixels, " to ", pixels),
          start);
    }
    if (runs.size() >= 3) {
      run += runs[runs.size() - 2];
    }
    if (run < 0 || run > pixels) {
      return AtOffset(
          absl::StrCat("run of ", run, " pixels, must be 0 to ", pixels),
          start);
    }
    runs.push_back(run);
  }
  return MakeRle(height, width, runs);
}

std::string EncodeRleString(const Rle& rle) {
  std::string text;
  for (size_t i = 0; i < rle.runs.size(); ++i) {
    int64_t value = rle.runs[i];
    if (i >= 3) {
      value -= rle.runs[i - 2];
    }
    for (bool more = true; more;) {
      int group = static_cast<int>(value & 0x1F);
      value >>= 5;
      more = (group & 0x10) != 0 ? value != -1 : value != 0;
      if (more) {
        group |= 0x20;
      }
      text.push_back(static_cast<char>(group + kFirstCharacter));
    }
  }
  return text;
}

std::vector<uint8_t> MaskFromRle(const Rle& rle) {
  std::vector<uint8_t> mask(static_cast<size_t>(rle.height) * rle.width, 0);
  SetObject(rle, 1, absl::MakeSpan(mask));
  return mask;
}

void ClearRegion(const Rle& region, absl::Span<uint8_t> mask) {
  if (region.height == 0) return;
  TRANSECT_CHECK(static_cast<int64_t>(mask.size()) ==
                 int64_t{region.height} * region.width)
      << mask.size() << " bytes for a region of " << region.height << " x "
      << region.width;
  SetObject(region, 0, mask);
}

Rle RleFromMask(absl::Span<const uint8_t> mask, int height, int width) {
  TRANSECT_CHECK(static_cast<int64_t>(mask.size()) == int64_t{height} * width)
      << mask.size() << " bytes for a mask of " << height << " x " << width;
  Rle rle{height, width, {}};
  bool object = false;
  uint32_t length = 0;
  for (int x = 0; x < width; ++x) {
    for (int y = 0; y < height; ++y) {
      if ((mask[static_cast<size_t>(y) * width + x] != 0) != object) {
        rle.runs.push_back(length);
        length = 0;
        object = !object;
      }
      ++length;
    }
  }
  rle.runs.push_back(length);
  return rle;
}

Rle ResizeRleNearest(const Rle& rle, int height, int width) {
  const std::vector<uint8_t> from = MaskFromRle(rle);
  // As OpenCV computes it: the factor is the reciprocal of a reciprocal.
  const auto source = [](int size, int from_size) {
    const double scale = 1.0 / (static_cast<double>(size) / from_size);
    std::vector<int> at(size);
    for (int i = 0; i < size; ++i) {
      at[i] = std::min(static_cast<int>(std::floor(i * scale)), from_size - 1);
    }
    return at;
  };
  const std::vector<int> rows = source(height, rle.height);
  const std::vector<int> columns = source(width, rle.width);
  std::vector<uint8_t> to(static_cast<size_t>(height) * width);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      to[static_cast<size_t>(y) * width + x] =
          from[static_cast<size_t>(rows[y]) * rle.width + columns[x]];
    }
  }
  return RleFromMask(to, height, width);
}

Rle RleUnion(absl::Span<const Rle> masks) {
  std::vector<uint8_t> mask = MaskFromRle(masks[0]);
  for (const Rle& other : masks.subspan(1)) {
    TRANSECT_CHECK(other.height == masks[0].height &&
                   other.width == masks[0].width)
        << other.height << " x " << other.width;
    SetObject(other, 1, absl::MakeSpan(mask));
  }
  return RleFromMask(mask, masks[0].height, masks[0].width);
}

int64_t RleArea(const Rle& rle) {
  int64_t area = 0;
  ForEachObjectRun(rle, [&](int64_t, int64_t length) { area += length; });
  return area;
}

std::array<int, 4> RleBox(const Rle& rle) {
  int x1 = rle.width, y1 = rle.height, x2 = 0, y2 = 0;
  ForEachObjectRun(rle, [&](int64_t first, int64_t length) {
    const int64_t last = first + length - 1;
    const int left = static_cast<int>(first / rle.height);
    const int right = static_cast<int>(last / rle.height);
    // A run over a column's end touches the top and the bottom row.
    const bool wraps = left != right;
    const int top = wraps ? 0 : static_cast<int>(first % rle.height);
    const int bottom =
        wraps ? rle.height - 1 : static_cast<int>(last % rle.height);
    x1 = std::min(x1, left);
    x2 = std::max(x2, right + 1);
    y1 = std::min(y1, top);
    y2 = std::max(y2, bottom + 1);
  });
  if (x2 == 0) {
    return {0, 0, 0, 0};
  }
  return {x1, y1, x2, y2};
}

}  // namespace transect
