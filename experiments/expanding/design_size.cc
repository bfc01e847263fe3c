#include <algorithm>

#include "experiments/expanding/designs.h"

namespace transect {
namespace {

int64_t Times(int64_t a, int64_t b) {
  return b != 0 && a > kCountedUpTo / b ? kCountedUpTo : a * b;
}

int64_t ValuesOf(const std::map<absl::string_view, int64_t>& values,
                 absl::string_view axis) {
  const auto found = values.find(axis);
  return found == values.end() ? 0 : found->second;
}

}  // namespace

DesignSize CountDesign(const Design& design,
                       const std::map<absl::string_view, int64_t>& values) {
  DesignSize size;
  switch (design.kind_case()) {
    case Design::kOneFactor:
      size.cells = 1;
      for (const std::string& axis : design.one_factor().axes()) {
        size.cells += ValuesOf(values, axis);
      }
      size.settings = design.one_factor().axes_size() + size.cells;
      break;
    case Design::kList:
      size.cells = design.list().cell_size();
      for (const CellSettings& cell : design.list().cell()) {
        size.settings += 1 + cell.set_size();
      }
      break;
    case Design::kGrid:
      size.cells = 1;
      for (const std::string& axis : design.grid().axes()) {
        size.cells = Times(size.cells, ValuesOf(values, axis));
      }
      size.settings = Times(size.cells, 1 + design.grid().axes_size());
      break;
    case Design::kZip:
      for (const std::string& axis : design.zip().axes()) {
        size.cells = std::max(size.cells, ValuesOf(values, axis));
      }
      size.settings = Times(size.cells, 1 + design.zip().axes_size()) +
                      design.zip().names_size();
      break;
    case Design::kLeaveOneOut:
      size.cells = 1 + design.leave_one_out().without_size();
      size.settings = 2 * size.cells;
      break;
    case Design::kAddOne:
      size.cells = 2 + design.add_one().without_size();
      size.settings = Times(size.cells, size.cells);
      break;
    case Design::KIND_NOT_SET:
      break;
  }
  for (const Exclusion& exclusion : design.exclude()) {
    size.settings += 1 + exclusion.where_size();
  }
  size.cells = std::min(size.cells, kCountedUpTo);
  size.settings = std::min(size.settings, kCountedUpTo);
  return size;
}

}  // namespace transect
