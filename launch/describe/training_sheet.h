/// \file
/// How a training went, as facts of a description.
#ifndef TRANSECT_LAUNCH_DESCRIBE_TRAINING_SHEET_H_
#define TRANSECT_LAUNCH_DESCRIBE_TRAINING_SHEET_H_

#include <string>

#include "launch/describe/sheet.h"

namespace transect {

/// Adds first and last loss, the attempts that the series is of where there are
/// several, first, best and last score of each validated split, and what is
/// wrong with the logs. Nothing where nothing was logged.
/// \param last the attempt that finished; 0 for the newest.
void AddTraining(const std::string& job_dir, int last, Sheet* sheet);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_TRAINING_SHEET_H_
