// An experiment of one design whose runs are made, for the tests of answers.
#ifndef TRANSECT_TESTS_ANALYSIS_ANSWERS_STUDY_H_
#define TRANSECT_TESTS_ANALYSIS_ANSWERS_STUDY_H_

#include <cstdint>
#include <functional>
#include <string>

#include "analysis/aggregate.h"
#include "analysis/report.pb.h"

namespace transect {

struct StudyShape {
  int seeds = 1;
  int items = 60;
  // Pixels of the true mask of item `i`.
  std::function<int64_t(int item)> area = [](int) { return int64_t{1000}; };
};

// Rows base (rank 16, text FULL), rank=8, rank=32 and text=ZERO of the design
// "study", split val, synthetic data. `iou` says how much of the true mask of
// an item a run finds, 0 to 1; nothing else is in its prediction. Item i has
// category i % 3, an image of 100,000 pixels, and a sentence that is the
// category alone, names a place, or a color and a place.
ReportInput Study(const StudyShape& shape,
                  const std::function<double(const std::string& row, int seed,
                                             int item)>& iou);

// Its report.
ComparisonReport ReportOf(const ReportInput& input);

// A number in [-1, 1] that looks drawn, the same for the same arguments.
double Noise(const std::string& row, int seed, int item);

}  // namespace transect

#endif  // TRANSECT_TESTS_ANALYSIS_ANSWERS_STUDY_H_
