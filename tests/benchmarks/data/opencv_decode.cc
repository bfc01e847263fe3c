#include "tests/benchmarks/data/opencv_decode.h"

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

namespace transect {
namespace {

cv::Mat Decode(absl::string_view bytes) {
  cv::setNumThreads(1);
  return cv::imdecode(cv::Mat(1, static_cast<int>(bytes.size()), CV_8U,
                              const_cast<char*>(bytes.data())),
                      cv::IMREAD_COLOR);
}

}  // namespace

std::vector<uint8_t> DecodeWithOpenCv(absl::string_view bytes) {
  const cv::Mat pixels = Decode(bytes);
  return std::vector<uint8_t>(pixels.datastart, pixels.dataend);
}

uint8_t TimeDecodeWithOpenCv(absl::string_view bytes) {
  return *Decode(bytes).data;
}

}  // namespace transect
