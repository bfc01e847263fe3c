// Whether a point (u, v) lies in an area of a simple form. Internal to the
// shapes.
#ifndef TRANSECT_DATA_SYNTHETIC_SHAPES_POINT_TESTS_H_
#define TRANSECT_DATA_SYNTHETIC_SHAPES_POINT_TESTS_H_

#include <cstdint>
#include <cstdlib>

namespace transect {

inline bool InRect(int u, int v, int u1, int v1, int u2, int v2) {
  return u >= u1 && u <= u2 && v >= v1 && v <= v2;
}

inline bool InDisc(int u, int v, int center_u, int center_v, int radius) {
  const int du = u - center_u;
  const int dv = v - center_v;
  return du * du + dv * dv <= radius * radius;
}

inline bool InEllipse(int u, int v, int center_u, int center_v, int half_u,
                      int half_v) {
  const int64_t a = int64_t{u - center_u} * half_v;
  const int64_t b = int64_t{v - center_v} * half_u;
  const int64_t limit = int64_t{half_u} * half_v;
  return a * a + b * b <= limit * limit;
}

// A rectangle with half circles at both ends.
inline bool InOval(int u, int v, int straight, int radius) {
  const int beyond = std::abs(u) - straight;
  return beyond <= 0 ? std::abs(v) <= radius : InDisc(beyond, v, 0, 0, radius);
}

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SHAPES_POINT_TESTS_H_
