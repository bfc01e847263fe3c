/// \file
/// What the report page is made of.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_PAGE_INPUT_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_PAGE_INPUT_H_

#include <map>
#include <string>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/answers/long_table.h"
#include "analysis/formats/page/gallery.h"
#include "analysis/report.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// What the store says of a run beside its metrics.
struct PageRun {
  /// For people: "rank=2 seed 1".
  std::string name;
  /// "done", "failed", "running", "new", ...
  std::string state;
  /// Of the training; without fields where nothing is trained.
  Result training = {};
  /// Of the evaluations that the experiment asks for.
  std::vector<Result> evaluations = {};
  /// Of the attempt that trained; without fields where it is not known.
  Provenance provenance = {};
};

struct PageInput {
  /// Name of the experiment.
  std::string name;
  /// With certainty and answers.
  ComparisonReport report;
  /// What it was made of.
  ReportInput input;
  /// Of all runs, also of those that are not done.
  TrainingCurves curves = {};
  /// By the spec part of the run's id.
  std::map<std::string, PageRun> runs = {};
  PageGallery gallery = {};
  /// The command that makes the page again.
  std::string command = {};
};

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_PAGE_INPUT_H_
