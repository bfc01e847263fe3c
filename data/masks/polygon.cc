#include "data/masks/polygon.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Steps in a pixel.
constexpr double kScale = 5;

struct Point {
  int x = 0;
  int y = 0;
};

absl::Status CheckCorners(absl::Span<const double> corners) {
  if (corners.size() % 2 != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a polygon of ", corners.size(),
                     " coordinates, must be pairs of x and y"));
  }
  if (corners.size() < 6) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a polygon of ", corners.size() / 2, " corners, must be 3 or more"));
  }
  for (const double coordinate : corners) {
    if (!(std::abs(coordinate) <= kMaxPolygonCoordinate)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a polygon with coordinate ", coordinate, ", must be ",
                       -kMaxPolygonCoordinate, " to ", kMaxPolygonCoordinate));
    }
  }
  return absl::OkStatus();
}

// Calls use(point) for each step of the outline from `a` to `b`, both included,
// in the arithmetic of pycocotools: a line is computed from its left or upper
// end, whichever way it is walked.
template <typename Use>
void WalkEdge(Point a, Point b, Use use) {
  const int dx = std::abs(b.x - a.x);
  const int dy = std::abs(b.y - a.y);
  const bool flip = dx >= dy ? a.x > b.x : a.y > b.y;
  if (flip) std::swap(a, b);
  const int steps = std::max(dx, dy);
  if (steps == 0) return use(a);
  const double slope = static_cast<double>(dx >= dy ? b.y - a.y : b.x - a.x) /
                       static_cast<double>(steps);
  for (int d = 0; d <= steps; ++d) {
    const int t = flip ? steps - d : d;
    if (dx >= dy) {
      use({a.x + t, static_cast<int>(a.y + slope * t + .5)});
    } else {
      use({static_cast<int>(a.x + slope * t + .5), a.y + t});
    }
  }
}

// The position, column-major, where the outline crosses the centers of a column
// of pixels between two steps; -1 where it does not.
int64_t Crossing(const Point& from, const Point& to, int height, int width) {
  const double x = ((to.x < from.x ? to.x : to.x - 1) + .5) / kScale - .5;
  if (std::floor(x) != x || x < 0 || x > width - 1) return -1;
  const double y = (std::min(to.y, from.y) + .5) / kScale - .5;
  return static_cast<int64_t>(x) * height +
         static_cast<int64_t>(
             std::ceil(std::clamp(y, 0.0, static_cast<double>(height))));
}

// Sorted crossings to run lengths; two at one place cancel.
std::vector<int64_t> RunsBetween(std::vector<int64_t> crossings,
                                 int64_t pixels) {
  std::sort(crossings.begin(), crossings.end());
  crossings.push_back(pixels);
  std::vector<int64_t> runs = {crossings[0]};
  for (size_t i = 1; i < crossings.size(); ++i) {
    const int64_t run = crossings[i] - crossings[i - 1];
    if (run > 0) {
      runs.push_back(run);
    } else if (++i < crossings.size()) {
      runs.back() += crossings[i] - crossings[i - 1];
    }
  }
  return runs;
}

}  // namespace

absl::StatusOr<Rle> RleFromPolygon(absl::Span<const double> corners,
                                   int64_t height, int64_t width) {
  TRANSECT_RETURN_IF_ERROR(CheckMaskSize(height, width));
  TRANSECT_RETURN_IF_ERROR(CheckCorners(corners));
  std::vector<Point> outline;
  for (size_t i = 0; i < corners.size(); i += 2) {
    outline.push_back({static_cast<int>(kScale * corners[i] + .5),
                       static_cast<int>(kScale * corners[i + 1] + .5)});
  }
  outline.push_back(outline[0]);
  int64_t length = 0;
  for (size_t i = 1; i < outline.size(); ++i) {
    length += std::max(std::abs(outline[i].x - outline[i - 1].x),
                       std::abs(outline[i].y - outline[i - 1].y));
  }
  if (length > kMaxPolygonOutline) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a polygon with an outline of ", length / 5, " pixels, at most ",
        kMaxPolygonOutline / 5, " are allowed"));
  }
  std::vector<int64_t> crossings;
  Point last = outline[0];
  for (size_t i = 1; i < outline.size(); ++i) {
    WalkEdge(outline[i - 1], outline[i], [&](const Point& point) {
      if (point.x != last.x) {
        const int64_t at = Crossing(last, point, static_cast<int>(height),
                                    static_cast<int>(width));
        if (at >= 0) crossings.push_back(at);
      }
      last = point;
    });
  }
  return MakeRle(height, width,
                 RunsBetween(std::move(crossings), height * width));
}

}  // namespace transect
