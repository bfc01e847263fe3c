// cv::imdecode, for comparison. Apart, because OpenCV's headers and LibTorch's
// do not go into one file.
#ifndef TRANSECT_TESTS_BENCHMARKS_DATA_OPENCV_DECODE_H_
#define TRANSECT_TESTS_BENCHMARKS_DATA_OPENCV_DECODE_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

// Pixels in the order of Image::bgr, decoded in one thread.
std::vector<uint8_t> DecodeWithOpenCv(absl::string_view bytes);

// The same without copying the pixels out; returns the first of them.
uint8_t TimeDecodeWithOpenCv(absl::string_view bytes);

}  // namespace transect

#endif  // TRANSECT_TESTS_BENCHMARKS_DATA_OPENCV_DECODE_H_
