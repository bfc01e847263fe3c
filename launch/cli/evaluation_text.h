/// \file
/// An evaluation for people, as `transect evaluate` prints it.
#ifndef TRANSECT_LAUNCH_CLI_EVALUATION_TEXT_H_
#define TRANSECT_LAUNCH_CLI_EVALUATION_TEXT_H_

#include <string>

#include "launch/requests/predictions.pb.h"

namespace transect {

/// A line with the run, the split, the resolution where it is not that of the
/// images, then a line for each measure in percent and for each place.
std::string EvaluationText(const Evaluation& evaluation);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_EVALUATION_TEXT_H_
