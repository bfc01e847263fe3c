#include "analysis/render_json.h"

#include "data/io/proto_json.h"

namespace transect {

absl::StatusOr<std::string> RenderJson(const ComparisonReport& report) {
  return PrintProtoJson(report);
}

}  // namespace transect
