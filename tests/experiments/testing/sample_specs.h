// Small valid specs that the tests of experiments/ start from.
#ifndef TRANSECT_TESTS_EXPERIMENTS_TESTING_SAMPLE_SPECS_H_
#define TRANSECT_TESTS_EXPERIMENTS_TESTING_SAMPLE_SPECS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "experiments/experiment.pb.h"
#include "google/protobuf/message.h"

namespace transect {

// Parses `text` into a T; a test with wrong text stops.
template <typename T>
T FromText(absl::string_view text);

// An unresolved run of the tiny model: made data, made tokenizer with the same
// data as corpus, random weights.
RunSpec SampleRun();

// The same, unresolved, from weights trained on another made data set.
RunSpec SampleRunFromTrained();

// SampleRunFromTrained as base; axes rank (16, 2), text (FULL, ZERO) and
// prompts (SPARSE_AND_DENSE, SPARSE); one design "adapters" over them; seeds 1
// and 2.
Experiment SampleExperiment();

// As SampleExperiment, with `runs` runs, an even number: cells of two seeds
// that differ in the learning rate.
Experiment SampleExperimentOf(int64_t runs);

namespace internal_sample_specs {
void ParseOrDie(absl::string_view text, google::protobuf::Message* message);
}  // namespace internal_sample_specs

template <typename T>
T FromText(absl::string_view text) {
  T message;
  internal_sample_specs::ParseOrDie(text, &message);
  return message;
}

}  // namespace transect

#endif  // TRANSECT_TESTS_EXPERIMENTS_TESTING_SAMPLE_SPECS_H_
