#include "analysis/statistics/value_matrix.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/statistics/matrix_product.h"

namespace transect {
namespace {

// Draws whose weights are multiplied at once: 14 MB at 3,481 items.
constexpr size_t kBlock = 512;

}  // namespace

void ValueMatrix::Add(absl::Span<const double> values) {
  const IntegerColumn column = ToIntegers(values);
  items_ = column.values.size();
  units_.push_back(column.unit);
  values_.insert(values_.end(), column.values.begin(), column.values.end());
}

void ValueMatrix::Sum(const Draws& draws, const FillWeights& fill,
                      const TakeSums& take) const {
  const size_t count = static_cast<size_t>(draws.count);
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    std::vector<double> weights;
    std::vector<double> sums;
    for (size_t first; (first = next.fetch_add(kBlock)) < count;) {
      const size_t rows = std::min(kBlock, count - first);
      weights.assign(rows * items_, 0);
      for (size_t row = 0; row < rows; ++row) {
        fill(first + row, {weights.data() + row * items_, items_});
      }
      sums.resize(rows * units_.size());
      MultiplyMatrices(weights.data(), rows, items_, values_.data(),
                       units_.size(), sums.data());
      for (size_t c = 0; c < units_.size(); ++c) {
        const absl::Span<double> column(sums.data() + c * rows, rows);
        for (double& sum : column) sum *= units_[c];
        take(c, first, column);
      }
    }
  };
  const size_t blocks = (count + kBlock - 1) / kBlock;
  const size_t wanted = draws.threads > 0
                            ? static_cast<size_t>(draws.threads)
                            : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min(wanted, blocks); ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
}

absl::Status CheckDraws(const Draws& draws) {
  return draws.count >= 1 ? absl::OkStatus()
                          : absl::InvalidArgumentError(absl::StrCat(
                                "the count of draws is ", draws.count,
                                ", must be 1 or more"));
}

}  // namespace transect
