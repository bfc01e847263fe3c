/// \file
/// Where the time of a computation goes, by LibTorch's operators.
#ifndef TRANSECT_TESTS_BENCHMARKS_MODEL_OPERATOR_TIMES_H_
#define TRANSECT_TESTS_BENCHMARKS_MODEL_OPERATOR_TIMES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace transect {

/// One kind of operator.
struct OperatorTime {
  std::string name;  // "addmm"
  int64_t calls = 0;
  /// In it, without the operators that it calls. On a GPU the time in which
  /// the host queues it.
  double seconds = 0;
};

/// Counts from its making to Finish, in all threads. One at a time.
class OperatorTimes {
 public:
  OperatorTimes();
  ~OperatorTimes();
  OperatorTimes(const OperatorTimes&) = delete;
  OperatorTimes& operator=(const OperatorTimes&) = delete;

  /// The longest first.
  std::vector<OperatorTime> Finish();

 private:
  uint64_t handle_ = 0;
};

/// What an operator does: "matrix products", "attention", "convolutions" or
/// "other".
std::string OperatorGroup(const std::string& name);

}  // namespace transect

#endif  // TRANSECT_TESTS_BENCHMARKS_MODEL_OPERATOR_TIMES_H_
