/// \file
/// Everything that is wrong with one run.
///
/// A field, mode or enumerator that nothing implements yet is refused here: it
/// is never parsed and ignored.
#ifndef TRANSECT_EXPERIMENTS_RUN_VALIDATE_RUN_H_
#define TRANSECT_EXPERIMENTS_RUN_VALIDATE_RUN_H_

#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"
#include "data/io/problems.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// Most runs inside runs (`weights.trained.run`).
inline constexpr int kMaxTrainedDepth = 4;

/// Validates resolved runs. Remembers what it found for each model and for each
/// combination of weights, model and tokenizer, so that many similar runs are
/// cheap.
class RunValidator {
 public:
  /// Adds all problems of `run`. `path` is its field path, "" for a run by
  /// itself. Besides the rules of the components: every enum is specified and
  /// every number finite; sentences fit into the text tower and the pieces of
  /// the tokenizer into its token table; permuted sentences have two images to
  /// be swapped between, and categories to be swapped within; every model but
  /// an oracle is trained; weights come from a run that trains every parameter,
  /// with the same tokenizer and tensors of the same shapes in the parts that
  /// are taken.
  void Validate(const RunSpec& run, absl::string_view path, Problems* problems);

 private:
  // `depth` counts the runs around `run`.
  void CheckRun(const RunSpec& run, const std::string& path, int depth,
                Problems* problems);
  const Problems& CheckModel(const ModelSpec& model, const std::string& path);
  void CheckWeights(const RunSpec& run, const std::string& path, int depth,
                    bool model_is_valid, Problems* problems);
  void CheckTrained(const RunSpec& run, const std::string& field, int depth,
                    bool model_is_valid, Problems* problems);

  // Findings by path and content of what was checked. References to the values
  // stay good as others are added.
  std::unordered_map<std::string, Problems> known_;
};

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_VALIDATE_RUN_H_
