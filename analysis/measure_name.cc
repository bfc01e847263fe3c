#include "analysis/measure_name.h"

namespace transect {

std::string MeasureName(ReportCell::Kind kind) {
  switch (kind) {
    case ReportCell::PR_50:
      return "Pr@0.5";
    case ReportCell::PR_60:
      return "Pr@0.6";
    case ReportCell::PR_70:
      return "Pr@0.7";
    case ReportCell::PR_80:
      return "Pr@0.8";
    case ReportCell::PR_90:
      return "Pr@0.9";
    case ReportCell::CIOU:
      return "cIoU";
    case ReportCell::GIOU:
      return "gIoU";
    case ReportCell::PERMUTED_GIOU:
      return "permuted sentence";
    case ReportCell::ALL_OBJECTS_GIOU:
      return "all objects";
    case ReportCell::DISTRACTOR_SHARE:
      return "target > distractor";
    default:
      return "";
  }
}

}  // namespace transect
