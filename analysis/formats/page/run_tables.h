/// \file
/// What the runs of a report cost, which have no result and why, and where the
/// numbers come from.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_RUN_TABLES_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_RUN_TABLES_H_

#include <cstdint>
#include <string>

#include "analysis/formats/page/page_input.h"

namespace transect {

/// What one run took, as its results say.
struct RunCost {
  /// Wall time of the training, and of the evaluations.
  double training_seconds = 0;
  double evaluation_seconds = 0;
  /// Both times the GPUs: a rank computes on one.
  double gpu_hours = 0;
  /// The most of all of them; 0 where no result says it.
  int64_t memory_bytes = 0;
  int64_t gpu_memory_bytes = 0;
};

RunCost CostOf(const PageRun& run);

/// A table with a line for each run and a sentence with the sums. Each run
/// counts once, in however many designs it is.
std::string CostHtml(const PageInput& input);

/// A list of the runs without a result; says so where there is none.
std::string FailuresHtml(const PageInput& input);

/// A table with a line for each run: id, code, machine, commit, host.
std::string ProvenanceHtml(const PageInput& input);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_RUN_TABLES_H_
