// The inputs of a run (experiments/identity/run_inputs.h) in the files of a
// job: identities in JobInputs, places on this machine in TrainJob.
#ifndef TRANSECT_LAUNCH_STORE_JOB_INPUTS_H_
#define TRANSECT_LAUNCH_STORE_JOB_INPUTS_H_

#include <string>

#include "experiments/identity/run_inputs.h"
#include "launch/store/job.pb.h"

namespace transect {

// The identities; what the job does not read stays absent.
JobInputs ToJobInputs(const Reads& reads);
Reads ReadsOf(const JobInputs& inputs);

// Where the training finds the input; "" where it reads none.
const std::string& PlaceOf(InputName name, const TrainJob& job);
std::string* MutablePlaceOf(InputName name, TrainJob* job);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_JOB_INPUTS_H_
