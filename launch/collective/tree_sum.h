/// \file
/// The one order in which parts of a sum are added: a binary tree over their
/// numbers. Neighbours are added, then neighbours among these sums, and so on;
/// one that is left over passes to the next level.
///
/// Parts that are a power of two in number and begin at a multiple of it are a
/// subtree, so a rank may add its own first and the ranks theirs after it: the
/// bits are those of adding all of them in one place.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_TREE_SUM_H_
#define TRANSECT_LAUNCH_COLLECTIVE_TREE_SUM_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace transect {

/// The sum of `parts`, at least one, of one shape and type. No gradient. Adds
/// into the parts and returns the first.
at::Tensor TreeSum(std::vector<at::Tensor> parts);

/// The same for parts that come one after the other, with the memory of
/// 1 + log2 of their number.
class RunningTreeSum {
 public:
  /// Adds a copy of `part`.
  void Add(const at::Tensor& part);
  /// The sum of what was added; ends the sum, the next Add begins another.
  at::Tensor Take();

 private:
  // The number of parts in each is that of its level, 2^level, levels fall.
  struct Subtree {
    int level;
    at::Tensor sum;
  };
  std::vector<Subtree> subtrees_;
  // Storage of subtrees that are added up.
  std::vector<at::Tensor> spare_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_TREE_SUM_H_
