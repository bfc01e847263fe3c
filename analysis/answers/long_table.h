/// \file
/// All numbers of a report as tidy CSV, for people who plot themselves: one
/// value a line.
///
/// Values are those of report.proto, fractions and not percent, with all their
/// digits; empty cells are what does not exist. A run that several designs
/// share stands under each. Runs without a result have no lines but those of
/// their training.
#ifndef TRANSECT_ANALYSIS_ANSWERS_LONG_TABLE_H_
#define TRANSECT_ANALYSIS_ANSWERS_LONG_TABLE_H_

#include <map>
#include <string>

#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "metrics/training_series.h"

namespace transect {

/// By the spec part of a run's id how its training went.
using TrainingCurves = std::map<std::string, TrainingSeries>;

/// Columns: design, cell, run (spec part of the id), seed, source, step, split,
/// metric, value. By `source`:
///
///   evaluation  of the trained run: Pr@0.5 to gIoU and the controls by the
///               names of tables; no step
///   later       the same of an evaluation that was made later; `split` says
///               of what it was
///   validation  during the training, after so many steps: gIoU, cIoU
///   training    after so many steps: loss, learning rate, gradient norm,
///               images per second, seconds of a step; no split
std::string LongCsv(const ComparisonReport& report,
                    const TrainingCurves& curves);

/// Columns: design, cell, run, seed, split, item, category, object_pixels,
/// image_pixels, sentence, metric, value; a line for each metric of each item
/// of each run: intersection and union, in pixels, and iou, which is empty
/// where both masks are. `sentence` is what the sentence says beside the
/// category (SentenceName, breakdown.h).
std::string LongItemsCsv(const ReportInput& input,
                         const ComparisonReport& report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_LONG_TABLE_H_
