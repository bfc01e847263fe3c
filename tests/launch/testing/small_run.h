// A run that takes a second: 64 px scenes, the tiny preset, a few steps.
#ifndef TRANSECT_TESTS_LAUNCH_TESTING_SMALL_RUN_H_
#define TRANSECT_TESTS_LAUNCH_TESTING_SMALL_RUN_H_

#include <string>

#include "data/data.pb.h"
#include "experiments/experiment.pb.h"

namespace transect {

inline constexpr int kSmallTrainImages = 40;
inline constexpr int kSmallEvalImages = 13;

// The data set of the run below.
SynthesisSpec SmallSynthesis();

// Resolved: adapters on random towers, 4 steps of 8 images, every step logged,
// evaluation in batches of 4.
RunSpec SmallRun();

// Files of the run, made once in a process under its directory of temporary
// files.
struct SmallFiles {
  std::string data_root;
  std::string tokenizer_path;
};
const SmallFiles& GetSmallFiles();

}  // namespace transect

#endif  // TRANSECT_TESTS_LAUNCH_TESTING_SMALL_RUN_H_
